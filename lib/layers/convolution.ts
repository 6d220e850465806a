// Conv1D, Conv2D and their transposes: one kernel, shared by all places.

import type { BatchShape, Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { convolutionGeometry, type DataFormat, type Geometry, imageOf, type Padding } from '../core/geometry.ts'
import { field, type Given, only, positive } from '../core/options.ts'
import { convolutionTranspose } from '../kernels/convolution-transpose.ts'
import { convolution } from '../kernels/local2d-loop.ts'
import { type KernelBiasOptions, kernelBiasFields } from './kernel-bias.ts'
import {
  type Axes,
  type DataFormatOption,
  dataFormat,
  dataFormat1D,
  overImages,
  overSequences,
  padding,
  paddingOf,
  type Sizes,
} from './window-options.ts'
import { WindowedLayer } from './windowed-layer.ts'

export interface ConvolutionLayerOptions extends KernelBiasOptions {
  /** The number of output channels. */
  readonly filters: number
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /** Only 1. */
  readonly groups?: number
}

/** The options of a window over images, in Keras' order. */
export const windowFields = /* @__PURE__ */ (() => ({
  kernelSize: field(overImages.sizes),
  strides: field(overImages.sizes, 1),
  padding,
  dataFormat,
  dilationRate: field(overImages.sizes, 1),
  groups: only(1, '1', 'Use DepthwiseConv2D for a kernel per channel'),
}))()

interface Windows {
  readonly strides: Sizes
  readonly padding: Padding | 'causal'
  readonly dataFormat: DataFormat
  readonly dilationRate: Sizes
}

export function checkWindows({ strides, padding, dataFormat, dilationRate }: Windows, given: Given): void {
  if (strides.some(s => s > 1) && dilationRate.some(d => d > 1))
    throw new ArgumentError(
      'strides',
      given.strides,
      '1 where dilationRate is more than 1',
      'Keras allows only one of them',
    )
  if (padding === 'causal' && dataFormat === 'channels_first')
    throw new ArgumentError('padding', padding, "'valid' or 'same' with channels_first")
}

abstract class Convolution<N extends Sizes> extends WindowedLayer {
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
    return { kernel: this.weightSpec('kernel', [...this.kernelSize, C, F]), bias: this.biasSpec([F]) }
  }

  protected get windowKernel() {
    return convolution
  }

  /** @internal */
  geometryOf(inputShape: BatchShape): Geometry {
    const { filters, padding, dataFormat, axes } = this
    return convolutionGeometry(axes.imageShape(inputShape, dataFormat), {
      filters,
      padding,
      dataFormat,
      kernelSize: axes.image(this.kernelSize),
      strides: axes.image(this.strides),
      dilationRate: axes.image(this.dilationRate),
    })
  }
}

// ---- Two dimensions ---------------------------------------------------------------------------------------------

/** The options of Conv2D. */
export interface Conv2DOptions extends ConvolutionLayerOptions {
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Rows and columns from one element of the window to the next. Default 1. */
  readonly dilationRate?: number | readonly [number, number]
}

const conv2D = /* @__PURE__ */ (() => ({
  className: 'Conv2D',
  fields: { filters: positive(), ...windowFields, ...kernelBiasFields },
  check: checkWindows,
}))()

/**
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel` `[rows, columns, channels, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv2D
 */
export class Conv2D extends Convolution<readonly [number, number]> {
  declare readonly className: 'Conv2D'
  protected readonly axes = overImages

  constructor(options: Conv2DOptions) {
    super(options, conv2D)
  }
}

// ---- One dimension ----------------------------------------------------------------------------------------------

/** The options of Conv1D. */
export interface Conv1DOptions extends ConvolutionLayerOptions {
  /** Steps of the window. */
  readonly kernelSize: number | readonly [number]
  /** Steps from one window to the next. Default 1. */
  readonly strides?: number | readonly [number]
  /** Default 'valid'. 'causal': no output depends on later steps. */
  readonly padding?: Padding | Uppercase<Padding> | 'causal'
  /** Steps from one element of the window to the next. Default 1. */
  readonly dilationRate?: number | readonly [number]
}

const conv1D = /* @__PURE__ */ (() => ({
  className: 'Conv1D',
  fields: {
    filters: positive(),
    ...windowFields,
    kernelSize: field(overSequences.sizes),
    strides: field(overSequences.sizes, 1),
    padding: paddingOf(['valid', 'same', 'causal']),
    dataFormat: dataFormat1D,
    dilationRate: field(overSequences.sizes, 1),
    ...kernelBiasFields,
  },
  check: checkWindows,
}))()

/**
 * Input `[batch, steps, channels]`, output `[batch, new steps, filters]`; with 'channels_first' the channels and filters
 * come second. Weights: `kernel` `[steps, channels, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv1D
 */
