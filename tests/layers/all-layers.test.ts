// What holds for every layer of the library, checked for each of them by its class name.

import { describe, expect, test } from '@jest/globals'
import { checkGradients, layers, Sequential, Tensor } from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { cases, inputOf, make, others, samples } from '../support/layer-samples.ts'

test('every layer of the table has a sample here', () => {
  new Sequential() // models are known as layers once there is one
  expect([...Object.keys(samples), ...others].sort()).toEqual(layers.names)
})

describe.each(cases)('%s %j', (className, sample) => {
  test('has right gradients', () => {
    const x = inputOf(className, sample)
    const report = checkGradients(make(className, sample), { x, training: sample.training ?? false, seed: 3 })
    if (!report.passed) throw new Error(String(report))
  })

  test('is the same after a round trip through its config', () => {
    const fresh = layers.get({ className, config: sample.config ?? {} })
    expect(layers.get(layers.serialize(fresh)).getConfig()).toEqual(fresh.getConfig())
    const layer = make(className, sample)
    const copy = layers.get(layers.serialize(layer))
    copy.build([null, ...sample.inputShape])
    expect(layers.get(layers.serialize(layer)).className).toBe(className)
    copy.setWeights(layer.getWeights())
    const x = inputOf(className, sample)
    expectSameBits(copy.forward(x).data, layer.forward(x).data)
  })

  test('gives what computeOutputShape says, sample by sample, whatever the batch', () => {
    const layer = make(className, sample)
    const x = inputOf(className, sample)
    const y = layer.forward(x)
    expect(layer.computeOutputShape([3, ...sample.inputShape])).toEqual(y.shape)
    for (const i of [2, 0]) expectSameBits(layer.forward(x.slice(i, i + 1)).data, y.slice(i, i + 1).data)
    expect(layer.forward(x.slice(0, 0)).shape[0]).toBe(0)
  })

  test('does not change its input', () => {
    const x = inputOf(className, sample)
    const kept = x.clone()
    const layer = make(className, sample)
    layer.forward(x, { training: true })
    expectSameBits(x.data, kept.data)
  })

  test('learns in a model that stands on it', async () => {
    const x = inputOf(className, sample, 6)
    const layer = layers.get({ className, config: sample.config ?? {} })
    const top = [
      layers.get({ className: 'Flatten', config: {} }),
      layers.get({ className: 'Dense', config: { units: 1 } }),
    ]
    const model = new Sequential([layer, ...top], { seed: 1 })
    model.compile({ optimizer: { className: 'SGD', config: { learningRate: 0.01 } }, loss: 'mse' })
    const y = Tensor.from([[1], [-1], [1], [-1], [1], [-1]])
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 4, verbose: 0 })
    expect(history.loss.every(Number.isFinite)).toBe(true)
    if (!sample.training) expect(history.loss[2]).toBeLessThan(history.loss[0])
  })
})

test('BatchNormalization moves its averages in training alone, and not while frozen', () => {
  const layer = make('BatchNormalization', samples.BatchNormalization[0])
  const x = inputOf('BatchNormalization', samples.BatchNormalization[0])
  layer.forward(x)
  expect(layer.getWeights()[2].toArray()).toEqual([0, 0, 0, 0])
  layer.trainable = false
  layer.forward(x, { training: true })
  expect(layer.getWeights()[2].toArray()).toEqual([0, 0, 0, 0])
  layer.trainable = true
  layer.forward(x, { training: true })
  expect(layer.getWeights()[2].toArray()).not.toEqual([0, 0, 0, 0])
})

test('SpatialDropout drops whole channels', () => {
  const ones = new Tensor([2, 5, 6, 40], new Float32Array(2 * 5 * 6 * 40).fill(1))
  const y = make('SpatialDropout2D', { config: { rate: 0.5, seed: 1 }, inputShape: [] }).forward(ones, {
    training: true,
  })
  const channel = (b: number, c: number) => new Set(y.data.filter((_, i) => i % 40 === c && Math.floor(i / 1200) === b))
  const all = [0, 1].flatMap(b => [...Array(40).keys()].map(c => channel(b, c)))
  expect(all.every(values => values.size === 1)).toBe(true)
  expect(all.filter(values => values.has(0)).length).toBeGreaterThan(20)
})

test('AlphaDropout keeps mean and variance', () => {
  const x = new Tensor(
    [100, 100],
    randomNumbers(10_000, stream('normal')).map(v => v * Math.sqrt(3)),
  )
  const { data } = make('AlphaDropout', { config: { rate: 0.3, seed: 2 }, inputShape: [] }).forward(x, {
    training: true,
  })
  const mean = data.reduce((a, b) => a + b) / data.length
  const variance = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length
  expect(mean).toBeCloseTo(0, 1)
  expect(variance).toBeCloseTo(1, 1)
})
