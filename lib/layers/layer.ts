// What the rest of the library relies on: a layer has options and weights, and says how numbers pass through it in both
// directions. Everything that belongs to one run stands in a `Call`, so a layer may stand in any number of models.
//
// A layer of your own extends `Layer` and implements `computeOutputShape`, `forwardInto` and `backwardInto`; with weights
// also `weightsFor`, and `prepare` where it remembers something; examples/ and CONTRIBUTING.md show some.

import {
  type BatchShape,
  batchShape,
  boolean,
  shape as checkShape,
  type Shape,
  sameShape,
  sizeOf,
} from '../core/check.ts'
import { ArgumentError, StateError, show } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import { checkOptions, type Given, type OptionTable, shownOptions } from '../core/options.ts'
import { drawSeed, type Random, type Seed, stream } from '../core/random.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import type { Engine, Region } from '../engine/engine.ts'
import { Workspace } from '../simd/workspace.ts'
import { type InitializerIdentifier, initializers } from '../weights/initializers.ts'
import { Parameter, type ParameterOptions } from '../weights/parameter.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Activation } from './activations.ts'
import type { Call, Callable, RandomStream } from './call.ts'
import { Chain, type ForwardOptions, Twins } from './chain.ts'

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

/** What a layer is given when it is built. */
export interface BuildContext {
  readonly engine: Engine
  /** Where the weights live. */
  readonly weights: Region
  /** The stream that a weight, or a layer's own chance, draws from. */
  stream(name: string): Random
}

/** A weight as a layer declares it: its shape, what it starts with, and what else acts on it. */
export interface WeightSpec extends ParameterOptions {
  readonly shape: Shape
  readonly initializer: InitializerIdentifier
}

interface Built {
  /** The shape of one sample that the weights were made for. */
  readonly inputShape: Shape
  readonly context: BuildContext
}

/**
 * A step of a model: weights, and the two directions through it. One of your own extends this class.
 *
 * `S` is what a call of it remembers between forward and backward: what `prepare` returns.
 */
export abstract class Layer<S = unknown> implements Serializable, Callable<S> {
  abstract readonly className: string
  /** Whether the name was given, not made. */
  readonly isNamed: boolean
  readonly batchInputShape: BatchShape | null
  #name: string | null
  #trainable: boolean
  #built: Built | null = null
  #parameters: readonly Parameter[] = []
  #alone: Chain | null = null
  readonly #table: OptionTable | null
  #attributes: Config = {}

