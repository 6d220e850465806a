// A convolution of each channel by itself, and one that is followed by a mix of the channels.
import { knownOptions, positiveInteger, sizeOf } from '../check.ts'
import { constraints } from '../constraints.ts'
import { connections, convolutionGeometry } from '../geometry.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
import { convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { KernelBiasLayer, serializeOptional } from './kernel-bias.ts'
import { overImages } from './window.ts'

const depthwiseOptionNames = [
  'depthMultiplier',
  'depthwiseInitializer',
  'depthwiseRegularizer',
  'depthwiseConstraint',
]
const depthwiseAttributes = options => ({
  depthMultiplier: positiveInteger('depthMultiplier', options.depthMultiplier ?? 1),
  depthwiseInitializer: initializers.get(options.depthwiseInitializer ?? 'glorot_uniform'),
  depthwiseRegularizer: regularizers.getOptional(options.depthwiseRegularizer),
  depthwiseConstraint: constraints.getOptional(options.depthwiseConstraint),
})
/** What both layers have in common: the geometry and the kernel of the first step. */
class Depthwise extends KernelBiasLayer {
  depthwiseKernel
  x
  dx
  written = { x: null, kernel: new Float32Array(0), bias: null }
  geometryOf(inputShape) {
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
  createDepthwiseKernel({ C }) {
    const shape = [...this.kernelSize, C, this.depthMultiplier]
    this.depthwiseKernel = this.addWeight('depthwise_kernel', shape, this.depthwiseInitializer, {
      regularizer: this.depthwiseRegularizer,
      constraint: this.depthwiseConstraint,
    })
  }
  windowConfig() {
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
const depthwiseConvAttributes = options => {
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
  className = 'DepthwiseConv2D'
  #geometry
  constructor(options) {
    const names = convolutionOptionNames.filter(
      name => !/^(filters|kernel(Initializer|Regularizer|Constraint))$/.test(name),
    )
    knownOptions('DepthwiseConv2D', options, [...names, ...depthwiseOptionNames])
    super(options)
    this.defineAttributes(depthwiseConvAttributes(options), attributes => depthwiseConvAttributes(attributes))
  }
  computeOutputShape(inputShape) {
    const { OH, OW, F } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, F, this.dataFormat)]
  }
  create(inputShape) {
    const g = this.geometryOf([null, ...inputShape])
    this.#geometry = g
    this.createDepthwiseKernel(g)
    this.createBias([g.F])
    this.createOutput(overImages.itemShape(g.OH, g.OW, g.F, this.dataFormat))
    this.dx = this.gradientBuffer(g.inputSize)
  }
  get macs() {
    this.requireBuilt('macs are asked for')
    return connections(this.#geometry) * this.depthMultiplier
  }
  propagate(x, pass) {
    this.x = x
    const bias = this.bias?.value ?? null
    const { depthwise } = this.engine.kernels
    depthwise.forward(this.z.array, x, this.depthwiseKernel.value, bias, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }
  backpropagate(dy, pass) {
    const dz = this.output.backward(dy, pass)
    const dx = this.dx.array
    this.written.x = pass.inputGradient ? dx : null
    this.written.kernel = this.depthwiseKernel.grad
    this.written.bias = this.bias?.grad ?? null
    const { depthwise } = this.engine.kernels
    depthwise.backward(this.written, dz, this.x, this.depthwiseKernel.value, pass.batch, this.#geometry)
    return dx
  }
  ownConfig() {
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
const separableAttributes = options => ({
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
  className = 'SeparableConv2D'
  #depthwise
  #pointwise
  #pointwiseKernel
  #middle // what the first step gives
  #dmiddle
  constructor(options) {
    const pointwise = ['pointwiseInitializer', 'pointwiseRegularizer', 'pointwiseConstraint']
    knownOptions('SeparableConv2D', options, [
      ...convolutionOptionNames,
      ...depthwiseOptionNames,
      ...pointwise,
    ])
    super(options)
    this.defineAttributes(separableAttributes(options), attributes => separableAttributes(attributes))
  }
  computeOutputShape(inputShape) {
    const { OH, OW } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, this.filters, this.dataFormat)]
  }
  create(inputShape) {
    const g = this.geometryOf([null, ...inputShape])
    const { filters, dataFormat } = this
    const middle = overImages.itemShape(g.OH, g.OW, g.F, dataFormat)
    const one = [1, 1]
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
  get macs() {
    this.requireBuilt('macs are asked for')
    const mixed = connections(this.#pointwise) * this.filters
    return connections(this.#depthwise) * this.depthMultiplier + mixed
  }
  propagate(x, pass) {
    this.x = x
    const { depthwise, convolution } = this.engine.kernels
    const middle = this.#middle.array
    const bias = this.bias?.value ?? null
    depthwise.forward(middle, x, this.depthwiseKernel.value, null, pass.batch, this.#depthwise)
    convolution.forward(this.z.array, middle, this.#pointwiseKernel.value, bias, pass.batch, this.#pointwise)
    return this.output.forward(pass)
  }
  backpropagate(dy, pass) {
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
  ownConfig() {
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
