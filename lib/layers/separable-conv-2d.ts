// A convolution of each channel by itself, and then a mix of the channels.

import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import { connections, convolutionGeometry, type Geometry } from '../geometry.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Parameter } from '../parameter.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
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
import type { Pass } from './layer.ts'
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

/**
 * Each channel by itself, then a linear map of the channels at each place. Weights: `depthwise_kernel`,
 * `pointwise_kernel` `[1, 1, channels · depthMultiplier, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/SeparableConv2D
 */
export class SeparableConv2D extends Depthwise {
  readonly className = 'SeparableConv2D'
  declare readonly filters: number
  declare readonly pointwiseInitializer: Initializer
  declare readonly pointwiseRegularizer: Regularizer | null
  declare readonly pointwiseConstraint: Constraint | null

  #depthwise!: Geometry
  #pointwise!: Geometry
  #pointwiseKernel!: Parameter
  #middle!: Block // what the first step gives
  #dmiddle!: Block

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

  protected create(inputShape: Shape): void {
    const g = this.geometryOf([null, ...inputShape])
    const { filters, dataFormat } = this
    const middle = overImages.itemShape(g.OH, g.OW, g.F, dataFormat)
    const one = [1, 1] as const
    this.#depthwise = g
    this.#pointwise = convolutionGeometry([null, ...middle], {
      ...{ filters, dataFormat, kernelSize: one, strides: one, dilationRate: one, padding: 'valid' },
    })
    this.createDepthwiseKernel(g)
    this.#pointwiseKernel = this.addWeight(
      'pointwise_kernel',
      [1, 1, g.F, filters],
      this.pointwiseInitializer,
      {
        regularizer: this.pointwiseRegularizer,
        constraint: this.pointwiseConstraint,
      },
    )
    this.createBias([filters])
    this.createOutput(overImages.itemShape(g.OH, g.OW, filters, dataFormat))
    this.#middle = this.buffer(sizeOf(middle))
    this.#dmiddle = this.gradientBuffer(sizeOf(middle))
    this.dx = this.gradientBuffer(g.inputSize)
  }

  override get macs(): number {
    this.requireBuilt('macs are asked for')
    const mixed = connections(this.#pointwise) * this.filters
    return connections(this.#depthwise) * this.depthMultiplier + mixed
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.x = x
    const { depthwise, convolution } = this.engine.kernels
    const middle = this.#middle.array
    const bias = this.bias?.value ?? null
    depthwise.forward(middle, x, this.depthwiseKernel.value, null, pass.batch, this.#depthwise)
    convolution.forward(this.z.array, middle, this.#pointwiseKernel.value, bias, pass.batch, this.#pointwise)
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const dz = this.output.backward(dy, pass)
    const { depthwise, convolution } = this.engine.kernels
    const gradients = this.written
    const dmiddle = this.#dmiddle.array
    gradients.x = dmiddle
    gradients.kernel = this.#pointwiseKernel.grad
    gradients.bias = this.bias?.grad ?? null
    convolution.backward(
      gradients,
      dz,
      this.#middle.array,
      this.#pointwiseKernel.value,
      pass.batch,
      this.#pointwise,
    )
    gradients.x = pass.inputGradient ? this.dx.array : null
    gradients.kernel = this.depthwiseKernel.grad
    gradients.bias = null
    depthwise.backward(gradients, dmiddle, this.x, this.depthwiseKernel.value, pass.batch, this.#depthwise)
    return this.dx.array
  }

  protected ownConfig() {
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
