import { boolean, finite, integer, knownOptions } from '../core/check.ts'
import type { Tensor } from '../core/tensor.ts'
import { type FitParams, type Logs, ModelCallback } from './callback.ts'
import { Monitor, type MonitorOptions, monitorOptionNames } from './monitor.ts'
import type { StateValue } from './training-state.ts'

/** The options of EarlyStopping. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** The smallest change that counts as an improvement. Default 0. */
  readonly minDelta?: number
  /** The number of epochs without improvement after which training stops. Default 0. */
  readonly patience?: number
  /** A value that an improvement must also beat. Default none. */
  readonly baseline?: number | null
  /** Whether to restore the weights of the best epoch when training ends. Default false. */
  readonly restoreBestWeights?: boolean
  /** The number of epochs to ignore at the start. Default 0. */
  readonly startFromEpoch?: number
}

interface EarlyStoppingState {
  readonly best: number
  readonly bestEpoch: number
  readonly stoppedEpoch: number
  readonly wait: number
  readonly bestWeights: Tensor[] | null
}

/**
 * Stops training when the monitored value stops improving.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/EarlyStopping
 */
export class EarlyStopping extends ModelCallback {
  static override readonly name = 'EarlyStopping'
  /** The epoch at which training was stopped, counted from 0; 0 if it was not. */
  stoppedEpoch = 0
  /** The epoch with the best value, counted from 0. */
  bestEpoch = 0
  /** The best value so far. Before the first: Infinity, or −Infinity if larger is better. */
  best: number
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
    this.best = this.#monitor.worst
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
    if (this.#restores && !this.#bestWeights) {
      this.#bestWeights = this.model.getWeights()
      this.bestEpoch = epoch
    }
    this.#wait++
    const beaten = value - this.#monitor.sign * this.#minDelta
    if (this.#monitor.isBetter(beaten, this.best)) {
      this.best = value
      this.bestEpoch = epoch
      if (this.#restores) this.#bestWeights = this.model.getWeights()
      if (this.#baseline === null || this.#monitor.isBetter(beaten, this.#baseline)) this.#wait = 0
    } else if (this.#wait >= this.#patience && epoch > 0) {
      this.stoppedEpoch = epoch
      this.model.stopTraining = true
    }
  }

  getState(): StateValue {
    const { best, bestEpoch, stoppedEpoch } = this
    return { best, bestEpoch, stoppedEpoch, wait: this.#wait, bestWeights: this.#bestWeights }
  }

  setState(state: StateValue): void {
    const { wait, bestWeights, ...shown } = state as unknown as EarlyStoppingState
    Object.assign(this, shown)
    this.#wait = wait
    this.#bestWeights = bestWeights
  }

  onTrainEnd(): void {
    if (this.stoppedEpoch > 0) this.#monitor.say(`Epoch ${this.stoppedEpoch + 1}: early stopping`)
    if (!this.#bestWeights) return
    this.#monitor.say(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`)
    this.model.setWeights(this.#bestWeights)
  }
}
