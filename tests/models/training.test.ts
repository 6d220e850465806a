import { describe, expect, jest, test } from '@jest/globals'
import {
  Adam,
  ArgumentError,
  type Callback,
  Dense,
  Dropout,
  Flatten,
  LocallyConnected2D,
  type Logs,
  Sequential,
  SGD,
  SparseCategoricalCrossentropy,
  StateError,
  Tensor,
} from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { randomNumbers } from '../support/geometries.ts'

const n = 40
const x = Tensor.from(randomNumbers(n * 16, stream('x')), [n, 4, 4, 1])
const y = Tensor.from([...Array(n).keys()].map(i => (x.data[i * 16] > 0 ? 1 : 0) + (x.data[i * 16 + 5] > 0 ? 1 : 0)))

function make({ seed = 1, rate = 0, metrics = ['accuracy' as const] } = {}) {
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 3, kernelSize: 2, activation: 'tanh', inputShape: [4, 4, 1] }),
      new Flatten(),
      new Dropout({ rate }),
      new Dense({ units: 3, activation: 'softmax' }),
    ],
    { seed },
  )
  model.compile({ optimizer: new Adam({ learningRate: 0.02 }), loss: 'sparseCategoricalCrossentropy', metrics })
  return model
}

const quiet = { verbose: 0 } as const

