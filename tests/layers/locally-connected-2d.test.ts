import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  ArgumentError,
  checkGradients,
  LocallyConnected2D,
  type LocallyConnected2DOptions,
  MaxNorm,
  StateError,
  Tensor,
} from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { expectSameBits } from '../support/bits.ts'
import { type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const layer = (options: Partial<LocallyConnected2DOptions> = {}) =>
  new LocallyConnected2D({ filters: 2, kernelSize: 3, ...options })

describe('the example of the Keras page', () => {
  const first = new LocallyConnected2D({ filters: 64, kernelSize: [3, 3], inputShape: [32, 32, 3] })
  const second = new LocallyConnected2D({ filters: 32, kernelSize: [3, 3] })

  test('has these shapes', () => {
    expect(first.computeOutputShape([null, 32, 32, 3])).toEqual([null, 30, 30, 64])
    expect(second.computeOutputShape([null, 30, 30, 64])).toEqual([null, 28, 28, 32])
  })

  test('has (30·30)·(3·3·3·64) + (30·30)·64 parameters', () => {
    first.build([null, 32, 32, 3])
    expect(first.countParams()).toBe(30 * 30 * (3 * 3 * 3 * 64) + 30 * 30 * 64)
    expect(first.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['kernel', [900, 27, 64]],
      ['bias', [30, 30, 64]],
    ])
  })
})

describe('options', () => {
  test('have Keras’ defaults', () => {
    expect(layer().getConfig()).toEqual({
      name: 'locally_connected2d',
      trainable: true,
      dtype: 'float32',
      filters: 2,
      kernelSize: [3, 3],
      strides: [1, 1],
      padding: 'valid',
      dataFormat: 'channels_last',
      activation: 'linear',
      useBias: true,
      kernelInitializer: { className: 'GlorotUniform', config: { seed: null } },
      biasInitializer: { className: 'Zeros', config: {} },
      kernelRegularizer: null,
      biasRegularizer: null,
      activityRegularizer: null,
      kernelConstraint: null,
      biasConstraint: null,
      implementation: 1,
    })
  })

  test.each<Partial<LocallyConnected2DOptions>>([
    { strides: [2, 1], padding: 'SAME', implementation: 3, activation: 'hardSigmoid', useBias: false },
    { kernelInitializer: 'heNormal', biasInitializer: { className: 'Constant', config: { value: 0.5 } } },
    { kernelRegularizer: 'l2', biasRegularizer: 'l1', activityRegularizer: 'l1L2', dataFormat: 'channelsFirst' },
    { kernelConstraint: new MaxNorm({ axis: [0, 1] }), biasConstraint: 'nonNeg', name: 'here', trainable: false },
    { batchInputShape: [null, 5, 5, 1] },
  ])('survive a round trip through getConfig: %j', options => {
    const config = layer(options).getConfig()
    expect(new LocallyConnected2D(config as unknown as LocallyConnected2DOptions).getConfig()).toEqual(config)
  })

  test.each<[Record<string, unknown>, RegExp]>([
    [{ filters: 0 }, /^filters: expected a positive integer, received 0/],
    [{ filters: 2.5 }, /^filters: expected a positive integer, received 2.5/],
    [{ kernelSize: [3] }, /^kernelSize: expected .*received \[3\]/],
    [{ strides: 0 }, /^strides: expected .*at least 1.*received 0/],
    [{ padding: 'causal' }, /^padding: expected one of "valid", "same", received "causal"/],
    [{ dataFormat: 'NHWC' }, /^dataFormat: expected "channels_last" or "channels_first", received "NHWC"/],
    [{ implementation: 4 }, /^implementation: expected one of 1, 2, 3, received 4/],
    [{ activation: 'rellu' }, /^activation: expected one of .*relu.*received "rellu"/],
    [{ kernelRegularizer: 'foo' }, /^kernelRegularizer: expected one of .*received "foo"/],
    [{ kernelConstraint: 'toString' }, /^kernelConstraint: expected one of .*received "toString"/],
    [{ useBias: 'yes' }, /^useBias: expected true or false, received "yes"/],
    [{ dilationRate: 2 }, /option: expected one of .*received "dilationRate"/],
    [{ dtype: 'float64' }, /^dtype: expected "float32", received "float64"/],
    [{ inputShape: [5, -1, 1] }, /^inputShape: /],
  ])('that are wrong are refused by name: %j', (options, message) => {
    const make = () => layer(options as Partial<LocallyConnected2DOptions>)
    expect(make).toThrow(ArgumentError)
    expect(make).toThrow(message)
  })
})

