import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  ArgumentError,
  BinaryCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  CosineSimilarity,
  Dense,
  Hinge,
  Huber,
  LogCosh,
  Loss,
  losses,
  MeanAbsoluteError,
  MeanSquaredError,
  Reshape,
  Sequential,
  SparseCategoricalCrossentropy,
  Tensor,
  type TensorLike,
} from 'unshared'
import { type Random, shuffleInPlace, stream } from '../../lib/core/random.ts'
import { dot } from '../../lib/kernels/sums.ts'
import { rowCount } from '../../lib/losses/row-shapes.ts'
import { expectSameBits } from '../support/bits.ts'
import { expectClose, numericGradient } from '../support/gradients.ts'

// ---- Arguments that are far from every kink, so that central differences hold ---------------------------------------

type Draw = (n: number, random: Random, length: number) => number[]
const numbers = <T = number>(n: number, f: (i: number) => T) => Array.from({ length: n }, (_, i) => f(i))

const normalLike: Draw = (n, random) => numbers(n, () => 4 * random() - 2)
const probabilities: Draw = (n, random) => numbers(n, () => 0.1 + 0.8 * random())
const positive: Draw = (n, random) => numbers(n, () => 0.5 + 2 * random())
const zeroOrOne: Draw = (n, random) => numbers(n, () => Math.floor(2 * random()))
const classes: Draw = (n, random, length) => numbers(n / length, () => Math.floor(length * random()))
/** Quarters, and outputs a bit beside them: |p − t|, |1 − t·p| and the like stay away from 0 and from 1. */
const quarters: Draw = (n, random) => numbers(n, () => (Math.floor(8 * random()) - 3.5) / 2)
const besideQuarters: Draw = (n, random) => numbers(n, () => Math.floor(8 * random()) / 2 - 2.1)
const margins: Draw = (n, random) => numbers(n, () => 0.6 * Math.floor(6 * random()) - 1.5)
const oneHot: Draw = (n, random, length) => {
  const chosen = classes(n, random, length)
  return numbers(n, i => (chosen[Math.floor(i / length)] === i % length ? 1 : 0))
}
/** No two alike in a row. */
const distinct: Draw = (n, random, length) =>
  numbers(n / length, () => {
    const order = Int32Array.from({ length }, (_, k) => k)
    shuffleInPlace(order, random)
    return [...order].map(k => 0.37 * k + 0.05)
  }).flat()

const variants: [string, object, Draw, Draw][] = [
  ['MeanSquaredError', {}, normalLike, normalLike],
  ['MeanAbsoluteError', {}, quarters, besideQuarters],
  ['MeanAbsolutePercentageError', {}, quarters, besideQuarters],
  ['MeanSquaredLogarithmicError', {}, positive, positive],
  ['Huber', { delta: 0.7 }, normalLike, normalLike],
  ['LogCosh', {}, normalLike, normalLike],
  ['Poisson', {}, positive, positive],
  ['CosineSimilarity', {}, normalLike, normalLike],
  ['CosineSimilarity', { axis: 1 }, normalLike, normalLike],
  ['Hinge', {}, zeroOrOne, margins],
  ['Hinge', {}, n => numbers(n, i => (i % 2) * 2 - 1), margins],
  ['SquaredHinge', {}, zeroOrOne, margins],
  ['CategoricalHinge', {}, oneHot, distinct],
  ['KLDivergence', {}, probabilities, probabilities],
  ['CategoricalCrossentropy', {}, probabilities, probabilities],
  ['CategoricalCrossentropy', { axis: 1, labelSmoothing: 0.2 }, probabilities, probabilities],
  ['CategoricalCrossentropy', { fromLogits: true }, probabilities, normalLike],
  ['CategoricalCrossentropy', { fromLogits: true, labelSmoothing: 0.2, axis: 1 }, oneHot, normalLike],
  ['BinaryCrossentropy', { labelSmoothing: 0.1 }, zeroOrOne, probabilities],
  ['BinaryCrossentropy', { fromLogits: true, axis: 1 }, zeroOrOne, normalLike],
  ['SparseCategoricalCrossentropy', {}, classes, probabilities],
  ['SparseCategoricalCrossentropy', { fromLogits: true }, classes, normalLike],
  ['SparseCategoricalCrossentropy', { fromLogits: true, ignoreClass: 1 }, classes, normalLike],
  ['SparseCategoricalCrossentropy', { ignoreClass: 0 }, classes, probabilities],
  ['BinaryFocalCrossentropy', { applyClassBalancing: true, alpha: 0.3 }, zeroOrOne, probabilities],
  ['BinaryFocalCrossentropy', { gamma: 1.3, labelSmoothing: 0.2 }, zeroOrOne, probabilities],
  ['BinaryFocalCrossentropy', { fromLogits: true }, zeroOrOne, normalLike],
  ['CategoricalFocalCrossentropy', { alpha: [0.1, 0.5, 0.9, 0.4], gamma: 1.3 }, oneHot, probabilities],
  ['CategoricalFocalCrossentropy', { fromLogits: true, labelSmoothing: 0.1 }, oneHot, normalLike],
]