describe('fit', () => {
  test('learns', async () => {
    const model = make()
    const { history } = await model.fit(x, y, { epochs: 30, batchSize: 8, ...quiet })
    expect(history.loss[0]).toBeGreaterThan(0.9)
    expect(history.loss[29]).toBeLessThan(0.1)
    expect(history.accuracy[29]).toBe(1)
  })

  test('gives the same bits with the same seed, shuffling and dropout included', async () => {
    const run = async (seed: number) => {
      const model = make({ seed, rate: 0.5 })
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 7, ...quiet })
      return { history, weights: model.getWeights() }
    }
    const [a, b, c] = [await run(3), await run(3), await run(4)]
    expect(a).toEqual(b)
    expect(a.history.loss).not.toEqual(c.history.loss)
  })

  test('does not depend on predictions and evaluations in between', async () => {
    const [plain, watched] = [make({ rate: 0.5 }), make({ rate: 0.5 })]
    await plain.fit(x, y, { epochs: 2, ...quiet })
    const look: Callback = { onTrainBatchEnd: async () => void (await watched.predict(x, { batchSize: 3 })) }
    await watched.fit(x, y, { epochs: 2, callbacks: [look], ...quiet })
    expect(watched.getWeights()).toEqual(plain.getWeights())
  })

  test('in two parts is the same as in one', async () => {
    const [whole, parts] = [make({ rate: 0.3 }), make({ rate: 0.3 })]
    const all = await whole.fit(x, y, { epochs: 4, ...quiet })
    const first = await parts.fit(x, y, { epochs: 2, ...quiet })
    const second = await parts.fit(x, y, { epochs: 4, initialEpoch: 2, ...quiet })
    expect([...first.history.loss, ...second.history.loss]).toEqual(all.history.loss)
    expect([...first.epoch, ...second.epoch]).toEqual(all.epoch)
    expect(parts.getWeights()).toEqual(whole.getWeights())
  })

  test('takes the last samples to validate with, and does not train on them', async () => {
    const [split, given] = [make(), make()]
    const one = await split.fit(x, y, { epochs: 2, validationSplit: 0.25, ...quiet })
    const validationData = [x.slice(30), y.slice(30)] as const
    const two = await given.fit(x.slice(0, 30), y.slice(0, 30), { epochs: 2, validationData, ...quiet })
    expect(one.history).toEqual(two.history)
    expect(Object.keys(one.history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy'])
  })

  test('validates the last samples with their weights, and without those of classes, as Keras does', async () => {
    const model = new Sequential([new Dense({ units: 1, useBias: false, inputShape: [1] })])
    model.setWeights([[[0.5]]])
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'mean_squared_error' })
    const [inputs, targets] = [
      Tensor.from([[0], [1], [2], [3], [4], [5], [6], [7]].map(([v]) => [v / 8])),
      [0, 1, 0, 1, 0, 1, 0, 1],
    ]
    const options = { batchSize: 4, validationSplit: 0.25, shuffle: false, ...quiet }
    const valLoss = async (given: object) =>
      (await model.fit(inputs, targets, { ...options, ...given })).history.val_loss[0]
    // The numbers of tf-keras 2.15.
    expect(await valLoss({})).toBe(0.228515625)
    expect(await valLoss({ sampleWeight: [1, 2, 3, 4, 5, 6, 7, 8] })).toBe(1.7578125)
    expect(await valLoss({ classWeight: { 0: 1, 1: 3 } })).toBe(0.228515625)
  })

  test('counts a smaller last batch by its samples', async () => {
    const model = make()
    model.compile({ optimizer: new SGD({ learningRate: 0 }), loss: 'sparse_categorical_crossentropy' })
    const { history } = await model.fit(x, y, { batchSize: 33, ...quiet })
    const { loss } = await model.evaluate(x, y, quiet)
    expect(history.loss[0]).toBeCloseTo(loss, 6)
  })

  test("with reduction 'none' follows the sum of the rows, as with 'sum'", async () => {
    const trained = async (reduction: 'none' | 'sum') => {
      const model = make()
      const loss = new SparseCategoricalCrossentropy({ reduction })
      model.compile({ optimizer: new SGD({ learningRate: 0.01 }), loss })
      await model.fit(x, y, { epochs: 2, batchSize: 7, ...quiet })
      return model.getWeights()
    }
    expect(await trained('none')).toEqual(await trained('sum'))
  })

  test('weighs samples and classes', async () => {
    const zeroed = Tensor.from([...Array(n).keys()].map(i => (i < 20 ? 1 : 0)))
    const [weighted, part] = [make(), make()]
    const optimizer = () => new SGD({ learningRate: 0.1 })
    weighted.compile({ optimizer: optimizer(), loss: 'sparse_categorical_crossentropy' })
    part.compile({ optimizer: optimizer(), loss: 'sparse_categorical_crossentropy' })
    const all = weighted.trainOnBatch(x, y, { sampleWeight: zeroed })
    const half = part.trainOnBatch(x.slice(0, 20), y.slice(0, 20))
    expect(all.loss).toBeCloseTo(half.loss / 2, 6) // the sum is divided by the number of samples, not of weights
    const byClass = await make().fit(x, y, { classWeight: { 0: 1, 1: 0, 2: 3 }, shuffle: false, ...quiet })
    const weights = Tensor.from(Array.from(y.data, label => [1, 0, 3][label]))
    const bySample = await make().fit(x, y, { sampleWeight: weights, shuffle: false, ...quiet })
    expect(byClass.history).toEqual(bySample.history)
  })

  test('tells callbacks what happens, in order, and waits for them', async () => {
    const seen: string[] = []
    const log = (what: string) => async (first: unknown) => {
      await new Promise(resolve => setTimeout(resolve, 1))
      seen.push(typeof first === 'number' ? `${what} ${first}` : what)
    }
    const events = [
      'onTrainBegin',
      'onEpochBegin',
      'onTrainBatchBegin',
      'onTrainBatchEnd',
      'onTestBegin',
      'onTestBatchBegin',
      'onTestBatchEnd',
      'onTestEnd',
      'onEpochEnd',
      'onTrainEnd',
    ]
    const callback = Object.fromEntries(events.map(event => [event, log(event)])) as Callback
    await make().fit(x, y, { batchSize: 30, validationSplit: 0.1, callbacks: [callback], ...quiet })
    expect(seen).toEqual([
      ...[
        'onTrainBegin',
        'onEpochBegin 0',
        'onTrainBatchBegin 0',
        'onTrainBatchEnd 0',
        'onTrainBatchBegin 1',
        'onTrainBatchEnd 1',
      ],
      ...['onTestBegin', 'onTestBatchBegin 0', 'onTestBatchEnd 0', 'onTestEnd', 'onEpochEnd 0', 'onTrainEnd'],
    ])
  })

  test('stops when a callback says so', async () => {
    const model = make()
    const stop: Callback = { onEpochEnd: epoch => void (model.stopTraining = epoch === 1) }
    expect((await model.fit(x, y, { epochs: 9, callbacks: [stop], ...quiet })).epoch).toEqual([0, 1])
  })

  test('validates after the epochs that it is asked to', async () => {
    const validation = { validationData: [x, y] as const, epochs: 4, ...quiet }
    expect((await make().fit(x, y, { ...validation, validationFreq: 2 })).history.val_loss).toHaveLength(2)
    expect((await make().fit(x, y, { ...validation, validationFreq: [1, 2, 4] })).history.val_loss).toHaveLength(3)
    await expect(make().fit(x, y, { ...validation, validationFreq: 0 })).rejects.toThrow(
      /^validationFreq: expected a positive integer/,
    )
    const [one, two] = [make(), make()]
    const small = await one.fit(x, y, { ...validation, validationBatchSize: 3 })
    expect(small.history.val_accuracy).toEqual((await two.fit(x, y, validation)).history.val_accuracy)
  })

  test('takes so many steps an epoch, and goes on where the last one stopped', async () => {
    const seen: number[] = []
    const watch: Callback = { onTrainBatchEnd: (_, { loss }) => void seen.push(loss) }
    const plain = make()
    const whole = await plain.fit(x, y, { batchSize: 10, shuffle: false, callbacks: [watch], ...quiet })
    const model = make()
    const { history, params } = await model.fit(x, y, {
      batchSize: 10,
      stepsPerEpoch: 2,
      epochs: 2,
      shuffle: false,
      ...quiet,
    })
    expect(params.steps).toBe(2)
    expect(history.loss[0]).toBeCloseTo(seen[1], 9)
    expect(model.getWeights()).toEqual(plain.getWeights())
    expect((history.loss[0] + history.loss[1]) / 2).toBeCloseTo(whole.history.loss[0], 9)
    await model.fit(x, y, { batchSize: 10, stepsPerEpoch: 11, ...quiet })
    const part = await model.evaluate(x, y, { batchSize: 10, steps: 1, ...quiet })
    expect(part).toEqual(await model.evaluate(x.slice(0, 10), y.slice(0, 10), quiet))
    expect((await model.predict(x, { batchSize: 8, steps: 2 })).shape).toEqual([16, 3])
  })

  test('stops at a signal, with the weights of the last finished batch', async () => {
    const controller = new AbortController()
    const [stopped, sound] = [make(), make()]
    const callback: Callback = { onTrainBatchEnd: batch => void (batch === 1 && controller.abort(new Error('enough'))) }
    const running = stopped.fit(x, y, {
      epochs: 9,
      batchSize: 8,
      callbacks: [callback],
      signal: controller.signal,
      ...quiet,
    })
    await expect(running).rejects.toThrow('enough')
    const stop: Callback = { onTrainBatchEnd: batch => void (sound.stopTraining = batch === 1) }
    await sound.fit(x, y, { batchSize: 8, callbacks: [stop], ...quiet })
    expect(stopped.getWeights()).toEqual(sound.getWeights())
    await expect(stopped.predict(x, { signal: controller.signal })).rejects.toThrow('enough')
    await expect(stopped.evaluate(x, y, { signal: controller.signal, ...quiet })).rejects.toThrow('enough')
    await stopped.fit(x, y, quiet)
  })

  test('lets the event loop run', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    await make().fit(x, y, { epochs: 400, batchSize: 2, ...quiet })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(1)
  })

  test('keeps the weights of the last finished batch when a callback throws', async () => {
    const [broken, sound] = [make(), make()]
    const callback: Callback = {
      onTrainBatchEnd(batch) {
        if (batch === 1) throw new Error('mine')
      },
    }
    await expect(broken.fit(x, y, { batchSize: 8, callbacks: [callback], ...quiet })).rejects.toThrow('mine')
    const stop: Callback = { onTrainBatchEnd: batch => void (sound.stopTraining = batch === 1) }
    await sound.fit(x, y, { batchSize: 8, callbacks: [stop], ...quiet })
    expect(broken.getWeights()).toEqual(sound.getWeights())
    await broken.fit(x, y, quiet) // and the model can go on
  })
})

