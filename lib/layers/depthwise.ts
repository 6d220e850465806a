// DepthwiseConv2D convolves each channel separately; SeparableConv2D then mixes the channels.

import type { BatchShape, Shape } from '../core/check.ts'
import {
  connections,
  convolutionGeometry,
  type DataFormat,
  type Geometry,
  imageOf,
  type Padding,
} from '../core/geometry.ts'
import { positive } from '../core/options.ts'
import { depthwise2d } from '../kernels/depthwise2d.ts'
import { convolution, type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import type { ConstraintIdentifier } from '../weights/constraints.ts'
import { GlorotUniform, type InitializerIdentifier } from '../weights/initializers.ts'
import type { RegularizerIdentifier } from '../weights/regularizers.ts'
import type { BatchBuffer, Call } from './call.ts'
import { type ConvolutionLayerOptions, checkWindows, windowFields } from './convolution.ts'
import { BiasLayer, kernelBiasFields } from './kernel-bias.ts'
import type { WeightSpec } from './layer.ts'
import { constraint, initializer, regularizer } from './options.ts'
import { overImages } from './window-options.ts'

interface DepthwiseOptions {
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next; both are the same. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** 'valid' (the default) or 'same'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** The distance between neighbours in the window. Default 1. */
  readonly dilationRate?: number | readonly [number, number]
  /** The number of filters per channel. Default 1. */
  readonly depthMultiplier?: number
  /** Default 'glorot_uniform'. */
  readonly depthwiseInitializer?: InitializerIdentifier
  /** A penalty on the depthwise kernel. Default none. */
  readonly depthwiseRegularizer?: RegularizerIdentifier
  /** What is done to the depthwise kernel after every step. Default none. */
  readonly depthwiseConstraint?: ConstraintIdentifier
}

/** The depthwise step of both layers: its geometry and kernel. */
abstract class Depthwise<S> extends BiasLayer<S> {
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]
  declare readonly groups: number
  declare readonly depthMultiplier: number

  protected geometryOf(inputShape: BatchShape): Geometry {
    const { kernelSize, strides, padding, dataFormat, dilationRate, depthMultiplier } = this
    const [, , channels] = imageOf(inputShape, dataFormat)
    const windows = { kernelSize, strides, padding, dataFormat, dilationRate }
    return convolutionGeometry(inputShape, { filters: channels * depthMultiplier, ...windows })
  }

  protected depthwiseSpec({ C }: Geometry): WeightSpec {
    return this.weightSpec('depthwise', [...this.kernelSize, C, this.depthMultiplier])
  }
}

// ---- Depthwise ----------------------------------------------------------------------------------------------------

/** The options of DepthwiseConv2D. */
export interface DepthwiseConv2DOptions
  extends DepthwiseOptions,
    Omit<ConvolutionLayerOptions, 'filters' | 'kernelInitializer' | 'kernelRegularizer' | 'kernelConstraint'> {}

const { kernelInitializer: _i, kernelRegularizer: _r, kernelConstraint: _c, ...biasFields } = kernelBiasFields
const depthwiseConv2D = {
  className: 'DepthwiseConv2D',
  fields: {
    ...windowFields,
    ...biasFields,
    depthMultiplier: positive(1),
    depthwiseInitializer: initializer(GlorotUniform),
    depthwiseRegularizer: regularizer,
    depthwiseConstraint: constraint,
  },
  check: checkWindows,
}

interface Step {
  readonly geometry: Geometry
  readonly gradients: LocalGradients
}

/**
 * Convolves each channel separately: filter `m` of channel `c` gives output channel `c · depthMultiplier + m`. Weights:
 * `depthwise_kernel` `[rows, columns, channels, depthMultiplier]`, `bias` `[channels · depthMultiplier]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/DepthwiseConv2D
 */
export class DepthwiseConv2D extends Depthwise<Step> {
  declare readonly className: 'DepthwiseConv2D'

  constructor(options: DepthwiseConv2DOptions) {
    super(options, depthwiseConv2D)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { OH, OW, F } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, F, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const g = this.geometryOf([null, ...inputShape])
    return { depthwise_kernel: this.depthwiseSpec(g), bias: this.biasSpec([g.F]) }
  }

  override macsFor(inputShape: Shape): number {
    return connections(this.geometryOf([null, ...inputShape])) * this.depthMultiplier
  }

