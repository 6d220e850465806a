// What every callback may offer, and what it sees of a training.

import { ArgumentError, StateError } from '../errors.ts'
import type { Optimizer } from '../optimizer.ts'
import type { Tensor } from '../tensor.ts'

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

/** A callback that has a model to act on. */
export abstract class ModelCallback implements Callback {
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
