import { print } from '#platform'
import { finite, knownOptions, oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { checkLogs, type Logs, ModelCallback } from './callback.ts'

/**
 * Sets the learning rate at the start of every epoch, and records it in the history as `lr`.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/LearningRateScheduler
 */
export class LearningRateScheduler extends ModelCallback {
  static override readonly name = 'LearningRateScheduler'
  override readonly adds: readonly string[] = ['lr']
  readonly #schedule: (epoch: number, learningRate: number) => number
  readonly #verbose: boolean

  /** @param schedule maps the epoch, counted from 0, and the current rate to the new rate */
  constructor(schedule: (epoch: number, learningRate: number) => number, options: { readonly verbose?: 0 | 1 } = {}) {
    super()
    if (typeof schedule !== 'function') throw new ArgumentError('schedule', schedule, 'a function of the epoch')
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
    checkLogs(logs)
    logs.lr = this.optimizer.learningRate
  }
}
