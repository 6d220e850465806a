// A convolution of each channel by itself.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { constraints } from '../constraints.ts'
import { connections, type Geometry } from '../geometry.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
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

/**
 * Each channel by itself: output channel `c · depthMultiplier + m`. Weights: `depthwise_kernel`
 * `[rows, columns, channels, depthMultiplier]`, `bias`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/DepthwiseConv2D
 */
export class DepthwiseConv2D extends Depthwise {
  readonly className = 'DepthwiseConv2D'
  #geometry!: Geometry

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

  protected create(inputShape: Shape): void {
    const g = this.geometryOf([null, ...inputShape])
    this.#geometry = g
    this.createDepthwiseKernel(g)
    this.createBias([g.F])
    this.createOutput(overImages.itemShape(g.OH, g.OW, g.F, this.dataFormat))
    this.dx = this.gradientBuffer(g.inputSize)
  }

  override get macs(): number {
    this.requireBuilt('macs are asked for')
    return connections(this.#geometry) * this.depthMultiplier
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.x = x
    const bias = this.bias?.value ?? null
    const { depthwise } = this.engine.kernels
    depthwise.forward(this.z.array, x, this.depthwiseKernel.value, bias, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const dz = this.output.backward(dy, pass)
    const dx = this.dx.array
    this.written.x = pass.inputGradient ? dx : null
    this.written.kernel = this.depthwiseKernel.grad
    this.written.bias = this.bias?.grad ?? null
    const { depthwise } = this.engine.kernels
    depthwise.backward(this.written, dz, this.x, this.depthwiseKernel.value, pass.batch, this.#geometry)
    return dx
  }

  protected ownConfig() {
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
