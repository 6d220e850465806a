import { expect, test } from '@jest/globals'
import { Sequential } from 'unshared'
import { SoftThreshold } from 'unshared/research'

const thresholdAt = (value: number) =>
  new SoftThreshold({ thresholdInitializer: { className: 'Constant', config: { value } } })
const x = [-3, -1, -0.5, 0, 0.5, 1, 3]

test.each([
  [0, x],
  [1, [-2, 0, 0, 0, 0, 0, 2]],
  [-1, [-4, -2, -1, 0, 1, 2, 4]],
])('with threshold %d', (value, y) => {
  expect([...thresholdAt(value).forward([x]).data]).toEqual(y.map(v => v + 0))
})

test.each([0.75, -0.75])('hands the gradient on, and adds up that of its threshold: %d', value => {
  const layer = thresholdAt(value)
  layer.forward([x])
  const dy = [1, 2, 4, 8, 16, 32, 64]
  const dx = layer.backward([dy])
  const slopes = value > 0 ? [1, 1, 0, 0, 0, 1, 1] : [1, 1, 2, 2, 2, 1, 1]
  expect([...dx.data]).toEqual(dy.map((v, i) => v * slopes[i]))
  expect([...layer.gradients()[0].data]).toEqual([1 + 2 - 32 - 64])
})

test('passes NaN on', () => {
  expect([...thresholdAt(1).forward([[Number.NaN, 2]]).data]).toEqual([Number.NaN, 1])
})

test('a constraint keeps the threshold from becoming negative', () => {
  const layer = new SoftThreshold({ inputShape: [1], thresholdConstraint: 'nonNeg' })
  const model = new Sequential([layer])
  model.compile({ optimizer: { className: 'SGD', config: { learningRate: 1 } }, loss: 'mse' })
  model.trainOnBatch([[1]], [[3]]) // the gradient of the threshold is 4
  expect(layer.getWeights()[0].item()).toBe(-0)
  model.trainOnBatch([[3]], [[2]])
  expect(layer.getWeights()[0].item()).toBe(2)
})

test('refuses options that it does not have', () => {
  expect(() => new SoftThreshold({ threshold: 1 } as never)).toThrow(/^SoftThreshold, option: expected one of/)
  expect(() => new SoftThreshold({ thresholdInitializer: 'foo' as never })).toThrow(/^thresholdInitializer: expected/)
})