describe('what fit refuses, and changes nothing', () => {
  const cases: [string, (model: Sequential) => Promise<unknown>, RegExp][] = [
    [
      'no samples',
      model => model.fit(Tensor.zeros([0, 4, 4, 1]), Tensor.zeros([0])),
      /^x: expected at least one sample/,
    ],
    ['lengths that differ', model => model.fit(x, y.slice(1)), /^y: expected 40 targets, one for each sample in x/],
    [
      'another input shape',
      model => model.fit(Tensor.zeros([2, 3]), y),
      /^x: expected samples of the model's input shape/,
    ],
    [
      'a class that is not there',
      model => model.fit(x, y.reshape([n]).clone().toArray() && Tensor.from(Array(n).fill(3))),
      /y\[0\].*0.* 2.*received 3/s,
    ],
    [
      'a batch size of 0',
      model => model.fit(x, y, { batchSize: 0 }),
      /^batchSize: expected a positive integer, received 0/,
    ],
    [
      'a share of 1',
      model => model.fit(x, y, { validationSplit: 1 }),
      /^validationSplit: expected a fraction that leaves samples/,
    ],
    [
      'an unknown option',
      model => model.fit(x, y, { batchsize: 3 } as never),
      /^fit, option: expected one of .*received "batchsize"/,
    ],
    [
      'an unknown event',
      model => model.fit(x, y, { callbacks: [{ onBatchFinished() {} } as never] }),
      /^callbacks, event: expected one of/,
    ],
    [
      'weights of another length',
      model => model.fit(x, y, { sampleWeight: [1, 2] }),
      /^sampleWeight: expected the shape \[40\], one per sample/,
    ],
    [
      'a class without a weight',
      model => model.fit(x, y, { classWeight: { 0: 1 } }),
      /^classWeight: expected a number for every class/,
    ],
  ]
  test.each(cases)('%s', async (_, run, message) => {
    const model = make()
    model.build([null, 4, 4, 1])
    const before = model.getWeights()
    await expect(run(model)).rejects.toThrow(message)
    await expect(run(model)).rejects.toThrow(ArgumentError)
    expect(model.getWeights()).toEqual(before)
    await model.fit(x, y, quiet) // and it can go on
  })

  test('weights of other shapes, or another number of them', () => {
    const model = make()
    model.build([null, 4, 4, 1])
    const before = model.getWeights()
    const [first, ...others] = before
    expect(() => model.setWeights(others)).toThrow(/^weights: expected a list of the 4 weights/)
    expect(() => model.setWeights([...before.slice(0, 3), first])).toThrow(/^weights\[3\]: expected the shape \[3\]/)
    expect(model.getWeights()).toEqual(before)
  })

  test('a model that is not compiled, or has no loss', async () => {
    const model = new Sequential([new Dense({ units: 1, inputShape: [2] })])
    await expect(model.fit([[1, 2]], [1])).rejects.toThrow(/call compile first/)
    model.compile({ optimizer: 'sgd' })
    await expect(model.fit([[1, 2]], [[1]])).rejects.toThrow(/no loss: pass one to compile/)
  })

  test('a metric of several numbers', async () => {
    const model = make()
    const metrics = [{ className: 'F1Score', config: {} }]
    model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics })
    const oneHot = Tensor.from(Array.from(y.data, label => [0, 1, 2].map(i => Number(i === label))))
    await expect(model.fit(x, oneHot, quiet)).rejects.toThrow(
      /^metrics: expected metrics with one value.*received "f1_score"/,
    )
  })

  test('a second fit during the first', async () => {
    const model = make()
    const first = model.fit(x, y, { epochs: 2, ...quiet })
    await expect(model.fit(x, y, quiet)).rejects.toThrow(StateError)
    expect(() => model.trainOnBatch(x, y)).toThrow(/fit is running/)
    await first
  })
})