  override prepare({ inputShape }: Call): Step {
    return { geometry: this.geometryOf([null, ...inputShape]), gradients: noGradients() }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Step>): void {
    const { depthwise_kernel: kernel, bias } = call.weights
    const { geometry } = call.state
    call.kernel(depthwise2d).forward(y, x, kernel.value, bias?.value ?? null, call.batch, geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Step>): void {
    const { depthwise_kernel: kernel, bias } = call.weights
    const { geometry, gradients } = call.state
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = kernel.grad
    gradients.bias = bias?.grad ?? null
    call.kernel(depthwise2d).backward(gradients, dy, call.x, kernel.value, call.batch, geometry)
  }
}

// ---- Separable ------------------------------------------------------------------------------------------------------

/** The options of SeparableConv2D. */
export interface SeparableConv2DOptions extends DepthwiseOptions, ConvolutionLayerOptions {
  /** Default 'glorot_uniform'. */
  readonly pointwiseInitializer?: InitializerIdentifier
  /** Default none. */
  readonly pointwiseRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly pointwiseConstraint?: ConstraintIdentifier
}

const separableConv2D = {
  className: 'SeparableConv2D',
  fields: {
    filters: positive(),
    ...windowFields,
    ...kernelBiasFields,
    depthMultiplier: positive(1),
    depthwiseInitializer: initializer(GlorotUniform),
    pointwiseInitializer: initializer(GlorotUniform),
    depthwiseRegularizer: regularizer,
    pointwiseRegularizer: regularizer,
    depthwiseConstraint: constraint,
    pointwiseConstraint: constraint,
  },
  check: checkWindows,
}

/** Both steps, and the buffers between them. */
interface Steps {
  readonly depthwise: Geometry
  readonly pointwise: Geometry
  readonly middle: BatchBuffer
  readonly dmiddle: BatchBuffer
  readonly gradients: LocalGradients
}

/**
 * Convolves each channel separately, then maps the channels linearly at each place. Weights: `depthwise_kernel`,
 * `pointwise_kernel` `[1, 1, channels · depthMultiplier, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/SeparableConv2D
 */
export class SeparableConv2D extends Depthwise<Steps> {
  declare readonly className: 'SeparableConv2D'
  declare readonly filters: number

  constructor(options: SeparableConv2DOptions) {
    super(options, separableConv2D)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { OH, OW } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, this.filters, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const { filters } = this
    const g = this.geometryOf([null, ...inputShape])
    return {
      depthwise_kernel: this.depthwiseSpec(g),
      pointwise_kernel: this.weightSpec('pointwise', [1, 1, g.F, filters]),
      bias: this.biasSpec([filters]),
    }
  }

  /** The geometries of both steps. */
  #stepsOf(inputShape: Shape): [Geometry, Geometry] {
    const { filters, dataFormat } = this
    const depthwise = this.geometryOf([null, ...inputShape])
    const middle = overImages.itemShape(depthwise.OH, depthwise.OW, depthwise.F, dataFormat)
    const one = [1, 1] as const
    const pointwise = convolutionGeometry([null, ...middle], {
      filters,
      dataFormat,
      kernelSize: one,
      strides: one,
      dilationRate: one,
      padding: 'valid',
    })
    return [depthwise, pointwise]
  }

  override macsFor(inputShape: Shape): number {
    const [depthwise, pointwise] = this.#stepsOf(inputShape)
    return connections(depthwise) * this.depthMultiplier + connections(pointwise) * this.filters
  }

  override prepare(call: Call): Steps {
    const [depthwise, pointwise] = this.#stepsOf(call.inputShape)
    const { inputSize } = pointwise
    const [middle, dmiddle] = [call.buffer(inputSize), call.gradientBuffer(inputSize)]
    return { depthwise, pointwise, middle, dmiddle, gradients: noGradients() }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Steps>): void {
    const { depthwise_kernel: first, pointwise_kernel: second, bias } = call.weights
    const { state, batch } = call
    const middle = state.middle.array
    call.kernel(depthwise2d).forward(middle, x, first.value, null, batch, state.depthwise)
    const convolve = call.kernel(convolution).forward
    convolve(y, middle, second.value, bias?.value ?? null, batch, state.pointwise)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Steps>): void {
    const { depthwise_kernel: first, pointwise_kernel: second, bias } = call.weights
    const { state, batch } = call
    const { gradients } = state
    const [middle, dmiddle] = [state.middle.array, state.dmiddle.array]
    gradients.x = dmiddle
    gradients.kernel = second.grad
    gradients.bias = bias?.grad ?? null
    call.kernel(convolution).backward(gradients, dy, middle, second.value, batch, state.pointwise)
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = first.grad
    gradients.bias = null
    call.kernel(depthwise2d).backward(gradients, dmiddle, call.x, first.value, batch, state.depthwise)
  }
}