const shape = [3, 4, 4]

function caseOf([className, config, targets, outputs]: (typeof variants)[number], seed: number) {
  const random = stream(seed, className)
  const loss = losses.get({ className, config: { ...config } })
  const yTrue = Float32Array.from(targets(48, random, 4))
  const yPred = Float32Array.from(outputs(48, random, 4))
  return { loss, random, yTrue, yPred, rows: rowCount(shape, loss.axis) }
}

describe.each(variants)('%s %j', (...variant) => {
  test('has the gradient that central differences have', () => {
    for (let seed = 0; seed < 5; seed++) {
      const { loss, random, yTrue, yPred, rows } = caseOf(variant, seed)
      const scale = Float32Array.from({ length: rows }, () => 2 * random() - 1)
      const found = new Float32Array(yPred.length).fill(NaN)
      loss.backward(found, yTrue, yPred, scale, shape)
      const values = new Float32Array(rows)
      const sum = (p: Float32Array) => {
        loss.forward(values, yTrue, p, shape)
        return dot(values, scale, rows)
      }
      expectClose(found, numericGradient(sum, yPred, 2 ** -8), 4e-3, variant[0])
    }
  })

  test('does not depend on what stood in the results before, and keeps its arguments', () => {
    const { loss, yTrue, yPred, rows } = caseOf(variant, 9)
    const before = [yTrue.slice(), yPred.slice()]
    const scale = new Float32Array(rows).fill(0.5)
    const run = (filled: number) => {
      const [values, dPred] = [new Float32Array(rows).fill(filled), new Float32Array(48).fill(filled)]
      loss.forward(values, yTrue, yPred, shape)
      loss.backward(dPred, yTrue, yPred, scale, shape)
      return [values, dPred]
    }
    run(NaN).forEach((array, i) => {
      expectSameBits(array, run(7)[i])
    })
    expectSameBits(yTrue, before[0])
    expectSameBits(yPred, before[1])
  })

  test('is the same for a sample wherever it stands in the batch', () => {
    const { loss, yTrue, yPred, rows } = caseOf(variant, 3)
    if (loss.ignoreClass !== null) return // there a row's share depends on the others
    const values = new Float32Array(rows)
    loss.forward(values, yTrue, yPred, shape)
    const perSample = [yTrue.length / 3, 16, rows / 3]
    const [t, p, expected] = [yTrue, yPred, values].map((array, i) => {
      const part = (n: number) => array.subarray(n * perSample[i], (n + 1) * perSample[i])
      return Float32Array.of(...part(2), ...part(0), ...part(1))
    })
    loss.forward(values, t, p, shape)
    expectSameBits(values, expected)
  })

  test('survives getConfig', () => {
    const loss = losses.get({ className: variant[0], config: { ...variant[1], reduction: 'sum', name: 'mine' } })
    const config = loss.getConfig()
    expect(config).toMatchObject({ ...variant[1], reduction: 'sum', name: 'mine' })
    expect(losses.get(losses.serialize(loss)).getConfig()).toEqual(config)
    expect(losses.get({ class_name: variant[0], config }).getConfig()).toEqual(config)
  })
})

