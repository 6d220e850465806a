// A convolution of each channel by itself, and then a mix of the channels.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { connections, convolutionGeometry, type Geometry } from '../geometry.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import { type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import type { BatchBuffer } from './batch-buffer.ts'
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

/** The options of SeparableConv2D. */
export interface SeparableConv2DOptions extends WindowOptions, DepthwiseOptions, ConvolutionLayerOptions {
  /** Default 'glorot_uniform'. */
  readonly pointwiseInitializer?: InitializerIdentifier
  readonly pointwiseRegularizer?: RegularizerIdentifier
  readonly pointwiseConstraint?: ConstraintIdentifier
}

const separableAttributes = (options: SeparableConv2DOptions) => ({
  ...convolutionAttributes(options, overImages, ['valid', 'same']),
  ...depthwiseAttributes(options),
  pointwiseInitializer: initializers.get(options.pointwiseInitializer ?? 'glorot_uniform'),
  pointwiseRegularizer: regularizers.getOptional(options.pointwiseRegularizer),
  pointwiseConstraint: constraints.getOptional(options.pointwiseConstraint),
})

/** Both steps, and what stands between them. */
interface Steps {
  readonly depthwise: Geometry
  readonly pointwise: Geometry
  readonly middle: BatchBuffer
  readonly dmiddle: BatchBuffer
  readonly gradients: LocalGradients
}

/**
 * Each channel by itself, then a linear map of the channels at each place. Weights: `depthwise_kernel`,
 * `pointwise_kernel` `[1, 1, channels · depthMultiplier, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/SeparableConv2D
 */
export class SeparableConv2D extends Depthwise<Steps> {
  readonly className = 'SeparableConv2D'
  declare readonly filters: number
  declare readonly pointwiseInitializer: Initializer
  declare readonly pointwiseRegularizer: Regularizer | null
  declare readonly pointwiseConstraint: Constraint | null

  constructor(options: SeparableConv2DOptions) {
    const pointwise = ['pointwiseInitializer', 'pointwiseRegularizer', 'pointwiseConstraint']
    knownOptions('SeparableConv2D', options, [
      ...convolutionOptionNames,
      ...depthwiseOptionNames,
      ...pointwise,
    ])
    super(options)
    this.defineAttributes(separableAttributes(options), attributes =>
      separableAttributes(attributes as SeparableConv2DOptions),
    )
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
      pointwise_kernel: {
        shape: [1, 1, g.F, filters],
        initializer: this.pointwiseInitializer,
        regularizer: this.pointwiseRegularizer,
        constraint: this.pointwiseConstraint,
      },
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
      ...{ filters, dataFormat, kernelSize: one, strides: one, dilationRate: one, padding: 'valid' },
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

  forwardInto(y: Float32Array, x: Float32Array, { state, weights, kernels, batch }: Call<Steps>): void {
    const { depthwise_kernel: first, pointwise_kernel: second, bias } = weights
    const middle = state.middle.array
    kernels.depthwise.forward(middle, x, first.value, null, batch, state.depthwise)
    kernels.convolution.forward(y, middle, second.value, bias?.value ?? null, batch, state.pointwise)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Steps>): void {
    const { depthwise_kernel: first, pointwise_kernel: second, bias } = call.weights
    const { state, kernels, batch } = call
    const [middle, dmiddle] = [state.middle.array, state.dmiddle.array]
    const { gradients } = state
    gradients.x = dmiddle
    gradients.kernel = second.grad
    gradients.bias = bias?.grad ?? null
    kernels.convolution.backward(gradients, dy, middle, second.value, batch, state.pointwise)
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = first.grad
    gradients.bias = null
    kernels.depthwise.backward(gradients, dmiddle, call.x, first.value, batch, state.depthwise)
  }

  protected override ownConfig() {
    return {
      filters: this.filters,
      ...windowConfig(this),
      ...this.kernelBiasConfig(),
      depthMultiplier: this.depthMultiplier,
      depthwiseInitializer: initializers.serialize(this.depthwiseInitializer),
      pointwiseInitializer: initializers.serialize(this.pointwiseInitializer),
      depthwiseRegularizer: serializeOptional(regularizers.serialize, this.depthwiseRegularizer),
      pointwiseRegularizer: serializeOptional(regularizers.serialize, this.pointwiseRegularizer),
      depthwiseConstraint: serializeOptional(constraints.serialize, this.depthwiseConstraint),
      pointwiseConstraint: serializeOptional(constraints.serialize, this.pointwiseConstraint),
    }
  }
}
