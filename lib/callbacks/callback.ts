// The interface of callbacks, and their view of the model and of `fit`.

import { ArgumentError, StateError } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Logs, Progress, StateValue, TrainingState } from './training-state.ts'

export type { Logs }

/** The members of the model that a callback may use. */
export interface WatchedModel {
  /** If set to true, `fit` stops after the current batch. */
  stopTraining: boolean
  /** The optimizer; `null` before `compile`. */
  readonly optimizer: Optimizer | null
  /** Copies of all weights, in Keras' order. */
  getWeights(): Tensor[]
  /** Sets all weights, in the same order. */
  setWeights(weights: readonly Tensor[]): void
}

/** The arguments of `fit`, `evaluate` or `predict`. */
export interface FitParams {
  /** The number of the last epoch, counted from 1; 0 in `evaluate` and `predict`. */
  readonly epochs: number
  /** Batches per epoch; Infinity if only the end of the batch source determines it. */
  readonly steps: number
  /** What `fit` prints: 0, 1 or 2. */
  readonly verbose: number
  /** The names in the logs of an epoch. */
  readonly metrics: readonly string[]
  /** Whether a callback may add values of other names to the logs. */
  readonly mayAdd?: boolean
  /** The seed of the model: its weights, the order of the samples, what Dropout drops. */
  readonly seed: number | string
}

/**
 * A callback implements any of these methods, as in Keras. Methods may be async; training waits for them. The `logs` of a
 * training batch are running means since the start of the epoch. If a method throws, `fit` rejects with a CallbackError,
 * and the model keeps the weights of the last finished batch.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/Callback
 */
export interface Callback {
  /** Called first, with the model. */
  setModel?(model: WatchedModel): void
  /** Called second, with the arguments of the run. */
  setParams?(params: FitParams): void
  /** Called when `fit` begins. */
  onTrainBegin?(logs: Logs): void | Promise<void>
  /** Called when `fit` ends; `logs` are those of the last epoch. */
  onTrainEnd?(logs: Logs): void | Promise<void>
  /** Called before an epoch, counted from 0. */
  onEpochBegin?(epoch: number, logs: Logs): void | Promise<void>
  /** Called after an epoch and its validation, with loss and metrics. Values that it adds to `logs` get into the history. */
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>
  /** Called before a step of training, counted from 0 in every epoch. */
  onTrainBatchBegin?(batch: number, logs: Logs): void | Promise<void>
  /** Called after a step of training, with the means since the start of the epoch. */
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>
  /** Called when an evaluation begins: of `evaluate`, or a validation of `fit`. */
  onTestBegin?(logs: Logs): void | Promise<void>
  /** Called when an evaluation ends, with its loss and metrics. */
  onTestEnd?(logs: Logs): void | Promise<void>
  /** Called before a batch of an evaluation. */
  onTestBatchBegin?(batch: number, logs: Logs): void | Promise<void>
  /** Called after a batch of an evaluation, with the means so far. */
  onTestBatchEnd?(batch: number, logs: Logs): void | Promise<void>
  /** Called when `predict` begins. */
  onPredictBegin?(): void | Promise<void>
  /** Called when `predict` ends. */
  onPredictEnd?(): void | Promise<void>
  /** Called before a batch of `predict`. */
  onPredictBatchBegin?(batch: number): void | Promise<void>
  /** Called after a batch of `predict`, with its outputs. */
  onPredictBatchEnd?(batch: number, logs: { readonly outputs: Tensor | readonly Tensor[] }): void | Promise<void>

  // Not in Keras:

  /** Called when `fit` ends with an error or is aborted by its signal. Release resources here. */
  onTrainError?(error: unknown): void | Promise<void>
  /** Called after every training batch and every epoch, once all callbacks have handled its events. */
  onProgress?(progress: Progress): void | Promise<void>
  /**
   * Called after every callback's `onTrainBegin`. Returns the state to resume from, as obtained from `onProgress`, or
   * `null`. When resuming in the middle of an epoch, `fit` calls that epoch's `onEpochBegin` again, then undoes its effects
   * on the model, the optimizer and the callbacks.
   */
  resumeFrom?(): TrainingState | null | Promise<TrainingState | null>
  /** Returns the callback's own state, for resuming training. `setState` restores it. */
  getState?(): StateValue
  /** Restores a state that `getState` returned. */
  setState?(state: StateValue): void
  /**
   * The names of the values that `onEpochEnd` and `onTrainBatchEnd` add to the logs. Default: unknown. If all callbacks tell
   * theirs, a monitor of a name that nobody measures or adds is refused before the first epoch.
   */
  readonly adds?: readonly string[]
  /** If `true`, the callback shows the progress, and `fit` prints nothing itself. */
  readonly showsProgress?: boolean
}

/** For callbacks that users drive themselves. @throws ArgumentError unless the logs are an object */
export function checkLogs(logs: unknown): void {
  if (typeof logs !== 'object' || logs === null) throw new ArgumentError('logs', logs, 'loss and metrics by name')
}

/** The base of callbacks that act on the model. */
export abstract class ModelCallback implements Callback {
  readonly adds: readonly string[] = []
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