  /**
   * @param table the layer's own options: each becomes a property, which can be set until the layer is built; and its `className`
   * @throws ArgumentError naming the option that is wrong; with a table, also for unknown ones
   */
  constructor(options: LayerOptions = {}, table: OptionTable | null = null) {
    this.#table = table
    if (table) {
      Object.assign(this, { className: table.className })
      this.#attributes = checkOptions(table, options as Given, layerOptionNames)
    }
    for (const key of Object.keys(this.#attributes)) this.#defineAttribute(key)
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

  /** Writes all of the output `y` for the samples in `x`, which stays as it is. */
  abstract forwardInto(y: Float32Array, x: Float32Array, call: Call<S>): void

  /**
   * Writes all of `dx`, and of `grad` of each weight in `call.weights`, for the `forwardInto` that went before. `dy` stays
   * as it is.
   */
  abstract backwardInto(dx: Float32Array, dy: Float32Array, call: Call<S>): void

  /** The weights by name, for samples of this shape, in Keras' order; `null`: there is none of this name. */
  weightsFor(_inputShape: Shape): Readonly<Record<string, WeightSpec | null>> {
    return {}
  }

  /** What a call remembers between forward and backward: `call.state` then. Its arrays come from `call.buffer`. */
  prepare(_call: Call): S {
    return undefined as S
  }

  /** Whether the output is the input, and the input's gradient that of the output: nothing is computed or copied then. */
  passesThrough(_inputShape: Shape, _training: boolean): boolean {
    return false
  }

  /** An activation that is applied to what `forwardInto` wrote; `dy` of `backwardInto` is the gradient before it. */
  get outputActivation(): Activation | null {
    return null
  }

  /** A penalty on the output, activation included, divided by the batch size. */
  get outputRegularizer(): Regularizer | null {
    return null
  }

  /** The layer's own options, in Keras' order. Default: those of the table that the constructor was given. */
  protected ownConfig(): Config {
    return this.#table ? shownOptions(this.#table, this.#attributes) : {}
  }

  /** Whether the output is linear, but for a constant, in the input and in each weight by itself. */
  get isLinear(): boolean {
    return false
  }

  /** Whether the input has a gradient; integers that are ids, as those of Embedding, have none. */
  get hasInputGradient(): boolean {
    return true
  }

  /** Multiplications of a weight with an input that forward adds up for one sample; biases are not counted. */
  macsFor(_inputShape: Shape): number {
    return 0
  }

  /** Whether samples of this shape suit weights that were made for another one, besides what `weightsFor` tells. */
  protected suits(_inputShape: Shape, _built: Shape): boolean {
    return true
  }

  /** The weight for which the layer has options: `kernelInitializer`, `kernelRegularizer`, `kernelConstraint`. */
  protected weightSpec(prefix: string, shape: Shape): WeightSpec {
    const of = (role: string) => this.#attributes[`${prefix}${role}`] as never
    return {
      shape,
      initializer: of('Initializer'),
      regularizer: of('Regularizer'),
      constraint: of('Constraint'),
    }
  }

  #defineAttribute(key: string): void {
    Object.defineProperty(this, key, {
      enumerable: true,
      get: () => this.#attributes[key],
      set: (value: unknown) => {
        if (this.#built) {
          const advice = `only trainable can be changed after that. Make a new layer with ${key}: ${show(value)}`
          throw new StateError(
            `${key} of the layer ${this.name} was set after the layer was built; ${advice}`,
          )
        }
        if (this.#table)
          this.#attributes = checkOptions(this.#table, { ...this.#attributes, [key]: value }, [])
      },
    })
  }

  // ---- What every layer offers --------------------------------------------------------------------------------

  get name(): string {
    return this.#name ?? automaticName(this.className)
  }

  /** Whether the layer has a name: a given one, or that which its first model made. It stays. */
  get hasName(): boolean {
    return this.#name !== null
  }

  /** For the first model, which gives the automatic name its number. */
  rename(name: string): void {
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

  /** Where the weights live. */
  get engine(): Engine {
    return this.#require('it is called').context.engine
  }

  /** The shape of one sample that the weights were made for; a call may have another one. */
  get inputShape(): Shape {
    return this.#require('inputShape is asked for').inputShape
  }

  /** The shape that samples of `inputShape` have when they come out. */
  get outputShape(): Shape {
    return this.computeOutputShape([null, ...this.inputShape]).slice(1) as number[]
  }

  /**
   * Weights in Keras' order, none before the layer is built. Their gradients are those of the layer run by itself; a model
   * has its own (`model.parameters`).
   */
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
   * @throws ArgumentError when the shape does not suit the layer, or weights that were made before
   */
  build(inputShape: BatchShape, context?: BuildContext): void {
    const [, ...item] = batchShape('inputShape', inputShape, 0)
    checkShape('outputShape', this.computeOutputShape(inputShape).slice(1))
    if (this.#built) {
      this.assertSuits('inputShape', item)
      return
    }
    const specs = this.#specsFor(item)
    const { engine, weights, stream: streamOf } = context ?? standaloneContext()
    try {
      this.#parameters = specs.map(([name, { shape, initializer, ...options }]) => {
        const size = sizeOf(shape)
        const parameter = new Parameter(name, shape, size, weights.alloc(size), options)
        initializers.get(initializer).initialize(parameter.value, shape, streamOf(name))
        return parameter
      })
    } catch (error) {
      this.#parameters = []
      weights.release()
      throw error
    }
    this.#built = { inputShape: item, context: { engine, weights, stream: streamOf } }
  }

  /** Gives the weights back, for a model that could not take the layer in that it has just built. */
  unbuild(): void {
    this.#built?.context.weights.release()
    this.#built = null
    this.#parameters = []
    this.#alone = null
  }

  /** How many numbers the weights will hold for samples of this shape; the layer is not built for that. */
  plannedSize(inputShape: Shape): number {
    return this.#specsFor(inputShape).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0)
  }

  #specsFor(inputShape: Shape): [string, WeightSpec][] {
    return Object.entries(this.weightsFor(inputShape)).flatMap(([name, spec]) => (spec ? [[name, spec]] : []))
  }

  /** @throws ArgumentError when samples of this shape do not suit the weights */
  assertSuits(argument: string, item: Shape): void {
    const { inputShape } = this.#require('it is called')
    if (sameShape(item, inputShape)) return
    if (this.suits(item, inputShape) && this.#fitsWeights(item)) return
    const expected = `samples of shape [${inputShape.join(', ')}], which the layer ${this.name} was built for`
    throw new ArgumentError(argument, [null, ...item], expected)
  }

  #fitsWeights(item: Shape): boolean {
    try {
      const specs = this.#specsFor(item)
      const isSame = specs.every(([, { shape }], i) => sameShape(shape, this.#parameters[i]?.shape ?? []))
      return isSame && specs.length === this.#parameters.length
    } catch (error) {
      if (error instanceof ArgumentError) return false // no weights suit such samples
      throw error
    }
  }

  // ---- By itself ----------------------------------------------------------------------------------------------

  /**
   * The output for a batch; builds the layer if need be. Buffers and random numbers are the layer's own: models that it
   * stands in notice nothing but weights that have changed.
   * @param x a batch of samples, `[batch, …]`
   * @param options.training run as in training (Dropout drops); default false
   */
  forward(x: TensorLike, options: ForwardOptions = {}): Tensor {
    const tensor = x instanceof Tensor ? x : Tensor.from(x)
    if (tensor.shape.length === 0) throw new ArgumentError('x', tensor, 'a batch: at least one axis')
    const item = tensor.shape.slice(1)
    if (!this.#built) this.build([null, ...item])
    return this.#callAlone(item).forward(tensor, options)
  }

  /**
   * The gradient of sum(y · dy) in x, for the last `forward`; those in the weights are in `gradients()`.
   * @param dy the output's shape
   */
  backward(dy: TensorLike): Tensor {
    return (this.#alone ?? this.#callAlone(this.#require('backward').inputShape)).backward(dy)
  }

  /** The gradients of the layer's own last `backward`, of all weights that can be trained, in Keras' order. */
  gradients(): Tensor[] {
    return this.#parameters.filter(p => p.trainable).map(p => new Tensor(p.shape, p.gradient.array.slice()))
  }

  /** What draws when the layer is run by itself, in training: it can be kept and put back. */
  get randomStreams(): readonly RandomStream[] {
    return this.#built ? (this.#alone ?? this.#callAlone(this.#built.inputShape)).streams : []
  }

  /** A run of the layer that nobody else sees, with buffers, gradients and streams of its own. */
  probe(inputShape: Shape = this.inputShape): Chain {
    return this.#chainOf(inputShape, new Twins().of)
  }

  /** Samples of another shape are another call; the streams go on. */
  #callAlone(inputShape: Shape): Chain {
    const before = this.#alone
    if (before && sameShape(before.inputShape, inputShape)) return before
    const chain = this.#chainOf(inputShape, parameter => parameter)
    before?.streams.forEach(({ random }, i) => {
      chain.streams[i].random = random
    })
    before?.release()
    this.#alone = chain
    return chain
  }

  #chainOf(inputShape: Shape, parameterOf: (parameter: Parameter) => Parameter): Chain {
    this.assertSuits('x', inputShape)
    const { engine, stream: streamOf } = this.#require('it is called').context
    const chain = new Chain(inputShape, { engine, parameterOf })
    chain.add(this, name => streamOf(`alone/${name}`))
    return chain
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

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

  /** `macsFor` the samples that the layer was built for. */
  get macs(): number {
    return this.macsFor(this.#require('macs are asked for').inputShape)
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

  /** @param what completes "call build(inputShape) or forward(x) before" */
  #require(what: string): Built {
    if (this.#built) return this.#built
    throw new StateError(
      `the layer ${this.name} is not built yet: call build(inputShape) or forward(x) before ${what}`,
    )
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

/** What a layer that stands by itself is given: an engine of its own, and weights of this seed. */
export function standaloneContext(seed: Seed = drawSeed()): BuildContext {
  const engine = new Workspace()
  return { engine, weights: engine.region(), stream: name => stream(seed, name) }
}
