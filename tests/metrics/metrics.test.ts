import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Accuracy,
  ArgumentError,
  AUC,
  type AUCOptions,
  BinaryAccuracy,
  BinaryIoU,
  CategoricalAccuracy,
  Dense,
  F1Score,
  FBetaScore,
  Huber,
  IoU,
  Mean,
  MeanIoU,
  MeanOfLoss,
  Metric,
  type MetricIdentifier,
  metrics,
  Precision,
  R2Score,
  Recall,
  RecallAtPrecision,
  RootMeanSquaredError,
  SensitivityAtSpecificity,
  Sequential,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  Sum,
  Tensor,
  type TensorLike,
  TopKCategoricalAccuracy,
  TruePositives,
} from 'unshared'
import { resolveMetric } from '../../lib/metrics/resolve.ts'

/** The result of one update. */
function measure(metric: Metric, yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike) {
  metric.updateState(yTrue, yPred, sampleWeight)
  const result = metric.result()
  return result instanceof Tensor ? result.toArray() : result
}

const required: Record<string, object> = {
  SensitivityAtSpecificity: { specificity: 0.5 },
  SpecificityAtSensitivity: { sensitivity: 0.5 },
  PrecisionAtRecall: { recall: 0.5 },
  RecallAtPrecision: { precision: 0.5 },
  IoU: { numClasses: 2, targetClassIds: [1] },
  MeanIoU: { numClasses: 2 },
  OneHotIoU: { numClasses: 2, targetClassIds: [1] },
  OneHotMeanIoU: { numClasses: 2 },
  MeanOfLoss: { loss: 'huber' },
}
const classNames = metrics.names.filter(name => metrics.has(name))
const make = (className: string) => metrics.get({ className, config: { ...required[className] } })

describe.each(classNames)('%s', className => {
  test('survives getConfig', () => {
    const metric = make(className)
    const config = metric.getConfig()
    expect(config).toMatchObject({ name: metric.name, dtype: 'float32' })
    expect(metrics.get(metrics.serialize(metric)).getConfig()).toEqual(config)
    const renamed = metrics.get({ class_name: className, config: { ...config, name: 'mine' } })
    expect(renamed.getConfig()).toEqual({ ...config, name: 'mine' })
    expect(() => metrics.get({ className, config: { ...config, misspelt: 1 } })).toThrow(ArgumentError)
    expect(() => metrics.get({ className, config: { ...config, dtype: 'float16' } })).toThrow('dtype')
  })

  const values = ['Mean', 'Sum'].includes(className)
  const some = (seed: number): TensorLike[] => {
    const bits = [0, 1, 1, 0].map((b, i) => [(b + i * seed) % 2, 1 - ((b + i * seed) % 2)])
    if (values) return [bits]
    if (className.includes('IoU')) return [bits, bits.map(row => row.map((b, i) => (i + seed) % 2 || b))]
    const outputs = bits.map((row, i) => row.map(b => 0.3 + 0.4 * b * (i > 1 ? 1 : -0.5)))
    return make(className).targets === 'sparse' ? [bits.map(row => row[1]), outputs] : [bits, outputs]
  }
  const update = (metric: Metric, seed: number) => metric.updateState(...(some(seed) as [TensorLike, TensorLike]))

  test('goes on from a state that was kept, and begins anew after a reset', () => {
    const metric = make(className)
    const atFirst = metric.result()
    update(metric, 1)
    const [state, once] = [metric.state(), metric.result()]
    update(metric, 2)
    const twice = metric.result()
    const other = make(className)
    other.setState(state)
    expect(other.result()).toEqual(once)
    update(other, 2)
    expect(other.result()).toEqual(twice)
    expect(() => other.setState([...state, 1])).toThrow('state')
    other.resetState()
    if (typeof atFirst === 'number') expect(other.result()).toEqual(atFirst)
    update(other, 1)
    expect(other.result()).toEqual(once)
  })

  test('counts a sample of weight 2 as two', () => {
    if (values) return
    const [t, p] = some(3).map(part => Tensor.from(part))
    const twice = (x: Tensor) => new Tensor([5, ...x.shape.slice(1)], Float32Array.of(...x.data, ...x.slice(3).data))
    const [weighted, repeated] = [make(className), make(className)]
    weighted.updateState(t, p, [1, 1, 1, 2])
    repeated.updateState(twice(t), twice(p))
    const [a, b] = [weighted, repeated].map(metric => Tensor.from(metric.result()).data)
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i], 5)
    })
  })
})