describe('compile', () => {
  test('refuses unknown names', () => {
    const model = make()
    expect(() => model.compile({ optimizer: 'foo' as never })).toThrow(/^optimizer: expected one of .*received "foo"/)
    expect(() => model.compile({ loss: 'foo' as never })).toThrow(/^loss: expected one of .*received "foo"/)
    expect(() => model.compile({ metrics: 'accuracy' as never })).toThrow(/^metrics: expected a list of metrics/)
  })

  test('decides that a crossentropy after softmax reads the logits: no probability is clipped', () => {
    const model = new Sequential([new Dense({ units: 2, activation: 'softmax', inputShape: [1], useBias: false })])
    model.setWeights([[[100, -100]]])
    model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'sparse_categorical_crossentropy' })
    expect(model.testOnBatch([[1]], [1]).loss).toBe(200)
    model.trainOnBatch([[1]], [1])
    expect(model.getWeights()[0].toArray()).toEqual([[99.5, -99.5]])
    // The gradient of the output that users ask for is still that of the output.
    model.forward([[0]])
    expect(model.backward([[1, 0]]).data[0]).toBeCloseTo(0.25 * 199, 3)
  })
})

describe('trainable', () => {
  const moved = async (model: Sequential) => {
    const before = model.getWeights()
    await model.fit(x, y, quiet)
    return model.getWeights().map((now, i) => !now.equals(before[i]))
  }

  test('false at compile keeps the weights of a layer', async () => {
    const model = make()
    model.layers[0].trainable = false
    model.compile({ optimizer: 'sgd', loss: 'sparse_categorical_crossentropy' })
    expect((await moved(model)).slice(0, 3)).toEqual([false, false, true])
  })

  test('changed later has no effect until the next compile', async () => {
    const model = make()
    expect(await moved(model)).not.toContain(false)
    model.trainable = false
    expect(model.trainableParameters).toHaveLength(0)
    expect(await moved(model)).not.toContain(false)
    expect(model.layers.every(({ trainable }) => !trainable)).toBe(true)
    model.compile({ optimizer: 'sgd', loss: 'sparse_categorical_crossentropy' })
    expect(await moved(model)).not.toContain(true)
  })
})

