// What training does beyond the fixtures of tests/golden/behaviour.ts: where the library differs from Keras, and what it
// says.

import { describe, expect, test } from '@jest/globals'
import {
  AdamW,
  type Callback,
  Dense,
  EarlyStopping,
  type Layer,
  LearningRateScheduler,
  type LossName,
  type MetricName,
  ReduceLROnPlateau,
  Sequential,
  SGD,
  Softmax,
  StateError,
  Tensor,
  TerminateOnNaN,
} from 'unshared'
import { ModelCheckpoint } from 'unshared/node'
import { printedBy } from '../support/printed.ts'

const quiet = { verbose: 0 } as const
const [x, y] = [Tensor.from([[0], [1], [2]]), Tensor.from([[1], [3], [5]])]

function make(optimizer = new SGD({ learningRate: 0.1 })) {
  const model = new Sequential(new Dense({ units: 1, inputShape: [1] }), { seed: 1 })
  model.compile({ optimizer, loss: 'mse', metrics: ['mae'] })
  return model
}

/** A model of three classes for each of 1 × 2 pixels, all equally probable. */
function ofPixels(loss: 'sparse_categorical_crossentropy' | 'categorical_crossentropy', optimizer = new SGD()) {
  const dense = new Dense({ units: 3, activation: 'softmax', kernelInitializer: 'zeros', inputShape: [1, 2, 2] })
  const model = new Sequential([dense], { seed: 1 })
  model.compile({ optimizer, loss, weightedMetrics: ['accuracy'] })
  return model
}

describe('weights of classes and samples', () => {
  const pixels = Tensor.zeros([1, 1, 2, 2])
  const classWeight = { 0: 1, 2: 10 }

  test.each([
    [[0, 2], 1],
    [[2, 0], 1],
    [[0, 2], 0.5],
  ])('each pixel is weighted by its class: %j, times %d', async (labels, sampleWeight) => {
    const expected = (Math.log(3) * (1 + 10) * sampleWeight) / 2
    for (const [loss, target] of [
      ['sparse_categorical_crossentropy', Tensor.from([[labels]])],
      ['sparse_categorical_crossentropy', Tensor.from([[labels.map(label => [label])]])],
      ['categorical_crossentropy', Tensor.from([[labels.map(label => [0, 1, 2].map(c => (c === label ? 1 : 0)))]])],
    ] as const) {
      const options = { classWeight, sampleWeight: [sampleWeight] }
      const { history } = await ofPixels(loss).fit(pixels, target, { ...options, ...quiet })
      expect(history.loss[0]).toBeCloseTo(expected, 5)
      expect(history.accuracy[0]).toBeCloseTo(1 / 11, 6) // the first class is predicted; its weight is 1 of 11
      expect(ofPixels(loss).trainOnBatch(pixels, target, options).loss).toBeCloseTo(expected, 5)
    }
  })

  test('sample weights may be given for each pixel', async () => {
    const options = { sampleWeight: [[[1, 4]]] }
    const model = ofPixels('sparse_categorical_crossentropy')
    const target = [[[0, 2]]]
    const { loss, accuracy } = await model.evaluate(pixels, target, { ...options, ...quiet })
    expect(loss).toBeCloseTo((Math.log(3) * 5) / 2, 5)
    expect(accuracy).toBeCloseTo(1 / 5, 6)
    expect(model.testOnBatch(pixels, target, options)).toEqual({ loss, accuracy })
  })

  test('what does not fit is refused, and no weight moves', async () => {
    const model = ofPixels('sparse_categorical_crossentropy')
    const before = model.getWeights()
    const train = (options: object) => model.fit(pixels, [[[0, 2]]], { ...options, ...quiet })
    await expect(train({ sampleWeight: [[[1, 2, 3]]] })).rejects.toThrow(
      /^sampleWeight: expected one for each sample, or/,
    )
    await expect(train({ sampleWeight: [1, 2] })).rejects.toThrow(/^sampleWeight: expected the shape \[1\]/)
    await expect(train({ classWeight: { 0: 1 } })).rejects.toThrow(/^classWeight: .* including 2/)
    expect(() => model.testOnBatch(pixels, [[[0, 2]]], { classWeight } as never)).toThrow(/^testOnBatch, option/)
    expect(model.getWeights()).toEqual(before)
  })

  test('class weights need a class for each row', () => {
    const model = new Sequential(new Dense({ units: 2, inputShape: [2, 3] }))
    model.compile({ loss: { className: 'CosineSimilarity', config: { axis: 1 } } })
    const target = Tensor.zeros([1, 2, 2])
    expect(model.trainOnBatch(Tensor.zeros([1, 2, 3]), target, { classWeight }).loss).toBe(0)
    const wide = new Sequential(new Dense({ units: 3, inputShape: [2, 3] }))
    wide.compile({ loss: { className: 'CosineSimilarity', config: { axis: 1 } } })
    expect(() => wide.trainOnBatch(Tensor.zeros([1, 2, 3]), Tensor.zeros([1, 2, 3]), { classWeight })).toThrow(
      /^classWeight: expected none: the targets tell no class for each of 3 rows/,
    )
  })
})

