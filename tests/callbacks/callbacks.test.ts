import { describe, expect, jest, test } from '@jest/globals'
import {
  ArgumentError,
  type Callback,
  CallbackError,
  CSVLogger,
  Dense,
  EarlyStopping,
  type FitParams,
  LambdaCallback,
  LearningRateScheduler,
  type Logs,
  ReduceLROnPlateau,
  Sequential,
  SGD,
  Tensor,
  TerminateOnNaN,
  type WatchedModel,
} from 'unshared'

const params: FitParams = { epochs: 99, steps: 1, verbose: 0, seed: 0, metrics: ['loss', 'val_loss', 'val_accuracy'] }

/** Stands for a model whose single weight is the number of the epoch. */
function watched() {
  const model = {
    stopTraining: false,
    optimizer: new SGD({ learningRate: 1 }),
    epoch: 0,
    getWeights: () => [Tensor.from([model.epoch])],
    setWeights: ([weight]: readonly Tensor[]) => {
      model.epoch = weight.data[0]
    },
  }
  return model
}

type Watcher = {
  setModel(model: WatchedModel): void
  setParams?(params: FitParams): void
  onTrainBegin?(): void
  onEpochEnd(epoch: number, logs: Logs): void
  onTrainEnd?(): void
}

/** Shows a callback these values, epoch by epoch, until it stops; the learning rates before each epoch. */
function show(callback: Watcher, values: readonly number[], name = 'val_loss') {
  const model = watched()
  callback.setModel(model)
  callback.setParams?.(params)
  callback.onTrainBegin?.()
  const rates: number[] = []
  for (const [epoch, value] of values.entries()) {
    model.epoch = epoch
    rates.push(model.optimizer.learningRate)
    callback.onEpochEnd(epoch, { loss: 0, [name]: value })
    if (model.stopTraining) break
  }
  const last = model.epoch
  callback.onTrainEnd?.()
  return { last, model, rates }
}

describe('EarlyStopping', () => {
  test('stops after so many epochs without a better value', () => {
    expect(show(new EarlyStopping({ patience: 2 }), [5, 4, 4, 4, 3]).last).toBe(3)
    expect(show(new EarlyStopping({ patience: 2 }), [5, 4, 4, 3, 4]).last).toBe(4)
    expect(show(new EarlyStopping(), [5, 6, 1]).last).toBe(1)
  })

  test('knows which way is better', () => {
    const values = [0.5, 0.6, 0.7, 0.6, 0.9]
    expect(show(new EarlyStopping({ monitor: 'val_accuracy' }), values, 'val_accuracy').last).toBe(3)
    expect(show(new EarlyStopping({ monitor: 'val_accuracy', mode: 'min' }), values, 'val_accuracy').last).toBe(1)
  })

  test('counts only what is better by minDelta', () => {
    expect(show(new EarlyStopping({ patience: 1, minDelta: 0.5 }), [5, 4.8, 4.7]).last).toBe(1)
  })

  test('asks for a baseline to be beaten', () => {
    expect(show(new EarlyStopping({ patience: 2, baseline: 3 }), [6, 5, 4, 4.5, 4.6]).last).toBe(3)
    expect(show(new EarlyStopping({ patience: 2, baseline: 5.5 }), [6, 5, 4, 4.5, 4.6]).last).toBe(4)
  })

  test('does not count the first epochs where it shall not', () => {
    expect(show(new EarlyStopping({ startFromEpoch: 3 }), [1, 2, 3, 9, 8, 9]).last).toBe(5)
  })

  test('gives the weights of the best epoch back, also where training ended by itself', () => {
    const best = new EarlyStopping({ patience: 1, restoreBestWeights: true })
    expect(show(best, [5, 3, 4, 4]).model.epoch).toBe(1)
    expect([best.bestEpoch, best.best, best.stoppedEpoch]).toEqual([1, 3, 2])
    expect(show(new EarlyStopping({ patience: 9, restoreBestWeights: true }), [5, 3, 4]).model.epoch).toBe(1)
    expect(show(new EarlyStopping({ patience: 1 }), [5, 3, 4, 4]).model.epoch).toBe(2)
  })

  test('can be used again', () => {
    const callback = new EarlyStopping({ patience: 1 })
    show(callback, [1, 2])
    expect(show(callback, [5, 4, 3, 3.5]).last).toBe(3)
  })

  test('refuses a name that is never measured, before the first epoch', () => {
    expect(() => show(new EarlyStopping({ monitor: 'val_acc' }), [1])).toThrow(
      /^monitor: expected one of loss, val_loss, val_accuracy, received "val_acc"/,
    )
    expect(() => new EarlyStopping({ patience: -1 })).toThrow(/^patience: /)
    expect(() => new EarlyStopping({ patients: 1 } as never)).toThrow(/option: expected one of/)
  })
})

