// What the convolutions of one and two dimensions share: one kernel for all places.

import { type BatchShape, positiveInteger, type Shape } from '../check.ts'
import type { Kernels } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import {
  type KernelBiasAttributes,
  type KernelBiasOptions,
  kernelBiasAttributes,
  kernelBiasOptionNames,
} from './kernel-bias.ts'
import { type Axes, type DataFormatOption, dataFormatOf, paddingOf, type Sizes } from './window.ts'
import { WindowedLayer } from './windowed.ts'

export interface ConvolutionLayerOptions extends KernelBiasOptions {
  /** How many numbers each place gives. */
  readonly filters: number
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /** Only 1. */
  readonly groups?: number
}

export const convolutionOptionNames = [
  ...kernelBiasOptionNames,
  ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate', 'groups'],
]

/** The checked form of the options. */
export interface ConvolutionAttributes<N extends Sizes> extends KernelBiasAttributes {
  filters: number
  kernelSize: N
  strides: N
  padding: Padding | 'causal'
  dataFormat: DataFormat
  dilationRate: N
  groups: number
}

interface AnyWindow {
  readonly kernelSize: unknown
  readonly strides?: unknown
  readonly padding?: unknown
  readonly dilationRate?: unknown
}

export function convolutionAttributes<N extends Sizes>(
  options: ConvolutionLayerOptions & AnyWindow,
  { sizes }: Axes<N>,
  paddings: readonly (Padding | 'causal')[],
): ConvolutionAttributes<N> {
  const { strides = 1, padding = 'valid', dilationRate = 1, groups = 1 } = options
  const attributes = {
    ...kernelBiasAttributes(options),
    filters: positiveInteger('filters', options.filters),
    kernelSize: sizes('kernelSize', options.kernelSize),
    strides: sizes('strides', strides),
    padding: paddingOf(padding, paddings),
    dataFormat: dataFormatOf(options.dataFormat),
    dilationRate: sizes('dilationRate', dilationRate),
    groups,
  }
  if (groups !== 1)
    throw new ArgumentError('groups', groups, '1', 'Use DepthwiseConv2D for a kernel of each channel')
  if (attributes.strides.some(s => s > 1) && attributes.dilationRate.some(d => d > 1))
    throw new ArgumentError(
      'strides',
      strides,
      '1 where dilationRate is more than 1',
      'As in Keras, one of them only',
    )
  if (attributes.padding === 'causal' && attributes.dataFormat === 'channels_first')
    throw new ArgumentError('padding', padding, "'valid' or 'same' with channels_first")
  return attributes
}

/** The options of a window as `getConfig` shows them, in Keras' order. */
export const windowConfig = (
  layer: Omit<ConvolutionAttributes<Sizes>, 'filters' | keyof KernelBiasAttributes>,
) => ({
  kernelSize: [...layer.kernelSize],
  strides: [...layer.strides],
  padding: layer.padding,
  dataFormat: layer.dataFormat,
  dilationRate: [...layer.dilationRate],
  groups: layer.groups,
})

export abstract class Convolution<N extends Sizes> extends WindowedLayer implements ConvolutionAttributes<N> {
  declare readonly filters: number
  declare readonly kernelSize: N
  declare readonly strides: N
  declare readonly padding: Padding | 'causal'
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: N
  declare readonly groups: number

  protected abstract readonly axes: Axes<N>

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { OH, OW, F } = this.geometryOf(inputShape)
    return [inputShape[0], ...this.axes.itemShape(OH, OW, F, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const { C, F } = this.geometryOf([null, ...inputShape])
    return { kernel: this.kernelSpec([...this.kernelSize, C, F]), bias: this.biasSpec([F]) }
  }

  protected windowKernel({ convolution }: Kernels) {
    return convolution
  }

  protected override ownConfig() {
    return {
      filters: this.filters,
      ...windowConfig(this),
      ...this.kernelBiasConfig(),
    }
  }

  protected geometryOf(inputShape: BatchShape): Geometry {
    const { filters, padding, dataFormat, axes } = this
    return convolutionGeometry(axes.imageShape(inputShape, dataFormat), {
      ...{ filters, padding, dataFormat },
      kernelSize: axes.image(this.kernelSize),
      strides: axes.image(this.strides),
      dilationRate: axes.image(this.dilationRate),
    })
  }
}
