// Model and Sequential: their layers, the memory they share, and the forward and backward passes. Training is in training.ts.

import { print } from '#platform'
import type { Logs } from '../callbacks/index.ts'
import { added } from '../core/additions.ts'
import {
  type BatchShape,
  batchShape,
  shape as checkShape,
  inputBatches,
  knownOptions,
  positiveInteger,
  type Shape,
  sameShape,
} from '../core/check.ts'
import { ArgumentError, StateError, show } from '../core/errors.ts'
import { drawSeed, type Random, type Seed, stream } from '../core/random.ts'
import type { Config, Serialized } from '../core/registry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import type { RandomStream, Value } from '../layers/call.ts'
import { type ForwardOptions, Graph, isTraining, type Step, Twins } from '../layers/graph.ts'
import { InputLayer } from '../layers/input-layer.ts'
import { checkWeights, Layer, type LayerInput } from '../layers/layer.ts'
import { type Leaf, Module, type Node, type SymbolicTensor, symbolic, type Visit } from '../layers/module.ts'
import type { EngineOptions } from '../simd/choose-engine.ts'
import { Workspace } from '../simd/workspace.ts'
import type { Parameter } from '../weights/parameter.ts'
import { type BatchSource, isBatchSource, type SampleBatch } from './batch-source.ts'
import type { assertLayersFit, assertRunFits } from './costs.ts'
import { isNamed, type ModelInput, type ModelTargets, perName, unlisted } from './data.ts'
import type { callNumber, Network, networkOf, shapesThrough } from './network.ts'
import type { networkConfig } from './network-config.ts'
import {
  type BatchOptions,
  type CompileOptions,
  type EvaluateOptions,
  type FitOptions,
  type History,
  type PredictOptions,
  type SourceEvaluateOptions,
  type SourceFitOptions,
  type SourcePredictOptions,
  type StepsOption,
  sourceOptions,
  type TrainBatchOptions,
} from './options.ts'
import { predict } from './predict.ts'
import type { Activity } from './runnable.ts'
import type { SummaryOptions, summaryLines } from './summary.ts'
import { Trainer } from './training.ts'

/** Options of a model other than its inputs and outputs. */
export interface ModelSettings extends EngineOptions {
  /** Default 'model'; of a Sequential 'sequential'. */
  readonly name?: string
  /**
   * Determines the initial weights, the shuffling and what Dropout drops. The same seed reproduces the same numbers,
   * bit for bit. Default: a random seed, available as `model.seed` and `history.params.seed`. A model inside another one
   * has a seed of its own for its weights.
   */
  readonly seed?: Seed
  /**
   * Maximum memory in bytes for weights, gradients, optimizer and activations. Checked before memory is allocated: when
   * the model is built, and when a larger batch or training needs more. Default: no limit.
   */
  readonly memoryLimit?: number
}

/** One output, or several. */
export type Outputs = SymbolicTensor | readonly SymbolicTensor[]

/** A tensor for a model with one output; a list for one with several. */
export type Predicted<O extends Outputs> = O extends readonly SymbolicTensor[] ? Tensor[] : Tensor

/** The options of a model with branches. */
export interface ModelOptions<O extends Outputs = Outputs> extends ModelSettings {
  /** Results of `input`, or any other symbolic tensors; the model starts there. */
  readonly inputs: Outputs
  /** What the model computes: one symbolic tensor, or a list of them. */
  readonly outputs: O
}

const settingNames = ['name', 'seed', 'engine', 'threads', 'memoryLimit']

/**
 * A model with any number of inputs, outputs and branches, like `tf.keras.Model` of the functional API.
 *
 * ```ts
 * const picture = input({ shape: [8, 8, 1] })
 * const left = new LocallyConnected2D({ filters: 4, kernelSize: 3 }).apply(picture)
 * const right = new Conv2D({ filters: 4, kernelSize: 3 }).apply(picture)
 * const both = new Flatten().apply(new Add().apply([left, right]))
 * const model = new Model({ inputs: picture, outputs: new Dense({ units: 10 }).apply(both), seed: 7 })
 * ```
 *
 * A model is a module: it can be part of other models, and be applied any number of times. The type `O` says
 * whether it has one output or a list of outputs.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/Model
 */
export class Model<O extends Outputs = SymbolicTensor> extends Module {
  static override readonly name: string = 'Model'
  /** The name of the class, as configs and files have it. */
  readonly className: string = 'Functional'

  override get automaticName(): string {
    return this.className === 'Functional' ? 'model' : super.automaticName
  }

  /** The seed of the weights, the order of the samples, and what Dropout drops. */
  readonly seed: Seed
  /** The compute engine. Models that share a layer also share memory, and so compute with the same engine. */
  readonly engine: Engine
  /** A callback sets this to make `fit` stop after the current batch. */
  stopTraining = false

  /** The definition and its graph; `null` before the model is built. */
  protected assembly: Assembly | null = null
  protected trainer: Trainer | null = null
  readonly #workspace: Workspace
  readonly #memoryLimit: number = Infinity
  readonly #costs: Additions['summary'] | null = null // if there is a limit
  readonly #shuffle: { random: Random }
  readonly #twins = new Twins() // the layers' parameters: the same weights, with the model's gradients
  readonly #running: Activity[] = []
  readonly #names = new Map<Module, string>() // for layers whose own name is taken here

