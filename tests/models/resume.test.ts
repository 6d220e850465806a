// A training that goes on from any point ends with the same bits as one that was never interrupted.

import { describe, expect, test } from '@jest/globals'
import {
  Adam,
  BatchNormalization,
  type Callback,
  Dense,
  Dropout,
  EarlyStopping,
  ExponentialDecay,
  type FitOptions,
  GaussianNoise,
  type Logs,
  type Optimizer,
  type Progress,
  ReduceLROnPlateau,
  Sequential,
  SGD,
  type StateValue,
  Tensor,
  type TrainingState,
} from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { randomNumbers } from '../support/geometries.ts'

const n = 22
const x = Tensor.from(randomNumbers(n * 4, stream('x')), [n, 4])
const y = Tensor.from(Float32Array.from({ length: n }, (_, i) => (x.data[4 * i] > x.data[4 * i + 1] ? 1 : 0)))

function make(optimizer: Optimizer, seed: number) {
  const model = new Sequential(
    [
      new GaussianNoise({ stddev: 0.1, inputShape: [4] }),
      new Dense({ units: 5, activation: 'tanh' }),
      new BatchNormalization(),
      new Dropout({ rate: 0.3 }),
      new Dense({ units: 1, activation: 'sigmoid' }),
    ],
    { seed },
  )
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy', 'AUC'] })
  return model
}

/** Keeps the state at every point. */
class Keeper implements Callback {
  readonly states: TrainingState[] = []
  readonly logs: Logs[] = []

  onProgress(progress: Progress): void {
    this.states.push(progress.state())
    this.logs.push(progress.logs())
  }
}

/** Goes on from a state. */
const from = (state: TrainingState): Callback => ({ resumeFrom: () => state })

async function run(setting: Setting, seed: number, more: readonly Callback[]) {
  const model = make(setting.optimizer(), seed)
  const { history, epoch } = await model.fit(x, y, {
    batchSize: 5,
    epochs: 4,
    verbose: 0,
    validationSplit: 0.3,
    ...setting.options?.(),
    callbacks: [...(setting.callbacks?.() ?? []), ...more],
  })
  const optimizer = model.optimizer as Optimizer
  const { iterations, learningRate } = optimizer
  const variables = optimizer.variables().map(({ name, value }) => ({ name, value: value.slice() }))
  const { history: second } = await model.fit(x, y, { epochs: 1, verbose: 0 })
  return { weights: model.getWeights(), history, epoch, iterations, learningRate, variables, second }
}

interface Setting {
  optimizer(): Optimizer
  options?(): FitOptions
  callbacks?(): Callback[]
}
const decay = new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.8 })
const settings: Record<string, Setting> = {
  'shuffling, noise and moving averages': { optimizer: () => new Adam({ learningRate: 0.05, useEma: true }) },
  'data in order, with a schedule': {
    optimizer: () => new SGD({ learningRate: decay, momentum: 0.9 }),
    options: () => ({ shuffle: false }),
  },
  'epochs that are not passes through the data': {
    optimizer: () => new SGD({ learningRate: 0.1, momentum: 0.5 }),
    options: () => ({ stepsPerEpoch: 3, sampleWeight: x.data.slice(0, n).map(Math.abs) }),
  },
  'a rate that gets smaller': {
    optimizer: () => new SGD({ learningRate: 0.5, momentum: 0.5 }),
    callbacks: () => [new ReduceLROnPlateau({ patience: 1, minDelta: 0.5, cooldown: 1 })],
  },
  'an early end with the best weights': {
    optimizer: () => new SGD({ learningRate: 0.5, momentum: 0.5 }),
    callbacks: () => [new EarlyStopping({ patience: 1, minDelta: 0.5, restoreBestWeights: true })],
  },
  'an end in the middle of an epoch': {
    optimizer: () => new SGD({ learningRate: 0.5, momentum: 0.5 }),
    callbacks: () => [stopAt(1, 2)],
  },
  'a callback that acts at the start of an epoch': {
    optimizer: () => new SGD({ learningRate: 0.5, momentum: 0.5 }),
    callbacks: () => [new Halving()],
  },
}

function stopAt(epoch: number, batch: number): Callback {
  let [model, at]: [{ stopTraining: boolean } | null, number] = [null, 0]
  return {
    setModel(watched) {
      model = watched
    },
    onEpochBegin(begun) {
      at = begun
    },
    onTrainBatchEnd(ended) {
      if (model && at === epoch && ended === batch) model.stopTraining = true
    },
  }
}