describe('values that callbacks add', () => {
  const adder: Callback = {
    onEpochEnd(epoch, logs) {
      logs.score = -epoch
    },
  }
  const stopping = () => new EarlyStopping({ monitor: 'score', mode: 'max' })

  test('are monitored', async () => {
    const { epoch } = await make().fit(x, y, { epochs: 9, callbacks: [adder, stopping()], ...quiet })
    expect(epoch).toEqual([0, 1])
  })

  test('that nobody can add are refused before the first epoch', async () => {
    const others = [
      new LearningRateScheduler(() => 0.1),
      new TerminateOnNaN(),
      new ReduceLROnPlateau({ monitor: 'mae' }),
    ]
    const model = make()
    const before = model.getWeights()
    const refused = /^monitor: expected one of loss, mae, lr, lr, received "score"/
    await expect(model.fit(x, y, { callbacks: [...others, stopping()], ...quiet })).rejects.toThrow(refused)
    const path = { filepath: '{score}.safetensors', saveWeightsOnly: true }
    await expect(model.fit(x, y, { callbacks: [new ModelCheckpoint(path)], ...quiet })).rejects.toThrow(
      /^filepath: expected names among epoch, loss, mae, received/,
    )
    const told = { ...adder, adds: ['scores'] }
    await expect(model.fit(x, y, { callbacks: [told, stopping()], ...quiet })).rejects.toThrow(/mae, scores, received/)
    expect(model.getWeights()).toEqual(before)
  })

  test('that are missing are told, epoch by epoch; a validation that an epoch does without is not', async () => {
    const silent: Callback = { onEpochEnd() {} }
    const train = (callback: Callback, options = {}) =>
      printedBy(() => make().fit(x, y, { epochs: 2, callbacks: [silent, callback], ...options, ...quiet }))
    const line = 'monitor "score": not in the logs, which have loss, mae'
    expect(await train(stopping())).toEqual([line, line])
    const validation = { validationData: [x, y], validationFreq: 2 }
    expect(await train(new EarlyStopping(), validation)).toEqual([])
  })
})

test("the mode 'auto' of ReduceLROnPlateau takes areas under curves for better when greater", async () => {
  const rising: Callback = {
    onEpochEnd(epoch, logs) {
      logs.val_auc = epoch / 10
    },
  }
  const plateau = new ReduceLROnPlateau({ monitor: 'val_auc', patience: 1 })
  const { history } = await make().fit(x, y, { epochs: 4, callbacks: [rising, plateau], ...quiet })
  expect(history.lr).toEqual([0.1, 0.1, 0.1, 0.1])
})

test('TerminateOnNaN needs a loss', () => {
  const model = make()
  const callback = new TerminateOnNaN()
  callback.setModel(model)
  callback.onTrainBatchEnd(0, {})
  expect(model.stopTraining).toBe(false)
})

describe('stopTraining', () => {
  test('set in onEpochBegin or onTrainBegin: one batch runs, and its loss is kept', async () => {
    for (const event of ['onTrainBegin', 'onEpochBegin', 'onTrainBatchBegin'] as const) {
      const model = make()
      const stop = { [event]: () => void (model.stopTraining = true) }
      const { history } = await model.fit(x, y, { epochs: 5, batchSize: 1, callbacks: [stop], ...quiet })
      expect(history.loss).toHaveLength(1)
      expect(history.loss[0]).toBe(make().trainOnBatch(x.slice(0, 1), y.slice(0, 1)).loss)
    }
  })
})

test('evaluate and testOnBatch in callbacks leave the history as it is', async () => {
  const events = ['onEpochBegin', 'onTrainBatchBegin', 'onTrainBatchEnd', 'onEpochEnd'] as const
  const options = { epochs: 2, batchSize: 1, shuffle: false, ...quiet }
  const { history } = await make().fit(x, y, options)
  for (const event of events) {
    const model = make()
    const look = {
      async [event]() {
        await model.evaluate(x, y, quiet)
        model.testOnBatch(x, y)
      },
    }
    expect((await model.fit(x, y, { ...options, callbacks: [look] })).history).toEqual(history)
  }
})

