// What the rest of the library relies on: a layer has parameters, and two calls, forward and backward.
//
// A layer of your own extends `Layer` and implements `computeOutputShape`, `create` (weights and buffers),
// `propagate` and `backpropagate`; examples/ and CONTRIBUTING.md show one.

import {
  type BatchShape,
  batchShape,
  boolean,
  shape as checkShape,
  knownOptions,
  type Shape,
  sameShape,
  sizeOf,
} from '../check.ts'
import { type Block, type Engine, type Region, regionOf } from '../engine.ts'
import { createEngine } from '../engines.ts'
import { ArgumentError, StateError, show } from '../errors.ts'
import type { Initializer } from '../initializers.ts'
import { automaticName } from '../names.ts'
import { Parameter, type ParameterOptions } from '../parameter.ts'
import { drawSeed, type Random, type Seed, stream } from '../random.ts'
import type { Config, Serializable } from '../registry.ts'
import { Tensor, type TensorLike } from '../tensor.ts'
import type { ActivatedOutput } from './activated-output.ts'

/** The options of every layer, as in Keras' base layer. */
export interface LayerOptions {
  /** Default: the class name in snake_case; a model numbers those that meet: `dense`, `dense_1`. */
  readonly name?: string
  /** Whether training changes the weights. Default true. The only attribute that may change later. */
  readonly trainable?: boolean
  /** The shape of one sample, for the first layer of a model: `[28, 28, 1]`. */
  readonly inputShape?: Shape
  /** The same with the batch in front: `[null, 28, 28, 1]`. */
  readonly batchInputShape?: BatchShape
  /** Only 'float32'. */
  readonly dtype?: 'float32'
}
export const layerOptionNames = ['name', 'trainable', 'inputShape', 'batchInputShape', 'dtype'] as const

/** How a layer or a model is run. */
export interface ForwardOptions {
  /** As in training: Dropout drops. Default false. */
  readonly training?: boolean
}

/** What a layer is given when it is built. */
export interface BuildContext {
  readonly engine: Engine
  /** Where the weights live. */
  readonly weights: Region
  /** The stream that a weight, or a layer's own chance, draws from. */
  stream(name: string): Random
  /** Only the sizes are asked for: no weight is made. */
  readonly planning?: boolean
}

/** What is true of one run through the layers. */
export interface Pass {
  /** Samples in this run. */
  batch: number
  /** Training, as against prediction: Dropout drops, BatchNormalization takes the batch's moments. */
  training: boolean
  /** Whether anybody reads the gradient of the layer's input. */
  inputGradient: boolean
  /** Whether the gradients include those of the activity regularizers. */
  penalties: boolean
}

/** Numbers of every sample of a batch: `array` has room for the largest batch so far. */
export class BatchBuffer {
  readonly itemSize: number
  #block: Block | null = null

  constructor(itemSize: number) {
    this.itemSize = itemSize
  }

  get array(): Float32Array {
    if (!this.#block) throw new StateError('a buffer of a layer was read before the layer was run')
    return this.#block.array
  }

  allocate(region: Region, batch: number): void {
    this.#block = region.alloc(batch * this.itemSize)
  }
}

/** A step of a model: weights, and the two directions through it. One of your own extends this class. */
export abstract class Layer implements Serializable {
  abstract readonly className: string
  /** Whether the name was given, not made. */
  readonly isNamed: boolean
  readonly batchInputShape: BatchShape | null
  #name: string | null
  #trainable: boolean
  #built: { inputShape: Shape; outputShape: Shape; context: BuildContext } | null = null
  #called = false
  #parameters: Parameter[] = []
  #forwardBuffers: BatchBuffer[] = []
  #backwardBuffers: BatchBuffer[] = []
  #standalone: Standalone | null = null
  #attributes: readonly string[] = []

  /** The layer's activation and what it remembers, if it has one. */
  activated: ActivatedOutput | null = null

