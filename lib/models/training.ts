// The training and evaluation loops: epochs of steps, with metrics, validation and callbacks.

import { now, print } from '#platform'
import { CallbackList, type FitParams, type Logs } from '../callbacks/index.ts'
import type { TrainingState } from '../callbacks/training-state.ts'
import { boolean, finite, integer, knownOptions, type Shape } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Leaf } from '../layers/module.ts'
import type { LossIdentifier } from '../losses/registry.ts'
import { rowShape } from '../losses/row-shapes.ts'
import { losses } from '../losses/table.ts'
import type { MetricIdentifier } from '../metrics/registry.ts'
import { resolveMetric } from '../metrics/resolve.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { optimizers } from '../optimizers/table.ts'
import {
  type BatchSource,
  isBatchSource,
  ranOut,
  readSampleBatch,
  type SampleBatch,
  SourceStream,
} from './batch-source.ts'
import { ArrayStream, type ArrayStreamOptions, type BatchStream } from './batch-stream.ts'
import {
  allRows,
  type ClassWeight,
  type Data,
  isNamed,
  joinData,
  type ModelInput,
  type ModelTargets,
  perName,
  type Rows,
  type SampleWeights,
  splitData,
  weighClasses,
} from './data.ts'
import { type CompiledMetric, Measurement } from './measurement.ts'
import {
  batchSizeOf,
  type CompileOptions,
  checkSignal,
  type EvaluateOptions,
  evaluateOptionNames,
  type FitOptions,
  fitOptionNames,
  type History,
  type Signal,
  type StepsOption,
  stepsOf,
  type TrainBatchOptions,
  takeTurns,
  throwIfAborted,
  validationEpochs,
  verbosity,
  weightsStay,
} from './options.ts'
import { finishedLine } from './progress.ts'
import { Run } from './run.ts'
import type { Runnable } from './runnable.ts'
import { Batch, type Goal, Objective, type TrainableWeight, type Trained } from './step.ts'

/** A `fit` in progress. */
interface Fit {
  readonly run: Run
  readonly batches: BatchStream
  readonly validation: BatchStream | null
  readonly validates: (epoch: number) => boolean
  readonly validationSteps: number
  readonly objective: Objective
  readonly measurement: Measurement
  readonly callbacks: CallbackList
  readonly params: FitParams
  /** The first epoch, and the batches that the data have for all epochs. */
  readonly initialEpoch: number
  readonly available: number
  readonly printed: 0 | 1 | 2
  readonly signal: Signal | undefined
  readonly resumed: TrainingState | null
}

/** The configuration that `compile` sets, and the loops that use it. */
export class Trainer {
  readonly optimizer: Optimizer
  readonly options: CompileOptions

  readonly #model: Runnable
  readonly #shuffle: { random: Random }
  /** The names of the outputs; a model whose outputs change must be compiled again. */
  readonly #outputs: readonly string[]
  /** The loss of each output; `null` where there is none. */
  readonly #goals: readonly (Goal | null)[]
  /** The layers that trained at `compile`, and those that were not trainable. As in Keras, later changes are ignored. */
  readonly #trainable: ReadonlySet<Leaf>
  readonly #frozen: ReadonlySet<Leaf>
  #objective: Objective | null = null
  #metrics: readonly CompiledMetric[] | null = null
  #batch: Batch | null = null
  #measurement: Measurement | null = null // the latest, which `trainOnBatch` and `testOnBatch` may continue

