// Layers in a row: what they are, the memory they share, and the two directions through them. How they learn is
// in training.ts.

import { print } from '#platform'
import type { Logs } from '../callbacks.ts'
import {
  type BatchShape,
  batchShape,
  boolean,
  knownOptions,
  positiveInteger,
  type Shape,
  sameShape,
  sizeOf,
} from '../check.ts'
import { type Engine, type Region, regionOf } from '../engine.ts'
import { createEngine, type EngineOptions } from '../engines.ts'
import { ArgumentError, StateError } from '../errors.ts'
import { layers as layerTable } from '../layers/index.ts'
import {
  BatchBuffer,
  type BuildContext,
  checkWeights,
  type ForwardOptions,
  Layer,
  type Pass,
} from '../layers/layer.ts'
import { automaticName } from '../names.ts'
import type { Parameter } from '../parameter.ts'
import { drawSeed, type Random, type Seed, stream } from '../random.ts'
import type { Config, Serialized } from '../registry.ts'
import { Tensor, type TensorLike } from '../tensor.ts'
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

/** Memory for batches of up to `batch` samples. */
interface Memory {
  readonly region: Region
  readonly batch: number
  /** Whether there is memory for gradients too. */
  readonly training: boolean
  readonly input: BatchBuffer
  readonly outputGradient: BatchBuffer
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
export class Sequential {
  readonly name: string
  readonly seed: Seed
  readonly engine: Engine
  /** Set by a callback: `fit` stops after the batch that runs. */
  stopTraining = false

  readonly #layers: Layer[] = []
  readonly #weights: Region
  readonly #shuffle: { random: Random }
  #inputShape: Shape | null = null
  #memoryLimit = Infinity
  #trainer: Trainer | null = null
  #memory: Memory | null = null
  #ranForward: Pass | null = null

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
    this.engine = createEngine({ ...(engine && { engine }), ...(threads !== undefined && { threads }) })
    this.#weights = this.engine.region()
    this.#shuffle = { random: stream(seed, 'shuffle') }
    if (memoryLimit !== undefined) this.#memoryLimit = positiveInteger('memoryLimit', memoryLimit)
    const given = layers[0] instanceof Layer ? sampleShape(layers[0]) : null
    if (given && layers.every(layer => layer instanceof Layer)) this.#assertFit(layers, [null, ...given])
    for (const layer of layers) this.add(layer)
  }

  // ---- Layers -------------------------------------------------------------------------------------------------

  get layers(): readonly Layer[] {
    return this.#layers
  }