describe('what is printed', () => {
  const printed = async (verbose: 0 | 1 | 2) => {
    const spy = jest.spyOn(console, 'log').mockImplementation(() => {})
    await make().fit(x, y, { epochs: 2, verbose })
    const lines = spy.mock.calls.map(([line]) => String(line))
    spy.mockRestore()
    return lines
  }

  test('is Keras’ line for each epoch', async () => {
    expect(await printed(0)).toEqual([])
    const lines = await printed(1)
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe('Epoch 1/2')
    expect(lines[1]).toMatch(/^2\/2 \[={30}\] - \d+s \d+[mu]s\/step - loss: \d\.\d{4} - accuracy: \d\.\d{4}$/)
    expect((await printed(2))[3]).toMatch(
      /^2\/2 - \d+s - loss: \d\.\d{4} - accuracy: \d\.\d{4} - \d+[mu]s\/epoch - \d+[mu]s\/step$/,
    )
  })
})

test('running logs are means since the start of the epoch', async () => {
  const seen: Logs[] = []
  const { history } = await make().fit(x, y, {
    batchSize: 10,
    callbacks: [{ onTrainBatchEnd: (_, logs) => void seen.push(logs) }],
    ...quiet,
  })
  expect(seen).toHaveLength(4)
  expect(seen[3].loss).toBe(history.loss[0])
})
