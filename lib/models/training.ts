// How a model learns: one step, epochs of steps, and what is measured on the way.

import { nextTurn, now, print } from '#platform'
import { type Callback, CallbackList, type FitParams, type Logs } from '../callbacks.ts'
import {
  boolean,
  finite,
  integer,
  knownOptions,
  oneOf,
  positiveInteger,
  type Shape,
  sizeOf,
} from '../check.ts'
import { ArgumentError, StateError } from '../errors.ts'
import type { Pass } from '../layers/layer.ts'
import { checkTargets, type Loss, type LossIdentifier, losses } from '../losses.ts'
import { type Metric, type MetricIdentifier, resolveMetric } from '../metrics.ts'
import type { Optimizer } from '../optimizer.ts'
import { type OptimizerIdentifier, optimizers } from '../optimizers.ts'
import type { Parameter } from '../parameter.ts'
import type { Random } from '../random.ts'
import { Tensor, type TensorLike } from '../tensor.ts'
import { Batch } from './batch.ts'
import { type ClassWeight, type Data, joinData, splitData } from './data.ts'
import { Objective } from './objective.ts'
import { epochLine, progressLine } from './progress.ts'
import { Run } from './run.ts'
import type { Sequential } from './sequential.ts'

export type { Logs }

export interface CompileOptions {
  /** A name, a config or an optimizer. Default 'rmsprop', as in Keras. */
  readonly optimizer?: OptimizerIdentifier
  /** A name, a config or a loss. `fit` and `evaluate` need one. */
  readonly loss?: LossIdentifier
  /** Measured without weights; 'accuracy' means the one that suits the shapes of output and target. */
  readonly metrics?: readonly MetricIdentifier[]
  /** Measured with the sample weights. */
  readonly weightedMetrics?: readonly MetricIdentifier[]
}

/** An AbortSignal, of a browser or of Node. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: unknown
}

/** 0: nothing is printed; 1: a line with a bar for each epoch; 2: a plain line for each epoch. 'auto' is 1. */
export type Verbosity = 0 | 1 | 2 | 'auto'

export interface EvaluateOptions {
  /** Samples a step. Default 32. */
  readonly batchSize?: number
  /** Stops before the next step: the promise is rejected with the signal's reason, the weights stay as they are. */
  readonly signal?: Signal
  /** How much each sample counts: `[n]`. */
  readonly sampleWeight?: TensorLike
  readonly callbacks?: readonly Callback[]
  readonly verbose?: Verbosity
}

export interface StepsOption {
  /** At most so many batches. Default: all. */
  readonly steps?: number
}

export interface FitOptions extends EvaluateOptions {
  /** The number of the last epoch. Default 1. */
  readonly epochs?: number
  /** How many epochs were done before. Default 0. */
  readonly initialEpoch?: number
  /** Whether every epoch has an order of its own. Default true. */
  readonly shuffle?: boolean
  /** The share of the samples, taken from the end, that is not trained on but measured after every epoch. Default 0. */
  readonly validationSplit?: number
  /** Samples and targets, and perhaps weights, to measure after every epoch. */
  readonly validationData?: readonly [TensorLike, TensorLike, TensorLike?]
  /**
   * Batches an epoch. Default: all of the data. With it an epoch goes on where the one before stopped; when the data
   * are through, they begin again, in a new order where they are shuffled.
   */
  readonly stepsPerEpoch?: number
  /** Batches of validation data to measure. Default: all. */
  readonly validationSteps?: number
  /** Validate after every so many epochs, or after those with these numbers, counted from 1. Default 1. */
  readonly validationFreq?: number | readonly number[]
  /** Samples a step of validation. Default: `batchSize`. */
  readonly validationBatchSize?: number
  /** How much the samples of each class count. */
  readonly classWeight?: ClassWeight
}

export interface BatchOptions {
  /** How much each sample counts: `[n]`. */
  readonly sampleWeight?: TensorLike
  /** Whether loss and metrics are of this batch alone, not of all since the last reset. Default true. */
  readonly resetMetrics?: boolean
}

export interface PredictOptions extends StepsOption {
  /** Samples a step. Default 32. */
  readonly batchSize?: number
  /** Stops before the next step: the promise is rejected with the signal's reason. */
  readonly signal?: Signal
  readonly callbacks?: readonly Callback[]
}

