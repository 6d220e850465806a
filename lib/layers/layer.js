// What the rest of the library relies on: a layer has parameters, and two calls, forward and backward.
//
// A layer of your own extends `Layer` and implements `computeOutputShape`, `create` (weights and buffers),
// `propagate` and `backpropagate`; examples/ and CONTRIBUTING.md show one.
import { batchShape, boolean, shape as checkShape, knownOptions, sameShape, sizeOf } from '../check.ts'
import { createEngine } from '../engines.ts'
import { ArgumentError, StateError, show } from '../errors.ts'
import { automaticName } from '../names.ts'
import { Parameter } from '../parameter.ts'
import { drawSeed, stream } from '../random.ts'
import { Tensor } from '../tensor.ts'
export const layerOptionNames = ['name', 'trainable', 'inputShape', 'batchInputShape', 'dtype']
/** Numbers of every sample of a batch: `array` has room for the largest batch so far. */
export class BatchBuffer {
  itemSize
  #block = null
  constructor(itemSize) {
    this.itemSize = itemSize
  }
  get array() {
    if (!this.#block) throw new StateError('a buffer of a layer was read before the layer was run')
    return this.#block.array
  }
  allocate(region, batch) {
    this.#block = region.alloc(batch * this.itemSize)
  }
}
export class Layer {
  /** Whether the name was given, not made. */
  isNamed
  batchInputShape
  #name
  #trainable
  #built = null
  #called = false
  #parameters = []
  #forwardBuffers = []
  #backwardBuffers = []
  #standalone = null
  #attributes = []
  /** The layer's activation and what it remembers, if it has one. */
  activated = null
  constructor(options) {
    const { name, trainable = true, inputShape, batchInputShape, dtype = 'float32' } = options
    if (name !== undefined && (typeof name !== 'string' || name === ''))
      throw new ArgumentError('name', name, 'a string that is not empty')
    if (dtype !== 'float32') throw new ArgumentError('dtype', dtype, `"float32"`)
    this.#name = name ?? null
    this.isNamed = name !== undefined
    this.#trainable = boolean('trainable', trainable)
    if (batchInputShape !== undefined)
      this.batchInputShape = batchShape('batchInputShape', batchInputShape, 1, true)
    else
      this.batchInputShape =
        inputShape === undefined ? null : [null, ...checkShape('inputShape', inputShape, 1)]
  }
  /** Whether the output is linear, but for a constant, in the input and in each weight by itself. */
  get isLinear() {
    return false
  }
  /** Whether the input has a gradient; whole numbers that stand for something have none. */
  get hasInputGradient() {
    return true
  }
  /** The layer itself if it draws random numbers in training: its stream can be kept and put back. */
  get randomStreams() {
    return []
  }
  // ---- For implementing one -----------------------------------------------------------------------------------
  addWeight(name, shape, initializer, options = {}) {
    const { weights, stream: streamOf, planning } = this.context
    const parameter = new Parameter(name, shape, sizeOf(shape), weights.alloc(sizeOf(shape)), options)
    if (!planning) initializer.initialize(parameter.value, shape, streamOf(name))
    this.#parameters.push(parameter)
    return parameter
  }
  /** A buffer of `itemSize` numbers a sample, written by `propagate`. */
  buffer(itemSize) {
    const buffer = new BatchBuffer(itemSize)
    this.#forwardBuffers.push(buffer)
    return buffer
  }
  /** The same, written by `backpropagate`: takes memory only when a model is trained. */
  gradientBuffer(itemSize) {
    const buffer = new BatchBuffer(itemSize)
    this.#backwardBuffers.push(buffer)
    return buffer
  }
  /**
   * Makes the entries of `attributes` properties of the layer, which can be set until it is built. `check` returns
   * the checked form of all of them.
   */
  defineAttributes(attributes, check) {
    const values = { ...attributes }
    this.#attributes = Object.keys(values)
    for (const key of this.#attributes)
      Object.defineProperty(this, key, {
        enumerable: true,
        get: () => values[key],
        set: value => {
          if (this.#built) {
            const advice = `only trainable can be changed after that. Make a new layer with ${key}: ${show(value)}`
            throw new StateError(
              `${key} of the layer ${this.name} was set after the layer was built; ${advice}`,
            )
          }
          Object.assign(values, check({ ...values, [key]: value }))
        },
      })
  }
  get context() {
    return this.#require('its weights are asked for').context
  }
  get engine() {
    return this.context.engine
  }
  // ---- What every layer offers --------------------------------------------------------------------------------
  get name() {
    return this.#name ?? automaticName(this.className)
  }
  /** A model gives the automatic names their numbers. */
  rename(name) {
    if (this.#called) throw new StateError(`the layer ${this.name} can't be renamed after it was called`)
    this.#name = name
  }
  get trainable() {
    return this.#trainable
  }
  set trainable(value) {
    this.#trainable = boolean('trainable', value)
  }
  get built() {
    return this.#built !== null
  }
  /** The shape of one sample that comes in. */
  get inputShape() {
    return this.#require('inputShape is asked for').inputShape
  }
  /** The shape of one sample that goes out. */
  get outputShape() {
    return this.#require('outputShape is asked for').outputShape
  }
  /** Weights and their gradients, in Keras' order; none before the layer is built. */
  get parameters() {
    return this.#parameters
  }
  /** Those that training changes: none while `trainable` is false. */
  get trainableParameters() {
    return this.#trainable ? this.#parameters.filter(parameter => parameter.trainable) : []
  }
  /**
   * Makes the weights.
   * @param inputShape with the batch in front: `[null, 28, 28, 1]`
   * @throws ArgumentError when the shape does not suit the layer, or differs from that of an earlier build
   */
  build(inputShape, context) {
    const [, ...item] = batchShape('inputShape', inputShape, 0)
    if (this.#built) {
      this.#assertItemShape('inputShape', item, this.#built.inputShape)
      return
    }
    const outputShape = checkShape('outputShape', this.computeOutputShape(inputShape).slice(1))
    this.#built = { inputShape: item, outputShape, context: context ?? standaloneContext() }
    try {
      this.create(item, this.#built.context)
    } catch (error) {
      this.#unbuild()
      throw error
    }
  }
  #unbuild() {
    this.#built = null
    this.#parameters = []
    this.#forwardBuffers = []
    this.#backwardBuffers = []
    this.activated = null
  }
  /** How many numbers the weights will hold for inputs of this shape; the layer is not built for that. */
  plannedSize(inputShape, context) {
    if (this.#built) return this.countParams()
    const weights = { alloc: () => ({ array: new Float32Array(0) }), release() {} }
    this.build(inputShape, { ...context, weights, planning: true })
    const size = this.countParams()
    this.#unbuild()
    return size
  }
  /** Takes memory for batches of up to `batch` samples; for gradients too where `training`. */
  allocate(region, batch, training) {
    for (const buffer of this.#forwardBuffers) buffer.allocate(region, batch)
    if (!training) return
    for (const buffer of this.#backwardBuffers) buffer.allocate(region, batch)
    for (const parameter of this.#parameters) parameter.allocateGradient(this.context.weights)
  }
  /**
   * The output for a batch; builds the layer if need be.
   * @param x a batch of samples, `[batch, …]`
   * @param options.training run as in training (Dropout drops); default false
   */
  forward(x, options = {}) {
    knownOptions('forward', options, ['training'])
    const training = boolean('training', options.training ?? false)
    const tensor = x instanceof Tensor ? x : Tensor.from(x)
    if (tensor.shape.length === 0) throw new ArgumentError('x', tensor, 'a batch: at least one axis')
    if (!this.#built) this.build([null, ...tensor.shape.slice(1)])
    this.#called = true
    const { inputShape, outputShape } = this.#require('forward')
    this.#assertItemShape('x', tensor.shape.slice(1), inputShape)
    const [batch] = tensor.shape
    this.#standalone ??= new Standalone(this.engine, this)
    const output = this.propagate(this.#standalone.load(tensor.data, batch, training), this.#standalone.pass)
    return new Tensor([batch, ...outputShape], output.slice(0, batch * sizeOf(outputShape)))
  }
  /**
   * The gradient of sum(y · dy) in x, for the last `forward`; those in the weights are in `gradients()`.
   * @param dy the output's shape
   */
  backward(dy) {
    const tensor = dy instanceof Tensor ? dy : Tensor.from(dy)
    const { inputShape, outputShape } = this.#require('backward')
    if (!this.#standalone) throw new StateError(`the layer ${this.name}: backward needs a forward before it`)
    const { batch } = this.#standalone.pass
    if (!sameShape(tensor.shape, [batch, ...outputShape]))
      throw new ArgumentError('dy', tensor, `the output's shape [${[batch, ...outputShape].join(', ')}]`)
    const dx = this.backpropagate(this.#standalone.loadGradient(tensor.data), this.#standalone.pass)
    return new Tensor([batch, ...inputShape], dx.slice(0, batch * sizeOf(inputShape)))
  }
  /** The gradients of the last backward pass, in the order of the trainable parameters. */
  gradients() {
    return this.#parameters.filter(p => p.trainable).map(p => new Tensor(p.shape, p.grad.slice()))
  }
  /** The penalty of the regularizers for the last run: of the weights, and of the output, a mean over the batch. */
  penalty(pass) {
    let sum = this.activated?.penalty(pass) ?? 0
    for (const { regularizer, value, size, shape } of this.#parameters)
      if (regularizer) sum += regularizer.penalty(value, size, shape)
    return sum
  }
  /** Copies of all weights, in Keras' order. */
  getWeights() {
    return this.#parameters.map(({ shape, value }) => new Tensor(shape, value.slice()))
  }
  /** @throws ArgumentError naming the weight whose shape does not fit; nothing is changed then. StateError before the layer is built */
  setWeights(weights) {
    this.#require('setWeights')
    const tensors = checkWeights(weights, this.#parameters, `the layer ${this.name}`)
    tensors.forEach((tensor, i) => {
      this.#parameters[i].value.set(tensor.data)
    })
  }
  /** How many numbers the weights hold. @throws StateError before the layer is built */
  countParams() {
    this.#require('countParams')
    return this.#parameters.reduce((sum, { size }) => sum + size, 0)
  }
  /** Multiplications of a weight with an input that `forward` adds up for one sample; biases are not counted. */
  get macs() {
    return 0
  }
  /** How many numbers the layer's buffers hold for each sample: those of `forward`, and those of `backward`. */
  get numbersPerSample() {
    const count = buffers => buffers.reduce((sum, { itemSize }) => sum + itemSize, 0)
    return { forward: count(this.#forwardBuffers), backward: count(this.#backwardBuffers) }
  }
  /** All options, such that the class's constructor makes the same layer of them; keys in Keras' order. */
  getConfig() {
    const shapeGiven = this.batchInputShape === null ? {} : { batchInputShape: [...this.batchInputShape] }
    return {
      name: this.name,
      trainable: this.trainable,
      dtype: 'float32',
      ...shapeGiven,
      ...this.ownConfig(),
    }
  }
  /** @throws StateError before the layer is built; `what` ends the advice "… before what" */
  requireBuilt(what) {
    this.#require(what)
  }
  #require(what) {
    if (this.#built) return this.#built
    throw new StateError(
      `the layer ${this.name} is not built yet: call build(inputShape) or forward(x) before ${what}`,
    )
  }
  #assertItemShape(argument, shape, expected) {
    if (sameShape(shape, expected)) return
    const whole = `samples of shape [${expected.join(', ')}], which the layer ${this.name} was built for`
    throw new ArgumentError(argument, [null, ...shape], whole)
  }
}
/** Weights as given, in the form of tensors of the right shapes. */
export function checkWeights(weights, parameters, of) {
  if (!Array.isArray(weights) || weights.length !== parameters.length) {
    const names = parameters.map(({ name }) => name).join(', ')
    throw new ArgumentError(
      'weights',
      weights,
      `a list of the ${parameters.length} weights of ${of} (${names || 'none'})`,
    )
  }
  return parameters.map(({ name, shape }, i) => {
    const tensor = Tensor.from(weights[i])
    if (sameShape(tensor.shape, shape)) return tensor
    throw new ArgumentError(`weights[${i}]`, tensor, `the shape [${shape.join(', ')}] of ${name} of ${of}`)
  })
}
/** The buffers of a layer that is called by itself. */
class Standalone {
  pass = { batch: 0, training: false, inputGradient: true, penalties: false }
  #engine
  #layer
  #input
  #outputGradient
  #region = null
  #capacity = -1
  constructor(engine, layer) {
    this.#engine = engine
    this.#layer = layer
    this.#input = new BatchBuffer(sizeOf(layer.inputShape))
    this.#outputGradient = new BatchBuffer(sizeOf(layer.outputShape))
  }
  load(x, batch, training) {
    Object.assign(this.pass, { batch, training })
    if (batch > this.#capacity) {
      this.#region?.release()
      this.#region = this.#engine.region()
      this.#capacity = batch
      this.#input.allocate(this.#region, batch)
      this.#outputGradient.allocate(this.#region, batch)
      this.#layer.allocate(this.#region, batch, true)
    }
    this.#input.array.set(x)
    return this.#input.array
  }
  loadGradient(dy) {
    this.#outputGradient.array.set(dy)
    return this.#outputGradient.array
  }
}
/** What a layer that stands by itself is given: an engine of its own, and weights of this seed. */
export function standaloneContext(seed = drawSeed()) {
  const engine = createEngine()
  return { engine, weights: engine.region(), stream: name => stream(seed, name) }
}
