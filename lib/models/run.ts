// A `fit` in progress: its position. resume.ts saves and restores its state.

import type { CallbackList, Logs } from '../callbacks/index.ts'
import type { Progress, TrainingState } from '../callbacks/training-state.ts'
import { added } from '../core/additions.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { BatchStream } from './batch-stream.ts'
import type { Measurement } from './measurement.ts'
import type { History } from './options.ts'
import type { Runnable } from './runnable.ts'

/** The objects that a run uses. */
export interface RunParts {
  readonly model: Runnable
  readonly optimizer: Optimizer
  readonly callbacks: CallbackList
  readonly history: History
  readonly batches: BatchStream
  /** Loss and metrics of the epoch so far. */
  readonly measurement: Measurement
}

/** Saves and restores states. */
interface Resuming {
  /** The settings in which two trainings must agree for one to resume the other. */
  planOf(parts: RunParts): TrainingState['plan']
  stateOf(run: Run): TrainingState
  restore(run: Run, state: TrainingState): void
}

/** `null`: the program does not include it, see resume.ts. */
let resuming: Resuming | null = null

export function addResuming(given: Resuming): void {
  resuming = given
}

export class Run implements Progress {
  epoch: number
  batch = 0
  readonly parts: RunParts
  readonly plan: TrainingState['plan']
  #epochLogs: Logs = {}
  readonly #firstEpoch: number

  constructor(parts: RunParts, epoch: number) {
    this.epoch = epoch
    this.#firstEpoch = epoch
    this.parts = parts
    this.plan = resuming?.planOf(parts) ?? {}
  }

  logs(): Logs {
    return this.batch > 0 ? this.parts.measurement.logs() : this.#epochLogs
  }

  /** Records the epoch in the history and advances to the next one. */
  endEpoch(logs: Logs): void {
    const { history, epoch } = this.parts.history
    epoch.push(this.epoch)
    for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value)
    this.#epochLogs = { ...logs }
    this.epoch++
    this.batch = 0
  }

  /** A sentence that tells which weights the model has, for errors that stop the run. */
  weightsNow(): string {
    if (this.batch > 0)
      return `The model has the weights after batch ${this.batch} of epoch ${this.epoch + 1}, the last completed`
    if (this.epoch > this.#firstEpoch) return `The model has the weights after epoch ${this.epoch}`
    return 'The weights of the model did not change'
  }

  state(): TrainingState {
    return added('state', 'resume', resuming).stateOf(this)
  }

  /** @throws ArgumentError when the state belongs to a different training; in that case nothing changes */
  restore(state: TrainingState): void {
    added('resumeFrom', 'resume', resuming).restore(this, state)
  }
}
