// What may look in, and stop, while a model learns.

import { print } from '#platform'
import { boolean, finite, integer, knownOptions, oneOf } from './check.ts'
import { ArgumentError, StateError } from './errors.ts'
import type { Optimizer } from './optimizer.ts'
import type { Tensor } from './tensor.ts'

/** Loss and metrics by name. */
export type Logs = Record<string, number>

/** What a callback may see and do of the model it looks at. */
export interface WatchedModel {
  /** Set to true: `fit` stops after the batch that runs. */
  stopTraining: boolean
  readonly optimizer: Optimizer | null
  getWeights(): Tensor[]
  setWeights(weights: readonly Tensor[]): void
}

/** What `fit` was called with. */
export interface FitParams {
  readonly epochs: number
  /** Batches an epoch. */
  readonly steps: number
  readonly verbose: number
  /** The names that logs of an epoch hold. */
  readonly metrics: readonly string[]
  readonly seed: number | string
}

/**
 * Any of these, as in Keras; each may be async, and `fit` waits for it. `logs` of a training batch are running
 * means since the start of the epoch.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/Callback
 */
export interface Callback {
  setModel?(model: WatchedModel): void
  setParams?(params: FitParams): void
  onTrainBegin?(logs: Logs): void | Promise<void>
  onTrainEnd?(logs: Logs): void | Promise<void>
  onEpochBegin?(epoch: number, logs: Logs): void | Promise<void>
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>
  onTrainBatchBegin?(batch: number, logs: Logs): void | Promise<void>
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>
  onTestBegin?(logs: Logs): void | Promise<void>
  onTestEnd?(logs: Logs): void | Promise<void>
  onTestBatchBegin?(batch: number, logs: Logs): void | Promise<void>
  onTestBatchEnd?(batch: number, logs: Logs): void | Promise<void>
}

const events = [
  ...['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'],
  ...['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'],
]

/** @throws ArgumentError for what is no callback, or one that waits for an event that never comes */
export function checkCallbacks(callbacks: unknown): readonly Callback[] {
  if (!Array.isArray(callbacks)) throw new ArgumentError('callbacks', callbacks, 'a list of callbacks')
  for (const callback of callbacks) {
    if (typeof callback !== 'object' || callback === null)
      throw new ArgumentError('callbacks', callback, 'objects with functions such as onEpochEnd')
    for (const key in callback)
      if (/^on[A-Z]/.test(key) && !events.includes(key))
        throw new ArgumentError('callbacks, event', key, `one of ${events.join(', ')}`)
  }
  return callbacks
}

// ---- The callbacks of Keras ---------------------------------------------------------------------------------------

/** Which way a measured value is better. 'auto': greater for names that end in acc, accuracy or auc, else less. */
export type Mode = 'auto' | 'min' | 'max'

export interface MonitorOptions {
  /** What is watched: a name in the logs. Default 'val_loss'. */
  readonly monitor?: string
  /** Default 'auto'. */
  readonly mode?: Mode
  /** 1 tells what happens. Default 0. */
  readonly verbose?: 0 | 1
}
const monitorOptionNames = ['monitor', 'mode', 'verbose']

/** Watches one value of the logs, and knows when it is better. */
class Monitor {
  readonly name: string
  readonly verbose: boolean
  readonly #sign: 1 | -1

  constructor({ monitor = 'val_loss', mode = 'auto', verbose = 0 }: MonitorOptions) {
    if (typeof monitor !== 'string') throw new ArgumentError('monitor', monitor, 'a name in the logs')
    const isUp =
      oneOf('mode', mode, ['auto', 'min', 'max']) === 'auto'
        ? /(acc|accuracy|auc)$/.test(monitor)
        : mode === 'max'
    this.name = monitor
    this.verbose = oneOf('verbose', verbose, [0, 1]) === 1
    this.#sign = isUp ? 1 : -1
  }

  get worst(): number {
    return -this.#sign * Infinity
  }

  /** Whether a value is better than another by more than `delta`. */
  isBetter(value: number, than: number, delta: number): boolean {
    return this.#sign * value - delta > this.#sign * than
  }

  /** The value of this epoch; `null` where this epoch measured none. */
  of(logs: Logs): number | null {
    return Object.hasOwn(logs, this.name) ? logs[this.name] : null
  }

  /** @throws ArgumentError when no epoch will measure it */
  check({ metrics }: FitParams): void {
    if (!metrics.includes(this.name))
      throw new ArgumentError('monitor', this.name, `one of ${metrics.join(', ')}`)
  }

  say(line: string): void {
    if (this.verbose) print(line)
  }
}

