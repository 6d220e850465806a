// A convolution of each channel by itself, and one that is followed by a mix of the channels.

import { type BatchShape, knownOptions, positiveInteger, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import {
  connections,
  convolutionGeometry,
  type DataFormat,
  type Geometry,
  type Padding,
} from '../geometry.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { LocalGradients } from '../kernels/local2d-loop.ts'
import type { Parameter } from '../parameter.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { type ConvolutionLayerOptions, convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { KernelBiasLayer, serializeOptional } from './kernel-bias.ts'
import type { Pass } from './layer.ts'
import { overImages } from './window.ts'

interface WindowOptions {
  readonly kernelSize: number | readonly [number, number]
  readonly strides?: number | readonly [number, number]
  readonly padding?: Padding | Uppercase<Padding>
  readonly dilationRate?: number | readonly [number, number]
}

interface DepthwiseOptions {
  /** Filters for each channel. Default 1. */
  readonly depthMultiplier?: number
  /** Default 'glorot_uniform'. */
  readonly depthwiseInitializer?: InitializerIdentifier
  readonly depthwiseRegularizer?: RegularizerIdentifier
  readonly depthwiseConstraint?: ConstraintIdentifier
}
const depthwiseOptionNames = [
  'depthMultiplier',
  'depthwiseInitializer',
  'depthwiseRegularizer',
  'depthwiseConstraint',
]

const depthwiseAttributes = (options: DepthwiseOptions) => ({
  depthMultiplier: positiveInteger('depthMultiplier', options.depthMultiplier ?? 1),
  depthwiseInitializer: initializers.get(options.depthwiseInitializer ?? 'glorot_uniform'),
  depthwiseRegularizer: regularizers.getOptional(options.depthwiseRegularizer),
  depthwiseConstraint: constraints.getOptional(options.depthwiseConstraint),
})

/** What both layers have in common: the geometry and the kernel of the first step. */
abstract class Depthwise extends KernelBiasLayer {
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]
  declare readonly groups: number
  declare readonly depthMultiplier: number
  declare readonly depthwiseInitializer: Initializer
  declare readonly depthwiseRegularizer: Regularizer | null
  declare readonly depthwiseConstraint: Constraint | null

  protected depthwiseKernel!: Parameter
  protected x!: Float32Array
  protected dx!: Block
  protected readonly written: LocalGradients = { x: null, kernel: new Float32Array(0), bias: null }

  protected geometryOf(inputShape: BatchShape): Geometry {
    const { kernelSize, strides, padding, dataFormat, dilationRate, depthMultiplier } = this
    const channels = inputShape[dataFormat === 'channels_first' ? 1 : 3] ?? 0
    const filters = channels * depthMultiplier
    return convolutionGeometry(inputShape, {
      filters,
      kernelSize,
      strides,
      padding,
      dataFormat,
      dilationRate,
    })
  }

  protected createDepthwiseKernel({ C }: Geometry): void {
    const shape = [...this.kernelSize, C, this.depthMultiplier]
    this.depthwiseKernel = this.addWeight('depthwise_kernel', shape, this.depthwiseInitializer, {
      regularizer: this.depthwiseRegularizer,
      constraint: this.depthwiseConstraint,
    })
  }

  protected windowConfig() {
    return {
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      padding: this.padding,
      dataFormat: this.dataFormat,
      dilationRate: [...this.dilationRate],
      groups: this.groups,
    }
  }
}

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
      ...this.windowConfig(),
      ...common,
      depthMultiplier: this.depthMultiplier,
      depthwiseInitializer: initializers.serialize(this.depthwiseInitializer),
      depthwiseRegularizer: serializeOptional(regularizers.serialize, this.depthwiseRegularizer),
      depthwiseConstraint: serializeOptional(constraints.serialize, this.depthwiseConstraint),
    }
  }
}

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
      ...this.windowConfig(),
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