  /**
   * @throws ArgumentError when an output depends on an input that is not in the list, two layers have the same name, or
   * shapes do not fit
   */
  constructor(options: ModelOptions<O>)
  /** @internal A model that is defined later. */
  constructor(options: ModelSettings, isDefined: false)
  constructor(options: ModelSettings & Partial<ModelOptions<O>>, isDefined = true) {
    if (symbolic(options)) throw new ArgumentError('options', options, '{ inputs, outputs }')
    knownOptions('Model', options, isDefined ? ['inputs', 'outputs', ...settingNames] : settingNames)
    const { name, seed = drawSeed(), engine, threads, memoryLimit } = options
    super(name, true)
    this.seed = seed
    this.#workspace = new Workspace({ engine, threads })
    this.engine = this.#workspace
    this.#shuffle = { random: stream(seed, 'shuffle') }
    if (memoryLimit !== undefined) {
      this.#memoryLimit = positiveInteger('memoryLimit', memoryLimit)
      this.#costs = added('memoryLimit', 'summary', additions.summary)
    }
    if (!isDefined) return
    this.#define(options)
  }

  #define(definition: Partial<ModelOptions<O>>): void {
    const { callNumber, networkOf, shapesThrough } = graphs()
    const network = networkOf(definition.inputs, definition.outputs)
    const { inputs, outputs, nodes, layers } = network
    assertUnique(layers)
    this.assertFit(visit => shapesThrough(network, shapesOf(inputs), visit))
    const assembly = this.newAssembly(inputs)
    const places = new Map(withoutInputs(layers).map((layer, i) => [layer, i]))
    for (const node of nodes) this.addCalls(assembly, node, places.get(node.module) ?? 0, callNumber(network, node))
    assembly.graph.outputs = outputs.map(tensor => assembly.values.get(tensor) as Value)
    assembly.network = network
    this.assembly = assembly
    this.nameLayers(layers, [])
  }

  // ---- Layers -------------------------------------------------------------------------------------------------

  /** The layers, and models used as layers, in Keras' order, which begins farthest from the outputs. */
  get layers(): readonly (Layer | Model)[] {
    return this.network.layers as readonly (Layer | Model)[]
  }

  /** The model's own inputs, of which it is a function, also if it is part of another model. */
  get inputs(): readonly SymbolicTensor[] {
    return this.network.inputs
  }

  /** The model's own outputs. Those of its calls in other models are `nodes[i].outputs`. */
  get outputs(): readonly SymbolicTensor[] {
    return this.network.outputs
  }

  /** The model's own input; a list if there are several. @throws StateError before the model is built */
  get input(): SymbolicTensor | readonly SymbolicTensor[] {
    return only(this.inputs)
  }

  /** The model's own output; a list if there are several. @throws StateError before the model is built */
  get output(): O {
    return only(this.outputs) as O
  }

  /** The names of the inputs: those of their layers. */
  get inputNames(): readonly string[] {
    return this.network.inputLayers.map(layer => this.nameOf(layer))
  }

  /** The names of the outputs: those of their layers, numbered where a layer has several. */
  get outputNames(): readonly string[] {
    const free = freeNames()
    return this.outputs.map(({ node }) => free(this.nameOf(node.module)))
  }

  /**
   * The layer with a name or an index.
   * @param nameOrIndex negative: counted from the end
   * @throws ArgumentError when no layer has this name or index
   */
  getLayer(nameOrIndex: string | number): Layer | Model {
    const { layers } = this
    const layer = Number.isInteger(nameOrIndex)
      ? layers.at(nameOrIndex as number)
      : layers.find(l => this.nameOf(l) === nameOrIndex)
    if (layer) return layer
    const names = layers.map(layer => this.nameOf(layer)).join(', ')
    throw new ArgumentError('nameOrIndex', nameOrIndex, `one of ${names}, or an index below ${layers.length}`)
  }

  /** A layer's name in this model: its own, unless that was generated and an earlier layer of this model has it. */
  nameOf(layer: Module): string {
    if (!(layer instanceof Module)) throw new ArgumentError('layer', layer, 'a layer')
    return this.#names.get(layer) ?? layer.name
  }

  /** Names new layers of this model. @param earlier the layers before them */
  protected nameLayers(added: readonly Module[], earlier: readonly Module[]): void {
    const names = new Set(earlier.map(each => this.nameOf(each)))
    const free = freeNames([...names, ...added.filter(({ hasName }) => hasName).map(({ name }) => name)])
    for (const layer of added) {
      if (!layer.hasName || names.has(layer.name)) {
        const name = layer instanceof InputLayer ? free('input', 1) : free(layer.automaticName) // as Keras counts
        if (layer.hasName) this.#names.set(layer, name)
        else layer.rename(name)
      }
      names.add(this.nameOf(layer))
    }
  }

  protected forgetLayer(layer: Module): void {
    this.#names.delete(layer)
    for (const leaf of layer.leaves) for (const parameter of leaf.parameters) this.#twins.forget(parameter)
  }

  /** Whether the model has its weights. */
  get built(): boolean {
    return this.assembly !== null
  }

  /** The definition: the calls of the layers, and their connections. @throws StateError before the model is built */
  get network(): Network {
    return this.#built('its inputs and outputs are read').network
  }

  /** The only input's shape, with `null` for the batch size; `null` before the model is built, or with several inputs. */
  get inputShape(): BatchShape | null {
    return onlyShape(this.assembly?.graph.inputs)
  }

  /** The shapes of all inputs, batch first; `null` before the model is built. */
  get inputShapes(): readonly BatchShape[] | null {
    return this.assembly?.graph.inputs.map(({ shape }): BatchShape => [null, ...shape]) ?? null
  }

  /** The only output's shape, with `null` for the batch size; `null` before the model is built, or with several outputs. */
  get outputShape(): BatchShape | null {
    return onlyShape(this.assembly?.graph.outputs)
  }

  /** The output shape for an input shape, both batch first. Does not build the model. */
  computeOutputShape(inputShape: BatchShape): BatchShape
  computeOutputShape(inputShape: readonly BatchShape[]): readonly BatchShape[]
  computeOutputShape(inputShape: BatchShape | readonly BatchShape[]): BatchShape | readonly BatchShape[] {
    const isList = Array.isArray(inputShape?.[0])
    const shapes = this.outputShapes(inputBatches(isList ? inputShape : [inputShape]))
    return shapes.length === 1 && !isList ? shapes[0] : shapes
  }

  /** @internal */
  outputShapes(inputShapes: readonly BatchShape[], visit?: Visit): readonly BatchShape[] {
    const shapes = graphs().shapesThrough(this.network, this.checkedShapes(inputShapes), visit)
    return this.outputs.map(tensor => shapes.get(tensor) as BatchShape)
  }

  /** The least and the largest number of inputs: as many as the model has. */
  get inputCounts(): readonly [number, number] {
    const { length } = this.inputs
    return [length, length]
  }

  /**
   * Checks that the model takes inputs of this shape; of several inputs, a list of shapes.
   * @throws ArgumentError when it does not
   */
  build(inputShape: BatchShape | readonly BatchShape[]): void {
    const isList = Array.isArray(inputShape) && Array.isArray(inputShape[0])
    const shapes = (isList ? inputShape : [inputShape]) as readonly BatchShape[]
    this.buildFor(shapes.map(shape => batchShape('inputShape', shape)))
  }

  /** Checks that the weights suit inputs of these shapes. @internal */
  buildFor(inputShapes: readonly BatchShape[]): void {
    const shapes = graphs().shapesThrough(this.network, inputShapes)
    for (const { module, inputs } of this.network.nodes)
      module.buildFor(inputs.map(tensor => shapes.get(tensor) as BatchShape))
  }

  /**
   * On symbolic tensors: a call of the model in the definition of another one. On numbers: the same as `forward`.
   * @throws ArgumentError if the inputs do not suit the model
   */
  apply(x: Outputs): O
  apply(x: ModelInput, options?: ForwardOptions): Predicted<O>
  apply(x: Outputs | ModelInput, options?: ForwardOptions): O | Predicted<O> {
    const inputs = symbolic(x, options)
    if (!inputs) return this.forward(x as ModelInput, options)
    const outputs = this.callOn(inputs)
    return (outputs.length === 1 ? outputs[0] : outputs) as O
  }

  /** @internal */
  callIn(graph: Graph, inputs: readonly Value[], streamOf: (name: string) => Random): readonly Value[] {
    const { network } = this
    const values = new Map(network.inputs.map((tensor, i) => [tensor, inputs[i]]))
    const seeded = withoutInputs(network.layers)
    for (const node of network.nodes) {
      const { module, id } = node
      const earlier = network.nodes.filter(node => node.module === module && node.id < id).length
      const path = `${seeded.indexOf(module)}/${earlier === 0 ? '' : `${earlier}/`}`
      callNode(node, graph, values, name => streamOf(`${path}${name}`))
    }
    return network.outputs.map(tensor => values.get(tensor) as Value)
  }

  protected newAssembly(inputs: readonly SymbolicTensor[]): Assembly {
    const graph = new Graph(
      inputs.map(({ shape }) => shape.slice(1) as number[]),
      {
        engine: this.#workspace,
        parameterOf: this.#twins.of,
        assertFits: (batch, training) => this.assertRunFits(batch, training),
      },
    )
    const values = new Map(inputs.map((tensor, i) => [tensor, graph.inputs[i]]))
    return { graph, values, ends: [], network: { inputs, outputs: [], inputLayers: [], nodes: [], layers: [] } }
  }

  /** Builds what is new in a module, joins the memory of its other models, and adds its calls to the graph. */
  protected addCalls(assembly: Assembly, node: Node, index: number, earlier = 0): void {
    const { module, inputs } = node
    const { graph, values, ends } = assembly
    const { seed } = this
    const engine = this.#workspace
    const fresh = module.leaves.filter(leaf => !leaf.built)
    try {
      const streamOf = (name: string) => stream(seed, index, name)
      module.buildFor(shapesOf(inputs), { engine, weights: engine.region(), stream: streamOf })
      for (const leaf of module.leaves) if (leaf.engine instanceof Workspace) engine.join(leaf.engine)
      callNode(node, graph, values, name => streamOf(earlier === 0 ? name : `${earlier}/${name}`))
      ends.push(graph.steps.length)
    } catch (error) {
      for (const leaf of fresh) leaf.unbuild()
      throw error
    }
  }

  /** The graph of layer calls. @throws StateError before the model is built */
  get graph(): Graph {
    return this.#built('its layers are called').graph
  }

  /** The calls of the graph that come from a layer, or from the layers inside a model. @internal */
  stepsOf(layer: Module): readonly Step[] {
    const { network, ends, graph } = this.#built('its calls are read')
    return network.nodes.flatMap(({ module }, i) =>
      module === layer ? graph.steps.slice(i === 0 ? 0 : ends[i - 1], ends[i]) : [],
    )
  }

  /** A separate graph over the same layers, with its own buffers, gradients and random streams. */
  probe(inputShapes: readonly Shape[]): Graph {
    if (!Array.isArray(inputShapes) || inputShapes.length === 0)
      throw new ArgumentError('inputShapes', inputShapes, 'a list of shapes')
    for (const shape of inputShapes) checkShape('inputShapes', shape)
    this.#assertSamples(inputShapes.map(shape => ({ shape: [1, ...shape] })))
    const graph = new Graph(inputShapes, { engine: this.engine, parameterOf: new Twins().of })
    graph.outputs = this.callIn(graph, graph.inputs, name => stream(this.seed, `alone/${name}`))
    return graph
  }

  /** Allocates memory for runs of up to `batch` samples. @throws ArgumentError when they exceed `memoryLimit` @internal */
  reserve(batch: number, training: boolean): void {
    this.graph.reserve(batch, training)
  }

  /** @throws ArgumentError when the layers need more memory than `memoryLimit` */
  protected assertFit(walk: (visit: Visit) => unknown): void {
    this.#costs?.assertLayersFit(this.#memoryLimit, walk)
  }

  /** @throws ArgumentError when a run needs more memory than `memoryLimit` @internal */
  assertRunFits(batch: number, training: boolean): void {
    const optimizer = training ? this.optimizer : null
    this.#costs?.assertRunFits(this.#memoryLimit, this.graph, { batch, training, optimizer })
  }

  /** Whether the output is affine (linear plus a constant) in the input, and in each weight separately. */
  get isLinear(): boolean {
    const operations = this.graph.steps.map(({ operation }) => operation)
    return new Set(operations).size === operations.length && operations.every(({ isLinear }) => isLinear)
  }

  /** Whether the inputs have gradients, which requires that the inputs of every layer have them. */
  get hasInputGradient(): boolean {
    return this.graph.steps.every(({ operation }) => operation.hasInputGradient)
  }

  /** The random streams that the layers of this model use in training. Their state can be saved and restored. */
  get randomStreams(): readonly RandomStream[] {
    return this.assembly?.graph.streams ?? []
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /** @internal */
  get leaves(): readonly Leaf[] {
    return [...new Set(this.layers.flatMap(({ leaves }) => leaves))]
  }

  /** @internal */
  get trainableLeaves(): readonly Leaf[] {
    if (!this.trainable) return []
    return [...new Set(this.layers.flatMap(({ trainableLeaves }) => trainableLeaves))]
  }

  /** All weights, layer by layer, with their gradients from this model's last backward pass. */
  get parameters(): readonly Parameter[] {
    return this.ownParameters.map(this.#twins.of)
  }

  /** @internal */
  get ownParameters(): readonly Parameter[] {
    return [...new Set(this.layers.flatMap(({ ownParameters }) => ownParameters))]
  }

  /** Whether training changes the weights. Setting it sets all layers inside; training uses the value at `compile`. */
  override get trainable(): boolean {
    return super.trainable
  }

  override set trainable(value: boolean) {
    super.trainable = value
    for (const layer of this.layers) layer.trainable = value
  }

  get trainableParameters(): readonly Parameter[] {
    return this.trainableLeaves.flatMap(({ trainableParameters }) => trainableParameters).map(this.#twins.of)
  }

  /** @internal */
  parameterOf(parameter: Parameter): Parameter {
    return this.#twins.of(parameter)
  }

  /** Copies of all weights, layer by layer. */
  override getWeights(): Tensor[] {
    this.#built('getWeights')
    return super.getWeights()
  }

  /**
   * Sets all weights, in the order of `getWeights`.
   * @throws ArgumentError naming the weight that does not fit; in that case no weight changes
   */
  setWeights(weights: readonly TensorLike[]): void {
    this.#built('setWeights')
    const { parameters } = this
    const tensors = checkWeights(weights, parameters, `the model ${this.name}`)
    parameters.forEach((parameter, i) => {
      parameter.value.set(tensors[i].data)
    })
  }

  override countParams(): number {
    this.#built('countParams')
    return super.countParams()
  }

  /** Prints a table of the layers, in Keras' layout. @throws StateError before the model is built */
  summary(options: SummaryOptions = {}): void {
    this.#built('summary')
    const lines = added('summary', 'summary', additions.summary).summaryLines(this, options)
    const { print: to = print } = options
    if (typeof to !== 'function') throw new ArgumentError('print', to, 'a function that takes a line')
    for (const line of lines) to(line)
  }

  /** The layers and their connections, from which `fromConfig` creates the same model with new weights. */
  getConfig(): Config {
    const { network } = this
    return graphs().networkConfig(network, this.name, this.trainable, layer => this.nameOf(layer))
  }

  /**
   * The model that `getConfig` describes, with new weights.
   * @throws ArgumentError naming the layer that is unknown, or whose connections are wrong
   */
  static fromConfig(config: Config, options: Omit<ModelSettings, 'name'> = {}): Model<Outputs> {
    return added('Model.fromConfig', 'names', additions.names).modelFrom(config, options)
  }

  // ---- Running ------------------------------------------------------------------------------------------------

  /**
   * The output for a batch; with several outputs, a list.
   * @param options.training whether to run as in training (Dropout drops); default false
   */
  forward(x: ModelInput, options: ForwardOptions = {}): Predicted<O> {
    isTraining(options) // before anything is built
    const inputs = this.checkInputs(x)
    return only(this.graph.forward(inputs, options)) as Predicted<O>
  }

  /**
   * The gradient of sum(y · dy) with respect to x, for the last `forward`; with several outputs, `dy` is a list and the
   * sum is over all of them. `gradients()` has the gradients with respect to the weights.
   */
  backward(dy: LayerInput): Tensor {
    return this.backwardToAll(dy)[0]
  }

  /** Like `backward`, with respect to each input. */
  backwardToAll(dy: LayerInput): Tensor[] {
    const { graph } = this
    return graph.backward(perName<TensorLike>('dy', dy, this.outputNames) as TensorLike[])
  }

  /** The weight gradients of the model's last backward pass, in the order of `trainableParameters`. */
  gradients(): Tensor[] {
    return this.trainableParameters.map(({ shape, gradient }) => new Tensor(shape, gradient.array.slice()))
  }

  /**
   * Converts the samples of each input to a tensor and checks its shape; builds the model first if necessary.
   * @throws ArgumentError when they do not fit the model
   * @internal
   */
  checkInputs(x: ModelInput): Tensor[] {
    const isAlone = !isNamed(x) && !((this.assembly?.graph.inputs.length ?? 1) > 1)
    const rank = this.inputShape?.length
    const alone = () => [unlisted('x', x, ({ shape }) => shape.length === rank)]
    const given = isAlone ? alone() : perName<TensorLike>('x', x, this.inputNames)
    const tensors = given.map((each, i) => {
      const tensor = toTensor(this.#inputName(i), each as TensorLike)
      if (tensor.shape.length > 0) return tensor
      throw new ArgumentError(this.#inputName(i), tensor, 'a batch of samples: at least one axis')
    })
    this.buildForSamples(tensors)
    this.#assertSamples(tensors)
    return tensors
  }

  /** An input in error messages. */
  #inputName(i: number): string {
    const { length } = this.assembly?.graph.inputs ?? [null]
    return length === 1 ? 'x' : `x, input ${this.inputNames[i]}`
  }

  #assertSamples(samples: readonly { readonly shape: Shape }[]): void {
    const { inputs } = this.graph
    samples.forEach((tensor, i) => {
      const { shape } = inputs[i]
      const received = tensor instanceof Tensor ? tensor : [null, ...tensor.shape.slice(1)]
      if (!sameShape(tensor.shape.slice(1), shape))
        throw new ArgumentError(
          this.#inputName(i),
          received,
          `samples of the model's input shape ${show([null, ...shape])}`,
        )
      if (tensor.shape[0] !== samples[0].shape[0])
        throw new ArgumentError(this.#inputName(i), received, `${samples[0].shape[0]} samples, as in the first input`)
    })
  }

  /** Builds the model for these samples, if it is not built. */
  protected buildForSamples(_samples: readonly Tensor[]): void {}

  // ---- Training -----------------------------------------------------------------------------------------------

  /**
   * Configures training. Weights are kept; an optimizer passed by name or config starts with a new state.
   * @throws ArgumentError for an unknown name
   */
  compile(options: CompileOptions): void {
    this.assertIdle('compile')
    this.trainer = new Trainer(this, options, this.#shuffle)
  }

  /**
   * Trains for a number of epochs.
   * @param x samples, `[n, …]`; a Tensor is read again for every batch, so a callback may modify it (augmentation)
   * @param y targets, `[n, …]`
   * @returns loss and metrics of every epoch
   * @throws StateError before `compile` and during another `fit`; ArgumentError when the data do not fit
   */
  fit(x: ModelInput, y: ModelTargets, options?: FitOptions): Promise<History>
  /**
   * Trains on batches from a source, each `[x, y]` or `[x, y, sampleWeight]`. An epoch is one pass through the source,
   * or `stepsPerEpoch` batches of it. If the source runs out before the last epoch, training stops and prints a note.
   * @see docs/data.md
   */
  fit(batches: BatchSource<SampleBatch>, options?: SourceFitOptions): Promise<History>
  async fit(
    x: ModelInput | BatchSource<SampleBatch>,
    y?: ModelTargets | SourceFitOptions,
    options?: FitOptions,
  ): Promise<History> {
    const trainer = this.#required('fit')
    this.assertIdle('fit', 'fit')
    return this.#during('fit', async () => {
      if (isBatchSource(x)) return trainer.fit(x, null, sourceOptions<FitOptions>('fit', y, options))
      return trainer.fit(x, y as ModelTargets, options ?? {})
    })
  }

  /** Loss and metrics on the given data. */
  evaluate(x: ModelInput, y: ModelTargets, options?: EvaluateOptions & StepsOption): Promise<Logs>
  /** Loss and metrics on batches from a source, each `[x, y]` or `[x, y, sampleWeight]`. */
  evaluate(batches: BatchSource<SampleBatch>, options?: SourceEvaluateOptions): Promise<Logs>
  async evaluate(
    x: ModelInput | BatchSource<SampleBatch>,
    y?: ModelTargets | SourceEvaluateOptions,
    options?: EvaluateOptions & StepsOption,
  ): Promise<Logs> {
    const trainer = this.#required('evaluate')
    return this.#during('evaluate', async () => {
      if (isBatchSource(x)) return trainer.evaluate(x, null, sourceOptions<StepsOption>('evaluate', y, options))
      return trainer.evaluate(x, y as ModelTargets, options ?? {})
    })
  }

  /** Trains one step on one batch. @returns loss and metrics of the batch, from before the step */
  trainOnBatch(x: ModelInput, y: ModelTargets, options: TrainBatchOptions = {}): Logs {
    const trainer = this.#required('trainOnBatch')
    this.assertIdle('trainOnBatch', 'fit')
    return trainer.onBatch('trainOnBatch', x, y, options)
  }

  /** Loss and metrics of one batch. */
  testOnBatch(x: ModelInput, y: ModelTargets, options: BatchOptions = {}): Logs {
    return this.#required('testOnBatch').onBatch('testOnBatch', x, y, options)
  }

  /** The output for one batch. */
  predictOnBatch(x: ModelInput): Predicted<O> {
    return this.forward(x)
  }

  /** The output for many samples, batch by batch. */
  predict(x: ModelInput, options?: PredictOptions): Promise<Predicted<O>>
  /** The output for batches of samples from a source. */
  predict(batches: BatchSource<ModelInput>, options?: SourcePredictOptions): Promise<Predicted<O>>
  async predict(x: ModelInput | BatchSource<ModelInput>, options: PredictOptions = {}): Promise<Predicted<O>> {
    return this.#during('predict', async () => {
      const given = isBatchSource(x) ? sourceOptions<PredictOptions>('predict', options, undefined) : options
      const results = await predict(this, x, given, this.#shuffle)
      return only(results) as Predicted<O>
    })
  }

  /** Resets the loss and the metrics of `trainOnBatch` and `testOnBatch`. */
  resetMetrics(): void {
    this.trainer?.resetMetrics()
  }

  /** The names of loss and metrics, in order; empty before they are first measured. */
  get metricsNames(): readonly string[] {
    return this.trainer?.metricsNames ?? []
  }

  /** The optimizer of the last `compile`, or `null`. */
  get optimizer() {
    return this.trainer?.optimizer ?? null
  }

  /** The options of the last `compile`, or `null`. */
  get compileOptions(): CompileOptions | null {
    return this.trainer?.options ?? null
  }

  /** The trainable weights and their optimizer, as `compile` fixed them. @throws StateError before `compile` @internal */
  get compiled(): Pick<Trainer, 'trainableWeights' | 'buildOptimizer'> {
    return this.#required('the optimizer is read')
  }

  #required(what: string): Trainer {
    if (this.trainer) return this.trainer
    throw new StateError(`${what}: call compile first: model.compile({ optimizer, loss })`)
  }

  #built(what: string): Assembly {
    if (this.assembly) return this.assembly
    const advice = 'call model.build(inputShape), give the first layer an inputShape, or pass data'
    throw new StateError(`${what}: the model ${this.name} is not built yet; ${advice}`)
  }

  /** Whether this asynchronous activity is in progress. */
  runs(activity: Activity): boolean {
    return this.#running.includes(activity)
  }

  async #during<T>(activity: Activity, run: () => Promise<T>): Promise<T> {
    this.#running.push(activity)
    try {
      return await run()
    } finally {
      this.#running.splice(this.#running.indexOf(activity), 1)
    }
  }

  /** @param activity default: any */
  protected assertIdle(what: string, activity = this.#running[0]): void {
    if (this.runs(activity)) throw new StateError(`${what}: not while ${activity} is running; await its promise`)
  }
}