/** A callback that has a model to act on. */
abstract class ModelCallback implements Callback {
  #model: WatchedModel | null = null

  setModel(model: WatchedModel): void {
    this.#model = model
  }

  protected get model(): WatchedModel {
    if (!this.#model) throw new StateError('a callback needs a model: pass it to fit')
    return this.#model
  }

  protected get optimizer(): Optimizer {
    if (!this.model.optimizer) throw new StateError('a callback needs an optimizer: compile the model')
    return this.model.optimizer
  }
}

export interface EarlyStoppingOptions extends MonitorOptions {
  /** By how much a value must be better to count. Default 0. */
  readonly minDelta?: number
  /** After how many epochs without a better value training stops. Default 0. */
  readonly patience?: number
  /** A value that must be beaten too. Default none. */
  readonly baseline?: number | null
  /** Whether the model ends with the weights of its best epoch. Default false. */
  readonly restoreBestWeights?: boolean
  /** Epochs at the start that don't count. Default 0. */
  readonly startFromEpoch?: number
}

/**
 * Stops training when a value has stopped getting better.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/EarlyStopping
 */
export class EarlyStopping extends ModelCallback {
  /** The epoch that was the last one; 0 where training ended by itself. */
  stoppedEpoch = 0
  bestEpoch = 0
  best = 0
  readonly #monitor: Monitor
  readonly #minDelta: number
  readonly #patience: number
  readonly #baseline: number | null
  readonly #restores: boolean
  readonly #startFromEpoch: number
  #wait = 0
  #bestWeights: Tensor[] | null = null

  constructor(options: EarlyStoppingOptions = {}) {
    super()
    const own = ['minDelta', 'patience', 'baseline', 'restoreBestWeights', 'startFromEpoch']
    knownOptions('EarlyStopping', options, [...monitorOptionNames, ...own])
    this.#monitor = new Monitor(options)
    this.#minDelta = Math.abs(finite('minDelta', options.minDelta ?? 0))
    this.#patience = integer('patience', options.patience ?? 0, 0)
    this.#baseline = options.baseline == null ? null : finite('baseline', options.baseline)
    this.#restores = boolean('restoreBestWeights', options.restoreBestWeights ?? false)
    this.#startFromEpoch = integer('startFromEpoch', options.startFromEpoch ?? 0, 0)
  }

  setParams(params: FitParams): void {
    this.#monitor.check(params)
  }