describe('accuracies', () => {
  test('argmax is the first of the largest', () => {
    expect(measure(new CategoricalAccuracy(), [[0, 1, 1]], [[0.1, 0.4, 0.4]])).toBe(1)
    expect(measure(new CategoricalAccuracy(), [[0, 0, 1]], [[0.1, 0.4, 0.4]])).toBe(0)
    expect(
      measure(
        new SparseCategoricalAccuracy(),
        [1, 2],
        [
          [0.1, 0.4, 0.4],
          [0, 0, 1],
        ],
      ),
    ).toBe(1)
    expect(
      measure(
        new SparseCategoricalAccuracy(),
        [[1], [0]],
        [
          [0, 1],
          [0, 1],
        ],
      ),
    ).toBe(0.5)
  })

  test('a threshold must be exceeded', () => {
    expect(measure(new BinaryAccuracy(), [1, 1, 1, 0], [0.5, 0.5, 0.51, 0.49])).toBe(0.5)
    expect(measure(new BinaryAccuracy({ threshold: 0.2 }), [[1, 0]], [[0.3, 0.3]])).toBe(0.5)
    expect(measure(new BinaryAccuracy(), [1, 0], [1, 1], [3, 1])).toBe(0.75)
    expect(measure(new Accuracy(), [[1], [2]], [[1], [3]])).toBe(0.5)
    expect(measure(new TruePositives(), [1, 1], [0.5, 0.6])).toBe(1)
  })

  test('ties with the k-th are hits; with k above the number of classes all are', () => {
    expect(measure(new TopKCategoricalAccuracy({ k: 2 }), [[0, 0, 1]], [[0.5, 0.25, 0.25]])).toBe(1)
    expect(measure(new TopKCategoricalAccuracy({ k: 1 }), [[0, 0, 1]], [[0.5, 0.25, 0.25]])).toBe(0)
    expect(measure(new SparseTopKCategoricalAccuracy(), [2], [[3, 2, 1]])).toBe(1)
    expect(measure(new SparseTopKCategoricalAccuracy(), [2], [[3, NaN, 1]])).toBe(0)
    expect(() => new TopKCategoricalAccuracy({ k: 0 })).toThrow('k: expected a positive integer')
  })
})