/** The parts of models that `unshared` includes and programs with `unshared/core` import when they need them. */
interface Additions {
  /** See with-graphs.ts: comes with the `Model` that entries export. A Sequential has methods of its own instead. */
  readonly graphs: {
    readonly callNumber: typeof callNumber
    readonly networkConfig: typeof networkConfig
    readonly networkOf: typeof networkOf
    readonly shapesThrough: typeof shapesThrough
  }
  /** See from-config.ts. */
  readonly names: {
    modelFrom(config: Config, options: Omit<ModelSettings, 'name'>): Model<Outputs>
    sequentialFrom(config: Config, options: Omit<SequentialOptions, 'name'>): Sequential
  }
  /** See with-summary.ts. */
  readonly summary: {
    readonly assertLayersFit: typeof assertLayersFit
    readonly assertRunFits: typeof assertRunFits
    readonly summaryLines: typeof summaryLines
  }
}

const additions: Partial<Additions> = {}

export function addToModels(more: Partial<Additions>): void {
  Object.assign(additions, more)
}

const graphs = () => additions.graphs as Additions['graphs']

/** The options of a Sequential. */
export interface SequentialOptions extends ModelSettings {}

/**
 * A linear stack of layers, each with one input and one output, like `tf.keras.Sequential`.
 *
 * ```ts
 * const model = new Sequential([new Flatten({ inputShape: [8, 8] }), new Dense({ units: 10 })], { seed: 7 })
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/Sequential
 */