  constructor(options: LayerOptions) {
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

  // ---- What a layer implements -------------------------------------------------------------------------------

  /** The output's shape for an input's, both with the batch in front. @throws ArgumentError where it does not fit */
  abstract computeOutputShape(inputShape: BatchShape): BatchShape

  /** Adds weights and buffers for samples of this shape. */
  protected abstract create(inputShape: Shape, context: BuildContext): void

  /** The output for `pass.batch` samples in `x`, in a buffer of the layer's. */
  abstract propagate(x: Float32Array, pass: Pass): Float32Array

  /**
   * Writes the gradients of the weights, and returns that of the input, for the run that went before. `dy` may be
   * overwritten. What is returned has no meaning unless `pass.inputGradient`.
   */
  abstract backpropagate(dy: Float32Array, pass: Pass): Float32Array

  /** The layer's own options, in Keras' order. */
  protected abstract ownConfig(): Config

  /** Whether the output is linear, but for a constant, in the input and in each weight by itself. */
  get isLinear(): boolean {
    return false
  }

  /** Whether the input has a gradient; whole numbers that stand for something have none. */
  get hasInputGradient(): boolean {
    return true
  }

  /** The layer itself if it draws random numbers in training: its stream can be kept and put back. */
  get randomStreams(): readonly { random: Random }[] {
    return []
  }

  // ---- For implementing one -----------------------------------------------------------------------------------

  protected addWeight(
    name: string,
    shape: Shape,
    initializer: Initializer,
    options: ParameterOptions = {},
  ): Parameter {
    const { weights, stream: streamOf, planning } = this.context
    const parameter = new Parameter(name, shape, sizeOf(shape), weights.alloc(sizeOf(shape)), options)
    if (!planning) initializer.initialize(parameter.value, shape, streamOf(name))
    this.#parameters.push(parameter)
    return parameter
  }

  /** A buffer of `itemSize` numbers a sample, written by `propagate`. */
  protected buffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize)
    this.#forwardBuffers.push(buffer)
    return buffer
  }

