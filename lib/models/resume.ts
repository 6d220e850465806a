// Saves the state of a `fit`, and restores it in a later one: the addition `unshared/resume`.

import { nameOf } from '../callbacks/callback-list.ts'
import type { StateValue, TrainingState } from '../callbacks/training-state.ts'
import { ArgumentError } from '../core/errors.ts'
import { resume } from '../core/random.ts'
import { Tensor } from '../core/tensor.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { addResuming, type Run, type RunParts } from './run.ts'

/** Makes the callbacks' `resumeFrom` and `progress.state()` work; returns the value. */
export function withResuming<T>(value: T): T {
  addResuming({ planOf, stateOf, restore })
  return value
}

function stateOf(run: Run): TrainingState {
  const { model, optimizer, callbacks, history, batches, measurement } = run.parts
  return {
    plan: run.plan,
    epoch: run.epoch,
    batch: run.batch,
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
function restore(run: Run, state: TrainingState): void {
  const difference = differenceOf('', state.plan, run.plan)
  if (difference) {
    const { path, kept, now } = difference
    const hint = 'To start over, delete the saved state (the folder of BackupAndRestore)'
    throw new ArgumentError(`the state to resume, ${path}`, kept, `${JSON.stringify(now)}, as here`, hint)
  }
  const { model, optimizer, callbacks, history, batches, measurement } = run.parts
  run.epoch = state.epoch
  run.batch = state.batch
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

/** The settings in which two trainings must agree for one to resume the other. A numeric learning rate may differ: callbacks change it. */
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
