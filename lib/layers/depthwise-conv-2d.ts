// A convolution of each channel by itself.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { constraints } from '../constraints.ts'
import { connections, type Geometry } from '../geometry.ts'
import { initializers } from '../initializers.ts'
import { type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import { regularizers } from '../regularizers.ts'
import type { Call } from './call.ts'
import {
  type ConvolutionLayerOptions,
  convolutionAttributes,
  convolutionOptionNames,
  windowConfig,
} from './convolution.ts'
import {
  Depthwise,
  type DepthwiseOptions,
  depthwiseAttributes,
  depthwiseOptionNames,
  type WindowOptions,
} from './depthwise.ts'
import { serializeOptional } from './kernel-bias.ts'
import { overImages } from './window.ts'

/** The options of DepthwiseConv2D. */
export interface DepthwiseConv2DOptions
  extends WindowOptions,
    DepthwiseOptions,
    Omit<
      ConvolutionLayerOptions,
      'filters' | 'kernelInitializer' | 'kernelRegularizer' | 'kernelConstraint'
    > {}

const depthwiseConvAttributes = (options: DepthwiseConv2DOptions) => {
  const { filters: _, ...attributes } = convolutionAttributes({ ...options, filters: 1 }, overImages, [
    'valid',
    'same',
  ])
  return { ...attributes, ...depthwiseAttributes(options) }
}

interface Step {
  readonly geometry: Geometry
  readonly gradients: LocalGradients
}

/**
 * Each channel by itself: output channel `c · depthMultiplier + m`. Weights: `depthwise_kernel`
 * `[rows, columns, channels, depthMultiplier]`, `bias`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/DepthwiseConv2D
 */
export class DepthwiseConv2D extends Depthwise<Step> {
  readonly className = 'DepthwiseConv2D'

  constructor(options: DepthwiseConv2DOptions) {
    const names = convolutionOptionNames.filter(
      name => !/^(filters|kernel(Initializer|Regularizer|Constraint))$/.test(name),
    )
    knownOptions('DepthwiseConv2D', options, [...names, ...depthwiseOptionNames])
    super(options)
    this.defineAttributes(depthwiseConvAttributes(options), attributes =>
      depthwiseConvAttributes(attributes as DepthwiseConv2DOptions),
    )
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

  forwardInto(y: Float32Array, x: Float32Array, { state, weights, kernels, batch }: Call<Step>): void {
    const { depthwise_kernel: kernel, bias } = weights
    kernels.depthwise.forward(y, x, kernel.value, bias?.value ?? null, batch, state.geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Step>): void {
    const { depthwise_kernel: kernel, bias } = call.weights
    const { geometry, gradients } = call.state
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = kernel.grad
    gradients.bias = bias?.grad ?? null
    call.kernels.depthwise.backward(gradients, dy, call.x, kernel.value, call.batch, geometry)
  }

  protected override ownConfig() {
    const {
      kernelInitializer: _i,
      kernelRegularizer: _r,
      kernelConstraint: _c,
      ...common
    } = this.kernelBiasConfig()
    return {
      ...windowConfig(this),
      ...common,
      depthMultiplier: this.depthMultiplier,
      depthwiseInitializer: initializers.serialize(this.depthwiseInitializer),
      depthwiseRegularizer: serializeOptional(regularizers.serialize, this.depthwiseRegularizer),
      depthwiseConstraint: serializeOptional(constraints.serialize, this.depthwiseConstraint),
    }
  }
}