describe('every loss', () => {
  test('that has a lower bound keeps it', () => {
    const bounded = variants.filter(([name]) => !['CosineSimilarity', 'Poisson', 'KLDivergence'].includes(name))
    for (const variant of bounded)
      for (let seed = 0; seed < 5; seed++) {
        const { loss, yTrue, yPred, rows } = caseOf(variant, seed)
        const values = new Float32Array(rows)
        loss.forward(values, yTrue, yPred, shape)
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      }
  })

  test('is made by each of its names', () => {
    const names = losses.names.filter(name => /^[a-z]/.test(name))
    expect(names).toHaveLength(26)
    expect(losses.get('mse')).toBeInstanceOf(MeanSquaredError)
    expect(losses.get('meanSquaredError')).toBeInstanceOf(MeanSquaredError)
    expect(losses.get('sparseCategoricalCrossentropy').name).toBe('sparse_categorical_crossentropy')
    expect(losses.get('kullback_leibler_divergence').className).toBe('KLDivergence')
    expect(losses.get('huber').name).toBe('huber_loss')
    for (const name of losses.names) expect(losses.get(losses.get(name).className).className).toBeTruthy()
    for (const name of ['cosine_proximity', 'crossentropy', 'toString'])
      expect(() => losses.get(name)).toThrow(ArgumentError)
  })

  test('takes what Keras writes beside its options, and no option that nobody reads', () => {
    const config = { reduction: 'auto', name: 'mean_squared_error', fn: 'mean_squared_error' }
    expect(losses.get({ className: 'MeanSquaredError', config })).toBeInstanceOf(MeanSquaredError)
    expect(() => new Huber({ gamma: 1 } as object)).toThrow('Huber, option: expected one of reduction, name, delta')
    expect(() => new Huber({ reduction: 'mean' as 'sum' })).toThrow('reduction: expected one of "auto"')
    expect(() => new BinaryCrossentropy({ labelSmoothing: 2 })).toThrow('labelSmoothing')
    expect(() => new CosineSimilarity({ axis: 0.5 })).toThrow('axis: expected an integer')
    expect(() => new CosineSimilarity({ axis: 2 }).compute([[1]], [[1]])).toThrow('axis: expected an axis of')
  })
})