const evaluateOptionNames = ['batchSize', 'sampleWeight', 'callbacks', 'verbose', 'signal']
const fitOptionNames = [
  ...evaluateOptionNames,
  ...['epochs', 'initialEpoch', 'shuffle', 'validationSplit', 'validationData', 'classWeight'],
  ...['validationFreq', 'validationBatchSize', 'stepsPerEpoch', 'validationSteps'],
]

/** What `fit` gives back. */
export interface History {
  /** Loss and metrics of each epoch, by name; those of validation data begin with `val_`. */
  readonly history: Record<string, number[]>
  /** The epochs' numbers, counted from 0. */
  readonly epoch: number[]
  readonly params: FitParams
}

interface CompiledMetric {
  readonly name: string
  readonly metric: Metric
  readonly weighted: boolean
  /** Whether it reads the logits of the last layer, as a crossentropy does (see Objective). */
  readonly ofLogits: boolean
}

/** How long the event loop waits at most while a model computes, in milliseconds. */
const turnLength = 40

/** Everything that `compile` decides, and the loop that uses it. */
export class Trainer {
  readonly optimizer: Optimizer
  readonly loss: Loss | null
  readonly options: CompileOptions
  fitting = false

  readonly #model: Sequential
  readonly #shuffle: { random: Random }
  readonly #pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: true }
  #objective: Objective | null = null
  #metrics: readonly CompiledMetric[] | null = null
  #trained: readonly Parameter[] = []
  #batch: Batch | null = null
  readonly #measured = { loss: 0, samples: 0 } // the sum of losses since the last reset
  #turn = 0 // when the event loop last had one

  constructor(model: Sequential, options: CompileOptions, shuffle: { random: Random }) {
    knownOptions('compile', options, ['optimizer', 'loss', 'metrics', 'weightedMetrics'])
    const { optimizer = 'rmsprop', loss, metrics = [], weightedMetrics = [] } = options
    for (const [name, list] of Object.entries({ metrics, weightedMetrics }))
      if (!Array.isArray(list)) throw new ArgumentError(name, list, 'a list of metrics')
    this.optimizer = optimizers.get(optimizer)
    this.loss = losses.getOptional(loss)
    this.#model = model
    this.options = options
    this.#shuffle = shuffle
  }

  // ---- One step -----------------------------------------------------------------------------------------------

  /** Learns from the batch that was loaded. */
  #trainStep(objective: Objective, batch: Batch): void {
    const predicted = this.#model.propagate(this.#pass) //                     1. layers, left to right
    this.#measure(objective.value(batch, predicted, this.#pass), batch, predicted)
    objective.backpropagate(batch, predicted, this.#pass, this.#trained) //    2. gradients, right to left
    this.optimizer.step() //                                                   3. move
  }