test('arrays are passed through as often as there are epochs; then training stops, with a note', async () => {
  const options = { batchSize: 1, shuffle: false, epochs: 2, stepsPerEpoch: 4, ...quiet }
  let history: Record<string, number[]> = {}
  const seen: number[] = []
  const watch: Callback = { onTrainBatchEnd: batch => void seen.push(batch) }
  const lines = await printedBy(async () => {
    history = (await make().fit(x, y, { ...options, callbacks: [watch] })).history
  })
  expect(seen).toEqual([0, 1, 2, 3, 0, 1])
  expect(history.loss).toHaveLength(2)
  expect(lines).toEqual([expect.stringMatching(/^fit, epoch 2: the source ran out of batches after 2/)])
})

test('the line of an epoch has what callbacks add, as the history', async () => {
  const callbacks = [new LearningRateScheduler(() => 0.25)]
  const lines = await printedBy(() => make().fit(x, y, { callbacks, verbose: 2 }))
  expect(lines).toEqual([expect.stringMatching(/ - loss: .* - mae: .* - lr: 0\.2500 - /)])
})

describe('a loss of one class', () => {
  const note = /: expected more than one class; for two, use one sigmoid unit and binary_crossentropy$/
  const learn = (activation: 'softmax' | 'sigmoid', loss: 'mse' | 'categorical_crossentropy' | 'binary_crossentropy') =>
    printedBy(async () => {
      const model = new Sequential(new Dense({ units: 1, activation, inputShape: [1] }))
      model.compile({ loss })
      await model.fit(x, y, quiet)
      await model.evaluate(x, y, quiet)
    })

  test.each([
    ['softmax', 'mse'],
    ['softmax', 'categorical_crossentropy'],
    ['sigmoid', 'categorical_crossentropy'],
  ] as const)('%s with %s: a note, once', async (activation, loss) => {
    expect(await learn(activation, loss)).toEqual([expect.stringMatching(note)])
  })

  test('a sigmoid with binary_crossentropy: none', async () => {
    expect(await learn('sigmoid', 'binary_crossentropy')).toEqual([])
  })
})

describe('Sequential', () => {
  test('build of an empty model makes the weights of what is added', () => {
    const model = new Sequential([], { seed: 1 })
    model.build([null, 3])
    expect(() => model.forward([[1, 2, 3]])).toThrow(StateError)
    model.add(new Dense({ units: 2 }))
    expect([model.built, model.outputShape, model.getWeights().length]).toEqual([true, [null, 2], 2])
  })

  test('computeOutputShape needs no weights', () => {
    const model = new Sequential([new Dense({ units: 2 }), new Dense({ units: 5 })])
    expect(model.computeOutputShape([null, 3])).toEqual([null, 5])
    expect(model.computeOutputShape([7, 4, 3])).toEqual([7, 4, 5])
    expect(model.built).toBe(false)
    expect(() => model.computeOutputShape(5 as never)).toThrow(/^inputShape/)
  })

  test('metricsNames, once they are measured; resetMetrics', () => {
    const model = make()
    expect(model.metricsNames).toEqual([])
    const first = model.trainOnBatch(x, y)
    expect(model.metricsNames).toEqual(['loss', 'mae'])
    model.resetMetrics()
    const second = model.testOnBatch(x, y, { resetMetrics: false })
    expect(second).toEqual(model.testOnBatch(x, y))
    expect(second).not.toEqual(first)
  })
})

