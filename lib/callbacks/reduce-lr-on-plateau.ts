import { finite, integer, knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { checkLogs, type FitParams, type Logs, ModelCallback } from './callback.ts'
import { Monitor, type MonitorOptions, monitorOptionNames } from './monitor.ts'
import type { StateValue } from './training-state.ts'

/** The options of ReduceLROnPlateau. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** The factor applied to the learning rate, less than 1. Default 0.1. */
  readonly factor?: number
  /** The number of epochs without improvement before a reduction. Default 10. */
  readonly patience?: number
  /** The smallest change that counts as an improvement. Default 0.0001. */
  readonly minDelta?: number
  /** The number of epochs after a reduction in which waiting is suspended. Default 0. */
  readonly cooldown?: number
  /** The smallest learning rate. Default 0. */
  readonly minLr?: number
}

/**
 * Reduces the learning rate when the monitored value stops improving, and records the rate in the history as `lr`.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/ReduceLROnPlateau
 */
export class ReduceLROnPlateau extends ModelCallback {
  static override readonly name = 'ReduceLROnPlateau'
  override readonly adds: readonly string[] = ['lr']
  readonly #monitor: Monitor
  readonly #factor: number
  readonly #patience: number
  readonly #minDelta: number
  readonly #cooldown: number
  readonly #minLr: number
  #best: number
  #wait = 0
  #cooling = 0

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super()
    const own = ['factor', 'patience', 'minDelta', 'cooldown', 'minLr']
    knownOptions('ReduceLROnPlateau', options, [...monitorOptionNames, ...own])
    this.#monitor = new Monitor(options, /acc|auc$/)
    this.#best = this.#monitor.worst
    this.#factor = finite('factor', options.factor ?? 0.1, 0, 1)
    if (this.#factor === 1) throw new ArgumentError('factor', 1, 'a number less than 1')
    this.#patience = integer('patience', options.patience ?? 10, 0)
    this.#minDelta = finite('minDelta', options.minDelta ?? 1e-4)
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
    checkLogs(logs)
    const before = this.optimizer.learningRate
    logs.lr = before
    const value = this.#monitor.of(logs)
    if (value === null) return
    if (this.#cooling > 0) {
      this.#cooling--
      this.#wait = 0
    }
    if (this.#monitor.isBetter(value, this.#best + this.#monitor.sign * this.#minDelta)) {
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

  getState(): StateValue {
    return { best: this.#best, wait: this.#wait, cooling: this.#cooling }
  }

  setState(state: StateValue): void {
    const { best, wait, cooling } = state as Record<'best' | 'wait' | 'cooling', number>
    this.#best = best
    this.#wait = wait
    this.#cooling = cooling
  }
}