  /** Appends a layer, and builds it if the shapes are known. */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new ArgumentError('layer', layer, 'a layer')
    if (this.#layers.includes(layer))
      throw new ArgumentError('layer', layer.name, 'a layer that is not in the model yet')
    this.#assertIdle('add')
    if (layer.isNamed && this.#layers.some(({ name }) => name === layer.name))
      throw new ArgumentError('layer', layer.name, 'a name that no other layer of the model has')
    if (!layer.isNamed) layer.rename(this.#freeName(automaticName(layer.className)))
    if (this.#layers.length === 0) this.#inputShape = sampleShape(layer)
    if (this.#inputShape) this.#assertFit([...this.#layers, layer], [null, ...this.#inputShape])
    if (this.#inputShape)
      this.#buildLayer(layer, this.#layers.length, this.outputShape ?? [null, ...this.#inputShape])
    this.#layers.push(layer)
    this.#changed()
  }

  /** Takes the last layer away. */
  pop(): void {
    if (this.#layers.length === 0) throw new StateError('pop: the model has no layers')
    this.#assertIdle('pop')
    this.#layers.pop()
    if (this.#layers.length === 0) this.#inputShape = null
    this.#changed()
  }

  /** @throws ArgumentError when no layer has that name or index */
  getLayer(nameOrIndex: string | number): Layer {
    const layer =
      typeof nameOrIndex === 'number'
        ? this.#layers[nameOrIndex]
        : this.#layers.find(l => l.name === nameOrIndex)
    if (layer) return layer
    const names = this.#layers.map(({ name }) => name).join(', ')
    throw new ArgumentError(
      'nameOrIndex',
      nameOrIndex,
      `one of ${names}, or an index below ${this.#layers.length}`,
    )
  }

  get built(): boolean {
    return this.#inputShape !== null && this.#layers.length > 0
  }

  /** The input's shape with `null` for the batch, or `null` while it isn't known. */
  get inputShape(): BatchShape | null {
    return this.#inputShape && [null, ...this.#inputShape]
  }

  /** The output's shape with `null` for the batch, or `null` while it isn't known. */
  get outputShape(): BatchShape | null {
    if (!this.#inputShape) return null
    return [null, ...(this.#layers.at(-1)?.outputShape ?? this.#inputShape)]
  }

  /** Makes the weights for inputs of this shape, the batch in front: `[null, 28, 28, 1]`. */
  build(inputShape: BatchShape): void {
    if (this.#layers.length === 0) throw new StateError('build: the model has no layers; add some first')
    const [, ...sample] = batchShape('inputShape', inputShape)
    if (this.#inputShape && !sameShape(this.#inputShape, sample))
      throw new ArgumentError(
        'inputShape',
        inputShape,
        `[null, ${this.#inputShape.join(', ')}], as built before`,
      )
    this.#assertFit(this.#layers, [null, ...sample])
    let shape: BatchShape = [null, ...sample]
    this.#layers.forEach((layer, i) => {
      this.#buildLayer(layer, i, shape)
      shape = [null, ...layer.outputShape]
    })
    this.#inputShape = sample
  }

  #buildLayer(layer: Layer, index: number, inputShape: BatchShape): void {
    layer.build(inputShape, this.#contextOf(index))
  }

  #contextOf(index: number): BuildContext {
    const { engine, seed } = this
    return { engine, weights: this.#weights, stream: name => stream(seed, index, name) }
  }

  /** @throws ArgumentError when layers need more memory than there shall be */
  #assertFit(layers: readonly Layer[], inputShape: BatchShape): void {
    if (this.#memoryLimit < Infinity)
      assertLayersFit(this.#memoryLimit, layers, inputShape, this.#contextOf(0))
  }

  /** @throws ArgumentError when a run needs more memory than there shall be */
  assertRunFits(batch: number, training: boolean): void {
    if (this.#memoryLimit === Infinity) return
    const optimizer = training ? this.optimizer : null
    assertRunFits(this.#memoryLimit, this.#layers, { batch, training, optimizer })
  }

  #freeName(base: string): string {
    const taken = new Set(this.#layers.map(({ name }) => name))
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

  /** The layers that draw random numbers in training. */
  get randomStreams(): readonly { random: Random }[] {
    return this.#layers.flatMap(layer => layer.randomStreams)
  }

  // ---- Weights ------------------------------------------------------------------------------------------------

  /** All weights and gradients, layer by layer. */
  get parameters(): readonly Parameter[] {
    return this.#layers.flatMap(layer => layer.parameters)
  }

  get trainableParameters(): readonly Parameter[] {
    return this.#layers.flatMap(layer => layer.trainableParameters)
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
      config: { batchInputShape: [...input], dtype: 'float32', name: `${this.#layers[0]?.name}_input` },
    }
    return {
      name: this.name,
      layers: [...(inputLayer ? [inputLayer] : []), ...this.#layers.map(layerTable.serialize)],
    }
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
    knownOptions('forward', options, ['training'])
    const training = boolean('training', options.training ?? false)
    const tensor = this.checkInput(x)
    const [batch] = tensor.shape
    const pass = { batch, training, inputGradient: true, penalties: false }
    this.input(batch, true).set(tensor.data)
    const output = this.propagate(pass)
    this.#ranForward = pass
    return new Tensor([batch, ...this.#outputItem], output.slice(0, batch * sizeOf(this.#outputItem)))
  }

  /** The gradient of sum(y · dy) in x for the last `forward`, right to left; the weights' are in `gradients()`. */
  backward(dy: TensorLike): Tensor {
    const pass = this.#ranForward
    if (!pass) throw new StateError(`the model ${this.name}: backward needs a forward before it`)
    const tensor = Tensor.from(dy)
    const expected = [pass.batch, ...this.#outputItem]
    if (!sameShape(tensor.shape, expected))
      throw new ArgumentError('dy', tensor, `the shape [${expected.join(', ')}]`)
    this.outputGradient.set(tensor.data)
    const dx = this.backpropagate(this.outputGradient, pass)
    const inputShape = [pass.batch, ...this.#inputItem]
    return new Tensor(inputShape, dx.slice(0, sizeOf(inputShape)))
  }

  /** The gradients of the last backward pass, in the order of `trainableParameters`. */
  gradients(): Tensor[] {
    return this.trainableParameters.map(({ shape, grad }) => new Tensor(shape, grad.slice()))
  }

  /** Where the samples of the next run go; takes memory where there is too little. */
  input(batch: number, training: boolean): Float32Array {
    const memory = this.#memory
    if (memory && memory.batch >= batch && (memory.training || !training)) return memory.input.array
    this.assertRunFits(Math.max(batch, memory?.batch ?? 0), training || (memory?.training ?? false))
    const next = {
      batch: Math.max(batch, memory?.batch ?? 0),
      training: training || (memory?.training ?? false),
      input: new BatchBuffer(sizeOf(this.#inputItem)),
      outputGradient: new BatchBuffer(sizeOf(this.#outputItem)),
    }
    memory?.region.release()
    this.#memory = null
    this.#ranForward = null
    const region = regionOf(this.engine, region => {
      next.input.allocate(region, next.batch)
      if (next.training) next.outputGradient.allocate(region, next.batch)
      for (const layer of this.#layers) layer.allocate(region, next.batch, next.training)
    })
    this.#memory = { ...next, region }
    return next.input.array
  }

  /** Where the gradient of the output goes before `backpropagate`. */
  get outputGradient(): Float32Array {
    if (!this.#memory) throw new StateError('backward needs a forward before it')
    return this.#memory.outputGradient.array
  }

  /** All layers, left to right, from what stands in `input`. */
  propagate(pass: Pass): Float32Array {
    if (!this.#memory) throw new StateError('propagate: nothing stands in the input')
    this.#ranForward = null
    let x = this.#memory.input.array
    for (const layer of this.#layers) x = layer.propagate(x, pass)
    return x
  }

  /** All layers, right to left; stops where nothing more to the left is trained. `dy` may be overwritten. */
  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const { inputGradient } = pass
    const lowest = inputGradient ? 0 : this.#layers.findIndex(layer => layer.trainableParameters.length > 0)
    if (lowest < 0) return dy
    for (let i = this.#layers.length - 1; i >= lowest; i--) {
      pass.inputGradient = i > lowest || inputGradient
      dy = this.#layers[i].backpropagate(dy, pass)
    }
    pass.inputGradient = inputGradient
    return dy
  }

  /** A tensor that fits the model as input; builds the model if need be. */
  checkInput(x: TensorLike): Tensor {
    const tensor = x instanceof Tensor ? x : Tensor.from(x)
    if (tensor.shape.length === 0)
      throw new ArgumentError('x', tensor, 'a batch of samples: at least one axis')
    if (!this.built) this.build([null, ...tensor.shape.slice(1)])
    if (!sameShape(tensor.shape.slice(1), this.#inputItem))
      throw new ArgumentError(
        'x',
        tensor,
        `samples of the model's input shape [null, ${this.#inputItem.join(', ')}]`,
      )
    return tensor
  }

  get #inputItem(): Shape {
    return this.#requireBuilt('its input shape')
  }

  get #outputItem(): Shape {
    return this.#layers[this.#layers.length - 1].outputShape
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
    if (isBatchSource(x)) return trainer.fit(x, null, sourceOptions<FitOptions>('fit', y, options))
    return trainer.fit(x, y as TensorLike, options ?? {})
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
    if (isBatchSource(x)) return trainer.evaluate(x, null, sourceOptions<StepsOption>('evaluate', y, options))
    return trainer.evaluate(x, y as TensorLike, options ?? {})
  }

  /** One step on one batch: loss and metrics of the batch, from before the step. */
  trainOnBatch(x: TensorLike, y: TensorLike, options: BatchOptions = {}): Logs {
    return this.#required('trainOnBatch').onBatch('trainOnBatch', x, y, options)
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
    return predict(this, x, isBatchSource(x) ? sourceOptions('predict', options, undefined) : options)
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
    throw new StateError(`${what}: compile the model before: model.compile({ optimizer, loss })`)
  }

  #requireBuilt(what: string): Shape {
    if (this.#inputShape && this.#layers.length > 0) return this.#inputShape
    const advice = 'call model.build(inputShape), give the first layer an inputShape, or pass data'
    throw new StateError(`${what}: the model ${this.name} is not built yet; ${advice}`)
  }

  #assertIdle(what: string): void {
    if (this.#trainer?.fitting) throw new StateError(`${what}: not while fit is running`)
  }

  #changed(): void {
    this.#memory?.region.release()
    this.#memory = null
    this.#trainer = null
  }
}

/** The shape of a sample that a first layer names, if all of it is known. */
function sampleShape({ batchInputShape }: Layer): Shape | null {
  const shape = batchInputShape?.slice(1)
  return shape?.every(n => n !== null) ? (shape as number[]) : null
}