  onTrainBegin(): void {
    this.#wait = 0
    this.stoppedEpoch = 0
    this.bestEpoch = 0
    this.best = this.#monitor.worst
    this.#bestWeights = null
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const value = this.#monitor.of(logs)
    if (value === null || epoch < this.#startFromEpoch) return
    if (this.#restores) this.#bestWeights ??= this.model.getWeights()
    this.#wait++
    if (this.#monitor.isBetter(value, this.best, this.#minDelta)) {
      this.best = value
      this.bestEpoch = epoch
      if (this.#restores) this.#bestWeights = this.model.getWeights()
      if (this.#baseline === null || this.#monitor.isBetter(value, this.#baseline, this.#minDelta))
        this.#wait = 0
    } else if (this.#wait >= this.#patience && epoch > 0) {
      this.stoppedEpoch = epoch
      this.model.stopTraining = true
    }
  }

  onTrainEnd(): void {
    if (this.stoppedEpoch > 0) this.#monitor.say(`Epoch ${this.stoppedEpoch + 1}: early stopping`)
    if (!this.#bestWeights) return
    this.#monitor.say(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`)
    this.model.setWeights(this.#bestWeights)
  }
}

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied with, less than 1. Default 0.1. */
  readonly factor?: number
  /** After how many epochs without a better value. Default 10. */
  readonly patience?: number
  /** By how much a value must be better to count. Default 0.0001. */
  readonly minDelta?: number
  /** Epochs after a reduction that don't count. Default 0. */
  readonly cooldown?: number
  /** Default 0. */
  readonly minLr?: number
}

/**
 * Makes the learning rate smaller when a value has stopped getting better; the history gets it as `lr`.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/ReduceLROnPlateau
 */
export class ReduceLROnPlateau extends ModelCallback {
  readonly #monitor: Monitor
  readonly #factor: number
  readonly #patience: number
  readonly #minDelta: number
  readonly #cooldown: number
  readonly #minLr: number
  #best = 0
  #wait = 0
  #cooling = 0

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super()
    const own = ['factor', 'patience', 'minDelta', 'cooldown', 'minLr']
    knownOptions('ReduceLROnPlateau', options, [...monitorOptionNames, ...own])
    this.#monitor = new Monitor(options)
    this.#factor = finite('factor', options.factor ?? 0.1, 0, 1)
    if (this.#factor === 1) throw new ArgumentError('factor', 1, 'a number less than 1')
    this.#patience = integer('patience', options.patience ?? 10, 0)
    this.#minDelta = finite('minDelta', options.minDelta ?? 1e-4, 0)
    this.#cooldown = integer('cooldown', options.cooldown ?? 0, 0)
    this.#minLr = finite('minLr', options.minLr ?? 0, 0)
  }

  setParams(params: FitParams): void {
    this.#monitor.check(params)
  }

  onTrainBegin(): void {
    this.#best = this.#monitor.worst
    this.#wait = 0
    this.#cooling = 0
  }

  onEpochEnd(epoch: number, logs: Logs): void {
    const before = this.optimizer.learningRate
    logs.lr = before
    const value = this.#monitor.of(logs)
    if (value === null) return
    if (this.#cooling > 0) {
      this.#cooling--
      this.#wait = 0
    }
    if (this.#monitor.isBetter(value, this.#best, this.#minDelta)) {
      this.#best = value
      this.#wait = 0
    } else if (this.#cooling === 0 && ++this.#wait >= this.#patience && before > this.#minLr) {
      const after = Math.max(before * this.#factor, this.#minLr)
      this.optimizer.learningRate = after
      this.#monitor.say(`Epoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${after}.`)
      this.#cooling = this.#cooldown
      this.#wait = 0
    }
  }
}

/**
 * Sets the learning rate at the start of every epoch; the history gets it as `lr`.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/LearningRateScheduler
 */
export class LearningRateScheduler extends ModelCallback {
  readonly #schedule: (epoch: number, learningRate: number) => number
  readonly #verbose: boolean

  /** @param schedule the epoch, counted from 0, and the present rate → the new rate */
  constructor(
    schedule: (epoch: number, learningRate: number) => number,
    options: { readonly verbose?: 0 | 1 } = {},
  ) {
    super()
    if (typeof schedule !== 'function')
      throw new ArgumentError('schedule', schedule, 'a function of the epoch')
    knownOptions('LearningRateScheduler', options, ['verbose'])
    this.#schedule = schedule
    this.#verbose = oneOf('verbose', options.verbose ?? 0, [0, 1]) === 1
  }

  onEpochBegin(epoch: number): void {
    const rate = finite('what schedule returns', this.#schedule(epoch, this.optimizer.learningRate), 0)
    this.optimizer.learningRate = rate
    if (this.#verbose) print(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`)
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    logs.lr = this.optimizer.learningRate
  }
}

/** Stops training when the loss is NaN or infinite, and says so. */
export class TerminateOnNaN extends ModelCallback {
  onTrainBatchEnd(batch: number, { loss }: Logs): void {
    if (Number.isFinite(loss)) return
    const advice = 'a smaller learning rate, or clipnorm in the optimizer, often helps'
    print(`Batch ${batch}: Invalid loss (${loss}), terminating training; ${advice}`)
    this.model.stopTraining = true
  }
}

export interface CSVLoggerOptions {
  /** Takes the text, a line at a time. `unshared/node` has one that writes a file. */
  readonly write: (text: string) => void | Promise<void>
  /** Default ','. */
  readonly separator?: string
  /** Whether the names of the columns were written before. Default false. */
  readonly append?: boolean
}

/** Writes a line for every epoch: its number, and what was measured. */
export class CSVLogger implements Callback {
  readonly #write: CSVLoggerOptions['write']
  readonly #separator: string
  readonly #append: boolean
  #keys: string[] | null = null

  constructor(options: CSVLoggerOptions) {
    knownOptions('CSVLogger', options, ['write', 'separator', 'append'])
    if (typeof options.write !== 'function')
      throw new ArgumentError('write', options.write, 'a function that takes text')
    this.#write = options.write
    this.#separator = options.separator ?? ','
    this.#append = boolean('append', options.append ?? false)
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (!this.#keys) {
      this.#keys = Object.keys(logs).sort()
      if (!this.#append) await this.#writeRow(['epoch', ...this.#keys])
    }
    await this.#writeRow([epoch, ...this.#keys.map(key => (Object.hasOwn(logs, key) ? logs[key] : 'NA'))])
  }

  async #writeRow(cells: readonly (string | number)[]): Promise<void> {
    const quoted = cells.map(cell =>
      /["\n\r]/.test(`${cell}`) || `${cell}`.includes(this.#separator)
        ? `"${`${cell}`.replaceAll('"', '""')}"`
        : cell,
    )
    await this.#write(`${quoted.join(this.#separator)}\n`)
  }
}