describe('known numbers', () => {
  const value = (loss: Loss, t: number[][] | number[], p: number[][]) => loss.compute(t, p).item()

  test('of regression', () => {
    const [t, p] = [[[1, 2, 3]], [[2, 4, 6]]]
    expect(value(new MeanSquaredError(), t, p)).toBeCloseTo(14 / 3, 6)
    expect(value(new MeanAbsoluteError(), t, p)).toBe(2)
    expect(value(losses.get('mape'), t, p)).toBe(100)
    expect(value(new Huber(), t, p)).toBeCloseTo((0.5 + 1.5 + 2.5) / 3, 6)
    expect(value(new LogCosh(), [[0]], [[100]])).toBeCloseTo(100 - Math.LN2, 4)
    expect(value(new LogCosh(), [[0]], [[1e-4]])).toBeCloseTo(5e-9, 14)
    expect(value(new CosineSimilarity(), t, p)).toBeCloseTo(-1, 6)
    expect(value(new CosineSimilarity(), [[0, 0]], [[1, 2]])).toBeCloseTo(0)
  })

  test('of crossentropies: probabilities are clipped, logits are not', () => {
    const worst = -Math.log(1e-7)
    expect(value(new CategoricalCrossentropy(), [[1, 0]], [[0, 1]])).toBeCloseTo(worst, 4)
    expect(value(new SparseCategoricalCrossentropy(), [0], [[0, 1]])).toBeCloseTo(worst, 4)
    expect(value(new BinaryCrossentropy(), [[1]], [[0]])).toBeCloseTo(-Math.log(2e-7), 4)
    const fromLogits = true
    expect(value(new CategoricalCrossentropy({ fromLogits }), [[1, 0]], [[0, 200]])).toBe(200)
    expect(value(new SparseCategoricalCrossentropy({ fromLogits }), [0], [[0, 200]])).toBe(200)
    expect(value(new BinaryCrossentropy({ fromLogits }), [[1]], [[-200]])).toBe(200)
  })

  test('of smoothed labels', () => {
    const smoothed = { labelSmoothing: 0.2 }
    const crossentropy = -0.9 * Math.log(0.8) - 0.1 * Math.log(0.2)
    expect(value(new BinaryCrossentropy(smoothed), [[1]], [[0.8]])).toBeCloseTo(crossentropy, 6)
    expect(value(new CategoricalCrossentropy(smoothed), [[1, 0]], [[0.8, 0.2]])).toBeCloseTo(crossentropy, 6)
    expect(value(new BinaryCrossentropy(), [[1]], [[0.8]])).toBeCloseTo(-Math.log(0.8), 6)
  })

  test('of focal crossentropies', () => {
    const alpha = [0.5, 2]
    const focal = (t: number[][]) => value(new CategoricalFocalCrossentropy({ alpha, gamma: 3 }), t, [[0.8, 0.2]])
    expect(focal([[1, 0]])).toBeCloseTo(-0.5 * 0.2 ** 3 * Math.log(0.8), 6)
    expect(focal([[0, 1]])).toBeCloseTo(-2 * 0.8 ** 3 * Math.log(0.2), 5)
    const binary = losses.get({
      className: 'BinaryFocalCrossentropy',
      config: { applyClassBalancing: true, alpha: 0.3, gamma: 2 },
    })
    expect(value(binary, [[1]], [[0.8]])).toBeCloseTo(-0.3 * 0.2 ** 2 * Math.log(0.8), 6)
    expect(value(binary, [[0]], [[0.8]])).toBeCloseTo(-0.7 * 0.8 ** 2 * Math.log(0.2), 5)
  })

  test('of hinges: 0 and 1 mean −1 and 1 only where no other target is in the batch', () => {
    expect(value(new Hinge(), [[0, 1]], [[0.5, 0.5]])).toBe(1) // (1.5 + 0.5) / 2
    expect(
      value(
        new Hinge(),
        [
          [0, 1],
          [1, -1],
        ],
        [
          [0.5, 0.5],
          [0, 0],
        ],
      ),
    ).toBe(0.875) // (1 + 0.5 + 1 + 1) / 4
  })

  test('at kinks the slopes are those of TensorFlow', () => {
    const slope = (loss: Loss, t: number[][], p: number[][]) => [...loss.gradient(t, p).data]
    expect(slope(new MeanAbsoluteError(), [[1]], [[1]])).toEqual([0])
    expect(slope(new Hinge(), [[1, -1]], [[1, -1]])).toEqual([-0.5, 0.5])
    expect(slope(new Huber(), [[0]], [[1]])).toEqual([1])
    const third = slope(losses.get('categorical_hinge'), [[0, 1, 0]], [[2, 2, 2]])
    expect(third).toEqual([0.5, -1, 0.5])
  })

  test('clipped probabilities have no slope', () => {
    const slope = (loss: Loss, t: TensorLike, p: number[][]) => [...loss.gradient(t, p).data]
    expect(slope(new CategoricalCrossentropy(), [[1, 0]], [[0, 1]])).toEqual([0, 0])
    expect(slope(new SparseCategoricalCrossentropy(), [0], [[0, 1]])).toEqual([0, 0])
    expect(slope(new BinaryCrossentropy(), [[1, 0]], [[0, 1]])).toEqual([0, 0])
    expect(slope(losses.get('kld'), [[0.5, 0.5]], [[0, 2]])).toEqual([0, 0])
  })
})

