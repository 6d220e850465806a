// The base class of all layers: a layer has options and weights, and computes both directions, forward and backward.
// State that belongs to one run lives in a `Call`, so a layer can be part of any number of models.
//
// A custom layer extends `Layer` and implements `computeOutputShape`, `forwardInto` and `backwardInto`. If it has weights,
// it also implements `weightsFor`; if backward needs state from forward, `prepare`. See docs/own-layer.md.

import {
  type BatchShape,
  batchShape,
  boundedShape,
  shape as checkShape,
  inputBatches,
  type Shape,
  sameShape,
  sizeOf,
} from '../core/check.ts'
import { ArgumentError, StateError, show } from '../core/errors.ts'
import { checkOptions, type Given, type OptionTable, shownOptions } from '../core/options.ts'
import { drawSeed, type Random, type Seed, stream } from '../core/random.ts'
import type { Config } from '../core/registry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import { Workspace } from '../simd/workspace.ts'
import { type InitializerIdentifier, initializers } from '../weights/initializers.ts'
import { Parameter, type ParameterOptions } from '../weights/parameter.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Activation } from './activations.ts'
import { type Call, type Callable, outputSample, type RandomStream, type Value } from './call.ts'
import { type ForwardOptions, Graph, isTraining, Twins } from './graph.ts'
import { type BuildContext, type Leaf, Module, type Node, type SymbolicTensor, symbolic, type Visit } from './module.ts'

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

/** A weight as a layer declares it: its shape, initializer, regularizer and constraint. */
export interface WeightSpec extends ParameterOptions {
  /** The shape of the weight. */
  readonly shape: Shape
  /** How its values begin. */
  readonly initializer: InitializerIdentifier
  /** If every place has a kernel of its own: the shape of one, `[…window, channels, filters]`, as in a convolution. */
  readonly patch?: Shape
}

interface Built {
  /** The shapes of one sample of each input for which the weights were made. */
  readonly inputShapes: readonly Shape[]
  readonly context: BuildContext
}

/**
 * A step of a model: weights, and the computations forward and backward. Custom layers extend this class.
 *
 * `S` is the type that `prepare` returns: the state that a call keeps between forward and backward.
 */
export abstract class Layer<S = unknown> extends Module implements Callable<S> {
  /** The shape given by `inputShape` or `batchInputShape`, batch first; `null` if neither was given. */
  readonly batchInputShape: BatchShape | null
  #built: Built | null = null
  #parameters: readonly Parameter[] = []
  #alone: Graph | null = null
  readonly #table: OptionTable | null
  #attributes: Config = {}

  /**
   * @param table the `className`, and the layer's own options; each becomes a property, which can be set until the layer
   * is built
   * @throws ArgumentError naming the invalid option; with a table, also for unknown options
   */
  constructor(options: LayerOptions = {}, table: OptionTable | null = null) {
    const { name, trainable = true, inputShape, batchInputShape, dtype = 'float32' } = options ?? {}
    super(name, trainable)
    this.#table = table
    if (table) {
      Object.assign(this, { className: table.className })
      this.#attributes = checkOptions(table, options as Given, layerOptionNames)
    }
    for (const key of Object.keys(this.#attributes)) this.#defineAttribute(key)
    if (dtype !== 'float32') throw new ArgumentError('dtype', dtype, `"float32"`)
    if (batchInputShape !== undefined) this.batchInputShape = batchShape('batchInputShape', batchInputShape, 1, true)
    else this.batchInputShape = inputShape === undefined ? null : [null, ...checkShape('inputShape', inputShape, 1)]
  }

  // ---- What a layer implements -------------------------------------------------------------------------------

  /**
   * The output shape for an input shape, both batch first. A layer with several inputs gets the shape of each.
   * @throws ArgumentError if the layer cannot take the input
   */
  abstract computeOutputShape(inputShape: BatchShape, ...others: BatchShape[]): BatchShape

  /** Writes every element of the output `y` for the samples in `x`, the first of `call.inputs`. Must not modify `x`. */
  abstract forwardInto(y: Float32Array, x: Float32Array, call: Call<S>): void

  /**
   * Writes every element of `dx`, the first of `call.inputGradients`, of the other ones, and of the `grad` of each weight in
   * `call.weights`, for the preceding `forwardInto`. Must not modify `dy`.
   */
  abstract backwardInto(dx: Float32Array, dy: Float32Array, call: Call<S>): void

  /** The weights by name, for samples of this shape, in Keras' order. `null`: the layer has no such weight. */
  weightsFor(_inputShape: Shape, ..._others: Shape[]): Readonly<Record<string, WeightSpec | null>> {
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

  /** The least and the largest number of inputs. */
  get inputCounts(): readonly [number, number] {
    return [1, 1]
  }

  /** Whether the input has a gradient. Integer ids, as for Embedding, have none. */
  get hasInputGradient(): boolean {
    return true
  }

  /** Multiply-accumulate operations per sample in forward; biases are not counted. */
  macsFor(_inputShape: Shape, ..._others: Shape[]): number {
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
          const advice = `create a new layer with ${key}: ${show(value)}`
          throw new StateError(`${key} of the layer ${this.name} cannot change, as the layer is built: ${advice}`)
        }
        if (this.#table) this.#attributes = checkOptions(this.#table, { ...this.#attributes, [key]: value }, [])
      },
    })
  }