export class Conv1D extends Convolution<readonly [number]> {
  declare readonly className: 'Conv1D'
  protected readonly axes = overSequences

  constructor(options: Conv1DOptions) {
    super(options, conv1D)
  }
}

// ---- Transposes -------------------------------------------------------------------------------------------------

/** A dilation rate of which only 1 is supported. */
const undilated = <N extends Sizes>(axes: Axes<N>) =>
  field((name, given) => {
    const rate = axes.sizes(name, given)
    if (rate.some(n => n !== 1)) throw new ArgumentError(name, given, '1')
    return rate
  }, 1)

/** The options of Conv2DTranspose. */
export interface Conv2DTransposeOptions extends ConvolutionLayerOptions {
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** The factors by which the rows and columns grow. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Only 1. */
  readonly dilationRate?: 1 | readonly [1, 1]
  /** Only `null`. */
  readonly outputPadding?: null
}

const conv2DTranspose = /* @__PURE__ */ (() => ({
  className: 'Conv2DTranspose',
  fields: {
    filters: positive(),
    ...windowFields,
    dilationRate: undilated(overImages),
    ...kernelBiasFields,
    outputPadding: only(null),
  },
}))()

/**
 * The transpose of a convolution, which enlarges its input by the strides: `n · stride` places for 'same', and
 * `max(window − stride, 0)` more for 'valid'.
 */
abstract class ConvolutionTranspose<N extends Sizes> extends WindowedLayer {
  declare readonly filters: number
  declare readonly kernelSize: N
  declare readonly strides: N
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: N
  declare readonly groups: number
  declare readonly outputPadding: null

  protected abstract readonly axes: Axes<N>

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { H, W } = this.geometryOf(inputShape)
    return [inputShape[0], ...this.axes.itemShape(H, W, this.filters, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const { C, F } = this.geometryOf([null, ...inputShape])
    return { kernel: this.weightSpec('kernel', [...this.kernelSize, C, F]), bias: this.biasSpec([C]) }
  }

  protected get windowKernel() {
    return convolutionTranspose
  }

  /** The geometry of the convolution from the output to the input. @internal */
  geometryOf(inputShape: BatchShape): Geometry {
    const { dataFormat, filters, padding, axes } = this
    const [kernelSize, strides] = [axes.image(this.kernelSize), axes.image(this.strides)]
    const [H, W, channels] = imageOf(axes.imageShape(inputShape, dataFormat), dataFormat)
    const [rows, cols] = [H, W].map((n, axis) => {
      const more = padding === 'same' ? 0 : Math.max(kernelSize[axis] - strides[axis], 0)
      return n * strides[axis] + more
    })
    const image = [inputShape[0], ...overImages.itemShape(rows, cols, filters, dataFormat)]
    const dilationRate = [1, 1] as const
    return convolutionGeometry(image, { filters: channels, kernelSize, strides, padding, dataFormat, dilationRate })
  }
}

/**
 * The transpose of a convolution over images. Input `[batch, rows, columns, channels]`, output with `rows · stride` rows for
 * 'same', and `max(window − stride, 0)` more for 'valid'. Weights: `kernel` `[rows, columns, filters, channels]`, `bias`
 * `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv2DTranspose
 */
export class Conv2DTranspose extends ConvolutionTranspose<readonly [number, number]> {
  declare readonly className: 'Conv2DTranspose'
  protected readonly axes = overImages

  constructor(options: Conv2DTransposeOptions) {
    super(options, conv2DTranspose)
  }
}

/** The options of Conv1DTranspose. */
export interface Conv1DTransposeOptions extends ConvolutionLayerOptions {
  /** Steps of the window. */
  readonly kernelSize: number | readonly [number]
  /** The factor by which the sequence grows. Default 1. */
  readonly strides?: number | readonly [number]
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Only 1. */
  readonly dilationRate?: 1 | readonly [1]
  /** Only `null`. */
  readonly outputPadding?: null
}

const conv1DTranspose = /* @__PURE__ */ (() => ({
  className: 'Conv1DTranspose',
  fields: {
    filters: positive(),
    ...windowFields,
    kernelSize: field(overSequences.sizes),
    strides: field(overSequences.sizes, 1),
    dataFormat: dataFormat1D,
    dilationRate: undilated(overSequences),
    ...kernelBiasFields,
    outputPadding: only(null),
  },
}))()

/**
 * The transpose of a convolution over sequences. Input `[batch, steps, channels]`, output with `steps · stride` steps for
 * 'same', and `max(window − stride, 0)` more for 'valid'. Weights: `kernel` `[steps, filters, channels]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv1DTranspose
 */
export class Conv1DTranspose extends ConvolutionTranspose<readonly [number]> {
  declare readonly className: 'Conv1DTranspose'
  protected readonly axes = overSequences

  constructor(options: Conv1DTransposeOptions) {
    super(options, conv1DTranspose)
  }
}
