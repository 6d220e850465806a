// The Sequential model: its layers, the memory they share, and the forward and backward passes. Training is in
// training.ts.

import { print } from '#platform'
import type { Logs } from '../callbacks/index.ts'
import {
  type BatchShape,
  batchShape,
  boolean,
  knownOptions,
  positiveInteger,
  type Shape,
  sameShape,
} from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import { drawSeed, type Random, type Seed, stream } from '../core/random.ts'
import type { Config, Serialized } from '../core/registry.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import type { RandomStream } from '../layers/call.ts'
import { Chain, type ForwardOptions, Twins } from '../layers/chain.ts'
import { checkWeights, Layer } from '../layers/layer.ts'
import { layers as layerTable } from '../layers/registry.ts'
import type { EngineOptions } from '../simd/choose-engine.ts'
import { Workspace } from '../simd/workspace.ts'
import type { Parameter } from '../weights/parameter.ts'
import { type BatchSource, isBatchSource, type SampleBatch } from './batch-source.ts'
import { assertLayersFit, assertRunFits } from './costs.ts'
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
import type { Activity, Runnable } from './runnable.ts'
import { type SummaryOptions, summaryLines } from './summary.ts'
import { Trainer } from './training.ts'

/** Options of a model. */
export interface SequentialOptions extends EngineOptions {
  /** Default 'sequential'. */
  readonly name?: string
  /**
   * Determines the initial weights, the shuffling and what Dropout drops. The same seed reproduces the same numbers,
   * bit for bit. Default: a random seed, available as `model.seed` and `history.params.seed`.
   */
  readonly seed?: Seed
  /**
   * Maximum memory in bytes for weights, gradients, optimizer and activations. Checked before memory is allocated: when
   * the model is built, and when a larger batch or training needs more. Default: no limit.
   */
  readonly memoryLimit?: number
}

/**
 * A linear stack of layers, each with one input and one output, like `tf.keras.Sequential`.
 *
 * ```ts
 * const model = new Sequential([new Flatten({ inputShape: [8, 8] }), new Dense({ units: 10 })], { seed: 7 })
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/Sequential
 */
export class Sequential implements Runnable {
  readonly name: string
  readonly seed: Seed
  /** The compute engine. Models that share a layer also share memory, and so compute with the same engine. */
  readonly engine: Engine
  /** A callback sets this to make `fit` stop after the current batch. */
  stopTraining = false

  readonly #layers: Layer[] = []
  readonly #workspace: Workspace
  readonly #shuffle: { random: Random }
  readonly #twins = new Twins() // the layers' parameters: the same weights, with the model's gradients
  readonly #running: Activity[] = []
  readonly #names = new Map<Layer, string>() // for layers whose own name is taken here
  #chain: Chain | null = null
  #memoryLimit = Infinity
  #trainable = true
  #trainer: Trainer | null = null