  // ---- What every layer offers --------------------------------------------------------------------------------

  /** Whether the layer has its weights. */
  get built(): boolean {
    return this.#built !== null
  }

  /** The engine that holds the weights. */
  get engine(): Engine {
    return this.#require().context.engine
  }

  /** The shape of one sample for which the weights were made. A call may use another one. */
  get inputShape(): Shape {
    return this.#require().inputShapes[0]
  }

  /** The shapes of all inputs, batch first; `null` before the layer is built. */
  get inputShapes(): readonly BatchShape[] | null {
    return this.#built?.inputShapes.map(withBatch) ?? null
  }

  /** The output shape for samples of shape `inputShape`. */
  get outputShape(): Shape {
    return outputSample(this, this.#require().inputShapes.map(withBatch))
  }

  /** @internal */
  get leaves(): readonly Leaf[] {
    return [this]
  }

  /** @internal */
  get trainableLeaves(): readonly Leaf[] {
    return this.trainable ? this.leaves : []
  }

  /** @internal */
  outputShapes(inputShapes: readonly BatchShape[], visit?: Visit): readonly BatchShape[] {
    const output: BatchShape = [inputShapes[0][0], ...outputSample(this, inputShapes)]
    visit?.(this, inputShapes, output, 1)
    return [output]
  }

  /**
   * Weights in Keras' order; empty before the layer is built. Their gradients belong to the layer's own `backward`; a model
   * has separate ones (`model.parameters`).
   */
  get parameters(): readonly Parameter[] {
    return this.#parameters
  }

  /** @internal */
  get ownParameters(): readonly Parameter[] {
    return this.parameters
  }

  /** The parameters that training changes; empty while `trainable` is false. */
  get trainableParameters(): readonly Parameter[] {
    return this.trainable ? this.#parameters.filter(parameter => parameter.trainable) : []
  }

  /**
   * Creates the weights. If they exist already, checks that they suit the shape.
   * @param inputShape batch first: `[null, 28, 28, 1]`; a layer with several inputs takes the shape of each
   * @throws ArgumentError if the shape does not suit the layer or its existing weights
   */
  build(inputShape: BatchShape | readonly BatchShape[], context?: BuildContext): void {
    this.buildFor(inputBatches(this.inputCounts[1] > 1 ? inputShape : [inputShape]), context)
  }

  /** @internal */
  buildFor(inputShapes: readonly BatchShape[], context?: BuildContext): void {
    const items = inputShapes.map(shape => boundedShape('inputShape', batchShape('inputShape', shape, 0).slice(1)))
    this.outputShapes(this.checkedShapes(inputShapes))
    if (this.#built) {
      this.assertSuits('inputShape', items)
      return
    }
    const specs = this.#specsFor(items)
    const { engine, weights, stream: streamOf } = context ?? standaloneContext()
    try {
      this.#parameters = specs.map(([name, { shape, initializer, patch = shape, ...options }]) => {
        const size = sizeOf(shape)
        const parameter = new Parameter(name, shape, size, weights.alloc(size), options)
        initializers.get(initializer).initialize(parameter.value, shape, streamOf(name), patch)
        return parameter
      })
    } catch (error) {
      this.#parameters = []
      weights.release()
      throw error
    }
    this.#built = { inputShapes: items, context: { engine, weights, stream: streamOf } }
  }

  /** Frees the weights. A model calls this when it fails to add a layer that it has just built. @internal */
  unbuild(): void {
    this.#built?.context.weights.release()
    this.#built = null
    this.#parameters = []
    this.#alone = null
  }

  /** The number of weight elements for samples of these shapes. Does not build the layer. @internal */
  plannedSize(...inputShapes: Shape[]): number {
    return this.#specsFor(inputShapes).reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0)
  }

  #specsFor([first, ...others]: readonly Shape[]): [string, WeightSpec][] {
    const specs: [string, WeightSpec][] = []
    for (const [name, spec] of Object.entries(this.weightsFor(first, ...others))) {
      if (!spec) continue
      boundedShape(`${name} of the layer ${this.name}`, spec.shape)
      specs.push([name, spec])
    }
    return specs
  }

  /** @throws ArgumentError if samples of these shapes do not suit the weights @internal */
  assertSuits(argument: string, items: readonly Shape[]): void {
    const { inputShapes } = this.#require()
    const other = items.findIndex((item, i) => !sameShape(item, inputShapes[i] ?? []))
    if (other < 0 && items.length === inputShapes.length) return
    if (this.suits(items[0], inputShapes[0]) && this.#fitsWeights(items)) return
    const own = inputShapes[other] ?? inputShapes[0]
    const expected = `samples of shape [${own.join(', ')}], which the layer ${this.name} was built for`
    throw new ArgumentError(argument, [null, ...(items[other] ?? items[0])], expected)
  }

  #fitsWeights(items: readonly Shape[]): boolean {
    try {
      const specs = this.#specsFor(items)
      const isSame = specs.every(([, { shape }], i) => sameShape(shape, this.#parameters[i]?.shape ?? []))
      return isSame && specs.length === this.#parameters.length
    } catch (error) {
      if (error instanceof ArgumentError) return false // the layer cannot take such samples
      throw error
    }
  }

  // ---- In the definition of a model ---------------------------------------------------------------------------

  /**
   * The input of the layer's only call on symbolic tensors; a list if the call has several.
   * @throws StateError if there is no such call, or more than one
   */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    const { inputs } = this.#onlyNode('input')
    return inputs.length === 1 ? inputs[0] : inputs
  }

  /** The output of the layer's only call on symbolic tensors. @throws StateError if there is none, or more than one */
  get output(): SymbolicTensor {
    return this.#onlyNode('output').outputs[0]
  }

  #onlyNode(what: string): Node {
    const { nodes } = this
    if (nodes.length === 1) return nodes[0]
    const advice = nodes.length === 0 ? 'call apply first' : `read nodes[i].${what}s`
    throw new StateError(`${this.name} has ${nodes.length} symbolic ${what}s: ${advice}`)
  }

  // ---- Outside a model ----------------------------------------------------------------------------------------

  /**
   * On symbolic tensors: a call of the layer in the definition of a model. On numbers: the same as `forward`.
   * @throws ArgumentError if the inputs do not suit the layer
   */
  apply(x: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor
  apply(x: LayerInput, options?: ForwardOptions): Tensor
  apply(x: SymbolicTensor | readonly SymbolicTensor[] | LayerInput, options?: ForwardOptions): SymbolicTensor | Tensor {
    const inputs = symbolic(x, options)
    return inputs ? this.callOn(inputs)[0] : this.forward(x as LayerInput, options)
  }

  /**
   * Computes the output for a batch, building the layer first if necessary. The layer uses its own buffers and random
   * numbers, so this does not affect models that contain the layer, except through changed weights.
   * @param x a batch of samples, `[batch, …]`; a layer with several inputs takes a list of them
   * @param options.training whether to run as in training (Dropout drops); default false
   */
  forward(x: LayerInput, options: ForwardOptions = {}): Tensor {
    isTraining(options) // before anything is built
    const list = this.inputCounts[1] > 1 ? (x as readonly TensorLike[]) : [x as TensorLike]
    if (!Array.isArray(list)) throw new ArgumentError('x', x, 'a list of inputs')
    const tensors = list.map(each => toTensor('x', each))
    for (const tensor of tensors) {
      if (tensor.shape.length === 0) throw new ArgumentError('x', tensor, 'a batch: at least one axis')
      if (tensor.shape[0] !== tensors[0].shape[0])
        throw new ArgumentError('x', tensor, `${tensors[0].shape[0]} samples, as in the first input`)
    }
    const items = tensors.map(({ shape }) => shape.slice(1))
    if (!this.#built) this.buildFor(items.map(withBatch))
    return this.#callAlone(items).forward(tensors, options)[0]
  }

  /**
   * The gradient of sum(y · dy) with respect to x, for the last `forward`. `gradients()` returns the weights' gradients.
   * @param dy a tensor with the output's shape
   */
  backward(dy: TensorLike): Tensor {
    return this.backwardToAll(dy)[0]
  }

  /** Like `backward`, with respect to each input. */
  backwardToAll(dy: TensorLike): Tensor[] {
    return (this.#alone ?? this.#callAlone(this.#require().inputShapes)).backward([dy])
  }

  /** The gradients of all trainable weights from the layer's own last `backward`, in Keras' order. */
  gradients(): Tensor[] {
    return this.parameters.filter(p => p.trainable).map(p => new Tensor(p.shape, p.gradient.array.slice()))
  }

  /** The random streams used when the layer runs outside a model, in training. They can be saved and restored. */
  get randomStreams(): readonly RandomStream[] {
    return this.#built ? (this.#alone ?? this.#callAlone(this.#built.inputShapes)).streams : []
  }

  /** An isolated graph of this layer, with its own buffers, gradients and streams. */
  probe(inputShapes: readonly Shape[] = this.#require().inputShapes): Graph {
    if (!Array.isArray(inputShapes) || inputShapes.length === 0)
      throw new ArgumentError('inputShapes', inputShapes, 'a list of shapes')
    const checked = Array.from(inputShapes, shape => checkShape('inputShapes', shape))
    return this.#graphOf(checked, new Twins().of)
  }

  /** The graph for the layer's own runs. New input shapes get a new graph, which continues the random streams. */
  #callAlone(inputShapes: readonly Shape[]): Graph {
    const before = this.#alone
    const isSame = before?.inputs.length === inputShapes.length
    if (isSame && before.inputs.every(({ shape }, i) => sameShape(shape, inputShapes[i]))) return before
    const graph = this.#graphOf(inputShapes, parameter => parameter)
    before?.streams.forEach(({ random }, i) => {
      graph.streams[i].random = random
    })
    before?.release()
    this.#alone = graph
    return graph
  }

  #graphOf(inputShapes: readonly Shape[], parameterOf: (parameter: Parameter) => Parameter): Graph {
    this.assertSuits('x', inputShapes)
    const { engine, stream: streamOf } = this.#require().context
    const graph = new Graph(inputShapes, { engine, parameterOf })
    graph.outputs = this.callIn(graph, graph.inputs, name => streamOf(`alone/${name}`))
    return graph
  }

  /** @internal */
  callIn(graph: Graph, inputs: readonly Value[], streamOf: (name: string) => Random): readonly Value[] {
    return [graph.add(this, inputs, streamOf)]
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /**
   * Sets all weights, in Keras' order.
   * @throws ArgumentError naming the weight whose shape does not fit, without changing any. StateError before the layer is
   * built
   */
  setWeights(weights: readonly TensorLike[]): void {
    this.#require()
    const { parameters } = this
    const tensors = checkWeights(weights, parameters, `the layer ${this.name}`)
    tensors.forEach((tensor, i) => {
      parameters[i].value.set(tensor.data)
    })
  }

  /** The number of weight elements. @throws StateError before the layer is built */
  override countParams(): number {
    this.#require()
    return super.countParams()
  }

  /** `macsFor` the shape that the layer was built for. */
  get macs(): number {
    const [first, ...others] = this.#require().inputShapes
    return this.macsFor(first, ...others)
  }

  /** All options, with keys in Keras' order. The class's constructor accepts them and creates an identical layer. */
  getConfig(): Config {
    const shapeGiven = this.batchInputShape === null ? {} : { batchInputShape: [...this.batchInputShape] }
    return { name: this.name, trainable: this.trainable, dtype: 'float32', ...shapeGiven, ...this.ownConfig() }
  }

  #require(): Built {
    if (this.#built) return this.#built
    throw new StateError(`the layer ${this.name} is not built yet: call build(inputShape) or forward(x) first`)
  }
}

/** A batch of samples, or of each input. */
export type LayerInput = TensorLike | readonly TensorLike[]

const withBatch = (item: Shape): BatchShape => [null, ...item]

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