/** Halves the learning rate at the start of every epoch, and counts; going on must not halve it once more. */
class Halving implements Callback {
  #optimizer: Optimizer | null = null
  #count = 0

  setModel(model: { readonly optimizer: Optimizer | null }): void {
    this.#optimizer = model.optimizer
  }

  onEpochBegin(): void {
    if (this.#optimizer) this.#optimizer.learningRate *= 0.5
    this.#count++
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    logs.count = this.#count
  }

  getState(): StateValue {
    return this.#count
  }

  setState(state: StateValue): void {
    this.#count = state as number
  }
}

test.each(Object.entries(settings))('%s', async (_, setting) => {
  const keeper = new Keeper()
  const whole = await run(setting, 1, [keeper])
  expect(keeper.states.length).toBeGreaterThan(6)
  for (const state of keeper.states) {
    const { epoch, batch } = state
    expect({ batch, of: epoch, ...(await run(setting, 2, [from(state)])) }).toEqual({ batch, of: epoch, ...whole })
  }
})

test('a state is a copy, and logs are those of the epoch', async () => {
  const keeper = new Keeper()
  const { history } = await run(settings['a rate that gets smaller'], 1, [keeper])
  const points = keeper.states.map(({ epoch, batch }) => [epoch, batch])
  expect(points.slice(0, 5)).toEqual([
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 0],
    [1, 1],
  ])
  expect(keeper.states[0].weights).not.toEqual(keeper.states[1].weights)
  expect(keeper.states[0].history).toEqual({})
  expect(keeper.logs[2].loss).toBe(history.loss[0])
  expect(keeper.logs[3]).toMatchObject({ loss: history.loss[0], val_loss: history.val_loss[0], lr: 0.5 })
  expect(keeper.logs[4].loss).not.toBe(history.loss[0])
})

describe('going on with another training is refused, and nothing is changed', () => {
  const cases: [string, (options: FitOptions) => [Sequential, Tensor, Tensor, FitOptions], RegExp][] = [
    [
      'another model',
      options => {
        const model = make(new Adam(), 1)
        model.pop()
        model.add(new Dense({ units: 1, activation: 'tanh' }))
        model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy', 'AUC'] })
        return [model, x, y, options]
      },
      /^the state to resume, model.layers.5.config.activation: expected "tanh", as here, received "sigmoid"/,
    ],
    [
      'another optimizer',
      options => [make(new SGD(), 1), x, y, options],
      /optimizer.className: expected "SGD", as here, received "Adam"/,
    ],
    [
      'other options of the optimizer',
      options => [make(new Adam({ beta1: 0.5 }), 1), x, y, options],
      /optimizer.config.beta1: expected 0.5, as here, received 0.9/,
    ],
    [
      'data of another size',
      options => [make(new Adam(), 1), x.slice(0, 21), y.slice(0, 21), options],
      /fit.samples: expected 21, as here, received 22/,
    ],
    [
      'another batch size',
      options => [make(new Adam(), 1), x, y, { ...options, batchSize: 6 }],
      /fit.batchSize: expected 6, as here, received 5/,
    ],
    [
      'data in order',
      options => [make(new Adam(), 1), x, y, { ...options, shuffle: false }],
      /fit.shuffled: expected false, as here, received true/,
    ],
    [
      'another callback that has a state',
      options => [
        make(new Adam(), 1),
        x,
        y,
        { ...options, callbacks: [...(options.callbacks ?? []), new EarlyStopping({ monitor: 'loss' })] },
      ],
      /callbacks.0: expected "EarlyStopping", as here, received undefined/,
    ],
  ]
  test.each(cases)('%s', async (_, other, message) => {
    const keeper = new Keeper()
    const options: FitOptions = { batchSize: 5, verbose: 0 }
    await make(new Adam(), 1).fit(x, y, { ...options, callbacks: [keeper] })
    const [model, ...args] = other({ ...options, callbacks: [from(keeper.states[1])] })
    const before = model.getWeights()
    await expect(model.fit(...args)).rejects.toThrow(message)
    expect(model.getWeights()).toEqual(before)
    expect(model.optimizer?.iterations).toBe(0)
  })
})