describe('attributes', () => {
  test('can be set until the layer is built', () => {
    const mine = layer()
    Object.assign(mine, { filters: 5, kernelSize: 2 })
    mine.build([null, 4, 4, 1])
    expect(mine.outputShape).toEqual([3, 3, 5])
    expect(() => Object.assign(mine, { filters: 6 })).toThrow(StateError)
    expect(() => Object.assign(mine, { filters: 6 })).toThrow(/filters of the layer locally_connected2d cannot change/)
    mine.trainable = false
    expect(mine.trainableParameters).toEqual([])
  })

  test('are checked when they are set', () => {
    expect(() => Object.assign(layer(), { filters: -1 })).toThrow(/^filters: expected a positive integer, received -1/)
  })
})

describe('calls', () => {
  test('with another size than the first are refused', () => {
    const mine = layer()
    mine.forward(Tensor.zeros([1, 5, 5, 1]))
    for (const shape of [
      [1, 9, 9, 1],
      [1, 4, 5, 1],
      [1, 5, 5, 2],
      [5, 5, 1],
    ])
      expect(() => mine.forward(Tensor.zeros(shape))).toThrow(/^x: expected samples of shape \[5, 5, 1\]/)
  })

  test('with a batch of 0 give an empty output', () => {
    for (const implementation of [1, 2, 3] as const)
      expect(layer({ implementation }).forward(Tensor.zeros([0, 5, 5, 1])).shape).toEqual([0, 3, 3, 2])
  })

  test('give a copy: the output does not change with the next call', () => {
    const mine = layer()
    const first = mine.forward(Tensor.from(randomNumbers(25, stream(1)), [1, 5, 5, 1]))
    const kept = first.clone()
    mine.forward(Tensor.zeros([1, 5, 5, 1]))
    expectSameBits(first.data, kept.data)
  })

  test('take several batch sizes, one after the other', () => {
    const mine = layer()
    const x = Tensor.from(randomNumbers(75, stream(1)), [3, 5, 5, 1])
    const one = mine.forward(x.slice(1, 2))
    const all = mine.forward(x)
    expectSameBits(all.slice(1, 2).data, one.data)
    expectSameBits(mine.forward(x.slice(1, 2)).data, one.data)
  })

  test('before the layer is built, weights are not there', () => {
    expect(layer().getWeights()).toEqual([])
    expect(() => layer().countParams()).toThrow(/not built yet.*build\(inputShape\)/)
    expect(() => layer().backward(Tensor.zeros([1]))).toThrow(StateError)
  })
})

describe('channels_first', () => {
  test('reads the bias in memory order, as Keras does: reshaped, not transposed', () => {
    const mine = layer({ filters: 2, kernelSize: 1, dataFormat: 'channels_first' })
    mine.build([null, 1, 2, 2])
    mine.setWeights([Tensor.zeros([4, 1, 2]), Tensor.from([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2])])
    expect(mine.forward(Tensor.zeros([1, 1, 2, 2])).toArray()).toEqual([
      [
        [
          [0, 1],
          [2, 3],
        ],
        [
          [4, 5],
          [6, 7],
        ],
      ],
    ])
  })
})

test('the three implementations agree bit for bit as layers, activation and all', () => {
  fc.assert(
    fc.property(localCases, (c: LocalCase) => {
      const random = stream(c.seed)
      const x = Tensor.from(randomNumbers(c.batch * c.inputShape.reduce((a, b) => a * b), random), [
        c.batch,
        ...c.inputShape,
      ])
      const sparse = new LocallyConnected2D({ ...c.options, activation: 'tanh', implementation: 3, useBias: c.useBias })
      sparse.build([null, ...c.inputShape])
      const results = [sparse, sparse.withImplementation(1), sparse.withImplementation(2)]
      expect(results.map(({ implementation }) => implementation)).toEqual([3, 1, 2])
      const [kernel] = results[2].withImplementation(1).withImplementation(3).getWeights()
      expectSameBits(kernel.data, sparse.getWeights()[0].data, 'kernel')
      const [y, ...ys] = results.map(mine => mine.forward(x))
      const dy = Tensor.from(randomNumbers(y.size, random), y.shape)
      const [dx, ...dxs] = results.map(mine => mine.backward(dy))
      for (const other of ys) expectSameBits(y.data, other.data, 'y')
      for (const other of dxs) expectSameBits(dx.data, other.data, 'dx')
    }),
    { numRuns: runs(100), seed: 9 },
  )
})

test.each(['linear', 'tanh', 'relu', 'softmax', 'softplus'] as const)('gradients with %s are right', activation => {
  for (const implementation of [1, 2, 3] as const)
    for (const [padding, dataFormat] of [
      ['valid', 'channels_last'],
      ['same', 'channels_first'],
    ] as const) {
      const mine = layer({ activation, implementation, padding, dataFormat, biasInitializer: 'normal' })
      const report = checkGradients(mine, {
        inputShape: dataFormat === 'channels_last' ? [4, 5, 2] : [2, 4, 5],
        seed: 4,
      })
      if (!report.passed) throw new Error(String(report))
    }
})
