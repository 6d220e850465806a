// The layers this project is about: like a convolution, but every place has its own kernel and bias. This file holds
// their options, weights and shapes; windowed-layer.ts holds forward and backward, kernels/local2d-*.ts the arithmetic. A
// sequence is an image with one row: same geometry, same kernels, same memory.

import {
  type BatchShape,
  boundedSize,
  shape as checkShape,
  inputBatch,
  oneOf,
  pair,
  type Shape,
  sameShape,
  single,
} from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import {
  type DataFormat,
  type Geometry,
  localGeometry,
  localKernelShape,
  outputShapeOf,
  type Padding,
} from '../core/geometry.ts'
import { type Field, field, positive } from '../core/options.ts'
import { type Implementation, local2d } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import { type KernelBiasOptions, kernelBiasFields, optionsOf } from './kernel-bias.ts'
import { type DataFormatOption, dataFormat, padding } from './window-options.ts'
import { WindowedLayer } from './windowed-layer.ts'

export interface LocallyConnectedOptions extends KernelBiasOptions {
  /** The number of output channels. */
  readonly filters: number
  /**
   * 'valid' (the default): windows stay inside the input. 'same': ⌈size / stride⌉ places, with no connections outside
   * the input. Windows start at `i·stride − ⌊kernelSize / 2⌋`; convolutions centre theirs differently.
   */
  readonly padding?: Padding | Uppercase<Padding>
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /**
   * 1 (the default) loops over the places; 2 stores a dense matrix from all inputs to all outputs and masks it;
   * 3 stores only the connected weights. All three compute the same bits; only their stored kernels differ.
   */
  readonly implementation?: Implementation
}

const fieldsFor = <N extends readonly number[]>(sizes: (name: string, value: unknown) => N) => ({
  filters: positive(),
  kernelSize: field(sizes),
  strides: field(sizes, 1),
  padding,
  dataFormat,
  ...kernelBiasFields,
  implementation: field((name, given) => oneOf(name, given, [1, 2, 3] as const), 1) as Field<Implementation>,
})

export abstract class LocallyConnected<N extends readonly number[]> extends WindowedLayer {
  declare readonly filters: number
  declare readonly kernelSize: N
  declare readonly strides: N
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly implementation: Implementation

  /** Converts a two-dimensional shape to the layer's: over sequences, drops the row axes. */
  protected abstract withoutRows(shape: readonly number[], rowAxes: readonly number[]): number[]

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const g = this.geometryOf(inputShape)
    return [inputShape[0], ...this.withoutRows(outputShapeOf(g), [g.channelsFirst ? 1 : 0])]
  }

  /**
   * The shape in which an implementation stores the kernel. Does not build the layer.
   * @param inputShape the shape of one sample: `[28, 28, 1]`. Default: the shape that the layer was built for
   * @throws StateError without `inputShape`, before the layer is built; ArgumentError if the layer cannot take the shape
   */
  kernelShape(implementation: Implementation = this.implementation, inputShape?: Shape): number[] {
    const g = inputShape ? this.geometryOf([null, ...checkShape('inputShape', inputShape)]) : this.geometry
    const shape = localKernelShape(g, oneOf('implementation', implementation, [1, 2, 3]))
    return implementation === 2 ? this.withoutRows(shape, g.channelsFirst ? [1, 4] : [0, 3]) : shape
  }

  override weightsFor(inputShape: Shape) {
    const g = this.geometryOf([null, ...inputShape])
    const stored = this.kernelShape(this.implementation, inputShape)
    boundedSize('kernel shape', stored, 'Use implementation 1 or 3, a smaller image, or fewer filters')
    return {
      kernel: { ...this.weightSpec('kernel', stored), patch: [...this.kernelSize, g.C, g.F] },
      bias: this.biasSpec(this.withoutRows([g.OH, g.OW, g.F], [0])),
    }
  }

  /** Every place has its own weights, so the input size is fixed. */
  protected override suits(inputShape: Shape, built: Shape): boolean {
    return sameShape(inputShape, built)
  }

  protected get windowKernel() {
    return local2d[this.implementation]
  }

  /**
   * A built copy of the layer whose kernel is stored in the form of another implementation. Connected weights are copied
   * exactly; entries that are masked (2) or outside the image (1 with 'same') become 0.
   */
  withImplementation(implementation: Implementation): this {
    const Class = this.constructor as new (config: unknown) => this
    const { name, ...config } = optionsOf(this)
    const other = new Class({ ...config, implementation, ...(this.isNamed && { name }) })
    if (this.hasName && !this.isNamed) other.rename(this.name) // an automatic name stays automatic, in models too
    other.build([null, ...this.inputShape])
    const [kernel, bias] = this.parameters
    const [otherKernel, otherBias] = other.parameters
    convertLocalKernel(otherKernel.value, implementation, kernel.value, this.implementation, this.geometry)
    if (bias) otherBias.value.set(bias.value)
    return other
  }
}

