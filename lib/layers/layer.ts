// The base class of all layers: a layer has options and weights, and computes both directions, forward and backward.
// State that belongs to one run lives in a `Call`, so a layer can be part of any number of models.
//
// A custom layer extends `Layer` and implements `computeOutputShape`, `forwardInto` and `backwardInto`. If it has weights,
// it also implements `weightsFor`; if backward needs state from forward, `prepare`. See examples/ and CONTRIBUTING.md.

import {
  type BatchShape,
  batchShape,
  boolean,
  boundedSize,
  shape as checkShape,
  named,
  type Shape,
  sameShape,
  sizeOf,
} from '../core/check.ts'
import { ArgumentError, StateError, show } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import { checkOptions, type Given, type OptionTable, shownOptions } from '../core/options.ts'
import { drawSeed, type Random, type Seed, stream } from '../core/random.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import type { Engine, Region } from '../engine/engine.ts'
import { Workspace } from '../simd/workspace.ts'
import { type InitializerIdentifier, initializers } from '../weights/initializers.ts'
import { Parameter, type ParameterOptions } from '../weights/parameter.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Activation } from './activations.ts'
import { type Call, type Callable, outputSample, type RandomStream } from './call.ts'
import { Chain, type ForwardOptions, Twins } from './chain.ts'

/** The options of every layer, as in Keras' base layer. */
export interface LayerOptions {
  /** Default: the class name in snake_case; a model numbers duplicates: `dense`, `dense_1`. */
  readonly name?: string
  /** Whether training changes the weights. Default true. The only attribute that can change once the layer is built. */
  readonly trainable?: boolean
  /** The shape of one sample, for the first layer of a model: `[28, 28, 1]`. */
  readonly inputShape?: Shape
  /** The same, batch first: `[null, 28, 28, 1]`. */
  readonly batchInputShape?: BatchShape
  /** Only 'float32'. */
  readonly dtype?: 'float32'
}
export const layerOptionNames = ['name', 'trainable', 'inputShape', 'batchInputShape', 'dtype'] as const

/** The context in which a layer is built. */
export interface BuildContext {
  readonly engine: Engine
  /** The memory for the weights. */
  readonly weights: Region
  /** Makes a stream for a weight's initial values or for the layer's own random numbers. */
  stream(name: string): Random
}

/** A weight as a layer declares it: its shape, initializer, regularizer and constraint. */
export interface WeightSpec extends ParameterOptions {
  readonly shape: Shape
  readonly initializer: InitializerIdentifier
}

interface Built {
  /** The shape of one sample for which the weights were made. */
  readonly inputShape: Shape
  readonly context: BuildContext
}

/**
 * A step of a model: weights, and the computations forward and backward. Custom layers extend this class.
 *
 * `S` is the type that `prepare` returns: the state that a call keeps between forward and backward.
 */