describe('means', () => {
  test('divide by the sum of weights, over all batches', () => {
    const mse = metrics.get('mse')
    expect(measure(mse, [[0], [0]], [[1], [2]], [3, 1])).toBe(7 / 4)
    expect(measure(mse, [[0]], [[4]])).toBe(23 / 5)
    expect(measure(metrics.get('mae'), [[[0], [0]]], [[[1], [3]]], [[3, 1]])).toBe(1.5)
  })

  test('of values', () => {
    const mean = new Mean()
    expect(mean.result()).toBe(0)
    mean.updateState([1, 2, 3], [1, 0, 2])
    expect(mean.result()).toBe(7 / 3)
    mean.updateState(5)
    expect(mean.result()).toBe(3)
    const sum = new Sum()
    sum.updateState([1, 2, 3], [1, 0, 2])
    expect(sum.result()).toBe(7)
    expect(() => mean.update()).toThrow('updateState')
  })

  test('of any loss', () => {
    const metric = new MeanOfLoss({ loss: new Huber({ delta: 2, reduction: 'sum' }) })
    expect(metric.name).toBe('huber_loss')
    expect(measure(metric, [[0], [0]], [[1], [4]])).toBe((0.5 + 6) / 2)
    expect(metrics.get(metrics.serialize(metric)).getConfig()).toEqual(metric.getConfig())
  })

  test('leave out an ignored class', () => {
    const config = { fromLogits: true, ignoreClass: -1 }
    const metric = metrics.get({ className: 'SparseCategoricalCrossentropy', config })
    expect(
      measure(
        metric,
        [-1, 1],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    ).toBeCloseTo(0.31326166, 6)
  })

  test('a cosine is positive where vectors point the same way, and nothing is −0', () => {
    expect(measure(metrics.get('cosine_similarity'), [[1, 0]], [[2, 0]])).toBe(1)
    expect(metrics.get('cosine_similarity').result()).toBe(0)
    expect(measure(new RootMeanSquaredError(), [[0, 0]], [[1, 7]])).toBe(5)
  })
})

describe('precision and recall', () => {
  const [t, p] = [
    [1, 0, 1, 0],
    [0.9, 0.8, 0.3, 0.1],
  ]

  test('one number, or one for each threshold', () => {
    expect(measure(new Precision(), t, p)).toBe(0.5)
    expect(measure(new Recall(), t, p)).toBe(0.5)
    expect(measure(new Recall({ thresholds: [0.2, 0.85] }), t, p)).toEqual([1, 0.5])
    expect(measure(new Precision({ thresholds: [0.2, 0.95] }), t, p)).toEqual([Math.fround(2 / 3), 0])
  })

  test('of the best k, or of one class', () => {
    const y = [[0, 1, 0]]
    expect(measure(new Precision({ topK: 2 }), y, [[0.1, 0.2, 0.3]])).toBe(0.5)
    expect(measure(new Precision({ topK: 1 }), [[1, 0, 0]], [[0.3, 0.3, 0.3]])).toBe(1) // of equal ones, the first
    expect(measure(new Recall({ classId: 1 }), y, [[0.9, 0.6, 0.9]])).toBe(1)
    expect(() => measure(new Recall({ classId: 3 }), y, [[0, 0, 0]])).toThrow('classId')
    expect(() => new Precision({ thresholds: 1.5 })).toThrow('thresholds: expected a number from 0 to 1')
  })

  test('at a price', () => {
    expect(measure(new SensitivityAtSpecificity({ specificity: 0.5 }), t, p)).toBe(1)
    expect(measure(new SensitivityAtSpecificity({ specificity: 1 }), t, p)).toBe(0.5)
    expect(measure(new RecallAtPrecision({ precision: 0.9 }), t, p)).toBe(0.5)
  })

  test('even thresholds give what thresholds searched one by one give, away from them', () => {
    const outputs = fc.array(fc.tuple(fc.boolean(), fc.nat(99)), { minLength: 1 })
    fc.assert(
      fc.property(outputs, list => {
        const yTrue = list.map(([b]) => b)
        const yPred = list.map(([, n]) => (n + 0.5) / 100)
        const uneven = new Recall({ thresholds: [0, 0.25, 0.5, 0.75, 0.9, 1] })
        const even = new Recall({ thresholds: [0, 0.25, 0.5, 0.75, 1] })
        const [a, b] = [measure(uneven, yTrue, yPred), measure(even, yTrue, yPred)] as number[][]
        expect(b).toEqual([...a.slice(0, 4), a[5]])
      }),
      { seed: 1 },
    )
  })
})

describe('AUC', () => {
  const auc = (options: AUCOptions, t: TensorLike, p: TensorLike) => measure(new AUC(options), t, p) as number

  test('of Keras’ documentation', () => {
    expect(auc({ numThresholds: 3 }, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9])).toBe(0.75)
    expect(auc({}, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9])).toBeCloseTo(0.75, 6)
  })

  test('is the share of pairs in the right order', () => {
    const outputs = fc.array(fc.tuple(fc.boolean(), fc.nat(98)), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(outputs, list => {
        const of = (b: boolean) => list.filter(([label]) => label === b).map(([, n]) => n)
        const pairs = of(true).flatMap(a => of(false).map(b => (a > b ? 1 : a === b ? 0.5 : 0)))
        fc.pre(pairs.length > 0)
        const expected = pairs.reduce<number>((sum, x) => sum + x, 0) / pairs.length
        const yPred = list.map(([, n]) => (n + 0.5) / 99)
        const yTrue = list.map(([b]) => b)
        expect(auc({ numThresholds: 100 }, yTrue, yPred)).toBeCloseTo(expected, 6)
      }),
      { seed: 1 },
    )
  })

  test('lies between the lower and the higher sum', () => {
    const [t, p] = [
      [0, 1, 0, 1, 1],
      [0.1, 0.2, 0.3, 0.4, 0.9],
    ]
    for (const curve of ['ROC', 'PR', 'PR_GAIN'] as const) {
      const [low, middle, high] = (['minoring', 'interpolation', 'majoring'] as const).map(summationMethod =>
        auc({ curve, summationMethod, numThresholds: 8 }, t, p),
      )
      expect(low).toBeLessThanOrEqual(middle)
      expect(middle).toBeLessThanOrEqual(high)
    }
  })

  test('of labels apart is the mean of theirs', () => {
    const t = [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ]
    const p = [
      [0.1, 0.3],
      [0.9, 0.6],
      [0.4, 0.1],
      [0.6, 0.2],
    ]
    const column = (x: number[][], c: number) => x.map(row => row[c])
    const [a, b] = [0, 1].map(c => auc({}, column(t, c), column(p, c)))
    expect(auc({ multiLabel: true }, t, p)).toBeCloseTo((a + b) / 2, 10)
    expect(auc({ multiLabel: true, labelWeights: [3, 1] }, t, p)).toBeCloseTo((3 * a + b) / 4, 10)
    expect(() => new AUC({ numLabels: 2 })).toThrow('numLabels')
    expect(() => auc({ multiLabel: true, numLabels: 3 }, t, p)).toThrow('yPred')
  })

  test('of logits', () => {
    expect(auc({ fromLogits: true }, [0, 1], [-2, 3])).toBeCloseTo(1, 6)
    expect(auc({ fromLogits: true }, [1, 0], [-2, 3])).toBeCloseTo(0, 6)
  })
})