// ---- Two dimensions ---------------------------------------------------------------------------------------------

/** The options of LocallyConnected2D. */
export interface LocallyConnected2DOptions extends LocallyConnectedOptions {
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
}

const locallyConnected2D = {
  className: 'LocallyConnected2D',
  fields: /* @__PURE__ */ fieldsFor((name, value) => pair(name, value)),
}

/**
 * A locally connected layer over images, like `tf.keras.layers.LocallyConnected2D` of Keras 2.
 *
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first'
 * the channels and filters come second. Weights: `kernel`, whose shape depends on the implementation
 * (1: `[places, patch, filters]`), and `bias` `[new rows, new columns, filters]` in both data formats (with
 * 'channels_first', the layer reads it as `[filters, new rows, new columns]`, like Keras).
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LocallyConnected2D
 */
export class LocallyConnected2D extends LocallyConnected<[number, number]> {
  declare readonly className: 'LocallyConnected2D'

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected2DOptions) {
    super(options, locallyConnected2D)
  }

  /** @internal */
  geometryOf(inputShape: BatchShape): Geometry {
    return localGeometry(inputShape, this)
  }

  protected withoutRows(shape: readonly number[]): number[] {
    return [...shape]
  }
}

// ---- One dimension ----------------------------------------------------------------------------------------------

/** The options of LocallyConnected1D. */
export interface LocallyConnected1DOptions extends LocallyConnectedOptions {
  /** Steps of the window. */
  readonly kernelSize: number | readonly [number]
  /** Steps from one window to the next. Default 1. */
  readonly strides?: number | readonly [number]
}

const locallyConnected1D = { className: 'LocallyConnected1D', fields: /* @__PURE__ */ fieldsFor(single) }

/**
 * A locally connected layer over sequences, like `tf.keras.layers.LocallyConnected1D` of Keras 2: every step has its own
 * kernel and bias.
 *
 * Input `[batch, steps, channels]`, output `[batch, new steps, filters]`; with 'channels_first' the channels and
 * filters come second. Weights: `kernel` (implementation 1: `[new steps, patch, filters]`) and `bias`
 * `[new steps, filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LocallyConnected1D
 */
export class LocallyConnected1D extends LocallyConnected<[number]> {
  declare readonly className: 'LocallyConnected1D'

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected1DOptions) {
    super(options, locallyConnected1D)
  }

  /** The geometry of an image with one row. @internal */
  geometryOf(inputShape: BatchShape): Geometry {
    const { filters, kernelSize, strides, padding, dataFormat } = this
    const isFirst = dataFormat === 'channels_first'
    const axes = isFirst ? '[batch, channels, steps]' : '[batch, steps, channels]'
    const [batch, ...item] = inputBatch(inputShape)
    if (item.length !== 2 || !item.every(n => n !== null && n > 0)) {
      const hint = 'Every step has its own weights, so the length must be known'
      throw new ArgumentError('inputShape', inputShape, `${axes}, all but the batch known and positive`, hint)
    }
    const steps = item[isFirst ? 1 : 0] as number
    if (padding === 'valid' && kernelSize[0] > steps)
      throw new ArgumentError('kernelSize', kernelSize, `at most the input's ${steps} steps with padding 'valid'`)
    const picture = isFirst ? [batch, item[0], 1, item[1]] : [batch, 1, ...item]
    return localGeometry(picture, {
      filters,
      padding,
      dataFormat,
      kernelSize: [1, ...kernelSize],
      strides: [1, ...strides],
    })
  }

  protected withoutRows(shape: readonly number[], rowAxes: readonly number[]): number[] {
    return shape.filter((_, axis) => !rowAxes.includes(axis))
  }
}
