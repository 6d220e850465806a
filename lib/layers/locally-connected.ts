// What the locally connected layers of one and two dimensions share. One dimension is a picture with one row: the same
// geometry, the same kernels, the same memory.

import { type BatchShape, oneOf, positiveInteger, type Shape, sameShape } from '../check.ts'
import type { Kernels } from '../engine.ts'
import {
  assertAddressable,
  type DataFormat,
  type Geometry,
  localKernelShape,
  type Padding,
} from '../geometry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { connectedStretches } from '../kernels/local2d-dense.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import {
  type KernelBiasAttributes,
  type KernelBiasOptions,
  kernelBiasAttributes,
  kernelBiasOptionNames,
} from './kernel-bias.ts'
import { type DataFormatOption, dataFormatOf, paddingOf } from './window.ts'
import { WindowedLayer } from './windowed.ts'

export interface LocallyConnectedOptions extends KernelBiasOptions {
  /** How many numbers each place gives. */
  readonly filters: number
  /**
   * 'valid' (the default): windows stay inside the input. 'same': ⌈size / stride⌉ places; outside the input nothing
   * is connected. Windows start at `i·stride − ⌊kernelSize / 2⌋`, which is not how convolutions centre them.
   */
  readonly padding?: Padding | Uppercase<Padding>
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /**
   * 1 (the default) loops over the places; 2 stores a dense matrix from all inputs to all outputs and masks it;
   * 3 stores the connected weights alone. All give the same bits; their stored kernels differ.
   */
  readonly implementation?: Implementation
}

export const locallyConnectedOptionNames = [
  ...kernelBiasOptionNames,
  ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'implementation'],
]

/** The checked form of the options. `N` numbers tell a window's size. */
export interface LocallyConnectedAttributes<N extends readonly number[]> extends KernelBiasAttributes {
  filters: number
  kernelSize: N
  strides: N
  padding: Padding
  dataFormat: DataFormat
  implementation: Implementation
}

/** @param sizes checks a window's size or strides */
export function locallyConnectedAttributes<N extends readonly number[]>(
  options: LocallyConnectedOptions & { readonly kernelSize: unknown; readonly strides?: unknown },
  sizes: (name: string, value: unknown) => N,
): LocallyConnectedAttributes<N> {
  const { padding = 'valid', strides = 1, implementation = 1 } = options
  return {
    ...kernelBiasAttributes(options),
    filters: positiveInteger('filters', options.filters),
    kernelSize: sizes('kernelSize', options.kernelSize),
    strides: sizes('strides', strides),
    padding: paddingOf(padding, ['valid', 'same']),
    dataFormat: dataFormatOf(options.dataFormat),
    implementation: oneOf('implementation', implementation, [1, 2, 3]),
  }
}

export abstract class LocallyConnected<N extends readonly number[]>
  extends WindowedLayer
  implements LocallyConnectedAttributes<N>
{
  declare readonly filters: number
  declare readonly kernelSize: N
  declare readonly strides: N
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly implementation: Implementation

  /** A shape of two dimensions as the layer has it: without the axis of rows where it has none. */
  protected abstract withoutRows(shape: readonly number[], rowAxes: readonly number[]): number[]

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [inputShape[0], ...this.#outputItem(this.geometryOf(inputShape))]
  }

  /**
   * The shape in which an implementation stores the kernel.
   * @param inputShape of one sample: `[28, 28, 1]`; nothing is built for it. Default: what the layer was built for
   * @throws StateError without `inputShape`, before the layer is built; ArgumentError where the shape does not suit it
   */
  kernelShape(implementation: Implementation = this.implementation, inputShape?: Shape): number[] {
    const g = inputShape ? this.geometryOf([null, ...inputShape]) : this.geometry
    const shape = localKernelShape(g, implementation)
    return implementation === 2 ? this.withoutRows(shape, g.channelsFirst ? [1, 4] : [0, 3]) : shape
  }

  override weightsFor(inputShape: Shape) {
    const g = this.geometryOf([null, ...inputShape])
    const stored = this.kernelShape(this.implementation, inputShape)
    assertAddressable(stored)
    return {
      kernel: this.kernelSpec(stored, {
        stretches: () => (this.implementation === 2 ? connectedStretches(g) : null),
      }),
      bias: this.biasSpec(this.withoutRows([g.OH, g.OW, g.F], [0])),
    }
  }

  /** Every place has weights of its own, so no other size will do. */
  protected override suits(inputShape: Shape, built: Shape): boolean {
    return sameShape(inputShape, built)
  }

  protected windowKernel({ local2d }: Kernels) {
    return local2d[this.implementation]
  }

  /**
   * The same layer, built, with its kernel stored as another implementation does. Connected weights are kept exactly;
   * entries that are masked (2) or outside the image (1 with 'same') come back as 0.
   */
  withImplementation(implementation: Implementation): this {
    const Class = this.constructor as new (config: unknown) => this
    const other = new Class({ ...this.getConfig(), implementation })
    other.build([null, ...this.inputShape])
    const [kernel, bias] = this.parameters
    const [otherKernel, otherBias] = other.parameters
    convertLocalKernel(otherKernel.value, implementation, kernel.value, this.implementation, this.geometry)
    if (bias) otherBias.value.set(bias.value)
    return other
  }

  protected override ownConfig() {
    const { activation, useBias, ...rest } = this.kernelBiasConfig()
    return {
      filters: this.filters,
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      padding: this.padding,
      dataFormat: this.dataFormat,
      activation,
      useBias,
      ...rest,
      implementation: this.implementation,
    }
  }

  #outputItem({ OH, OW, F, channelsFirst }: Geometry): number[] {
    return channelsFirst ? this.withoutRows([F, OH, OW], [1]) : this.withoutRows([OH, OW, F], [0])
  }
}