export abstract class Layer<S = unknown> implements Serializable, Callable<S> {
  abstract readonly className: string
  /** Whether the name was given as an option. */
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
   * @param table the `className`, and the layer's own options; each becomes a property, which can be set until the layer
   * is built
   * @throws ArgumentError naming the invalid option; with a table, also for unknown options
   */
  constructor(options: LayerOptions = {}, table: OptionTable | null = null) {
    this.#table = table
    if (table) {
      Object.assign(this, { className: table.className })
      this.#attributes = checkOptions(table, options as Given, layerOptionNames)
    }
    for (const key of Object.keys(this.#attributes)) this.#defineAttribute(key)
    const { name, trainable = true, inputShape, batchInputShape, dtype = 'float32' } = options
    if (dtype !== 'float32') throw new ArgumentError('dtype', dtype, `"float32"`)
    this.#name = name === undefined ? null : named('name', name)
    this.isNamed = name !== undefined
    this.#trainable = boolean('trainable', trainable)
    if (batchInputShape !== undefined) this.batchInputShape = batchShape('batchInputShape', batchInputShape, 1, true)
    else this.batchInputShape = inputShape === undefined ? null : [null, ...checkShape('inputShape', inputShape, 1)]
  }

  // ---- What a layer implements -------------------------------------------------------------------------------

  /** The output shape for an input shape, both batch first. @throws ArgumentError if the layer cannot take the input */
  abstract computeOutputShape(inputShape: BatchShape): BatchShape

  /** Writes every element of the output `y` for the samples in `x`. Must not modify `x`. */
  abstract forwardInto(y: Float32Array, x: Float32Array, call: Call<S>): void

  /**
   * Writes every element of `dx`, and of the `grad` of each weight in `call.weights`, for the preceding `forwardInto`. Must
   * not modify `dy`.
   */
  abstract backwardInto(dx: Float32Array, dy: Float32Array, call: Call<S>): void

  /** The weights by name, for samples of this shape, in Keras' order. `null`: the layer has no such weight. */
  weightsFor(_inputShape: Shape): Readonly<Record<string, WeightSpec | null>> {
    return {}
  }

  /** Makes the state that a call keeps between forward and backward, as `call.state`. Get its arrays from `call.buffer`. */
  prepare(_call: Call): S {
    return undefined as S
  }

  /**
   * Whether the layer is the identity, forward and backward: if so, nothing is computed or copied. Asked once for each
   * call object.
   */
  passesThrough(_inputShape: Shape, _training: boolean): boolean {
    return false
  }

  /** An activation applied to the result of `forwardInto`; `backwardInto` receives the gradient before the activation. */
  get outputActivation(): Activation | null {
    return null
  }

  /** A penalty on the output, activation included, divided by the batch size. */
  get outputRegularizer(): Regularizer | null {
    return null
  }

  /** The layer's own options, in Keras' order. Default: those in the constructor's table. */
  protected ownConfig(): Config {
    return this.#table ? shownOptions(this.#table, this.#attributes) : {}
  }

  /** Whether the output is affine (linear plus a constant) in the input, and in each weight separately. */
  get isLinear(): boolean {
    return false
  }

  /** Whether the input has a gradient. Integer ids, as for Embedding, have none. */
  get hasInputGradient(): boolean {
    return true
  }

  /** Multiply-accumulate operations per sample in forward; biases are not counted. */
  macsFor(_inputShape: Shape): number {
    return 0
  }

  /** Whether a layer built for `_built` accepts `_inputShape`; `weightsFor` must also give the same shapes for both. */
  protected suits(_inputShape: Shape, _built: Shape): boolean {
    return true
  }

  /** A weight configured by the options with a prefix: `kernelInitializer`, `kernelRegularizer`, `kernelConstraint`. */
  protected weightSpec(prefix: string, shape: Shape): WeightSpec {
    const of = (role: string) => this.#attributes[`${prefix}${role}`] as never
    return { shape, initializer: of('Initializer'), regularizer: of('Regularizer'), constraint: of('Constraint') }
  }

  #defineAttribute(key: string): void {
    Object.defineProperty(this, key, {
      enumerable: true,
      get: () => this.#attributes[key],
      set: (value: unknown) => {
        if (this.#built) {
          const advice = `only trainable can be changed then. Create a new layer with ${key}: ${show(value)}`
          throw new StateError(`${key} of the layer ${this.name} was set after the layer was built; ${advice}`)
        }
        if (this.#table) this.#attributes = checkOptions(this.#table, { ...this.#attributes, [key]: value }, [])
      },
    })
  }

  // ---- What every layer offers --------------------------------------------------------------------------------

  get name(): string {
    return this.#name ?? automaticName(this.className)
  }

  /** Whether the layer has a permanent name: a given one, or one assigned by its first model. */
  get hasName(): boolean {
    return this.#name !== null
  }

  /** Called by the layer's first model to number the automatic name. */
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

  /** The engine that holds the weights. */
  get engine(): Engine {
    return this.#require('calling it').context.engine
  }

  /** The shape of one sample for which the weights were made. A call may use another one. */
  get inputShape(): Shape {
    return this.#require('reading inputShape').inputShape
  }

  /** The output shape for samples of shape `inputShape`. */
  get outputShape(): Shape {
    return outputSample(this, [null, ...this.inputShape])
  }

  /**
   * Weights in Keras' order; empty before the layer is built. Their gradients belong to the layer's own `backward`; a model
   * has separate ones (`model.parameters`).
   */
  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** The parameters that training changes; empty while `trainable` is false. */
  get trainableParameters(): readonly Parameter[] {
    return this.#trainable ? this.#parameters.filter(parameter => parameter.trainable) : []
  }

  /**
   * Creates the weights. If they exist already, checks that they suit the shape.
   * @param inputShape batch first: `[null, 28, 28, 1]`
   * @throws ArgumentError if the shape does not suit the layer or its existing weights
   */
  build(inputShape: BatchShape, context?: BuildContext): void {
    const [, ...item] = batchShape('inputShape', inputShape, 0)
    boundedSize('inputShape', item)
    outputSample(this, inputShape)
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

  /** Frees the weights. A model calls this when it fails to add a layer that it has just built. */
  unbuild(): void {
    this.#built?.context.weights.release()
    this.#built = null
    this.#parameters = []
    this.#alone = null
  }

  /** The number of weight elements for samples of this shape. Does not build the layer. */
  plannedSize(inputShape: Shape): number {
    return this.#specsFor(inputShape).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0)
  }

  #specsFor(inputShape: Shape): [string, WeightSpec][] {
    const specs = Object.entries(this.weightsFor(inputShape)).flatMap(([name, spec]) =>
      spec ? [[name, spec] as const] : [],
    )
    return specs.map(([name, spec]) => {
      const argument = `${name} of the layer ${this.name}`
      boundedSize(argument, checkShape(argument, spec.shape))
      return [name, spec]
    })
  }

  /** @throws ArgumentError if samples of this shape do not suit the weights */
  assertSuits(argument: string, item: Shape): void {
    const { inputShape } = this.#require('calling it')
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
      if (error instanceof ArgumentError) return false // the layer cannot take such samples
      throw error
    }
  }

  // ---- Outside a model ----------------------------------------------------------------------------------------

  /**
   * Computes the output for a batch, building the layer first if necessary. The layer uses its own buffers and random
   * numbers, so this does not affect models that contain the layer, except through changed weights.
   * @param x a batch of samples, `[batch, …]`
   * @param options.training whether to run as in training (Dropout drops); default false
   */
  forward(x: TensorLike, options: ForwardOptions = {}): Tensor {
    const tensor = toTensor('x', x)
    if (tensor.shape.length === 0) throw new ArgumentError('x', tensor, 'a batch: at least one axis')
    const item = tensor.shape.slice(1)
    if (!this.#built) this.build([null, ...item])
    return this.#callAlone(item).forward(tensor, options)
  }

  /**
   * The gradient of sum(y · dy) with respect to x, for the last `forward`. `gradients()` returns the weights' gradients.
   * @param dy a tensor with the output's shape
   */
  backward(dy: TensorLike): Tensor {
    return (this.#alone ?? this.#callAlone(this.#require('backward').inputShape)).backward(dy)
  }

  /** The gradients of all trainable weights from the layer's own last `backward`, in Keras' order. */
  gradients(): Tensor[] {
    return this.#parameters.filter(p => p.trainable).map(p => new Tensor(p.shape, p.gradient.array.slice()))
  }

  /** The random streams used when the layer runs outside a model, in training. They can be saved and restored. */
  get randomStreams(): readonly RandomStream[] {
    return this.#built ? (this.#alone ?? this.#callAlone(this.#built.inputShape)).streams : []
  }

  /** An isolated chain of this layer, with its own buffers, gradients and streams. */
  probe(inputShape: Shape = this.inputShape): Chain {
    return this.#chainOf(checkShape('inputShape', inputShape), new Twins().of)
  }

  /** The chain for the layer's own runs. A new input shape gets a new chain, which continues the random streams. */
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
    const { engine, stream: streamOf } = this.#require('calling it').context
    const chain = new Chain(inputShape, { engine, parameterOf })
    chain.add(this, name => streamOf(`alone/${name}`))
    return chain
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /** Copies of all weights, in Keras' order. */
  getWeights(): Tensor[] {
    return this.#parameters.map(({ shape, value }) => new Tensor(shape, value.slice()))
  }

  /**
   * Sets all weights, in Keras' order.
   * @throws ArgumentError naming the weight whose shape does not fit, without changing any. StateError before the layer is
   * built
   */
  setWeights(weights: readonly TensorLike[]): void {
    this.#require('setWeights')
    const tensors = checkWeights(weights, this.#parameters, `the layer ${this.name}`)
    tensors.forEach((tensor, i) => {
      this.#parameters[i].value.set(tensor.data)
    })
  }

  /** The number of weight elements. @throws StateError before the layer is built */
  countParams(): number {
    this.#require('countParams')
    return this.#parameters.reduce((sum, { size }) => sum + size, 0)
  }

  /** `macsFor` the shape that the layer was built for. */
  get macs(): number {
    return this.macsFor(this.#require('reading macs').inputShape)
  }

  /** All options, with keys in Keras' order. The class's constructor accepts them and creates an identical layer. */
  getConfig(): Config {
    const shapeGiven = this.batchInputShape === null ? {} : { batchInputShape: [...this.batchInputShape] }
    return { name: this.name, trainable: this.trainable, dtype: 'float32', ...shapeGiven, ...this.ownConfig() }
  }

  /** @param what completes "call build(inputShape) or forward(x) before" */
  #require(what: string): Built {
    if (this.#built) return this.#built
    throw new StateError(`the layer ${this.name} is not built yet: call build(inputShape) or forward(x) before ${what}`)
  }
}

/** Converts the given weights to tensors and checks their shapes. */
export function checkWeights(weights: readonly TensorLike[], parameters: readonly Parameter[], of: string): Tensor[] {
  if (!Array.isArray(weights) || weights.length !== parameters.length) {
    const names = parameters.map(({ name }) => name).join(', ')
    throw new ArgumentError(
      'weights',
      weights,
      `a list of the ${parameters.length} weights of ${of} (${names || 'none'})`,
    )
  }
  return parameters.map(({ name, shape }, i) => {
    const tensor = toTensor(`weights[${i}]`, weights[i])
    if (sameShape(tensor.shape, shape)) return tensor
    throw new ArgumentError(`weights[${i}]`, tensor, `the shape [${shape.join(', ')}] of ${name} of ${of}`)
  })
}

/** The context of a layer outside a model: its own engine, and a seed for the weights. */
export function standaloneContext(seed: Seed = drawSeed()): BuildContext {
  const engine = new Workspace()
  return { engine, weights: engine.region(), stream: name => stream(seed, name) }
}