describe('ReduceLROnPlateau', () => {
  test('makes the rate smaller after so many epochs without a better value, and tells the history', () => {
    const logs: Logs = { loss: 0, val_loss: 1 }
    const callback = new ReduceLROnPlateau({ factor: 0.5, patience: 2 })
    expect(show(callback, [5, 4, 4, 4, 4, 4]).rates).toEqual([1, 1, 1, 1, 0.5, 0.5])
    callback.onEpochEnd(0, logs)
    expect(logs.lr).toBe(0.25)
  })

  test('waits for its cooldown, and goes no further than minLr', () => {
    const callback = new ReduceLROnPlateau({ factor: 0.1, patience: 1, cooldown: 2, minLr: 0.05 })
    expect(show(callback, [1, 1, 1, 1, 1, 1, 1]).rates).toEqual([1, 1, 0.1, 0.1, 0.05, 0.05, 0.05])
  })

  test('refuses a factor of 1', () => {
    expect(() => new ReduceLROnPlateau({ factor: 1 })).toThrow(/^factor: expected a number less than 1/)
  })
})

const data = [Tensor.from([[1], [2], [3], [4]]), Tensor.from([[2], [4], [6], [8]])] as const
function model(learningRate = 0.01) {
  const sequential = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
  sequential.compile({ optimizer: new SGD({ learningRate }), loss: 'mse' })
  return sequential
}

describe('in fit', () => {
  test('LearningRateScheduler sets the rate of every epoch', async () => {
    const schedule = (epoch: number, rate: number) => (epoch === 0 ? rate : rate / 2)
    const { history } = await model(0.02).fit(...data, {
      epochs: 3,
      verbose: 0,
      callbacks: [new LearningRateScheduler(schedule)],
    })
    expect(history.lr).toEqual([0.02, 0.01, 0.005])
    await expect(
      model().fit(...data, { callbacks: [new LearningRateScheduler(() => Number.NaN)], verbose: 0 }),
    ).rejects.toThrow(/^LearningRateScheduler\.onEpochBegin: what schedule returns: expected a finite number/)
  })

  test('TerminateOnNaN stops, and says why', async () => {
    const spy = jest.spyOn(console, 'log').mockImplementation(() => {})
    const { epoch } = await model(1e9).fit(...data, { epochs: 50, verbose: 0, callbacks: [new TerminateOnNaN()] })
    const said = spy.mock.calls.map(([line]) => line)
    spy.mockRestore()
    expect(epoch.length).toBeLessThan(50)
    expect(said[0]).toMatch(/^Batch 0: Invalid loss \((NaN|Infinity)\), terminating training; /)
  })

  test('EarlyStopping ends a real training with its best weights', async () => {
    const stopping = new EarlyStopping({ monitor: 'loss', patience: 3, restoreBestWeights: true })
    const sequential = model(0.09)
    const { history } = await sequential.fit(...data, { epochs: 200, batchSize: 1, verbose: 0, callbacks: [stopping] })
    expect(history.loss.length).toBeLessThan(200)
    expect(history.loss[stopping.bestEpoch]).toBe(Math.min(...history.loss))
  })

  test('CSVLogger writes a table', async () => {
    let text = ''
    const write = (part: string) => {
      text += part
    }
    const train = (append: boolean, initialEpoch: number) =>
      model().fit(...data, {
        initialEpoch,
        epochs: initialEpoch + 2,
        verbose: 0,
        validationData: data,
        callbacks: [new CSVLogger({ write, append })],
      })
    const { history } = await train(false, 0)
    const rows = text
      .trimEnd()
      .split('\n')
      .map(row => row.split(','))
    expect(rows[0]).toEqual(['epoch', 'loss', 'val_loss'])
    expect(rows.slice(1).map(row => row.map(Number))).toEqual([
      [0, history.loss[0], history.val_loss[0]],
      [1, history.loss[1], history.val_loss[1]],
    ])
    await train(true, 2)
    expect(text.trimEnd().split('\n')).toHaveLength(5)
  })
})