describe('reduction and weights', () => {
  const [t, p] = [
    [
      [0, 0],
      [0, 0],
    ],
    [
      [1, 1],
      [3, 3],
    ],
  ]
  const mse = (reduction: 'auto' | 'sum' | 'none', weights?: number | number[] | number[][]) => {
    const tensor = new MeanSquaredError({ reduction }).compute(t, p, weights)
    return tensor.shape.length === 0 ? tensor.item() : [...tensor.data]
  }

  test('a mean divides by the number of rows, not by the weights', () => {
    expect([mse('auto'), mse('sum'), mse('none')]).toEqual([5, 10, [1, 9]])
    expect([mse('auto', [1, 3]), mse('sum', [1, 3]), mse('none', [1, 3])]).toEqual([14, 28, [1, 27]])
    expect(mse('auto', 2)).toBe(10)
    expect(mse('auto', [[1], [3]])).toBe(14)
  })

  test('weights are of samples, or of rows', () => {
    const zeros = Tensor.zeros([2, 3, 4])
    const ones = new Tensor([2, 3, 4], new Float32Array(24).fill(1))
    const loss = new MeanSquaredError({ reduction: 'none' })
    const weighted = (weights: TensorLike) => [...loss.compute(zeros, ones, weights).data]
    expect(weighted([1, 2])).toEqual([1, 1, 1, 2, 2, 2])
    expect(weighted([[1, 2, 3]])).toEqual([1, 2, 3, 1, 2, 3])
    expect(
      weighted([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqual([1, 2, 3, 4, 5, 6])
    expect(() => weighted([1, 2, 3])).toThrow('sampleWeight')
    expect(() => weighted([[[1, 2, 3, 4]]])).toThrow('sampleWeight')
  })

  test('gradients are those of what compute gives', () => {
    const loss = new MeanSquaredError()
    expect([...loss.gradient(t, p, [1, 3]).data]).toEqual([0.5, 0.5, 4.5, 4.5])
    expect([...new MeanSquaredError({ reduction: 'sum' }).gradient(t, p).data]).toEqual([1, 1, 3, 3])
    expect([...new MeanSquaredError({ reduction: 'none' }).gradient(t, p).data]).toEqual([1, 1, 3, 3]) // of their sum
  })

  test('sums are in float64, in eight partials', () => {
    const loss = new MeanSquaredError({ reduction: 'sum' })
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), list => {
        const values = Float32Array.from(list)
        const exact = list.reduce((sum, v) => sum + v, 0)
        const bound = 1e-12 * list.reduce((sum, v) => sum + Math.abs(v), 0)
        expect(Math.abs(loss.reduce(values, null, list.length) - exact)).toBeLessThanOrEqual(bound)
      }),
      { seed: 1 },
    )
    const values = Float32Array.from({ length: 9 }, (_, i) => (i === 0 ? 2 ** 60 : i === 8 ? -(2 ** 60) : 2 ** -20))
    expect(loss.reduce(values, null, 9)).toBe(7 * 2 ** -20) // 0 and 8 meet first
  })

  test('scaleRows divides by the rows where a mean is taken', () => {
    const scale = new Float32Array(2)
    new MeanSquaredError().scaleRows(scale, Float32Array.of(1, 3), 2)
    expect([...scale]).toEqual([0.5, 1.5])
    new MeanSquaredError({ reduction: 'sum' }).scaleRows(scale, null, 2)
    expect([...scale]).toEqual([1, 1])
  })
})