  #testStep(objective: Objective, batch: Batch): void {
    const predicted = this.#model.propagate(this.#pass)
    this.#measure(objective.value(batch, predicted, this.#pass), batch, predicted)
  }

  #measure(loss: number, batch: Batch, predicted: Float32Array): void {
    this.#measured.loss += loss * batch.size
    this.#measured.samples += batch.size
    const logits = this.#model.layers.at(-1)?.activated?.logits ?? predicted
    for (const { metric, weighted, ofLogits } of this.#metrics ?? []) {
      const weights = weighted ? batch.sampleWeights : null
      const output = ofLogits ? logits : predicted
      metric.update(batch.targets, output, batch.outputShape, batch.targetShape, weights)
    }
  }

  #metricNames(): string[] {
    return (this.#metrics ?? []).map(({ name }) => name)
  }

  /** The means since the last reset. */
  #logs(): Logs {
    const logs: Logs = { loss: this.#measured.loss / this.#measured.samples }
    for (const { name, metric } of this.#metrics ?? []) logs[name] = metric.result() as number
    return logs
  }

  #reset(): void {
    this.#measured.loss = 0
    this.#measured.samples = 0
    for (const { metric } of this.#metrics ?? []) metric.resetState()
  }

  // ---- Many steps ---------------------------------------------------------------------------------------------

  async fit(x: TensorLike, y: TensorLike, options: FitOptions): Promise<History> {
    knownOptions('fit', options, fitOptionNames)
    if (this.fitting) throw new StateError('fit: another fit of this model is running; wait for its promise')
    const epochs = integer('epochs', options.epochs ?? 1, 0)
    const initialEpoch = integer('initialEpoch', options.initialEpoch ?? 0, 0)
    const batchSize = positiveInteger('batchSize', options.batchSize ?? 32)
    const verbose = verbosity(options.verbose)
    const validationBatchSize = positiveInteger(
      'validationBatchSize',
      options.validationBatchSize ?? batchSize,
    )
    const validates = validationEpochs(options.validationFreq ?? 1)
    const shuffled = boolean('shuffle', options.shuffle ?? true)
    const callbacks = new CallbackList(options.callbacks ?? [], () => run.weightsNow())
    const { data, validation } = this.#trainingData(x, y, options)
    const { stepsPerEpoch, validationSteps, signal } = options
    const steps = stepsOf('stepsPerEpoch', stepsPerEpoch, Math.ceil(data.n / batchSize))
    const measured = stepsOf('validationSteps', validationSteps, Infinity)
    const { objective, batch } = this.#prepare(data, batchSize, true)
    const names = (prefix: string) => ['loss', ...this.#metricNames()].map(name => `${prefix}${name}`)
    const metrics = [...names(''), ...(validation ? names('val_') : [])]
    const params: FitParams = { epochs, steps, verbose, metrics, seed: this.#model.seed }
    const result: History = { history: {}, epoch: [], params }
    const printed = [...callbacks].some(({ showsProgress }) => showsProgress) ? 0 : verbose
    const run = new Run(
      {
        ...{ model: this.#model, optimizer: this.optimizer, callbacks, history: result, batchSize },
        metrics: (this.#metrics ?? []).map(({ metric }) => metric),
        samples: data.n,
        shuffled,
        orders: this.#shuffle,
        measured: this.#measured,
        logs: () => this.#logs(),
      },
      initialEpoch,
    )

    this.fitting = true
    this.#model.stopTraining = false
    try {
      callbacks.begin(this.#model, params)
      await callbacks.tell('onTrainBegin', {})
      const resumed = await callbacks.resumeFrom()
      if (resumed) run.restore(resumed)
      while (run.epoch < epochs && (!this.#model.stopTraining || run.batch > 0)) {
        const start = now()
        const { epoch } = run
        if (printed > 0) print(`Epoch ${epoch + 1}/${epochs}`)
        await callbacks.tell('onEpochBegin', epoch, {})
        if (resumed && run.batch > 0) run.restore(resumed)
        else {
          if (stepsPerEpoch === undefined) run.rewind()
          this.#reset()
        }
        while (run.batch < steps && !this.#model.stopTraining) {
          throwIfAborted(signal)
          if (callbacks.hears('onTrainBatchBegin')) await callbacks.tell('onTrainBatchBegin', run.batch, {})
          this.#load(batch, data, run.order, run.nextBatch(), batchSize, true)
          this.#trainStep(objective, batch)
          run.batch++
          if (callbacks.hears('onTrainBatchEnd'))
            await callbacks.tell('onTrainBatchEnd', run.batch - 1, this.#logs())
          const waiting = callbacks.tellProgress(run)
          if (waiting) await waiting
          await this.#takeTurns()
        }
        const logs = this.#logs()
        if (validation && validates(epoch + 1)) {
          const found = await this.#evaluateData(validation, validationBatchSize, measured, callbacks, signal)
          for (const [name, value] of Object.entries(found)) logs[`val_${name}`] = value
        }
        if (printed === 1) print(progressLine(steps, now() - start, logs))
        if (printed === 2) print(epochLine(steps, now() - start, logs))
        await callbacks.tell('onEpochEnd', epoch, logs)
        run.endEpoch(logs)
        await callbacks.tell('onProgress', run)
      }
      if (epochs > 0) this.optimizer.finalizeVariableValues()
      await callbacks.tell('onTrainEnd', {})
      return result
    } catch (error) {
      await callbacks.tellOfError(error)
      throw error
    } finally {
      this.fitting = false
    }
  }

  async evaluate(x: TensorLike, y: TensorLike, options: EvaluateOptions & StepsOption): Promise<Logs> {
    knownOptions('evaluate', options, [...evaluateOptionNames, 'steps'])
    if (this.fitting) throw new StateError('evaluate: fit is running, and measures with the same metrics')
    const batchSize = positiveInteger('batchSize', options.batchSize ?? 32)
    const verbose = verbosity(options.verbose)
    const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
    const data = this.#data(x, y, options.sampleWeight)
    this.fitting = true
    try {
      const start = now()
      const all = Math.ceil(data.n / batchSize)
      const steps = Math.min(stepsOf('steps', options.steps, all), all)
      callbacks.begin(this.#model, { epochs: 0, steps, verbose, metrics: [], seed: this.#model.seed })
      const logs = await this.#evaluateData(data, batchSize, steps, callbacks, options.signal)
      if (verbose > 0) print(progressLine(steps, now() - start, logs))
      return logs
    } finally {
      this.fitting = false
    }
  }

  async #evaluateData(
    data: Data,
    batchSize: number,
    steps: number,
    callbacks: CallbackList,
    signal: Signal | undefined,
  ): Promise<Logs> {
    const { objective, batch } = this.#prepare(data, batchSize, false)
    this.#reset()
    await callbacks.tell('onTestBegin', {})
    for (let from = 0, step = 0; from < data.n && step < steps; from += batchSize, step++) {
      throwIfAborted(signal)
      if (callbacks.hears('onTestBatchBegin')) await callbacks.tell('onTestBatchBegin', step, {})
      this.#load(batch, data, null, from, batchSize, false)
      this.#testStep(objective, batch)
      if (callbacks.hears('onTestBatchEnd')) await callbacks.tell('onTestBatchEnd', step, this.#logs())
      await this.#takeTurns()
    }
    const logs = this.#logs()
    await callbacks.tell('onTestEnd', logs)
    return logs
  }

  /** One step, or one measurement, on all of the data at once. */
  onBatch(what: 'trainOnBatch' | 'testOnBatch', x: TensorLike, y: TensorLike, options: BatchOptions): Logs {
    knownOptions(what, options, ['sampleWeight', 'resetMetrics'])
    if (this.fitting) throw new StateError(`${what}: fit is running`)
    const training = what === 'trainOnBatch'
    const data = this.#data(x, y, options.sampleWeight)
    const { objective, batch } = this.#prepare(data, data.n, training)
    if (options.resetMetrics ?? true) this.#reset()
    this.#load(batch, data, null, 0, data.n, training)
    if (training) this.#trainStep(objective, batch)
    else this.#testStep(objective, batch)
    return this.#logs()
  }

  // ---- Before the steps ---------------------------------------------------------------------------------------

  #data(x: TensorLike, y: TensorLike, sampleWeight?: TensorLike, classWeight?: ClassWeight): Data {
    if (!this.loss)
      throw new StateError('no loss: pass one to compile, for example loss: "mean_squared_error"')
    const data = joinData(this.#model.checkInput(x), y, sampleWeight, classWeight)
    checkTargets(this.loss, data.y, [data.n, ...(this.#model.outputShape as Shape).slice(1)])
    return data
  }

  #trainingData(x: TensorLike, y: TensorLike, options: FitOptions): { data: Data; validation: Data | null } {
    const { validationSplit = 0, validationData, sampleWeight, classWeight } = options
    finite('validationSplit', validationSplit, 0, 1)
    const all = this.#data(x, y, sampleWeight, classWeight)
    if (validationData !== undefined) {
      if (!Array.isArray(validationData) || validationData.length < 2 || validationData.length > 3)
        throw new ArgumentError('validationData', validationData, '[x, y] or [x, y, sampleWeight]')
      const [vx, vy, weights] = validationData as readonly [TensorLike, TensorLike, TensorLike?]
      return { data: all, validation: this.#data(vx, vy, weights) }
    }
    if (validationSplit === 0) return { data: all, validation: null }
    const [data, validation] = splitData(all, validationSplit)
    return { data, validation: { ...validation, weights: null } }
  }

  /** Everything that depends on the shapes of the data, and on what is trained. */
  #prepare(data: Data, batchSize: number, training: boolean): { objective: Objective; batch: Batch } {
    const targetItem = data.y.shape.slice(1)
    const size = Math.min(batchSize, data.n)
    if (!this.#batch?.suits(targetItem, size)) {
      this.#batch?.release()
      this.#batch = new Batch(this.#model, targetItem, size, this.loss as Loss)
    }
    this.#objective ??= new Objective(this.#model, this.loss as Loss)
    this.#metrics ??= this.#resolveMetrics(this.#batch.outputShape, this.#batch.targetShape)
    if (training) {
      this.#trained = this.#model.trainableParameters
      this.optimizer.build(this.#trained, this.#model.engine)
    }
    return { objective: this.#objective, batch: this.#batch }
  }

  #resolveMetrics(outputShape: Shape, targetShape: Shape): CompiledMetric[] {
    const { metrics = [], weightedMetrics = [] } = this.options
    const taken = new Set(['loss'])
    const compiled = (identifier: MetricIdentifier, weighted: boolean): CompiledMetric => {
      const metric = resolveMetric(identifier, outputShape, targetShape)
      let name = metric.name
      if (weighted && taken.has(name)) name = `weighted_${name}`
      if (taken.has(name)) throw new ArgumentError('metrics', name, 'names that differ')
      taken.add(name)
      if (typeof metric.result() !== 'number')
        throw new ArgumentError(
          'metrics',
          name,
          'metrics of one number: name one threshold, or average the classes',
        )
      const activation = this.#model.layers.at(-1)?.activated?.activation.className
      const twin = activation === undefined ? null : metric.afterActivation(activation)
      return { name, metric: twin ?? metric, weighted, ofLogits: twin !== null }
    }
    return [...metrics.map(m => compiled(m, false)), ...weightedMetrics.map(m => compiled(m, true))]
  }

  #load(
    batch: Batch,
    data: Data,
    order: Int32Array | null,
    from: number,
    size: number,
    training: boolean,
  ): void {
    batch.load(data, order, from, Math.min(size, data.n - from), training)
    this.#pass.batch = batch.size
    this.#pass.training = training
  }

  /** Lets the event loop have its turn now and then. */
  async #takeTurns(): Promise<void> {
    if (now() - this.#turn < turnLength) return
    await nextTurn()
    this.#turn = now()
  }
}

/** The output of a model for many samples, batch by batch. */
export async function predict(model: Sequential, x: TensorLike, options: PredictOptions): Promise<Tensor> {
  knownOptions('predict', options, ['batchSize', 'callbacks', 'signal', 'steps'])
  const batchSize = positiveInteger('batchSize', options.batchSize ?? 32)
  const tensor = model.checkInput(x)
  const steps = stepsOf('steps', options.steps, Infinity)
  const n = Math.min(tensor.shape[0], steps * batchSize)
  const rowSize = sizeOf(tensor.shape.slice(1))
  const outputShape = (model.outputShape as Shape).slice(1)
  const outputSize = sizeOf(outputShape)
  const result = new Float32Array(n * outputSize)
  const pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: false }
  const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
  const counted = Math.ceil(n / batchSize)
  callbacks.begin(model, { epochs: 0, steps: counted, verbose: 0, metrics: [], seed: model.seed })
  await callbacks.tell('onPredictBegin')
  for (let step = 0, turn = now(); step < counted; step++) {
    throwIfAborted(options.signal)
    const from = step * batchSize
    if (callbacks.hears('onPredictBatchBegin')) await callbacks.tell('onPredictBatchBegin', step)
    pass.batch = Math.min(batchSize, n - from)
    model
      .input(Math.min(batchSize, n), false)
      .set(tensor.data.subarray(from * rowSize, (from + pass.batch) * rowSize))
    const output = model.propagate(pass).subarray(0, pass.batch * outputSize)
    result.set(output, from * outputSize)
    if (callbacks.hears('onPredictBatchEnd')) {
      const outputs = new Tensor([pass.batch, ...outputShape], output.slice())
      await callbacks.tell('onPredictBatchEnd', step, { outputs })
    }
    if (now() - turn < turnLength) continue
    await nextTurn()
    turn = now()
  }
  await callbacks.tell('onPredictEnd')
  return new Tensor([n, ...outputShape], result)
}

const weightsStay = 'The weights of the model did not change'

const stepsOf = (name: string, steps: number | undefined, all: number) =>
  steps === undefined ? all : positiveInteger(name, steps)

function throwIfAborted(signal: Signal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new StateError('stopped by the signal')
}

/** Whether the epoch with this number, counted from 1, ends with a validation. */
function validationEpochs(freq: unknown): (epoch: number) => boolean {
  if (Array.isArray(freq) && freq.every(Number.isSafeInteger)) return epoch => freq.includes(epoch)
  const every = positiveInteger('validationFreq', freq)
  return epoch => epoch % every === 0
}

const verbosity = (verbose: Verbosity | undefined): 0 | 1 | 2 => {
  const level = oneOf('verbose', verbose ?? 'auto', [0, 1, 2, 'auto'] as const)
  return level === 'auto' ? 1 : level
}
