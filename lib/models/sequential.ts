// Layers in a row: what they are, the memory they share, and the two directions through them. How they learn is
// in training.ts.

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
import { layers as layerTable } from '../layers/index.ts'
import { checkWeights, Layer } from '../layers/layer.ts'
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
} from './options.ts'
import { predict } from './predict.ts'
import type { Activity, Runnable } from './runnable.ts'
import { type SummaryOptions, summaryLines } from './summary.ts'
import { Trainer } from './training.ts'

/** The options of a model. */
export interface SequentialOptions extends EngineOptions {
  /** Default 'sequential'. */
  readonly name?: string
  /**
   * Decides the initial weights, the shuffling and what Dropout drops; the same seed gives the same numbers to the
   * last bit. Default: one is drawn; `model.seed` and `history.params.seed` tell it.
   */
  readonly seed?: Seed
  /**
   * Bytes of memory for weights, gradients, optimizer and activations. A model that needs more is refused before it is
   * taken: when it is built, and when a larger batch or training would need more. Default: no limit.
   */
  readonly memoryLimit?: number
}

/**
 * A model whose layers stand in a row, each with one input and one output, as `tf.keras.Sequential`.
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
  /** What computes. Models that share a layer have one memory, and so one engine at work. */
  readonly engine: Engine
  /** Set by a callback: `fit` stops after the batch that runs. */
  stopTraining = false

  readonly #layers: Layer[] = []
  readonly #workspace: Workspace
  readonly #shuffle: { random: Random }
  readonly #twins = new Twins() // of the layers' parameters: the same weights, with the model's gradients
  readonly #running: Activity[] = []
  readonly #names = new Map<Layer, string>() // of layers whose own name another one has here
  #chain: Chain | null = null
  #memoryLimit = Infinity
  #trainable = true
  #trainer: Trainer | null = null

  /**
   * @param layers in order; the first may tell the shape of a sample (`inputShape`), else `build` or the first data do
   * @throws ArgumentError when something is not a layer, two have one name, or shapes do not fit
   */
  constructor(layers: readonly Layer[] = [], options: SequentialOptions = {}) {
    if (!Array.isArray(layers)) throw new ArgumentError('layers', layers, 'a list of layers')
    knownOptions('Sequential', options, ['name', 'seed', 'engine', 'threads', 'memoryLimit'])
    const { name = 'sequential', seed = drawSeed(), engine, threads, memoryLimit } = options
    if (typeof name !== 'string' || name === '')
      throw new ArgumentError('name', name, 'a string that is not empty')
    this.name = name
    this.seed = seed
    this.#workspace = new Workspace({
      ...(engine !== undefined && { engine }),
      ...(threads !== undefined && { threads }),
    })
    this.engine = this.#workspace
    this.#shuffle = { random: stream(seed, 'shuffle') }
    if (memoryLimit !== undefined) this.#memoryLimit = positiveInteger('memoryLimit', memoryLimit)
    const given = layers[0] instanceof Layer ? sampleShape(layers[0]) : null
    if (given && layers.every(layer => layer instanceof Layer)) this.#assertFit(layers, [null, ...given])
    const taken = layers.filter(layer => layer instanceof Layer && layer.hasName)
    for (const layer of layers) this.#add(layer, new Set(taken.map(({ name }) => name)))
  }

  // ---- Layers -------------------------------------------------------------------------------------------------

  get layers(): readonly Layer[] {
    return this.#layers
  }

  /**
   * Appends a layer, and builds it if the shapes are known. A layer of another model brings its weights along: both models
   * train the same ones from then on, in one memory.
   * @throws ArgumentError when it does not fit, is in the model already, or has the name of another; where both models named
   * an engine, and not the same. StateError while the model runs
   */
  add(layer: Layer): void {
    this.#add(layer, new Set())
  }

  /** @param reserved names that automatic ones must not take */
  #add(layer: Layer, reserved: ReadonlySet<string>): void {
    if (!(layer instanceof Layer)) throw new ArgumentError('layer', layer, 'a layer')
    this.#assertIdle('add')
    if (this.#layers.includes(layer))
      throw new ArgumentError('layer', layer.name, 'a layer that is not in the model yet')
    const isTaken = this.#layerNames.includes(layer.name)
    if (layer.isNamed && isTaken)
      throw new ArgumentError('layer', layer.name, 'a name that no other layer of the model has')
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

  /** Takes the last layer away. @throws StateError when there is none, and while the model runs */
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

  /** @throws ArgumentError when no layer has that name or index */
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

  /** A layer's name in this model: its own, but where another layer had that already and both names were made. */
  nameOf(layer: Layer): string {
    return this.#names.get(layer) ?? layer.name
  }

  get #layerNames(): string[] {
    return this.#layers.map(layer => this.nameOf(layer))
  }

  get built(): boolean {
    return this.#chain !== null
  }

  /** The input's shape with `null` for the batch, or `null` while it isn't known. */
  get inputShape(): BatchShape | null {
    return this.#chain && [null, ...this.#chain.inputShape]
  }

  /** The output's shape with `null` for the batch, or `null` while it isn't known. */
  get outputShape(): BatchShape | null {
    return this.#chain && [null, ...this.#chain.outputShape]
  }

  /**
   * Makes the weights for inputs of this shape, the batch in front: `[null, 28, 28, 1]`.
   * @throws ArgumentError when it does not fit; StateError while the model runs
   */
  build(inputShape: BatchShape): void {
    this.#assertIdle('build')
    this.#build(inputShape)
  }

  #build(inputShape: BatchShape): void {
    if (this.#layers.length === 0) throw new StateError('build: the model has no layers; add some first')
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

  /** Builds a layer where that is still to be done, and gives it its place. */
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

  /** The calls of the layers. @throws StateError before the model is built */
  get chain(): Chain {
    if (this.#chain) return this.#chain
    throw this.#notBuilt('its layers are called')
  }

  /** A run of the layers that nobody else sees, with buffers, gradients and streams of its own. */
  probe(inputShape: Shape): Chain {
    this.#assertSample(inputShape, [null, ...inputShape])
    const chain = new Chain(inputShape, {
      engine: this.engine,
      parameterOf: new Twins().of,
    })
    this.#layers.forEach((layer, i) => {
      chain.add(layer, name => stream(this.seed, i, `alone/${name}`))
    })
    return chain
  }

  /** Takes memory for runs of up to `batch` samples. @throws ArgumentError when they need more than `memoryLimit` */
  reserve(batch: number, training: boolean): void {
    this.chain.reserve(batch, training)
  }

  /** @throws ArgumentError when layers need more memory than `memoryLimit` */
  #assertFit(layers: readonly Layer[], inputShape: BatchShape): void {
    if (this.#memoryLimit < Infinity) assertLayersFit(this.#memoryLimit, layers, inputShape)
  }

  /** @throws ArgumentError when a run needs more memory than `memoryLimit` */
  assertRunFits(batch: number, training: boolean): void {
    if (this.#memoryLimit === Infinity) return
    const { calls } = this.chain
    const places = this.#layers.map((layer, i) => ({ layer, call: calls[i] }))
    assertRunFits(this.#memoryLimit, places, {
      batch,
      training,
      optimizer: training ? this.optimizer : null,
    })
  }

  #freeName(base: string, reserved: ReadonlySet<string>): string {
    const taken = new Set([...reserved, ...this.#layerNames])
    let name = base
    for (let n = 1; taken.has(name); n++) name = `${base}_${n}`
    return name
  }

  /** Whether the output is linear, but for a constant, in the input and in each weight by itself. */
  get isLinear(): boolean {
    return this.#layers.every(layer => layer.isLinear)
  }

  /** Whether the input has a gradient: whether the first layer's has. */
  get hasInputGradient(): boolean {
    return this.#layers.every(layer => layer.hasInputGradient)
  }

  /** What the layers draw from in training, here: it can be kept and put back. */
  get randomStreams(): readonly RandomStream[] {
    return this.#chain?.streams ?? []
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /** All weights, layer by layer, with the gradients that the model gave them last. */
  get parameters(): readonly Parameter[] {
    return this.#layers.flatMap(({ parameters }) => parameters).map(this.#twins.of)
  }

  /** Whether training changes the weights; setting it sets all layers. What `compile` found is what trains. */
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

  /** @throws ArgumentError naming the weight that does not fit; no weight is changed then */
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

  /** Prints a table of the layers as Keras lays it out. @throws StateError before the model is built */
  summary(options: SummaryOptions = {}): void {
    this.#requireBuilt('summary')
    for (const line of summaryLines(this, options)) (options.print ?? print)(line)
  }

  /** Name and layers, such that `Sequential.fromConfig` makes the same model with fresh weights. */
  getConfig(): { name: string; layers: Serialized[] } {
    const input = this.inputShape
    const inputLayer = input && {
      className: 'InputLayer',
      config: {
        batchInputShape: [...input],
        dtype: 'float32',
        name: `${this.nameOf(this.#layers[0])}_input`,
      },
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
    if (!Array.isArray(layers))
      throw new ArgumentError('config.layers', layers, 'a list of { className, config }')
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

  /** The output for a batch, all layers left to right. @param options.training as in training; default false */
  forward(x: TensorLike, options: ForwardOptions = {}): Tensor {
    const tensor = this.checkInput(x)
    return this.chain.forward(tensor, options)
  }

  /** The gradient of sum(y · dy) in x for the last `forward`, right to left; the weights' are in `gradients()`. */
  backward(dy: TensorLike): Tensor {
    return this.chain.backward(dy)
  }

  /** The gradients of the model's last backward pass, in the order of `trainableParameters`. */
  gradients(): Tensor[] {
    return this.trainableParameters.map(({ shape, gradient }) => new Tensor(shape, gradient.array.slice()))
  }

  /** A tensor that fits the model as input; builds the model if need be. */
  checkInput(x: TensorLike): Tensor {
    const tensor = x instanceof Tensor ? x : Tensor.from(x)
    if (tensor.shape.length === 0)
      throw new ArgumentError('x', tensor, 'a batch of samples: at least one axis')
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

  // ---- Learning -----------------------------------------------------------------------------------------------

  /** Says how the model learns. Weights stay; the optimizer starts anew. @throws ArgumentError for an unknown name */
  compile(options: CompileOptions): void {
    this.#assertIdle('compile')
    this.#trainer = new Trainer(this, options, this.#shuffle)
  }

  /**
   * Trains for some epochs.
   * @param x samples, `[n, …]`; a Tensor is read anew for every batch, so that a callback may change it (augmentation)
   * @param y targets, `[n, …]`
   * @returns loss and metrics of every epoch
   * @throws StateError before `compile` and during another `fit`; ArgumentError when data do not fit
   */
  fit(x: TensorLike, y: TensorLike, options?: FitOptions): Promise<History>
  /**
   * Trains on batches as they come: `[x, y]` or `[x, y, sampleWeight]` each. An epoch is the source to its end, or
   * `stepsPerEpoch` batches of it. A source that ends before all epochs ends the training with a printed line.
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

  /** Loss and metrics on data. */
  evaluate(x: TensorLike, y: TensorLike, options?: EvaluateOptions & StepsOption): Promise<Logs>
  /** Loss and metrics on batches as they come: `[x, y]` or `[x, y, sampleWeight]` each. */
  evaluate(batches: BatchSource<SampleBatch>, options?: SourceEvaluateOptions): Promise<Logs>
  async evaluate(
    x: TensorLike | BatchSource<SampleBatch>,
    y?: TensorLike | SourceEvaluateOptions,
    options?: EvaluateOptions & StepsOption,
  ): Promise<Logs> {
    const trainer = this.#required('evaluate')
    return this.#during('evaluate', async () => {
      if (isBatchSource(x))
        return trainer.evaluate(x, null, sourceOptions<StepsOption>('evaluate', y, options))
      return trainer.evaluate(x, y as TensorLike, options ?? {})
    })
  }

  /** One step on one batch: loss and metrics of the batch, from before the step. */
  trainOnBatch(x: TensorLike, y: TensorLike, options: BatchOptions = {}): Logs {
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
  /** The output for batches of samples as they come. */
  predict(batches: BatchSource<TensorLike>, options?: SourcePredictOptions): Promise<Tensor>
  async predict(x: TensorLike | BatchSource<TensorLike>, options: PredictOptions = {}): Promise<Tensor> {
    return this.#during('predict', async () =>
      predict(this, x, isBatchSource(x) ? sourceOptions('predict', options, undefined) : options),
    )
  }

  /** What `compile` set, or `null`. */
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

  /** Whether this goes on, and lets others act meanwhile. */
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

  /** @param activity Default: any. */
  #assertIdle(what: string, activity = this.#running[0]): void {
    if (this.runs(activity))
      throw new StateError(`${what}: not while ${activity} is running; wait for its promise`)
  }
}

/** The shape of a sample that a first layer names, if all of it is known. */
function sampleShape({ batchInputShape }: Layer): Shape | null {
  const shape = batchInputShape?.slice(1)
  return shape?.every(n => n !== null) ? (shape as number[]) : null
}