describe('excludeFromWeightDecay', () => {
  /** Which weights a step without gradients makes smaller. */
  const decayed = (exclude: (optimizer: AdamW, model: Sequential) => void) => {
    const optimizer = new AdamW({ learningRate: 0.5, weightDecay: 0.5 })
    const dense = (name: string) => new Dense({ units: 1, name, kernelInitializer: 'ones', biasInitializer: 'ones' })
    const model = new Sequential([dense('one'), dense('norm')])
    model.build([null, 1])
    exclude(optimizer, model)
    model.compile({ optimizer, loss: 'mse' })
    model.trainOnBatch([[1]], model.forward([[1]]))
    return model.getWeights().map(({ data }) => data[0] < 1)
  }

  test('by name, of the weight or its layer; or by the weights themselves', () => {
    expect(decayed(() => {})).toEqual([true, true, true, true])
    expect(decayed(optimizer => optimizer.excludeFromWeightDecay({ varNames: ['bias'] }))).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(decayed(optimizer => optimizer.excludeFromWeightDecay({ varNames: ['^norm/', 'nothing'] }))).toEqual([
      ...[true, true],
      ...[false, false],
    ])
    const first = (optimizer: AdamW, { parameters, layers }: Sequential) =>
      optimizer.excludeFromWeightDecay({ varList: [parameters[0], layers[1].parameters[1]] })
    expect(decayed(first)).toEqual([false, true, true, false])
  })

  test('refuses what is no weight or name, and a call after training has begun', () => {
    const optimizer = new SGD()
    expect(() => optimizer.excludeFromWeightDecay({ varList: ['bias'] as never })).toThrow(/^varList: expected a list/)
    expect(() => optimizer.excludeFromWeightDecay({ varNames: 'bias' as never })).toThrow(/^varNames: expected a list/)
    expect(() => optimizer.excludeFromWeightDecay({ varNames: ['('] })).toThrow(/^varNames: expected a regular/)
    expect(() => optimizer.excludeFromWeightDecay({ names: [] } as never)).toThrow(/^excludeFromWeightDecay, option/)
    make(optimizer).trainOnBatch(x, y)
    expect(() => optimizer.excludeFromWeightDecay({ varNames: ['bias'] })).toThrow(StateError)
  })
})

describe('crossentropies take the logits of softmax and of sigmoid alike, as Keras does (numbers of tf-keras 2.21)', () => {
  const makers: Record<string, () => Layer[]> = {
    softmax: () => [new Dense({ units: 2, activation: 'softmax', inputShape: [2] })],
    sigmoid: () => [new Dense({ units: 2, activation: 'sigmoid', inputShape: [2] })],
    'Softmax layer': () => [new Dense({ units: 2, inputShape: [2] }), new Softmax()],
  }
  const kernel = Tensor.from([
    [1, 2],
    [3, -1],
  ])
  const samples = [
    [0.5, -1],
    [2, 1],
  ]
  test.each<[end: string, loss: LossName, metrics: readonly MetricName[], evaluated: number[], kernel: number[]]>([
    [
      'softmax',
      'binary_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [2.352828, 2.352828, 3.289169],
      [0.996121, 1.999357, 2.995308, -0.997766],
    ],
    [
      'softmax',
      'categorical_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [3.289169, 2.352828, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'softmax',
      'sparse_categorical_crossentropy',
      ['sparse_categorical_crossentropy'],
      [3.289169, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'softmax',
      'categorical_focal_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [0.761517, 2.352828, 3.289169],
      [0.997877, 2.002123, 2.997205, -0.997205],
    ],
    [
      'sigmoid',
      'binary_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [2.352828, 2.352828, 3.289169],
      [0.996121, 1.999357, 2.995308, -0.997766],
    ],
    [
      'sigmoid',
      'categorical_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [3.289169, 2.352828, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'sigmoid',
      'sparse_categorical_crossentropy',
      ['sparse_categorical_crossentropy'],
      [3.289169, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'sigmoid',
      'binary_focal_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [2.061792, 2.352828, 3.289169],
      [0.996184, 1.998805, 2.994728, -0.997593],
    ],
    [
      'sigmoid',
      'categorical_focal_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [0.761517, 2.352828, 3.289169],
      [0.997877, 2.002123, 2.997205, -0.997205],
    ],
    [
      'Softmax layer',
      'binary_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [2.352828, 2.352828, 3.289169],
      [0.996121, 1.999357, 2.995308, -0.997766],
    ],
    [
      'Softmax layer',
      'categorical_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [3.289169, 2.352828, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'Softmax layer',
      'sparse_categorical_crossentropy',
      ['sparse_categorical_crossentropy'],
      [3.289169, 3.289169],
      [0.992901, 2.007099, 2.990384, -0.990384],
    ],
    [
      'Softmax layer',
      'categorical_focal_crossentropy',
      ['binary_crossentropy', 'categorical_crossentropy'],
      [0.761517, 2.352828, 3.289169],
      [0.997877, 2.002123, 2.997205, -0.997205],
    ],
  ])('%s with %s', async (end, loss, metrics, evaluated, expected) => {
    const model = new Sequential(makers[end]())
    model.setWeights([kernel, Tensor.from([0.5, -0.5])])
    model.compile({ optimizer: 'sgd', loss, metrics })
    const targets = loss.startsWith('sparse')
      ? [[0], [1]]
      : [
          [1, 0],
          [0, 1],
        ]
    const logs = await model.evaluate(samples, targets, quiet)
    Object.values(logs).forEach((value, i) => {
      expect(value).toBeCloseTo(evaluated[i], 5)
    })
    await model.fit(samples, targets, quiet)
    model.getWeights()[0].data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5)
    })
  })
})
