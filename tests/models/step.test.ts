// One training step: losses of several outputs, their weights, weights of samples and of rows, and the measured means.

import { describe, expect, test } from '@jest/globals'
import {
  ArgumentError,
  CategoricalCrossentropy,
  Dense,
  Flatten,
  input,
  type LossIdentifier,
  Model,
  Reshape,
  Sequential,
  SGD,
  type Tensor,
} from 'unshared'
import { Measurement } from '../../lib/models/measurement.ts'
import { Head } from '../../lib/models/step.ts'

const x = [
  [1, -2],
  [0.5, 3],
  [-1, 0.25],
]

/** What one step of SGD with rate 1 subtracts from the weights, beside the slopes of the tested loss. */
function expectSlopes(
  make: () => Model<never> | Sequential,
  train: (model: never) => void,
  lossOf: (model: never) => number,
) {
  const model = make()
  const weights = model.getWeights() as Tensor[]
  train(model as never)
  const moved = model.getWeights() as Tensor[]
  const other = make()
  weights.forEach((weight, w) => {
    weight.data.forEach((value, i) => {
      const lossAt = (v: number) => {
        const changed = weights.map(each => each.clone())
        changed[w].data[i] = v
        other.setWeights(changed)
        return lossOf(other as never)
      }
      const slope = (lossAt(value + 0.01) - lossAt(value - 0.01)) / 0.02
      expect(value - moved[w].data[i]).toBeCloseTo(slope, 2)
    })
  })
}

describe('several outputs', () => {
  const targets = {
    a: [[1], [2], [0]],
    b: [
      [0, 1],
      [1, 0],
      [1, 0],
    ],
  }
  const make = (options: object = {}) => {
    const features = input({ shape: [2] })
    const shared = new Dense({ units: 3, activation: 'tanh' }).apply(features)
    const a = new Dense({ units: 1, name: 'a' }).apply(shared)
    const b = new Dense({ units: 2, activation: 'softmax', name: 'b' }).apply(shared)
    const model = new Model({ inputs: features, outputs: [a, b], seed: 5 })
    const loss: Record<string, LossIdentifier> = { a: 'mse', b: 'categorical_crossentropy' }
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss, lossWeights: { a: 0.5, b: 3 }, ...options })
    return model
  }

  test('the loss is the weighted sum, and a step goes down its slope', () => {
    const logs = make().testOnBatch(x, targets)
    expect(logs.loss).toBeCloseTo(0.5 * logs.a_loss + 3 * logs.b_loss, 5)
    expectSlopes(
      make as never,
      (model: ReturnType<typeof make>) => model.trainOnBatch(x, targets),
      (model: ReturnType<typeof make>) => model.testOnBatch(x, targets).loss,
    )
  })

  test('an output without a loss trains nothing of its own, and has no name in the logs', () => {
    const model = make({ loss: { a: 'mse' }, lossWeights: undefined })
    const before = model.getWeights()
    const logs = model.trainOnBatch(x, { a: targets.a })
    expect(Object.keys(logs)).toEqual(['loss', 'a_loss'])
    const after = model.getWeights()
    expect(after.slice(4)).toEqual(before.slice(4)) // of b
    expect(after.slice(0, 4)).not.toEqual(before.slice(0, 4))
  })

  test('losses and metrics are means over samples, not over batches', async () => {
    const model = make({ metrics: { a: ['mae'] } })
    const whole = model.testOnBatch(x, targets)
    const found = await model.evaluate(x, targets, { batchSize: 2, verbose: 0 })
    for (const [name, value] of Object.entries(whole)) expect(found[name]).toBeCloseTo(value, 5)
  })

  test('the gradients of one output that is given twice are added', () => {
    const once = (count: number) => {
      const features = input({ shape: [2] })
      const y = new Dense({ units: 2, activation: 'softmax' }).apply(features)
      const model = new Model({ inputs: features, outputs: count === 1 ? y : Array(count).fill(y), seed: 2 })
      model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'categorical_crossentropy' })
      const before = model.getWeights()
      model.trainOnBatch(x, count === 1 ? targets.b : Array(count).fill(targets.b))
      return model.getWeights().map((weight, w) => weight.data.map((value, i) => value - before[w].data[i]))
    }
    const [single, ofThree] = [once(1), once(3)]
    ofThree.forEach((moved, w) => {
      moved.forEach((value, i) => {
        expect(value).toBeCloseTo(3 * single[w][i], 5)
      })
    })
  })

  test('buffers of the graph itself are counted: inputs, gradients of outputs, sums of gradients of shared values', () => {
    // the input; the gradients of three outputs' values, and of the three that two layers read
    expect(make().graph.numbersPerSample).toEqual({ forward: 2, backward: 3 + 3 })
  })
})

