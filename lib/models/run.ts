// A `fit` in progress: its position, and how its state is saved and restored.

import { type CallbackList, nameOf } from '../callbacks/callback-list.ts'
import type { Logs } from '../callbacks/index.ts'
import type { Progress, StateValue, TrainingState } from '../callbacks/training-state.ts'
import { ArgumentError } from '../core/errors.ts'
import { resume } from '../core/random.ts'
import { Tensor } from '../core/tensor.ts'
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

export class Run implements Progress {
  epoch: number
  batch = 0
  readonly #parts: RunParts
  readonly #plan: TrainingState['plan']
  #epochLogs: Logs = {}
  readonly #firstEpoch: number

  constructor(parts: RunParts, epoch: number) {
    this.epoch = epoch
    this.#firstEpoch = epoch
    this.#parts = parts
    this.#plan = planOf(parts)
  }

  logs(): Logs {
    return this.batch > 0 ? this.#parts.measurement.logs() : this.#epochLogs
  }

  /** Records the epoch in the history and advances to the next one. */
  endEpoch(logs: Logs): void {
    const { history, epoch } = this.#parts.history
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
    const { model, optimizer, callbacks, history, batches, measurement } = this.#parts
    return {
      plan: this.#plan,
      epoch: this.epoch,
      batch: this.batch,
      stopTraining: model.stopTraining,
      weights: model.getWeights(),
      optimizer: {
        iterations: optimizer.iterations,
        learningRate: optimizer.learningRate,
        variables: optimizer.variables().map(variable => new Tensor(variable.shape, variable.read())),
      },
      streams: {
        shuffle: plain(batches.orderState()),
        layers: model.randomStreams.map(({ random }) => plain(random.state())),
      },
      sample: batches.sample,
      measured: { loss: measurement.loss, samples: measurement.samples, metrics: measurement.states() },
      history: copyOf(history.history),
      epochs: [...history.epoch],
      callbacks: [...callbacks].flatMap(callback =>
        callback.getState ? [{ name: nameOf(callback), state: callback.getState() }] : [],
      ),
    }
  }

  /** @throws ArgumentError when the state belongs to a different training; in that case nothing changes */
  restore(state: TrainingState): void {
    const difference = differenceOf('', state.plan, this.#plan)
    if (difference) {
      const { path, kept, now } = difference
      const hint = 'To start over, delete the saved state (the folder of BackupAndRestore)'
      throw new ArgumentError(`the state to resume, ${path}`, kept, `${JSON.stringify(now)}, as here`, hint)
    }
    const { model, optimizer, callbacks, history, batches, measurement } = this.#parts
    this.epoch = state.epoch
    this.batch = state.batch
    model.stopTraining = state.stopTraining
    model.setWeights(state.weights)
    restoreOptimizer(optimizer, state.optimizer)
    batches.restore(state.sample, state.streams.shuffle as object)
    model.randomStreams.forEach((stream, i) => {
      stream.random = resume(state.streams.layers[i] as object)
    })
    measurement.restore(state.measured.loss, state.measured.samples, state.measured.metrics)
    for (const name of Object.keys(history.history)) delete history.history[name]
    Object.assign(history.history, copyOf(state.history))
    history.epoch.splice(0, Infinity, ...state.epochs)
    const stateful = [...callbacks].filter(({ getState }) => getState)
    stateful.forEach((callback, i) => {
      callback.setState?.(state.callbacks[i].state)
    })
  }
}

function restoreOptimizer(optimizer: Optimizer, state: TrainingState['optimizer']): void {
  if (optimizer.schedule) {
    optimizer.iterations = Math.max(state.iterations - 1, 0) // so that `learningRate` is the rate of the last step
    optimizer.learningRate = optimizer.schedule
  } else optimizer.learningRate = state.learningRate
  optimizer.iterations = state.iterations
  optimizer.variables().forEach((variable, i) => {
    variable.write(state.variables[i].data)
  })
}

/** What must be the same for a training to resume. A numeric learning rate may differ: callbacks change it. */
function planOf({ model, optimizer, callbacks, history, batches }: RunParts) {
  const { learningRate, ...config } = optimizer.getConfig()
  const { steps, metrics } = history.params
  const { samples, batchSize, shuffled } = batches
  return plain({
    model: model.getConfig(),
    optimizer: {
      className: optimizer.className,
      config: typeof learningRate === 'number' ? config : { ...config, learningRate },
      variables: optimizer.variables().map(({ name }) => name),
    },
    fit: { samples, batchSize, steps, shuffled, metrics },
    callbacks: [...callbacks].filter(({ getState }) => getState).map(nameOf),
  }) as TrainingState['plan']
}

/** A deep copy as plain JSON data. */
const plain = <T>(value: T) => JSON.parse(JSON.stringify(value)) as StateValue & T

const copyOf = (history: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(history).map(([name, values]) => [name, [...values]]))

type Tree = Readonly<Record<string, unknown>>
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** The first difference between two plans, or `null`. */
function differenceOf(path: string, kept: unknown, now: unknown): { path: string; kept: unknown; now: unknown } | null {
  if (!isTree(kept) || !isTree(now)) return kept === now ? null : { path, kept, now }
  for (const key of new Set([...Object.keys(kept), ...Object.keys(now)])) {
    const difference = differenceOf(`${path}${path && '.'}${key}`, kept[key], now[key])
    if (difference) return difference
  }
  return null
}
