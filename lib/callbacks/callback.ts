// What every callback may offer, and what it sees of a training.

import { StateError } from '../core/errors.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Progress, StateValue, TrainingState } from './training-state.ts'

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
  /** The number of the last epoch; 0 in `evaluate` and `predict`. */
  readonly epochs: number
  /** Batches an epoch; Infinity where only the end of their source tells. */
  readonly steps: number
  readonly verbose: number
  /** The names that logs of an epoch hold. */
  readonly metrics: readonly string[]
  readonly seed: number | string
}

/**
 * Any of these, as in Keras; each may be async, and is waited for. `logs` of a training batch are running means since
 * the start of the epoch. Where one throws, `fit` rejects with a CallbackError; the model keeps the weights that the
 * last finished batch gave it.
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
  onPredictBegin?(): void | Promise<void>
  onPredictEnd?(): void | Promise<void>
  onPredictBatchBegin?(batch: number): void | Promise<void>
  onPredictBatchEnd?(batch: number, logs: { readonly outputs: Tensor }): void | Promise<void>

  // Not in Keras:

  /** `fit` ends with an error, or at its signal: what shall not stay as it is may be ended here. */
  onTrainError?(error: unknown): void | Promise<void>
  /** After every training batch and every epoch, when all callbacks had their events. */
  onProgress?(progress: Progress): void | Promise<void>
  /**
   * Asked when all had `onTrainBegin`: the state to go on from, as `onProgress` offered it, or `null`. In the middle of
   * an epoch, `onEpochBegin` is called for it once more, and what it does to model, optimizer and callbacks is undone.
   */
  resumeFrom?(): TrainingState | null | Promise<TrainingState | null>
  /** What this callback remembers between events, for a training that is resumed; `setState` takes it back. */
  getState?(): StateValue
  setState?(state: StateValue): void
  /** `true`: shows how far the training is, so that `fit` prints nothing by itself. */
  readonly showsProgress?: boolean
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