  constructor(model: Runnable, options: CompileOptions, shuffle: { random: Random }) {
    knownOptions('compile', options, ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics'])
    const { optimizer = 'rmsprop', loss, lossWeights, metrics = [], weightedMetrics = [] } = options
    const { outputNames } = model
    this.#outputs = outputNames
    for (const [name, given] of Object.entries({ metrics, weightedMetrics })) {
      if (!Array.isArray(given) && !isNamed(given)) throw new ArgumentError(name, given, 'a list of metrics')
      if (outputNames.length > 0) metricsPerOutput(name, given, outputNames)
    }
    this.optimizer = optimizers.get(optimizer)
    const weights = perOutput<number>('lossWeights', lossWeights, outputNames)
    this.#goals = perOutput<LossIdentifier>('loss', loss, outputNames).map((each, k) => {
      const own = losses.getOptional(each)
      return own && { loss: own, weight: finite('lossWeights', weights[k] ?? 1) }
    })
    this.#model = model
    this.options = options
    this.#shuffle = shuffle
    this.#trainable = new Set(model.trainableLeaves)
    this.#frozen = new Set(model.leaves.filter(({ trainable }) => !trainable))
  }

  /** The outputs with a loss, and the names of their losses, if there are several outputs. */
  get #namedLosses(): { name: string; output: number }[] {
    const outputNames = this.#outputs
    if (outputNames.length < 2) return []
    return outputNames.flatMap((name, output) => (this.#goals[output] ? [{ name: `${name}_loss`, output }] : []))
  }

  #newMeasurement(): Measurement {
    return new Measurement(this.#namedLosses, this.#metrics ?? [])
  }

  resetMetrics(): void {
    this.#measurement?.reset()
  }

  /** The names in the logs; empty before the first batch. */
  get metricsNames(): string[] {
    return this.#metrics ? this.#metricNames() : []
  }

  #metricNames(): string[] {
    return ['loss', ...this.#namedLosses.map(({ name }) => name), ...(this.#metrics ?? []).map(({ name }) => name)]
  }

  // ---- Loops --------------------------------------------------------------------------------------------------

  /** @param y `null` if `x` is a batch source */
  async fit(x: ModelInput | BatchSource<SampleBatch>, y: ModelTargets | null, options: FitOptions): Promise<History> {
    knownOptions('fit', options, fitOptionNames)
    checkSignal(options.signal)
    const epochs = integer('epochs', options.epochs ?? 1, 0)
    const initialEpoch = integer('initialEpoch', options.initialEpoch ?? 0, 0)
    const verbose = verbosity(options.verbose)
    const validates = validationEpochs(options.validationFreq ?? 1)
    const shuffled = boolean('shuffle', options.shuffle ?? true)
    const callbacks = new CallbackList(options.callbacks ?? [], () => run.weightsNow())
    const asked = stepsOf('stepsPerEpoch', options.stepsPerEpoch, Infinity)
    const validationSteps = stepsOf('validationSteps', options.validationSteps, Infinity)
    const { batches, validation } = this.#fitBatches(x, y, options, shuffled)
    let run: Run

    this.#model.stopTraining = false
    try {
      const objective = await this.#prepareFor(batches, true)
      const measurement = this.#newMeasurement()
      this.#measurement = measurement
      const names = (prefix: string) => this.#metricNames().map(name => `${prefix}${name}`)
      const metrics = [...names(''), ...(validation ? names('val_') : [])]
      const steps = options.stepsPerEpoch === undefined ? batches.steps : asked
      const params: FitParams = { epochs, steps, verbose, metrics, seed: this.#model.seed }
      const result: History = { history: {} as History['history'], epoch: [], params }
      const printed = [...callbacks].some(({ showsProgress }) => showsProgress) ? 0 : verbose
      const { optimizer } = this
      run = new Run({ model: this.#model, optimizer, callbacks, history: result, batches, measurement }, initialEpoch)
      callbacks.begin(this.#model, params)
      await callbacks.tell('onTrainBegin', {})
      const resumed = await callbacks.resumeFrom()
      if (resumed) {
        run.restore(resumed)
        await batches.skipUsed(run.batch > 0)
      }
      const fit: Fit = {
        run,
        batches,
        validation,
        validates,
        validationSteps,
        objective,
        measurement,
        callbacks,
        params,
        initialEpoch,
        available: (epochs - initialEpoch) * batches.steps,
        printed,
        signal: options.signal,
        resumed,
      }
      let logs: Logs = {}
      let isDone = run.batch === 0 && resumed?.stopTraining === true
      for (; run.epoch < epochs && !isDone; isDone = this.#model.stopTraining) logs = await this.#epoch(fit)
      if (epochs > 0) optimizer.finalizeVariableValues()
      await callbacks.tell('onTrainEnd', logs)
      return result
    } catch (error) {
      await callbacks.tellOfError(error)
      throw error
    } finally {
      await batches.close()
      await validation?.close()
    }
  }

  /** @returns the measured loss and metrics, without what callbacks add */
  async #epoch(fit: Fit): Promise<Logs> {
    const { run, batches, validation, measurement, callbacks, printed, resumed } = fit
    const { epochs, steps } = fit.params
    const { epoch } = run
    const start = now()
    if (printed > 0 && epochs > 1) print(`Epoch ${epoch + 1}/${epochs}`)
    await callbacks.tell('onEpochBegin', epoch, {})
    if (resumed && run.batch > 0) run.restore(resumed)
    else {
      await batches.rewind()
      measurement.reset()
    }
    const ranOutOfBatches = !(await this.#trainSteps(fit))
    if (ranOutOfBatches && (steps < Infinity || run.batch === 0)) {
      const needed = `training stops; each epoch needs ${steps < Infinity ? steps : 'at least one'}`
      print(ranOut(`fit, epoch ${epoch + 1}`, run.batch, needed))
      this.#model.stopTraining = true
      if (run.batch === 0) return {}
    }
    const logs = measurement.logs()
    if (validation && fit.validates(epoch + 1)) {
      const { validationSteps, signal } = fit
      const found = await this.#testSteps('validationData', validation, validationSteps, callbacks, signal)
      for (const [name, value] of Object.entries(found.logs)) logs[`val_${name}`] = value
    }
    const measured = { ...logs }
    await callbacks.tell('onEpochEnd', epoch, logs)
    const shown = steps < Infinity ? steps : run.batch
    if (printed > 0) print(finishedLine(printed === 1, shown, now() - start, logs))
    run.endEpoch(logs)
    await callbacks.tell('onProgress', run)
    return measured
  }

  /** Runs the steps of an epoch. @returns false if the source ran out of batches */
  async #trainSteps(fit: Fit): Promise<boolean> {
    const { run, batches, objective, measurement, callbacks, params, signal } = fit
    const { optimizer } = this
    const { graph } = this.#model
    while (run.batch < params.steps && (run.batch === 0 || !this.#model.stopTraining)) {
      throwIfAborted(signal)
      if ((run.epoch - fit.initialEpoch) * params.steps + run.batch + 1 > fit.available) return false
      const rows = await batches.next()
      if (!rows) return false
      if (callbacks.hears('onTrainBatchBegin')) await callbacks.tell('onTrainBatchBegin', run.batch, {})
      const batch = this.#load(rows, true)
      const loss = objective.trainStep(batch, optimizer)
      run.batch++
      measurement.add(loss, batch, graph)
      if (callbacks.hears('onTrainBatchEnd')) await callbacks.tell('onTrainBatchEnd', run.batch - 1, measurement.logs())
      if (callbacks.hears('onProgress')) await callbacks.tell('onProgress', run)
      await takeTurns()
    }
    return true
  }

  /** @param y `null` if `x` is a batch source */
  async evaluate(
    x: ModelInput | BatchSource<SampleBatch>,
    y: ModelTargets | null,
    options: EvaluateOptions & StepsOption,
  ): Promise<Logs> {
    knownOptions('evaluate', options, [...evaluateOptionNames, 'steps'])
    checkSignal(options.signal)
    const verbose = verbosity(options.verbose)
    const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
    const asked = stepsOf('steps', options.steps, Infinity)
    let batches: BatchStream
    if (y === null) batches = this.#sourceStream('x', x)
    else {
      const data = this.#data(x as ModelInput, y, options.sampleWeight)
      batches = this.#arrayStream(data, 'batchSize', options.batchSize, options.steps)
    }
    try {
      const start = now()
      const most = Math.min(asked, batches.steps)
      callbacks.begin(this.#model, { epochs: 0, steps: most, verbose, metrics: [], seed: this.#model.seed })
      const { logs, steps, measurement } = await this.#testSteps('evaluate', batches, asked, callbacks, options.signal)
      if (!this.#model.runs('fit')) this.#measurement = measurement
      if (verbose > 0) print(finishedLine(verbose === 1, steps, now() - start, logs))
      return logs
    } finally {
      await batches.close()
    }
  }

  /** Computes loss and metrics on up to `most` batches. @param name of the data, for messages */
  async #testSteps(
    name: string,
    batches: BatchStream,
    most: number,
    callbacks: CallbackList,
    signal: Signal | undefined,
  ): Promise<{ logs: Logs; steps: number; measurement: Measurement }> {
    await batches.rewind()
    const objective = await this.#prepareFor(batches, false)
    const measurement = this.#newMeasurement()
    const { graph } = this.#model
    await callbacks.tell('onTestBegin', {})
    let steps = 0
    for (; steps < Math.min(most, batches.steps); steps++) {
      throwIfAborted(signal)
      const rows = await batches.next()
      if (!rows) break
      if (callbacks.hears('onTestBatchBegin')) await callbacks.tell('onTestBatchBegin', steps, {})
      const batch = this.#load(rows, false)
      measurement.add(objective.testStep(batch), batch, graph)
      if (callbacks.hears('onTestBatchEnd')) await callbacks.tell('onTestBatchEnd', steps, measurement.logs())
      await takeTurns()
    }
    if (steps < most && most < Infinity) print(ranOut(name, steps, `${most} requested`))
    const logs = measurement.logs()
    await callbacks.tell('onTestEnd', { ...logs })
    return { logs, steps, measurement }
  }

  /** One training or test step, with all data as one batch. During `fit`, its metrics do not affect those of `fit`. */
  onBatch(what: 'trainOnBatch' | 'testOnBatch', x: ModelInput, y: ModelTargets, options: TrainBatchOptions): Logs {
    const training = what === 'trainOnBatch'
    knownOptions(what, options, ['sampleWeight', 'resetMetrics', ...(training ? ['classWeight'] : [])])
    const resets = boolean('resetMetrics', options.resetMetrics ?? true)
    const data = this.#weighted(this.#data(x, y, options.sampleWeight), options.classWeight)
    const objective = this.#prepare(data, data.n, training)
    const during = this.#model.runs('fit')
    const measurement = (during ? null : this.#measurement) ?? this.#newMeasurement()
    if (!during) this.#measurement = measurement
    if (resets) measurement.reset()
    const batch = this.#load(allRows(data), training)
    const loss = training ? objective.trainStep(batch, this.optimizer) : objective.testStep(batch)
    measurement.add(loss, batch, this.#model.graph)
    return measurement.logs()
  }

  // ---- Preparation --------------------------------------------------------------------------------------------

  #data(x: ModelInput, y: ModelTargets, sampleWeight?: SampleWeights): Data {
    if (!this.#goals.some(goal => goal))
      throw new StateError('no loss: pass one to compile, for example loss: "mean_squared_error"')
    const outputNames = this.#outputs
    const samples = this.#model.checkInputs(x)
    const rows = outputNames.map((_, k) => this.#rowsOf(k))
    const data = joinData(samples, y, outputNames, sampleWeight, rows)
    this.#model.graph.outputs.forEach(({ shape }, k) => {
      const [goal, targets] = [this.#goals[k], data.ys[k]]
      if (!goal) return
      if (!targets) throw new ArgumentError(`y, output ${outputNames[k]}`, targets, 'targets: the output has a loss')
      goal.loss.checkTargets(targets, [data.n, ...shape])
    })
    this.#checkLabels(data)
    return data
  }

  /** The shape of the rows of one sample of an output. */
  #rowsOf(k: number): Shape {
    return rowShape([1, ...this.#model.graph.outputs[k].shape], this.#goals[k]?.loss.axis).slice(1)
  }

  #weighted(data: Data, classWeight: ClassWeight | undefined): Data {
    return weighClasses(data, classWeight, this.#goals[0]?.loss.targets === 'sparse', this.#rowsOf(0))
  }

  /** @param name of the option that has the batch size @param steps the number of steps, if it is an option */
  #arrayStream(
    data: Data,
    name: string,
    batchSize?: number,
    steps?: number,
    options?: ArrayStreamOptions,
  ): BatchStream {
    return new ArrayStream(data, batchSizeOf(name, batchSize, data.n, steps), this.#shuffle, options)
  }

  /** The batches of a source, each checked when it is read. */
  #sourceStream(name: string, source: unknown, continues = false, classWeight?: ClassWeight): BatchStream {
    const read = (batch: unknown) => {
      return this.#weighted(this.#data(...readSampleBatch('a batch of the source', batch)), classWeight)
    }
    return new SourceStream(name, source as BatchSource<unknown>, read, this.#shuffle, continues)
  }

  #fitBatches(
    x: ModelInput | BatchSource<SampleBatch>,
    y: ModelTargets | null,
    options: FitOptions,
    shuffled: boolean,
  ): { batches: BatchStream; validation: BatchStream | null } {
    const { validationSplit = 0, validationData, sampleWeight, classWeight, stepsPerEpoch } = options
    finite('validationSplit', validationSplit, 0, 1)
    if (isBatchSource(validationData) && options.validationBatchSize !== undefined)
      throw new ArgumentError('fit, option', 'validationBatchSize', 'an option that the source does not set')
    const continues = stepsPerEpoch !== undefined
    if (y === null) {
      const batches = this.#sourceStream('x', x, continues, classWeight)
      return { batches, validation: this.#validationStream(options) }
    }
    const data = this.#data(x as ModelInput, y, sampleWeight)
    const weighted = this.#weighted(data, classWeight)
    const streamOf = (trained: Data) =>
      this.#arrayStream(trained, 'batchSize', options.batchSize, stepsPerEpoch, { shuffled, continues })
    if (validationData !== undefined || validationSplit === 0)
      return { batches: streamOf(weighted), validation: this.#validationStream(options) }
    const [[trained], [, last]] = [weighted, data].map(each => splitData(each, validationSplit))
    return { batches: streamOf(trained), validation: this.#validationArrays(last, options) }
  }

  #validationStream(options: FitOptions): BatchStream | null {
    const { validationData: given } = options
    if (given === undefined) return null
    if (isBatchSource(given)) return this.#sourceStream('validationData', given)
    return this.#validationArrays(this.#data(...readSampleBatch('validationData', given)), options)
  }

  #validationArrays(data: Data, { batchSize, validationBatchSize, validationSteps }: FitOptions): BatchStream {
    return this.#arrayStream(data, 'validationBatchSize', validationBatchSize ?? batchSize, validationSteps)
  }

  async #prepareFor(batches: BatchStream, training: boolean): Promise<Objective> {
    const data = await batches.peek()
    return this.#prepare(data, batches.samples < Infinity ? batches.batchSize : data.n, training)
  }

  /** Prepares everything that depends on the shapes of the data and on the weights to train. */
  #prepare(data: Data, batchSize: number, training: boolean): Objective {
    const size = Math.min(batchSize, data.n)
    this.#model.assertRunFits(size, training)
    const batch = this.#room(data, size)
    this.#objective ??= this.#newObjective()
    if (!this.#metrics) {
      this.#metrics = this.#resolveMetrics(batch)
      this.#checkLabels(data) // later data are checked when they are read
    }
    if (training) this.buildOptimizer(this.#objective.trained)
    return this.#objective
  }

  /** @throws ArgumentError for targets that a metric refuses: before the step, not after it */
  #checkLabels({ ys }: Data): void {
    for (const { metric, output } of this.#metrics ?? []) {
      const targets = ys[output]
      if (targets) metric.checkLabels(targets.data, targets.shape)
    }
  }

  /** Prints a note if an output has only one class: then softmax is always 1, and the loss of it never changes. */
  #newObjective(): Objective {
    const { graph } = this.#model
    graph.outputs.forEach((output, k) => {
      const loss = this.#goals[k]?.loss
      if (!loss || output.shape.at(loss.axis) !== 1) return
      if (
        graph.callOf(output)?.activation?.className === 'softmax' ||
        /^Categorical.*Crossentropy/.test(loss.className)
      )
        print(`${loss.name}: expected more than one class; for two, use one sigmoid unit and binary_crossentropy`)
    })
    return new Objective(graph, this.#goals, this.#weightsToTrain(), this.#model.engine)
  }

  /** The batch buffers, reallocated if they do not suit the targets and `size` samples. */
  #room(data: Data, size: number): Batch {
    if (!this.#batch?.suits(data.ys, size)) {
      this.#batch?.release()
      this.#batch = null
      this.#batch = new Batch(this.#model, data, size, this.#goals, this.#frozen)
    }
    return this.#batch
  }

  /** The weights that compile made trainable, layer by layer. */
  get trainableWeights(): readonly TrainableWeight[] {
    const model = this.#model
    const reached = model.graph.operationsBehind(this.#goals.map(goal => goal !== null))
    return model.leaves.flatMap(leaf => {
      if (!this.#trainable.has(leaf)) return []
      const parameters = leaf.parameters.filter(({ trainable }) => trainable)
      return parameters.map(parameter => ({
        leaf,
        parameter,
        isTrained: reached.has(leaf) || parameter.regularizer !== null,
      }))
    })
  }

  /** Makes the optimizer's variables for the weights to train. */
  buildOptimizer({ parameters, names }: Trained = this.#weightsToTrain()): void {
    this.optimizer.build(parameters, this.#model.engine, names)
  }

  #weightsToTrain(): Trained {
    const trained = this.trainableWeights.filter(({ isTrained }) => isTrained)
    return {
      parameters: trained.map(({ parameter }) => this.#model.parameterOf(parameter)),
      names: trained.map(({ leaf, parameter }) => `${leaf.name}/${parameter.name}:0`),
    }
  }

  #resolveMetrics({ heads }: Batch): CompiledMetric[] {
    const { graph } = this.#model
    const outputNames = this.#outputs
    const metrics = metricsPerOutput('metrics', this.options.metrics, outputNames)
    const weightedMetrics = metricsPerOutput('weightedMetrics', this.options.weightedMetrics, outputNames)
    const taken = new Set(this.#metricNames())
    return outputNames.flatMap((outputName, output) => {
      const head = heads[output]
      const compiled = (identifier: MetricIdentifier, weighted: boolean): CompiledMetric => {
        if (!head) throw new ArgumentError(`y, output ${outputName}`, null, 'targets: the output has metrics')
        const metric = resolveMetric(identifier, head.outputShape, head.targetShape)
        const nameOf = (own: string) => (outputNames.length > 1 ? `${outputName}_${own}` : own)
        let name = nameOf(metric.name)
        if (weighted && taken.has(name)) name = nameOf(`weighted_${metric.name}`)
        if (taken.has(name)) throw new ArgumentError('metrics', name, 'unique names')
        taken.add(name)
        if (typeof metric.result() !== 'number')
          throw new ArgumentError('metrics', name, 'metrics with one value: give one threshold, or average the classes')
        const activation = graph.callOf(graph.outputs[output])?.activation
        const ofLogits = activation ? metric.afterActivation(activation.className) : null
        return { name, output, metric, weighted, ofLogits }
      }
      return [
        ...metrics[output].map(each => compiled(each, false)),
        ...weightedMetrics[output].map(each => compiled(each, true)),
      ]
    })
  }

  #load(rows: Rows, training: boolean): Batch {
    const batch = this.#room(rows.data, rows.count)
    batch.load(rows, training)
    return batch
  }
}

/** A value for each output: one for all, a list, or an object by name. */
export function perOutput<T>(what: string, given: unknown, outputs: readonly string[]): (T | null | undefined)[] {
  if (Array.isArray(given) && given.length === 1 && outputs.length <= 1) return [...given]
  const isForAll = outputs.length === 0 || (!Array.isArray(given) && !isNamed(given))
  return isForAll ? new Array<T>(Math.max(outputs.length, 1)).fill(given as T) : perName<T>(what, given, outputs)
}

type Metrics = readonly MetricIdentifier[]

/** The metrics of each output. A flat list is for all outputs; one with lists inside has an entry for each output. */
export function metricsPerOutput(what: string, given: unknown, outputs: readonly string[]): Metrics[] {
  const list = (each: unknown): Metrics => {
    if (Array.isArray(each)) return each.filter(metric => metric !== null)
    return each === null || each === undefined ? [] : [each as MetricIdentifier]
  }
  const isPerOutput = isNamed(given) || (Array.isArray(given) && given.some(each => Array.isArray(each)))
  if (!isPerOutput) return outputs.map(() => list(given))
  return perOutput<unknown>(what, given, outputs).map(list)
}