describe('scores', () => {
  const t = [
    [1, 1, 1],
    [1, 0, 0],
    [1, 1, 0],
  ]
  const p = [
    [0.2, 0.6, 0.7],
    [0.2, 0.6, 0.6],
    [0.6, 0.8, 0.0],
  ]

  test('F-beta and F1 of Keras’ documentation', () => {
    const scores = measure(new FBetaScore({ beta: 2, threshold: 0.5 }), t, p) as number[]
    ;[0.3846154, 0.90909094, 0.8333332].forEach((expected, i) => {
      expect(scores[i]).toBeCloseTo(expected, 5)
    })
    const f1 = measure(new F1Score({ threshold: 0.5 }), t, p) as number[]
    expect(f1[1]).toBeCloseTo(0.8, 6)
    expect(() => new F1Score({ beta: 2 } as object)).toThrow('beta')
    expect(() => measure(new F1Score(), [1], [1])).toThrow('yPred')
  })

  test('R² is 1 for what is right, 0 for the mean, NaN for nothing', () => {
    expect(new R2Score().result()).toBeNaN()
    expect(measure(new R2Score(), [[1], [2], [6]], [[1], [2], [6]])).toBe(1)
    expect(measure(new R2Score(), [[1], [2], [6]], [[3], [3], [3]])).toBe(0)
  })

  test('intersection over union', () => {
    expect(measure(new MeanIoU({ numClasses: 2 }), [0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(1 / 3, 10)
    expect(measure(new IoU({ numClasses: 2, targetClassIds: [0] }), [0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(1 / 3, 10)
    expect(measure(new BinaryIoU({ threshold: 0.3 }), [0, 1], [0.1, 0.3])).toBe(1)
    expect(() => measure(new MeanIoU({ numClasses: 2 }), [0, 2], [0, 1])).toThrow(
      'y: expected a class number from 0 to 1',
    )
    expect(() => new IoU({ numClasses: 2, targetClassIds: [2] })).toThrow('targetClassIds')
  })
})

describe('resolveMetric', () => {
  const resolved = (identifier: MetricIdentifier, output: number[], target: number[]) => {
    const { name, className } = resolveMetric(identifier, output, target)
    return [name, className]
  }

  test('takes the accuracy that suits the shapes', () => {
    expect(resolved('accuracy', [4, 1], [4, 1])).toEqual(['accuracy', 'BinaryAccuracy'])
    expect(resolved('acc', [4, 3], [4, 3])).toEqual(['acc', 'CategoricalAccuracy'])
    expect(resolved('Accuracy', [4, 3], [4])).toEqual(['Accuracy', 'SparseCategoricalAccuracy'])
    expect(resolved('ce', [4, 3], [4, 1])).toEqual(['ce', 'SparseCategoricalCrossentropy'])
  })

  test('keeps a function’s name as written, and gives a class its own', () => {
    expect(resolved('mse', [4, 3], [4, 3])).toEqual(['mse', 'MeanSquaredError'])
    expect(resolved('MSE', [4, 3], [4, 3])).toEqual(['MSE', 'MeanSquaredError'])
    expect(resolved('meanSquaredError', [4, 3], [4, 3])).toEqual(['meanSquaredError', 'MeanSquaredError'])
    expect(resolved('MeanSquaredError', [4, 3], [4, 3])).toEqual(['mean_squared_error', 'MeanSquaredError'])
    expect(resolved('AUC', [4, 1], [4, 1])).toEqual(['auc', 'AUC'])
    expect(resolved(new Precision({ name: 'mine' }), [4, 1], [4, 1])).toEqual(['mine', 'Precision'])
    expect(() => resolved('auc' as 'AUC', [4, 1], [4, 1])).toThrow('metrics: expected one of ACC, AUC')
  })

  test('refuses shapes that do not fit', () => {
    expect(() => resolved('mse', [4, 3], [4])).toThrow('y: expected targets of shape [4, 3]')
    expect(() => resolved('sparseCategoricalAccuracy', [4, 3], [4, 3])).toThrow('y: expected targets of shape [4]')
    const oneHot = new MeanIoU({ numClasses: 3, sparseYPred: false })
    expect(resolved(oneHot, [4, 5, 3], [4, 5])).toEqual(['mean_io_u', 'MeanIoU'])
    expect(() => resolved(oneHot, [4, 5, 3], [4, 5, 3])).toThrow(ArgumentError)
  })
})

describe('in a model', () => {
  const make = (metrics: MetricIdentifier[]) => {
    const dense = new Dense({ units: 2, activation: 'softmax', kernelInitializer: 'ones', inputShape: [1] })
    const model = new Sequential([dense], { seed: 1 })
    model.compile({ loss: 'categorical_crossentropy', metrics })
    dense.setWeights([Tensor.from([[100, 0]]), Tensor.from([0, 0])])
    return model
  }

  test('crossentropies see logits, as the loss does', () => {
    const logs = make(['ce', 'mse']).testOnBatch([[1]], [[0, 1]])
    expect(logs).toEqual({ loss: 100, ce: 100, mse: 1 })
  })

  test('a metric of logits shares its sums with the one that was given', () => {
    const metric = metrics.get('CategoricalCrossentropy')
    make([metric]).testOnBatch([[1]], [[0, 1]])
    expect(metric.result()).toBe(100)
    metric.resetState()
    expect(metric.result()).toBe(0)
    expect(metric.afterActivation('tanh')).toBeNull()
  })

  test('one of your own works like the others', () => {
    class Largest extends Metric {
      constructor() {
        super('Largest', 'largest', {}, {}, 1)
      }
      update(_t: Float32Array, p: Float32Array, [rows]: readonly number[]) {
        for (let i = 0; i < rows; i++) this.sums[0] = Math.max(this.sums[0], p[i])
      }
      result() {
        return this.sums[0]
      }
    }
    expect(measure(new Largest(), [1, 2], [3, 4])).toBe(4)
    expect(make([new Largest()]).testOnBatch([[0]], [[0, 1]]).largest).toBe(0.5)
  })
})

describe('weights', () => {
  test('are of samples, or of further axes', () => {
    const t = Tensor.zeros([2, 2, 1])
    const p = [
      [[1], [2]],
      [[3], [4]],
    ]
    const mae = (weights: TensorLike) => measure(metrics.get('mae'), t, p, weights)
    expect(mae([1, 0])).toBe(1.5)
    expect(mae([[1], [0]])).toBe(1.5)
    expect(
      mae([
        [0, 0],
        [0, 1],
      ]),
    ).toBe(4)
    expect(mae(2)).toBe(2.5)
    expect(() => mae([1, 2, 3])).toThrow('sampleWeight')
    expect(() => measure(metrics.get('mse'), [0, 0], [1, 1], [1, 2])).toThrow('sampleWeight')
  })

  test('of an order do not matter to a mean', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 5 })), { minLength: 1 })
    fc.assert(
      fc.property(pairs, list => {
        const run = (of: typeof list) =>
          measure(
            metrics.get('mse'),
            of.map(() => [0]),
            of.map(([x]) => [x]),
            of.map(([, w]) => w),
          )
        expect(run(list)).toBe(run([...list].reverse())) // whole numbers: exact in any order
      }),
      { seed: 1 },
    )
  })
})