export class Sequential extends Model {
  static override readonly name = 'Sequential'
  override readonly className: string = 'Sequential'
  readonly #layers: (Layer | Model)[] = []

  /**
   * @param given layers in order, or one; the first may specify the sample shape (`inputShape`), else `build` or the first data do
   * @throws ArgumentError when an item is not a layer, two layers have the same name, or shapes do not fit
   */
  constructor(given: Layer | Model | readonly (Layer | Model)[] = [], options: SequentialOptions = {}) {
    const layers: readonly (Layer | Model)[] = given instanceof Module ? [given] : given
    if (!Array.isArray(layers)) throw new ArgumentError('layers', layers, 'a list of layers')
    knownOptions('Sequential', options, settingNames)
    super(options, false)
    this.#add(layers)
  }

  override get layers(): readonly (Layer | Model)[] {
    return this.#layers
  }

  override get inputNames(): readonly string[] {
    return this.#layers.slice(0, 1).map(layer => `${this.nameOf(layer)}_input`)
  }

  override get outputNames(): readonly string[] {
    return this.#layers.slice(-1).map(layer => this.nameOf(layer))
  }

  override get inputCounts(): readonly [number, number] {
    return [1, 1]
  }

  /**
   * Appends a layer or a model, and builds it if its input shape is known. A layer of another model keeps its weights:
   * both models then train the same weights, in shared memory.
   * @throws ArgumentError when the layer does not fit, is already in the model, or was given a name that is taken; or
   * when the two models were created with different `engine` options. StateError while the model is running, and when it
   * is part of another model
   */
  add(layer: Layer | Model): void {
    this.#add([layer])
  }