describe('weights of rows', () => {
  const y = [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [1, 0],
    ],
    [
      [0, 1],
      [0, 1],
    ],
  ]
  const make = () => {
    const layers = [
      new Dense({ units: 4, inputShape: [2] }),
      new Reshape({ targetShape: [2, 2] }),
      new Dense({ units: 2, activation: 'softmax' }),
    ]
    const model = new Sequential(layers, { seed: 4 })
    model.compile({
      optimizer: new SGD({ learningRate: 1 }),
      loss: 'categorical_crossentropy',
      weightedMetrics: ['accuracy'],
    })
    return model
  }
  const rowLosses = (model: Sequential) => {
    const p = model.forward(x).toArray() as number[][][]
    return y.map((rows, n) => rows.map((row, r) => -Math.log(p[n][r][row.indexOf(1)])))
  }

  test.each([
    ['of samples', [1, 2, 4], (n: number, _r: number) => [1, 2, 4][n]],
    [
      'of rows',
      [
        [1, 0.5],
        [0, 2],
        [3, 1],
      ],
      (n: number, r: number) =>
        [
          [1, 0.5],
          [0, 2],
          [3, 1],
        ][n][r],
    ],
  ])('%s', (_, sampleWeight, weightOf) => {
    const model = make()
    const losses = rowLosses(model)
    const expected = losses.flatMap((rows, n) => rows.map((loss, r) => loss * weightOf(n, r)))
    const logs = model.testOnBatch(x, y, { sampleWeight })
    expect(logs.loss).toBeCloseTo(expected.reduce((a, b) => a + b) / 6, 5)
    const p = model.forward(x).toArray() as number[][][]
    const right = y.flatMap((rows, n) =>
      rows.map((row, r) => Number(p[n][r].indexOf(Math.max(...p[n][r])) === row.indexOf(1)) * weightOf(n, r)),
    )
    const all = y.flatMap((rows, n) => rows.map((_row, r) => weightOf(n, r)))
    const total = (values: number[]) => values.reduce((a, b) => a + b)
    expect(logs.accuracy).toBeCloseTo(total(right) / total(all), 5)
    expectSlopes(
      make,
      (trained: Sequential) => trained.trainOnBatch(x, y, { sampleWeight }),
      (tested: Sequential) => tested.testOnBatch(x, y, { sampleWeight }).loss,
    )
  })
})

test('a model takes one shape of targets after another', () => {
  const model = new Sequential([new Dense({ units: 3, activation: 'softmax', inputShape: [2] })], { seed: 1 })
  model.compile({ loss: 'sparse_categorical_crossentropy' })
  const first = model.testOnBatch(x, [[0], [1], [2]])
  expect(model.testOnBatch(x, [0, 1, 2])).toEqual(first)
  expect(model.testOnBatch([...x, ...x], [0, 1, 2, 0, 1, 2]).loss).toBeCloseTo(first.loss, 5)
  expect(model.testOnBatch(x, [[0], [1], [2]])).toEqual(first)
})

test('a loss along the batch is refused', () => {
  const pass = { batch: 0, training: false, inputGradient: false, penalties: true, frozen: null }
  for (const axis of [0, -3]) expect(() => new Head([4, 5], [4, 5], axis, pass)).toThrow(ArgumentError)
  for (const axis of [1, -1, -2]) expect(new Head([4, 5], [4, 5], axis, pass).loss).toBe(0)
  const model = new Sequential([new Flatten({ inputShape: [2] })])
  model.compile({ loss: new CategoricalCrossentropy({ axis: 0 }) })
  expect(() => model.testOnBatch(x, x)).toThrow(/^axis: /)
})

test('targets suit a head of their shape, of any batch', () => {
  const pass = { batch: 0, training: false, inputGradient: false, penalties: true, frozen: null }
  const head = new Head([4, 5], [4, 5], -1, pass)
  expect(
    [
      [1, 4, 5],
      [9, 4, 5],
      [1, 4],
      [1, 5, 4],
      [1, 4, 6],
      [1, 4, 5, 1],
    ].map(shape => head.suits(shape)),
  ).toEqual([...[true, true], ...[false, false, false, false]])
})

test('the state of a measurement goes on where it stopped', () => {
  const measure = () =>
    new Measurement(
      [
        { name: 'a_loss', output: 0 },
        { name: 'b_loss', output: 1 },
      ],
      [],
    )
  const batch = (a: number, b: number, size: number) => ({ heads: [{ loss: a }, { loss: b }], size }) as never
  const [whole, half, rest] = [measure(), measure(), measure()]
  for (const each of [whole, half]) each.add(3, batch(1, 2, 4), null as never)
  rest.restore(half.loss, half.samples, half.states())
  for (const each of [whole, rest]) each.add(5, batch(2, 3, 2), null as never)
  expect(rest.logs()).toEqual(whole.logs())
  expect(whole.logs()).toEqual({ loss: 22 / 6, a_loss: 8 / 6, b_loss: 14 / 6 })
  whole.reset()
  expect(whole.states()).toEqual([[0], [0]])
})
