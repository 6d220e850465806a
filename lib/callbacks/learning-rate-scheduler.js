import { print } from '#platform'
import { finite, knownOptions, oneOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { ModelCallback } from './callback.ts'
/**
 * Sets the learning rate at the start of every epoch; the history gets it as `lr`.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/LearningRateScheduler
 */
export class LearningRateScheduler extends ModelCallback {
  #schedule
  #verbose
  /** @param schedule the epoch, counted from 0, and the present rate → the new rate */
  constructor(schedule, options = {}) {
    super()
    if (typeof schedule !== 'function')
      throw new ArgumentError('schedule', schedule, 'a function of the epoch')
    knownOptions('LearningRateScheduler', options, ['verbose'])
    this.#schedule = schedule
    this.#verbose = oneOf('verbose', options.verbose ?? 0, [0, 1]) === 1
  }
  onEpochBegin(epoch) {
    const rate = finite('what schedule returns', this.#schedule(epoch, this.optimizer.learningRate), 0)
    this.optimizer.learningRate = rate
    if (this.#verbose) print(`Epoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`)
  }
  onEpochEnd(_epoch, logs) {
    logs.lr = this.optimizer.learningRate
  }
}