  #add(added: readonly (Layer | Model)[]): void {
    this.#assertChangeable('add')
    const members = new Set<unknown>(this.#layers)
    for (const layer of added) {
      if (!(layer instanceof Module)) throw new ArgumentError('layer', layer, 'a layer')
      if (members.has(layer)) throw new ArgumentError('layer', layer.name, 'a layer not yet in the model')
      members.add(layer)
    }
    assertUnique(added, new Set(this.#layers.map(layer => this.nameOf(layer))))
    const given = this.#layers.length === 0 && added.length > 0 ? shapeGivenBy(added[0]) : null
    if (given) this.assembly = null
    const sample = given ?? (this.inputShape as BatchShape | null)
    if (sample) {
      this.assertFit(visit => stacked([...this.#layers, ...added], sample, visit))
      this.#append(added, sample)
    }
    this.nameLayers(added, this.#layers)
    this.#layers.push(...added)
    this.trainer = null
  }

  /** Removes the last layer. @throws StateError when the model has no layers, is running or is part of another model */
  pop(): void {
    this.#assertChangeable('pop')
    const layer = this.#layers.pop()
    if (!layer) throw new StateError('pop: the model has no layers')
    if (this.assembly) {
      const { graph, ends, network, values } = this.assembly
      const [inputs, nodes] = [network.inputs, network.nodes.slice(0, -1)]
      const node = network.nodes[nodes.length]
      layer.forget(node)
      for (const tensor of node.outputs) values.delete(tensor)
      ends.pop()
      graph.truncate(ends.at(-1) ?? 0)
      const outputs = nodes.at(-1)?.outputs ?? inputs
      graph.outputs = outputs.map(tensor => values.get(tensor) as Value)
      this.assembly.network = { ...network, outputs, nodes }
      if (this.#layers.length === 0) this.assembly = null
    }
    this.forgetLayer(layer)
    this.trainer = null
  }

  #assertChangeable(what: string): void {
    this.assertIdle(what)
    if (this.nodes.length > 0)
      throw new StateError(`${what}: ${this.name} is part of another model; make a new Sequential of its layers`)
  }

  /**
   * Creates the weights for inputs of this shape, which starts with the batch size: `[null, 28, 28, 1]`; those of layers that
   * are added later too.
   * @throws ArgumentError when the shape does not fit; StateError when the model is running
   */
  override build(inputShape: BatchShape): void {
    this.assertIdle('build')
    this.#build(inputShape)
  }

  #build(inputShape: BatchShape): void {
    const [, ...sample] = batchShape('inputShape', inputShape)
    if (this.inputShape) {
      if (sameShape(this.inputShape.slice(1), sample)) return
      throw new ArgumentError('inputShape', inputShape, `${show(this.inputShape)}, as built before`)
    }
    const shape: BatchShape = [null, ...sample]
    this.assertFit(visit => stacked(this.#layers, shape, visit))
    try {
      this.#append(this.#layers, shape)
      this.assembly ??= this.#begin(shape)
    } catch (error) {
      this.assembly = null
      throw error
    }
  }

  #begin(inputShape: BatchShape): Assembly {
    const inputLayer = new InputLayer({ batchInputShape: inputShape })
    const assembly = this.newAssembly([inputLayer.output])
    assembly.network = { ...assembly.network, inputLayers: [inputLayer], layers: this.#layers }
    return assembly
  }

  /** Appends the calls of layers to the existing ones. @param inputShape of the model */
  #append(added: readonly (Layer | Model)[], inputShape: BatchShape): void {
    const assembly = this.assembly ?? this.#begin(inputShape)
    const { graph, values, network } = assembly
    const nodes = [...network.nodes]
    let outputs = nodes.at(-1)?.outputs ?? network.inputs
    for (const layer of added) {
      const next = layer.record(outputs, layer.outputShapes(shapesOf(outputs)), true)
      const [{ node }] = next
      try {
        if (next.length > 1) throw new ArgumentError('layer', layer.name, 'a layer with one output')
        this.addCalls(assembly, node, nodes.length)
      } catch (error) {
        layer.forget(node)
        throw error
      }
      nodes.push(node)
      outputs = next
    }
    graph.outputs = outputs.map(tensor => values.get(tensor) as Value)
    assembly.network = { ...assembly.network, outputs, nodes }
    this.assembly = assembly
  }

  /** @internal */
  override buildFor([inputShape]: readonly BatchShape[]): void {
    if (!this.built) {
      this.#build(inputShape)
      return
    }
    let shapes: readonly BatchShape[] = [inputShape]
    for (const layer of this.#layers) {
      layer.buildFor(shapes)
      shapes = layer.outputShapes(shapes)
    }
  }

  protected override buildForSamples([{ shape }]: readonly Tensor[]): void {
    if (this.#layers.length === 0) throw new StateError('the model has no layers; add some first')
    if (!this.built) this.#build([null, ...shape.slice(1)])
  }

  /** @internal */
  override outputShapes(inputShapes: readonly BatchShape[], visit?: Visit): readonly BatchShape[] {
    const [inputShape] = this.checkedShapes(inputShapes)
    return [stacked(this.#layers, inputShape, visit)]
  }

  /** The name and layers, from which `Sequential.fromConfig` creates the same model with new weights. */
  override getConfig(): { name: string; layers: Serialized[] } {
    const input = this.inputShape
    const inputLayer = input && {
      className: 'InputLayer',
      config: { batchInputShape: [...input], dtype: 'float32', name: `${this.nameOf(this.#layers[0])}_input` },
    }
    const layers = this.#layers.map(layer => ({
      className: layer.className,
      config: { ...layer.getConfig(), name: this.nameOf(layer) },
    }))
    return { name: this.name, layers: [...(inputLayer ? [inputLayer] : []), ...layers] }
  }

  static override fromConfig(config: Config, options: Omit<SequentialOptions, 'name'> = {}): Sequential {
    return added('Sequential.fromConfig', 'names', additions.names).sequentialFrom(config, options)
  }
}

/** The output shape of a stack of layers. */
function stacked(layers: readonly Module[], inputShape: BatchShape, visit?: Visit): BatchShape {
  let shape = inputShape
  for (const layer of layers) [shape] = layer.outputShapes([shape], visit)
  return shape
}

/** The input shape that a first layer specifies, or `null` if it is missing or incomplete. */
function shapeGivenBy(layer: Layer | Model): BatchShape | null {
  const shape = layer instanceof Layer ? layer.batchInputShape : layer.inputShape
  return shape?.slice(1).every(n => n !== null) ? [null, ...shape.slice(1)] : null
}

/** A model's definition, and the graph of its calls. */
interface Assembly {
  network: Network
  readonly graph: Graph
  readonly values: Map<SymbolicTensor, Value>
  /** The number of the graph's calls after each node. */
  readonly ends: number[]
}

/** Adds the calls of a node to the graph; its inputs are among the values, its outputs are added to them. */
function callNode(
  { module, inputs, outputs }: Node,
  graph: Graph,
  values: Map<SymbolicTensor, Value>,
  streamOf: (name: string) => Random,
): void {
  const results = module.callIn(
    graph,
    inputs.map(tensor => values.get(tensor) as Value),
    streamOf,
  )
  outputs.forEach((tensor, i) => {
    values.set(tensor, results[i])
  })
}

/** The layers whose number, in this order, is part of the names of their random streams. */
const withoutInputs = (layers: readonly Module[]) => layers.filter(layer => !(layer instanceof InputLayer))

const shapesOf = (tensors: readonly SymbolicTensor[]) => tensors.map(({ shape }) => shape)

const onlyShape = (values: readonly Value[] | undefined): BatchShape | null =>
  values?.length === 1 ? [null, ...values[0].shape] : null

const only = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0] : list)

/** @param names those that are taken @throws ArgumentError if two layers were given the same name */
function assertUnique(layers: readonly Module[], names = new Set<string>()): void {
  for (const { isNamed, name } of layers) {
    if (isNamed && names.has(name)) throw new ArgumentError('layer', name, 'a name unique in the model')
    if (isNamed) names.add(name)
  }
}

/** Generates names that are not taken: the base, or the first of base_1, base_2 … that is free. @param from 1: not the base alone */
function freeNames(names: Iterable<string> = []): (base: string, from?: number) => string {
  const taken = new Set(names)
  const numbers = new Map<string, number>() // for each base, the next number
  return (base, from = 0) => {
    let n = numbers.get(base) ?? from
    let name = n === 0 ? base : `${base}_${n}`
    while (taken.has(name)) name = `${base}_${++n}`
    taken.add(name)
    numbers.set(base, n)
    return name
  }
}