  /**
   * @param given layers in order, or one; the first may specify the sample shape (`inputShape`), else `build` or the first data do
   * @throws ArgumentError when an item is not a layer, two layers have the same name, or shapes do not fit
   */
  constructor(given: Layer | readonly Layer[] = [], options: SequentialOptions = {}) {
    const layers: readonly Layer[] = given instanceof Layer ? [given] : given
    if (!Array.isArray(layers)) throw new ArgumentError('layers', layers, 'a list of layers')
    knownOptions('Sequential', options, ['name', 'seed', 'engine', 'threads', 'memoryLimit'])
    const { name = 'sequential', seed = drawSeed(), engine, threads, memoryLimit } = options
    if (typeof name !== 'string' || name === '') throw new ArgumentError('name', name, 'a non-empty string')
    this.name = name
    this.seed = seed
    this.#workspace = new Workspace({
      ...(engine !== undefined && { engine }),
      ...(threads !== undefined && { threads }),
    })
    this.engine = this.#workspace
    this.#shuffle = { random: stream(seed, 'shuffle') }
    if (memoryLimit !== undefined) this.#memoryLimit = positiveInteger('memoryLimit', memoryLimit)
    const sample = layers[0] instanceof Layer ? sampleShape(layers[0]) : null
    if (sample && layers.every(layer => layer instanceof Layer)) this.#assertFit(layers, [null, ...sample])
    const taken = layers.filter(layer => layer instanceof Layer && layer.hasName)
    for (const layer of layers) this.#add(layer, new Set(taken.map(({ name }) => name)))
  }

  // ---- Layers -------------------------------------------------------------------------------------------------

  get layers(): readonly Layer[] {
    return this.#layers
  }

  /**
   * Appends a layer, and builds it if its input shape is known. A layer of another model keeps its weights: both models
   * then train the same weights, in shared memory.
   * @throws ArgumentError when the layer does not fit, is already in the model, or was given a name that is taken; or
   * when the two models were created with different `engine` options. StateError while the model is running
   */
  add(layer: Layer): void {
    this.#add(layer, new Set())
  }

  /** @param reserved names that automatic naming must not use */
  #add(layer: Layer, reserved: ReadonlySet<string>): void {
    if (!(layer instanceof Layer)) throw new ArgumentError('layer', layer, 'a layer')
    this.#assertIdle('add')
    if (this.#layers.includes(layer)) throw new ArgumentError('layer', layer.name, 'a layer not yet in the model')
    const isTaken = this.#layerNames.includes(layer.name)
    if (layer.isNamed && isTaken) throw new ArgumentError('layer', layer.name, 'a name unique in the model')
    const isFirst = this.#layers.length === 0
    const sample = isFirst ? sampleShape(layer) : null
    const chain = sample ? this.#newChain(sample) : this.#chain
    if (chain) {
      this.#assertFit([...this.#layers, layer], [null, ...chain.inputShape])
      this.#append(chain, layer, this.#layers.length)
    }
    const name = this.#freeName(automaticName(layer.className), reserved)
    if (!layer.hasName) layer.rename(name)
    else if (isTaken) this.#names.set(layer, name)
    this.#chain = chain
    this.#layers.push(layer)
    this.#trainer = null
  }

  /** Removes the last layer. @throws StateError when the model has no layers or is running */
  pop(): void {
    this.#assertIdle('pop')
    const layer = this.#layers.pop()
    if (!layer) throw new StateError('pop: the model has no layers')
    this.#names.delete(layer)
    this.#chain?.pop()
    if (this.#layers.length === 0) this.#chain = null
    for (const parameter of layer.parameters) this.#twins.forget(parameter)
    this.#trainer = null
  }

  /** @throws ArgumentError when no layer has this name or index */
  getLayer(nameOrIndex: string | number): Layer {
    const layer =
      typeof nameOrIndex === 'number'
        ? this.#layers[nameOrIndex]
        : this.#layers.find(l => this.nameOf(l) === nameOrIndex)
    if (layer) return layer
    throw new ArgumentError(
      'nameOrIndex',
      nameOrIndex,
      `one of ${this.#layerNames.join(', ')}, or an index below ${this.#layers.length}`,
    )
  }

  /** A layer's name in this model: its own, unless that was generated and an earlier layer of this model has it. */
  nameOf(layer: Layer): string {
    return this.#names.get(layer) ?? layer.name
  }

  get #layerNames(): string[] {
    return this.#layers.map(layer => this.nameOf(layer))
  }

  get built(): boolean {
    return this.#chain !== null
  }

  /** The input shape, with `null` for the batch size; `null` before the model is built. */
  get inputShape(): BatchShape | null {
    return this.#chain && [null, ...this.#chain.inputShape]
  }

  /** The output shape, with `null` for the batch size; `null` before the model is built. */
  get outputShape(): BatchShape | null {
    return this.#chain && [null, ...this.#chain.outputShape]
  }

  /**
   * Creates the weights for inputs of this shape, which starts with the batch size: `[null, 28, 28, 1]`; those of layers that
   * are added later too.
   * @throws ArgumentError when the shape does not fit; StateError when the model is running
   */
  build(inputShape: BatchShape): void {
    this.#assertIdle('build')
    this.#build(inputShape)
  }

  /** The shape of the output for an input of this shape, both with the batch size. The model need not be built. */
  computeOutputShape(inputShape: BatchShape): BatchShape {
    const shape = batchShape('inputShape', inputShape)
    return this.#layers.reduce<BatchShape>((shape, layer) => layer.computeOutputShape(shape), shape)
  }

  #build(inputShape: BatchShape): void {
    const [, ...sample] = batchShape('inputShape', inputShape)
    if (this.#chain) {
      const { inputShape: built } = this.#chain
      if (sameShape(built, sample)) return
      throw new ArgumentError('inputShape', inputShape, `[null, ${built.join(', ')}], as built before`)
    }
    this.#assertFit(this.#layers, [null, ...sample])
    const chain = this.#newChain(sample)
    this.#layers.forEach((layer, i) => {
      this.#append(chain, layer, i)
    })
    this.#chain = chain
  }

  #newChain(inputShape: Shape): Chain {
    return new Chain(inputShape, {
      engine: this.#workspace,
      parameterOf: this.#twins.of,
      assertFits: (batch, training) => this.assertRunFits(batch, training),
    })
  }

  /** Builds the layer if it is new, joins the memory of its other models, and appends a call of it to the chain. */
  #append(chain: Chain, layer: Layer, index: number): void {
    const { seed } = this
    const streamOf = (name: string) => stream(seed, index, name)
    const isNew = !layer.built
    const engine = this.#workspace
    try {
      const context = isNew ? { engine, weights: engine.region(), stream: streamOf } : undefined
      layer.build([null, ...chain.outputShape], context)
      if (layer.engine instanceof Workspace) engine.join(layer.engine)
      chain.add(layer, streamOf)
    } catch (error) {
      if (isNew) layer.unbuild()
      throw error
    }
  }

  /** The chain of layer calls. @throws StateError before the model is built */
  get chain(): Chain {
    if (this.#chain) return this.#chain
    throw this.#notBuilt('its layers are called')
  }

  /** A separate chain over the same layers, with its own buffers, gradients and random streams. */
  probe(inputShape: Shape): Chain {
    this.#assertSample(inputShape, [null, ...inputShape])
    const chain = new Chain(inputShape, { engine: this.engine, parameterOf: new Twins().of })
    this.#layers.forEach((layer, i) => {
      chain.add(layer, name => stream(this.seed, i, `alone/${name}`))
    })
    return chain
  }

  /** Allocates memory for runs of up to `batch` samples. @throws ArgumentError when they exceed `memoryLimit` */
  reserve(batch: number, training: boolean): void {
    this.chain.reserve(batch, training)
  }

  /** @throws ArgumentError when the layers need more memory than `memoryLimit` */
  #assertFit(layers: readonly Layer[], inputShape: BatchShape): void {
    if (this.#memoryLimit < Infinity) assertLayersFit(this.#memoryLimit, layers, inputShape)
  }

  /** @throws ArgumentError when a run needs more memory than `memoryLimit` */
  assertRunFits(batch: number, training: boolean): void {
    if (this.#memoryLimit === Infinity) return
    const { calls } = this.chain
    const places = this.#layers.map((layer, i) => ({ layer, call: calls[i] }))
    assertRunFits(this.#memoryLimit, places, { batch, training, optimizer: training ? this.optimizer : null })
  }

  #freeName(base: string, reserved: ReadonlySet<string>): string {
    const taken = new Set([...reserved, ...this.#layerNames])
    let name = base
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`
    return name
  }

  /** Whether the output is affine (linear plus a constant) in the input, and in each weight separately. */
  get isLinear(): boolean {
    return this.#layers.every(layer => layer.isLinear)
  }

  /** Whether the input has a gradient, which requires that the input of every layer has one. */
  get hasInputGradient(): boolean {
    return this.#layers.every(layer => layer.hasInputGradient)
  }

  /** The random streams that the layers of this model use in training. Their state can be saved and restored. */
  get randomStreams(): readonly RandomStream[] {
    return this.#chain?.streams ?? []
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /** All weights, layer by layer, with their gradients from this model's last backward pass. */
  get parameters(): readonly Parameter[] {
    return this.#layers.flatMap(({ parameters }) => parameters).map(this.#twins.of)
  }

  /** Whether training changes the weights. Setting it sets all layers; training uses the value at `compile`. */
  get trainable(): boolean {
    return this.#trainable
  }

  set trainable(value: boolean) {
    this.#trainable = boolean('trainable', value)
    for (const layer of this.#layers) layer.trainable = value
  }

  get trainableParameters(): readonly Parameter[] {
    if (!this.#trainable) return []
    const all = this.#layers.flatMap(({ trainableParameters }) => trainableParameters)
    return all.map(this.#twins.of)
  }

  /** Copies of all weights, layer by layer. */
  getWeights(): Tensor[] {
    this.#requireBuilt('getWeights')
    return this.#layers.flatMap(layer => layer.getWeights())
  }

  /** @throws ArgumentError naming the weight that does not fit; in that case no weight changes */
  setWeights(weights: readonly TensorLike[]): void {
    this.#requireBuilt('setWeights')
    const { parameters } = this
    const tensors = checkWeights(weights, parameters, `the model ${this.name}`)
    parameters.forEach((parameter, i) => {
      parameter.value.set(tensors[i].data)
    })
  }

  countParams(): number {
    this.#requireBuilt('countParams')
    return this.#layers.reduce((sum, layer) => sum + layer.countParams(), 0)
  }

  /** Prints a table of the layers, in Keras' layout. @throws StateError before the model is built */
  summary(options: SummaryOptions = {}): void {
    this.#requireBuilt('summary')
    for (const line of summaryLines(this, options)) (options.print ?? print)(line)
  }

  /** The name and layers, from which `Sequential.fromConfig` creates the same model with new weights. */
  getConfig(): { name: string; layers: Serialized[] } {
    const input = this.inputShape
    const inputLayer = input && {
      className: 'InputLayer',
      config: { batchInputShape: [...input], dtype: 'float32', name: `${this.nameOf(this.#layers[0])}_input` },
    }
    return {
      name: this.name,
      layers: [...(inputLayer ? [inputLayer] : []), ...this.#layers.map(layer => this.#serialized(layer))],
    }
  }

  #serialized(layer: Layer): Serialized {
    const { className, config } = layerTable.serialize(layer)
    return { className, config: { ...config, name: this.nameOf(layer) } }
  }

  static fromConfig(config: Config, options: Omit<SequentialOptions, 'name'> = {}): Sequential {
    const { name, layers } = config as { name?: string; layers?: Serialized[] }
    if (!Array.isArray(layers)) throw new ArgumentError('config.layers', layers, 'a list of { className, config }')
    const [first, ...others] = layers
    const isInput = first?.className === 'InputLayer'
    const model = new Sequential(
      (isInput ? others : layers).map(layer => layerTable.get(layer)),
      { ...options, ...(name === undefined ? {} : { name }) },
    )
    if (isInput && !model.built) model.build(first.config.batchInputShape as BatchShape)
    return model
  }

  // ---- Running ------------------------------------------------------------------------------------------------

  /** The output for a batch. @param options.training whether to run as in training (Dropout drops); default false */
  forward(x: TensorLike, options: ForwardOptions = {}): Tensor {
    const tensor = this.checkInput(x)
    return this.chain.forward(tensor, options)
  }

  /**
   * The gradient of sum(y · dy) with respect to x, for the last `forward`; `gradients()` has those with respect to the
   * weights.
   */
  backward(dy: TensorLike): Tensor {
    return this.chain.backward(dy)
  }

  /** The weight gradients of the model's last backward pass, in the order of `trainableParameters`. */
  gradients(): Tensor[] {
    return this.trainableParameters.map(({ shape, gradient }) => new Tensor(shape, gradient.array.slice()))
  }

  /** Converts `x` to a tensor and checks its shape; builds the model first if necessary. */
  checkInput(x: TensorLike): Tensor {
    const tensor = x instanceof Tensor ? x : Tensor.from(x)
    if (tensor.shape.length === 0) throw new ArgumentError('x', tensor, 'a batch of samples: at least one axis')
    if (this.#layers.length === 0) throw new StateError('the model has no layers; add some first')
    if (!this.#chain) this.#build([null, ...tensor.shape.slice(1)])
    this.#assertSample(tensor.shape.slice(1), tensor)
    return tensor
  }

  #assertSample(shape: Shape, received: unknown): void {
    const { inputShape } = this.chain
    if (sameShape(shape, inputShape)) return
    const expected = `samples of the model's input shape [null, ${inputShape.join(', ')}]`
    throw new ArgumentError('x', received, expected)
  }

  // ---- Training -----------------------------------------------------------------------------------------------

  /**
   * Configures training. Weights are kept; an optimizer passed by name or config starts with a new state.
   * @throws ArgumentError for an unknown name
   */
  compile(options: CompileOptions): void {
    this.#assertIdle('compile')
    this.#trainer = new Trainer(this, options, this.#shuffle)
  }

  /**
   * Trains for a number of epochs.
   * @param x samples, `[n, …]`; a Tensor is read again for every batch, so a callback may modify it (augmentation)
   * @param y targets, `[n, …]`
   * @returns loss and metrics of every epoch
   * @throws StateError before `compile` and during another `fit`; ArgumentError when the data do not fit
   */
  fit(x: TensorLike, y: TensorLike, options?: FitOptions): Promise<History>
  /**
   * Trains on batches from a source, each `[x, y]` or `[x, y, sampleWeight]`. An epoch is one pass through the source,
   * or `stepsPerEpoch` batches of it. If the source runs out before the last epoch, training stops and prints a note.
   * @see docs/data.md
   */
  fit(batches: BatchSource<SampleBatch>, options?: SourceFitOptions): Promise<History>
  async fit(
    x: TensorLike | BatchSource<SampleBatch>,
    y?: TensorLike | SourceFitOptions,
    options?: FitOptions,
  ): Promise<History> {
    const trainer = this.#required('fit')
    this.#assertIdle('fit', 'fit')
    return this.#during('fit', async () => {
      if (isBatchSource(x)) return trainer.fit(x, null, sourceOptions<FitOptions>('fit', y, options))
      return trainer.fit(x, y as TensorLike, options ?? {})
    })
  }

  /** Loss and metrics on the given data. */
  evaluate(x: TensorLike, y: TensorLike, options?: EvaluateOptions & StepsOption): Promise<Logs>
  /** Loss and metrics on batches from a source, each `[x, y]` or `[x, y, sampleWeight]`. */
  evaluate(batches: BatchSource<SampleBatch>, options?: SourceEvaluateOptions): Promise<Logs>
  async evaluate(
    x: TensorLike | BatchSource<SampleBatch>,
    y?: TensorLike | SourceEvaluateOptions,
    options?: EvaluateOptions & StepsOption,
  ): Promise<Logs> {
    const trainer = this.#required('evaluate')
    return this.#during('evaluate', async () => {
      if (isBatchSource(x)) return trainer.evaluate(x, null, sourceOptions<StepsOption>('evaluate', y, options))
      return trainer.evaluate(x, y as TensorLike, options ?? {})
    })
  }

  /** Trains one step on one batch. @returns loss and metrics of the batch, from before the step */
  trainOnBatch(x: TensorLike, y: TensorLike, options: TrainBatchOptions = {}): Logs {
    const trainer = this.#required('trainOnBatch')
    this.#assertIdle('trainOnBatch', 'fit')
    return trainer.onBatch('trainOnBatch', x, y, options)
  }

  /** Loss and metrics of one batch. */
  testOnBatch(x: TensorLike, y: TensorLike, options: BatchOptions = {}): Logs {
    return this.#required('testOnBatch').onBatch('testOnBatch', x, y, options)
  }

  /** The output for one batch. */
  predictOnBatch(x: TensorLike): Tensor {
    return this.forward(x)
  }

  /** The output for many samples, batch by batch. */
  predict(x: TensorLike, options?: PredictOptions): Promise<Tensor>
  /** The output for batches of samples from a source. */
  predict(batches: BatchSource<TensorLike>, options?: SourcePredictOptions): Promise<Tensor>
  async predict(x: TensorLike | BatchSource<TensorLike>, options: PredictOptions = {}): Promise<Tensor> {
    return this.#during('predict', async () =>
      predict(this, x, isBatchSource(x) ? sourceOptions('predict', options, undefined) : options),
    )
  }

  /** Starts loss and metrics of `trainOnBatch` and `testOnBatch` anew. */
  resetMetrics(): void {
    this.#trainer?.resetMetrics()
  }

  /** The names of loss and metrics, in order; empty before they are first measured. */
  get metricsNames(): readonly string[] {
    return this.#trainer?.metricsNames ?? []
  }

  /** The optimizer of the last `compile`, or `null`. */
  get optimizer() {
    return this.#trainer?.optimizer ?? null
  }

  /** The options of the last `compile`, or `null`. */
  get compileOptions(): CompileOptions | null {
    return this.#trainer?.options ?? null
  }

  #required(what: string): Trainer {
    if (this.#trainer) return this.#trainer
    throw new StateError(`${what}: call compile first: model.compile({ optimizer, loss })`)
  }

  #requireBuilt(what: string): void {
    if (!this.#chain) throw this.#notBuilt(what)
  }

  #notBuilt(what: string): StateError {
    const advice = 'call model.build(inputShape), give the first layer an inputShape, or pass data'
    return new StateError(`${what}: the model ${this.name} is not built yet; ${advice}`)
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
  #assertIdle(what: string, activity = this.#running[0]): void {
    if (this.runs(activity)) throw new StateError(`${what}: not while ${activity} is running; await its promise`)
  }
}

/** The sample shape specified by a first layer, or `null` if it is missing or incomplete. */
function sampleShape({ batchInputShape }: Layer): Shape | null {
  const shape = batchInputShape?.slice(1)
  return shape?.every(n => n !== null) ? (shape as number[]) : null
}
