// What holds for every layer of the library, checked for each of them by its class name.

import { describe, expect, test } from '@jest/globals'
import { type Config, checkGradients, layers, Sequential, Tensor } from 'unshared'
import { standaloneContext } from '../../lib/layers/layer.ts'
import { stream } from '../../lib/random.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'

interface Sample {
  readonly config?: Config
  readonly inputShape: number[]
  readonly training?: boolean
}

const image = [5, 6, 2]
const first = { dataFormat: 'channels_first' }
const firstImage = [2, 5, 6]

/** At least one for every class; a test sees to it. */
const samples: Record<string, Sample[]> = {
  LocallyConnected1D: [
    { config: { filters: 3, kernelSize: 3, activation: 'tanh' }, inputShape: [7, 2] },
    {
      config: { filters: 2, kernelSize: 2, strides: 2, padding: 'same', implementation: 3, ...first },
      inputShape: [2, 7],
    },
  ],
  LocallyConnected2D: [
    { config: { filters: 2, kernelSize: [2, 3], activation: 'softplus' }, inputShape: image },
    {
      config: { filters: 2, kernelSize: 3, padding: 'same', implementation: 2, ...first },
      inputShape: firstImage,
    },
  ],
  LocalBias: [
    { config: { biasInitializer: 'normal' }, inputShape: image },
    { config: { biasInitializer: 'normal', biasRegularizer: 'l2' }, inputShape: [7, 2] },
  ],
  Conv1D: [
    { config: { filters: 3, kernelSize: 3, padding: 'causal', dilationRate: 2 }, inputShape: [7, 2] },
    {
      config: { filters: 3, kernelSize: 2, strides: 2, padding: 'same', activation: 'sigmoid' },
      inputShape: [7, 2],
    },
  ],
  Conv2D: [
    {
      config: { filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'tanh' },
      inputShape: image,
    },
    {
      config: { filters: 2, kernelSize: 2, dilationRate: 2, useBias: false, ...first },
      inputShape: firstImage,
    },
  ],
  DepthwiseConv2D: [
    { config: { kernelSize: 3, depthMultiplier: 2, padding: 'same' }, inputShape: image },
    { config: { kernelSize: 2, strides: 2, activation: 'tanh', ...first }, inputShape: firstImage },
  ],
  SeparableConv2D: [
    { config: { filters: 3, kernelSize: 2, depthMultiplier: 2 }, inputShape: image },
    {
      config: { filters: 2, kernelSize: 3, padding: 'same', activation: 'tanh', ...first },
      inputShape: firstImage,
    },
  ],
  Conv2DTranspose: [
    { config: { filters: 3, kernelSize: 3, strides: 2, padding: 'same' }, inputShape: [3, 4, 2] },
    {
      config: { filters: 2, kernelSize: 2, strides: 3, activation: 'tanh', ...first },
      inputShape: [2, 3, 4],
    },
  ],
  MaxPooling1D: [{ config: { poolSize: 3, strides: 2, padding: 'same' }, inputShape: [7, 2] }],
  MaxPooling2D: [
    { inputShape: image },
    { config: { poolSize: 3, strides: 2, padding: 'same', ...first }, inputShape: firstImage },
  ],
  AveragePooling1D: [{ config: { poolSize: 3, strides: 2, padding: 'same' }, inputShape: [7, 2] }],
  AveragePooling2D: [
    { inputShape: image },
    { config: { poolSize: 3, strides: 2, padding: 'same', ...first }, inputShape: firstImage },
  ],
  GlobalMaxPooling1D: [{ inputShape: [5, 3] }],
  GlobalMaxPooling2D: [{ config: { keepdims: true, ...first }, inputShape: firstImage }],
  GlobalAveragePooling1D: [{ config: { keepdims: true }, inputShape: [5, 3] }],
  GlobalAveragePooling2D: [{ inputShape: image }],
  Dense: [{ config: { units: 3, activation: 'selu' }, inputShape: [4, 5] }],
  Flatten: [{ inputShape: image }, { config: first, inputShape: firstImage }],
  Reshape: [{ config: { targetShape: [3, -1] }, inputShape: [4, 6] }],
  Permute: [{ config: { dims: [3, 1, 2] }, inputShape: image }],
  RepeatVector: [{ config: { n: 3 }, inputShape: [4] }],
  Cropping1D: [{ config: { cropping: [1, 2] }, inputShape: [6, 2] }],
  Cropping2D: [
    {
      config: {
        cropping: [
          [1, 0],
          [2, 1],
        ],
      },
      inputShape: image,
    },
    { config: { cropping: 1, ...first }, inputShape: firstImage },
  ],
  ZeroPadding1D: [{ inputShape: [4, 2] }],
  ZeroPadding2D: [
    {
      config: {
        padding: [
          [1, 0],
          [2, 3],
        ],
      },
      inputShape: image,
    },
    { config: { padding: [1, 2], ...first }, inputShape: firstImage },
  ],
  UpSampling1D: [{ config: { size: 3 }, inputShape: [4, 2] }],
  UpSampling2D: [
    { config: { size: [2, 3] }, inputShape: [3, 2, 2] },
    { config: { interpolation: 'bilinear', ...first }, inputShape: [2, 3, 4] },
  ],
  BatchNormalization: [
    { inputShape: [4], training: true },
    { config: { axis: 1, scale: false }, inputShape: [3, 2, 3], training: true },
    { config: { center: false }, inputShape: image },
  ],
  LayerNormalization: [{ inputShape: [3, 5] }, { config: { axis: [1, 3] }, inputShape: [3, 2, 4] }],
  UnitNormalization: [{ inputShape: [3, 4] }, { config: { axis: [1, 2] }, inputShape: [3, 4] }],
  Rescaling: [{ config: { scale: 0.5, offset: -1 }, inputShape: [3, 2] }],
  Activation: [{ config: { activation: 'gelu' }, inputShape: [3, 4] }],
  ReLU: [{ config: { maxValue: 1, negativeSlope: 0.1, threshold: 0.25 }, inputShape: [3, 4] }],
  LeakyReLU: [{ inputShape: [3, 4] }],
  ELU: [{ config: { alpha: 0.7 }, inputShape: [3, 4] }],
  ThresholdedReLU: [{ config: { theta: 0.5 }, inputShape: [3, 4] }],
  Softmax: [{ config: { axis: 1 }, inputShape: [3, 4] }],
  PReLU: [
    { config: { alphaInitializer: 'normal' }, inputShape: [3, 4] },
    { config: { sharedAxes: [1, 2] }, inputShape: image },
  ],
  Dropout: [{ config: { rate: 0.4 }, inputShape: [3, 4], training: true }],
  SpatialDropout1D: [{ config: { rate: 0.4 }, inputShape: [3, 4], training: true }],
  SpatialDropout2D: [{ config: { rate: 0.4 }, inputShape: image, training: true }],
  GaussianNoise: [{ config: { stddev: 0.5 }, inputShape: [3, 4], training: true }],
  GaussianDropout: [{ config: { rate: 0.4 }, inputShape: [3, 4], training: true }],
  AlphaDropout: [{ config: { rate: 0.4 }, inputShape: [3, 4], training: true }],
  Embedding: [{ config: { inputDim: 6, outputDim: 3 }, inputShape: [4] }],
}

const cases = Object.entries(samples).flatMap(([className, list]) =>
  list.map((sample): [string, Sample] => [className, sample]),
)
/** The layer, with the same weights in every run of the tests where it is built. */
function make(className: string, { config = {}, inputShape }: Sample) {
  const layer = layers.get({ className, config })
  if (inputShape.length > 0) layer.build([null, ...inputShape], standaloneContext('test'))
  return layer
}
const inputOf = (className: string, { inputShape }: Sample, batch = 3) => {
  const shape = [batch, ...inputShape]
  const numbers = randomNumbers(
    shape.reduce((a, b) => a * b),
    stream(className, 'input'),
  )
  return new Tensor(shape, className === 'Embedding' ? numbers.map(v => Math.floor(3 * v + 3)) : numbers)
}

test('every layer of the table has a sample here', () => {
  expect(Object.keys(samples).sort()).toEqual(layers.names)
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
  const channel = (b: number, c: number) =>
    new Set(y.data.filter((_, i) => i % 40 === c && Math.floor(i / 1200) === b))
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