/** Every event, written down. */
function writer(lines: string[]): LambdaCallback {
  const write =
    (name: string) =>
    (...args: unknown[]) =>
      void lines.push(`${name} ${args.map(arg => (typeof arg === 'number' ? arg : typeof arg)).join(' ')}`)
  const names = ['Train', 'Epoch', 'TrainBatch', 'Test', 'TestBatch', 'Predict', 'PredictBatch']
  const events = names.flatMap(name => [`on${name}Begin`, `on${name}End`])
  return new LambdaCallback(Object.fromEntries(events.map(event => [event, write(event)])))
}

describe('events', () => {
  test('predict tells its own, with the outputs of each batch', async () => {
    const lines: string[] = []
    const outputs: Tensor[] = []
    const keep: Callback = { onPredictBatchEnd: (_, logs) => void outputs.push(logs.outputs as Tensor) }
    const whole = await model().predict(data[0], { batchSize: 3, callbacks: [writer(lines), keep] })
    const batch = (i: number) => [`onPredictBatchBegin ${i}`, `onPredictBatchEnd ${i} object`]
    expect(lines).toEqual(['onPredictBegin ', ...batch(0), ...batch(1), 'onPredictEnd '])
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [3, 1],
      [1, 1],
    ])
    expect(outputs.flatMap(({ data }) => [...data])).toEqual([...whole.data])
  })

  test('evaluate tells those of tests, to callbacks that know the model', async () => {
    const lines: string[] = []
    let seen: WatchedModel | null = null
    const known: Callback = {
      setModel(watched) {
        seen = watched
      },
    }
    const sequential = model()
    const options = { batchSize: 3, verbose: 0, callbacks: [writer(lines), known, new EarlyStopping()] } as const
    await sequential.evaluate(...data, options)
    const batch = (i: number) => [`onTestBatchBegin ${i} object`, `onTestBatchEnd ${i} object`]
    expect(lines).toEqual(['onTestBegin object', ...batch(0), ...batch(1), 'onTestEnd object'])
    expect(seen).toBe(sequential)
  })

  test('one that never comes is refused, also as the method of a class', async () => {
    class Base {
      onBatchFinished() {}
    }
    class Wrong extends Base {}
    for (const callback of [new Wrong(), { onEpochFinished() {} }, { onEpochEnd: 3 }]) {
      const callbacks = [callback as never]
      const message = /^callbacks, (event: expected one of onTrainBegin, .*, received "on|onEpochEnd: expected a f)/
      await expect(model().fit(...data, { callbacks, verbose: 0 })).rejects.toThrow(message)
      await expect(model().evaluate(...data, { callbacks, verbose: 0 })).rejects.toThrow(message)
      await expect(model().predict(data[0], { callbacks })).rejects.toThrow(message)
    }
    expect(() => new LambdaCallback({ onBatchFinished() {} } as never)).toThrow(/^callbacks, event: /)
    expect(() => new LambdaCallback({ onEpochEnd: 3 } as never)).toThrow(/^onEpochEnd: expected a function/)
    const twice = { onBatchEnd() {}, onTrainBatchEnd() {} }
    expect(() => new LambdaCallback(twice)).toThrow(/^onTrainBatchEnd: expected none with/)
  })

  test('what a function returns does not matter, but for promises', async () => {
    const seen: unknown[] = []
    const number = (value: unknown) => seen.push(value) as never
    const later: Callback = { onTrainBatchEnd: async batch => void seen.push(await `later ${batch}`) }
    const callbacks = [{ onTrainBatchEnd: number, onProgress: number }, later, { onTrainBatchEnd: number }]
    await model().fit(...data, { verbose: 0, callbacks })
    expect(seen).toHaveLength(5)
    expect(seen.slice(0, 3)).toEqual([0, 'later 0', 0])
  })

  test('LambdaCallback knows Keras’ names of training batches', async () => {
    const seen: string[] = []
    const callback = new LambdaCallback({
      onBatchBegin: batch => void seen.push(`begin ${batch}`),
      onBatchEnd: (batch, { loss }) => void seen.push(`end ${batch} ${loss > 0}`),
    })
    await model().fit(...data, { batchSize: 2, verbose: 0, callbacks: [callback] })
    expect(seen).toEqual(['begin 0', 'end 0 true', 'begin 1', 'end 1 true'])
  })
})