  /** The same, written by `backpropagate`: takes memory only when a model is trained. */
  protected gradientBuffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize)
    this.#backwardBuffers.push(buffer)
    return buffer
  }

  /**
   * Makes the entries of `attributes` properties of the layer, which can be set until it is built. `check` returns
   * the checked form of all of them.
   */
  protected defineAttributes<A extends object>(attributes: A, check: (attributes: A) => A): void {
    const values: A = { ...attributes }
    this.#attributes = Object.keys(values)
    for (const key of this.#attributes as (keyof A & string)[])
      Object.defineProperty(this, key, {
        enumerable: true,
        get: () => values[key],
        set: (value: A[typeof key]) => {
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

  protected get context(): BuildContext {
    return this.#require('its weights are asked for').context
  }

  protected get engine(): Engine {
    return this.context.engine
  }

  // ---- What every layer offers --------------------------------------------------------------------------------

  get name(): string {
    return this.#name ?? automaticName(this.className)
  }

  /** A model gives the automatic names their numbers. */
  rename(name: string): void {
    if (this.#called) throw new StateError(`the layer ${this.name} can't be renamed after it was called`)
    this.#name = name
  }

  get trainable(): boolean {
    return this.#trainable
  }

  set trainable(value: boolean) {
    this.#trainable = boolean('trainable', value)
  }

  get built(): boolean {
    return this.#built !== null
  }

  /** The shape of one sample that comes in. */
  get inputShape(): Shape {
    return this.#require('inputShape is asked for').inputShape
  }

  /** The shape of one sample that goes out. */
  get outputShape(): Shape {
    return this.#require('outputShape is asked for').outputShape
  }

  /** Weights and their gradients, in Keras' order; none before the layer is built. */
  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** Those that training changes: none while `trainable` is false. */
  get trainableParameters(): readonly Parameter[] {
    return this.#trainable ? this.#parameters.filter(parameter => parameter.trainable) : []
  }

  /**
   * Makes the weights.
   * @param inputShape with the batch in front: `[null, 28, 28, 1]`
   * @throws ArgumentError when the shape does not suit the layer, or differs from that of an earlier build
   */
  build(inputShape: BatchShape, context?: BuildContext): void {
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

  #unbuild(): void {
    this.#built = null
    this.#parameters = []
    this.#forwardBuffers = []
    this.#backwardBuffers = []
    this.activated = null
  }

  /** How many numbers the weights will hold for inputs of this shape; the layer is not built for that. */
  plannedSize(inputShape: BatchShape, context: BuildContext): number {
    if (this.#built) return this.countParams()
    const weights: Region = { alloc: () => ({ array: new Float32Array(0) }), release() {} }
    this.build(inputShape, { ...context, weights, planning: true })
    const size = this.countParams()
    this.#unbuild()
    return size
  }

  /** Takes memory for batches of up to `batch` samples; for gradients too where `training`. */
  allocate(region: Region, batch: number, training: boolean): void {
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
  forward(x: TensorLike, options: ForwardOptions = {}): Tensor {
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
  backward(dy: TensorLike): Tensor {
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
  gradients(): Tensor[] {
    return this.#parameters.filter(p => p.trainable).map(p => new Tensor(p.shape, p.gradToRead.slice()))
  }

  /** The penalty of the regularizers for the last run: of the weights, and of the output, a mean over the batch. */
  penalty(pass: Pass): number {
    let sum = this.activated?.penalty(pass) ?? 0
    for (const { regularizer, value, size, shape } of this.#parameters)
      if (regularizer) sum += regularizer.penalty(value, size, shape)
    return sum
  }

  /** Copies of all weights, in Keras' order. */
  getWeights(): Tensor[] {
    return this.#parameters.map(({ shape, value }) => new Tensor(shape, value.slice()))
  }

  /** @throws ArgumentError naming the weight whose shape does not fit; nothing is changed then. StateError before the layer is built */
  setWeights(weights: readonly TensorLike[]): void {
    this.#require('setWeights')
    const tensors = checkWeights(weights, this.#parameters, `the layer ${this.name}`)
    tensors.forEach((tensor, i) => {
      this.#parameters[i].value.set(tensor.data)
    })
  }

  /** How many numbers the weights hold. @throws StateError before the layer is built */
  countParams(): number {
    this.#require('countParams')
    return this.#parameters.reduce((sum, { size }) => sum + size, 0)
  }

  /** Multiplications of a weight with an input that `forward` adds up for one sample; biases are not counted. */
  get macs(): number {
    return 0
  }

  /** How many numbers the layer's buffers hold for each sample: those of `forward`, and those of `backward`. */
  get numbersPerSample(): { forward: number; backward: number } {
    const count = (buffers: readonly BatchBuffer[]) =>
      buffers.reduce((sum, { itemSize }) => sum + itemSize, 0)
    return { forward: count(this.#forwardBuffers), backward: count(this.#backwardBuffers) }
  }

  /** All options, such that the class's constructor makes the same layer of them; keys in Keras' order. */
  getConfig(): Config {
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
  protected requireBuilt(what: string): void {
    this.#require(what)
  }

  #require(what: string) {
    if (this.#built) return this.#built
    throw new StateError(
      `the layer ${this.name} is not built yet: call build(inputShape) or forward(x) before ${what}`,
    )
  }

  #assertItemShape(argument: string, shape: Shape, expected: Shape): void {
    if (sameShape(shape, expected)) return
    const whole = `samples of shape [${expected.join(', ')}], which the layer ${this.name} was built for`
    throw new ArgumentError(argument, [null, ...shape], whole)
  }
}

/** Weights as given, in the form of tensors of the right shapes. */
export function checkWeights(
  weights: readonly TensorLike[],
  parameters: readonly Parameter[],
  of: string,
): Tensor[] {
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
  readonly pass: Pass = { batch: 0, training: false, inputGradient: true, penalties: false }
  readonly #engine: Engine
  readonly #layer: Layer
  readonly #input: BatchBuffer
  readonly #outputGradient: BatchBuffer
  #region: Region | null = null
  #capacity = -1

  constructor(engine: Engine, layer: Layer) {
    this.#engine = engine
    this.#layer = layer
    this.#input = new BatchBuffer(sizeOf(layer.inputShape))
    this.#outputGradient = new BatchBuffer(sizeOf(layer.outputShape))
  }

  load(x: Float32Array, batch: number, training: boolean): Float32Array {
    if (batch > this.#capacity) {
      this.#region?.release()
      this.#region = null
      this.#capacity = -1
      Object.assign(this.pass, { batch: 0 }) // there is nothing to go back through
      this.#region = regionOf(this.#engine, region => {
        this.#input.allocate(region, batch)
        this.#outputGradient.allocate(region, batch)
        this.#layer.allocate(region, batch, true)
      })
      this.#capacity = batch
    }
    Object.assign(this.pass, { batch, training })
    this.#input.array.set(x)
    return this.#input.array
  }

  loadGradient(dy: Float32Array): Float32Array {
    this.#outputGradient.array.set(dy)
    return this.#outputGradient.array
  }
}

/** What a layer that stands by itself is given: an engine of its own, and weights of this seed. */
export function standaloneContext(seed: Seed = drawSeed()): BuildContext {
  const engine = createEngine()
  return { engine, weights: engine.region(), stream: name => stream(seed, name) }
}