describe('an ignored class', () => {
  const yPred = [
    [0, 1],
    [2, 0],
    [5, 5],
  ]
  const loss = (reduction: 'auto' | 'sum' | 'none') =>
    new SparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: -1, reduction })

  test('leaves the mean over the others', () => {
    const others = new SparseCategoricalCrossentropy({ fromLogits: true }).compute([0, 1], yPred.slice(0, 2))
    expect(loss('auto').compute([0, 1, -1], yPred).item()).toBeCloseTo(others.item(), 6)
    expect(loss('none').compute([0, 1, -1], yPred).data[2]).toBe(0)
    expect([...loss('sum').gradient([0, 1, -1], yPred).data.slice(4)]).toEqual([0, 0])
  })

  test('gives 0 where nothing else is', () => {
    expect(loss('auto').compute([-1, -1, -1], yPred).item()).toBe(0)
    expect([...loss('auto').gradient([-1, -1, -1], yPred).data]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('targets', () => {
  test('may lack or have a last axis of 1', () => {
    const mse = new MeanSquaredError()
    expect(mse.compute([1, 2], [[2], [4]]).item()).toBe(2.5)
    expect(mse.compute([[1], [2]], [2, 4]).item()).toBe(2.5)
    const sparse = new SparseCategoricalCrossentropy()
    const p = [
      [0.5, 0.5],
      [0.2, 0.8],
    ]
    expect(sparse.compute([[0], [1]], p).item()).toBe(sparse.compute([0, 1], p).item())
  })

  test('of other shapes are refused, not broadcast', () => {
    const p = Tensor.zeros([2, 3])
    expect(() => new MeanSquaredError().compute([[1], [2]], p)).toThrow(
      /^y: expected targets of the output's shape \[2, 3\]/,
    )
    expect(() => new MeanSquaredError().compute([1, 2, 3], p)).toThrow(ArgumentError)
    expect(() => new SparseCategoricalCrossentropy().compute(Tensor.zeros([2, 3]), p)).toThrow(
      'categoricalCrossentropy',
    )
    expect(() => new CategoricalCrossentropy().compute([0, 1], p)).toThrow('use sparseCategoricalCrossentropy')
    expect(() => new MeanSquaredError().compute(1, 2)).toThrow('yPred')
  })

  test.each([3, -1, 0.5, NaN])('that are no class are refused: %d', label => {
    const sparse = new SparseCategoricalCrossentropy()
    expect(() => sparse.compute([0, label], Tensor.zeros([2, 3]))).toThrow(
      `y[1]: expected a class number from 0 to 2, received ${label}`,
    )
  })

  test('have one weight each in alpha, if it is a list', () => {
    const loss = new CategoricalFocalCrossentropy({ alpha: [0.1, 0.2] })
    expect(() => loss.compute([[1, 0, 0]], [[1, 0, 0]])).toThrow('alpha')
  })
})

describe('after its activation', () => {
  test('a crossentropy reads logits', () => {
    for (const name of [
      'categorical_crossentropy',
      'sparseCategoricalCrossentropy',
      'categorical_focal_crossentropy',
      'binary_crossentropy',
    ] as const) {
      for (const activation of ['softmax', 'sigmoid']) {
        const twin = losses.get(name).afterActivation(activation)
        expect(twin?.getConfig()).toEqual({ ...losses.get(name).getConfig(), fromLogits: true })
      }
      expect(losses.get(name).afterActivation('tanh')).toBeNull()
    }
    const focal = losses.get('binary_focal_crossentropy')
    expect(focal.afterActivation('sigmoid')?.getConfig().fromLogits).toBe(true)
    expect(focal.afterActivation('softmax')).toBeNull()
    expect(losses.get('mse').afterActivation('softmax')).toBeNull()
  })

  test('it reads them even where the outputs were called logits, as in Keras', () => {
    const loss = new CategoricalCrossentropy({ fromLogits: true })
    expect(loss.afterActivation('softmax')).toBe(loss)
  })
})

describe('in a model', () => {
  test('a loss along another axis has its own rows', () => {
    const model = new Sequential([new Dense({ units: 6, inputShape: [2] }), new Reshape({ targetShape: [3, 2] })], {
      seed: 1,
    })
    const x = Tensor.from([
      [1, 2],
      [3, -1],
      [0, 1],
      [2, 2],
    ])
    const y = Tensor.from(
      numbers(24, i => (i % 6 < 2 ? 1 : 0)),
      [4, 3, 2],
    )
    const loss = new CategoricalCrossentropy({ axis: 1, fromLogits: true })
    model.compile({ loss })
    const sampleWeight = [1, 2, 0, 1]
    const expected = loss.compute(y, model.predictOnBatch(x), sampleWeight).item()
    expect(model.testOnBatch(x, y, { sampleWeight }).loss).toBeCloseTo(expected, 6)
    model.compile({ loss: new CosineSimilarity({ axis: 0 }) })
    expect(() => model.testOnBatch(x, y)).toThrow('axis')
  })

  test('one of your own works like the others', () => {
    class Cube extends Loss {
      constructor() {
        super('Cube', 'cube')
      }
      forward(values: Float32Array, t: Float32Array, p: Float32Array, shape: readonly number[]) {
        for (let r = 0; r < rowCount(shape); r++) values[r] = Math.abs(p[r] - t[r]) ** 3
      }
      backward(dp: Float32Array, t: Float32Array, p: Float32Array, scale: Float32Array, shape: readonly number[]) {
        for (let r = 0; r < rowCount(shape); r++) dp[r] = scale[r] * 3 * (p[r] - t[r]) * Math.abs(p[r] - t[r])
      }
    }
    const model = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: new Cube() })
    expect(model.testOnBatch([[0]], [[2]]).loss).toBe(8)
    expect(new Cube().compute([[0]], [[2]]).item()).toBe(8)
  })
})