describe('a callback that throws', () => {
  const failing = (event: string, at: number, failure: unknown = new RangeError('too much')): Callback => ({
    [event](number: number) {
      if (number === at) throw failure
    },
  })
  const batches = { batchSize: 2, epochs: 3, verbose: 0 } as const

  test.each([
    ['onTrainBatchBegin', 0, 'The weights of the model did not change', 0],
    ['onTrainBatchBegin', 1, 'The model has the weights after batch 1 of epoch 1, the last completed', 1],
    ['onTrainBatchEnd', 1, 'The model has the weights after batch 2 of epoch 1, the last completed', 2],
    ['onEpochEnd', 1, 'The model has the weights after batch 2 of epoch 2, the last completed', 4],
    ['onEpochBegin', 2, 'The model has the weights after epoch 2', 4],
  ])('in %s %i: the error says so, and the weights are those', async (event, at, weights, steps) => {
    const sequential = model()
    const callbacks = [failing(event, at)]
    const error = await sequential.fit(...data, { ...batches, callbacks }).catch(thrown => thrown)
    expect(error).toBeInstanceOf(CallbackError)
    expect(error.message).toBe(`callbacks.${event}: too much. ${weights}`)
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(sequential.optimizer?.iterations).toBe(steps)
    const expected: Tensor[][] = []
    const watched = model()
    expected.push(watched.getWeights())
    const watch: Callback = { onTrainBatchEnd: () => void expected.push(watched.getWeights()) }
    await watched.fit(...data, { ...batches, callbacks: [watch] })
    expect(sequential.getWeights()).toEqual(expected[steps])
  })

  test('later, in a promise, or what is no Error; those behind it are not told', async () => {
    const told: number[] = []
    const late: Callback = {
      async onEpochEnd() {
        await null
        throw 'no Error'
      },
    }
    const behind: Callback = { onEpochEnd: epoch => void told.push(epoch) }
    const error = await model()
      .fit(...data, { ...batches, callbacks: [late, behind] })
      .catch(thrown => thrown)
    expect(error).toBeInstanceOf(CallbackError)
    expect([error.message.slice(0, 31), error.cause]).toEqual(['callbacks.onEpochEnd: no Error.', 'no Error'])
    expect(told).toEqual([])
  })

  test('in evaluate and predict', async () => {
    const message = 'callbacks.onTestBatchEnd: too much. The weights of the model did not change'
    const callbacks = [failing('onTestBatchEnd', 0), failing('onPredictBatchBegin', 0)]
    await expect(model().evaluate(...data, { verbose: 0, callbacks })).rejects.toThrow(message)
    await expect(model().predict(data[0], { callbacks })).rejects.toThrow(/^callbacks.onPredictBatchBegin: /)
  })

  test('before the first epoch, with what is wrong about its arguments', async () => {
    const callbacks = [new EarlyStopping({ monitor: 'val_acc' })]
    await expect(model().fit(...data, { callbacks, verbose: 0 })).rejects.toBeInstanceOf(ArgumentError)
  })
})
