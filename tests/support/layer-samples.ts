// Every layer of the library, with options and shapes to try it with.

import { type Config, layers, type Seed, Tensor } from 'unshared'
import 'unshared/research' // registers its layers
import { stream } from '../../lib/core/random.ts'
import { standaloneContext } from '../../lib/layers/layer.ts'
import { randomNumbers } from './geometries.ts'

export interface Sample {
  readonly config?: Config
  readonly inputShape: number[]
  readonly training?: boolean
}

const image = [5, 6, 2]
const first = { dataFormat: 'channels_first' }
const firstImage = [2, 5, 6]

/** Layers with several inputs, or with a function; they have tests of their own. */
export const others = [
  ...['Add', 'Average', 'Concatenate', 'Dot', 'InputLayer', 'Lambda', 'Maximum', 'Minimum', 'Multiply', 'Subtract'],
  ...['Functional', 'Model', 'Sequential'],
  'Feedback', // whose input gradient is another one
]

/** At least one for every other class; a test sees to it. */
export const samples: Record<string, Sample[]> = {
  LocallyConnected1D: [
    { config: { filters: 3, kernelSize: 3, activation: 'tanh' }, inputShape: [7, 2] },
    {
      config: { filters: 2, kernelSize: 2, strides: 2, padding: 'same', implementation: 3, ...first },
      inputShape: [2, 7],
    },
  ],
  LocallyConnected2D: [
    { config: { filters: 2, kernelSize: [2, 3], activation: 'softplus' }, inputShape: image },
    { config: { filters: 2, kernelSize: 3, padding: 'same', implementation: 2, ...first }, inputShape: firstImage },
  ],
  LocalBias: [
    { config: { biasInitializer: 'normal' }, inputShape: image },
    { config: { biasInitializer: 'normal', biasRegularizer: 'l2' }, inputShape: [7, 2] },
  ],
  Conv1D: [
    { config: { filters: 3, kernelSize: 3, padding: 'causal', dilationRate: 2 }, inputShape: [7, 2] },
    { config: { filters: 3, kernelSize: 2, strides: 2, padding: 'same', activation: 'sigmoid' }, inputShape: [7, 2] },
  ],
  Conv2D: [
    {
      config: { filters: 3, kernelSize: [3, 2], strides: [2, 1], padding: 'same', activation: 'tanh' },
      inputShape: image,
    },
    { config: { filters: 2, kernelSize: 2, dilationRate: 2, useBias: false, ...first }, inputShape: firstImage },
  ],
  DepthwiseConv2D: [
    { config: { kernelSize: 3, depthMultiplier: 2, padding: 'same' }, inputShape: image },
    { config: { kernelSize: 2, strides: 2, activation: 'tanh', ...first }, inputShape: firstImage },
  ],
  SeparableConv2D: [
    { config: { filters: 3, kernelSize: 2, depthMultiplier: 2 }, inputShape: image },
    { config: { filters: 2, kernelSize: 3, padding: 'same', activation: 'tanh', ...first }, inputShape: firstImage },
  ],
  Conv2DTranspose: [
    { config: { filters: 3, kernelSize: 3, strides: 2, padding: 'same' }, inputShape: [3, 4, 2] },
    { config: { filters: 2, kernelSize: 2, strides: 3, activation: 'tanh', ...first }, inputShape: [2, 3, 4] },
  ],
  Conv1DTranspose: [
    { config: { filters: 3, kernelSize: 3, strides: 2, padding: 'same' }, inputShape: [4, 2] },
    { config: { filters: 2, kernelSize: 2, strides: 3, activation: 'tanh', ...first }, inputShape: [2, 4] },
  ],
  TimeDistributed: [
    { config: { layer: { className: 'Dense', config: { units: 3, activation: 'tanh' } } }, inputShape: [4, 5] },
    {
      config: { layer: { className: 'LocallyConnected1D', config: { filters: 2, kernelSize: 2 } } },
      inputShape: [3, 4, 2],
    },
    { config: { layer: { className: 'BatchNormalization' } }, inputShape: [3, 4], training: true },
  ],
  SheetSmoothness: [
    {
      config: { layer: { className: 'LocallyConnected2D', config: { filters: 4, kernelSize: 3 } }, alpha: 2 },
      inputShape: image,
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
  ConnectionTableConv2D: [
    { config: { table: [[0], [1, 0], [1]], kernelSize: [3, 2], activation: 'scaled_tanh' }, inputShape: image },
    { config: { table: [[1], [0]], kernelSize: 3, strides: 2, padding: 'same', ...first }, inputShape: firstImage },
  ],
  ConstantPadding2D: [
    { config: { padding: [1, 2], value: -1 }, inputShape: image },
    { config: { value: 0.5, ...first }, inputShape: firstImage },
  ],
  LocallyConnected3D: [
    { config: { filters: 2, kernelSize: [2, 1, 3], strides: [1, 2, 1], activation: 'tanh' }, inputShape: [3, 4, 5, 2] },
    { config: { filters: 3, kernelSize: 2, useBias: false, ...first }, inputShape: [2, 2, 3, 4] },
  ],
  LowRankLocallyConnected2D: [
    { config: { spatialRank: 3, filters: 2, kernelSize: [2, 3], activation: 'tanh' }, inputShape: image },
    {
      config: {
        ...{ spatialRank: 2, filters: 3, kernelSize: 3, strides: 2, padding: 'same', normalizeWeights: 'norm' },
        ...{ shareColCombiningWeights: false, combiningWeightsInitializer: 'normal', useBias: false, ...first },
      },
      inputShape: firstImage,
    },
    {
      config: {
        ...{ spatialRank: 2, filters: 2, kernelSize: 2, normalizeWeights: null, combiningWeightsInitializer: 'normal' },
        ...{ shareRowCombiningWeights: false, shareColCombiningWeights: false, biasInitializer: 'normal' },
      },
      inputShape: image,
    },
  ],
  SoftThreshold: [
    { config: { thresholdInitializer: { className: 'Constant', config: { value: 0.25 } } }, inputShape: [3, 4] },
  ],
  TiledLocallyConnected2D: [
    { config: { tile: [2, 3], filters: 2, kernelSize: [2, 1], activation: 'tanh' }, inputShape: image },
    { config: { tile: 2, filters: 3, kernelSize: 2, strides: [1, 2], ...first }, inputShape: firstImage },
  ],
}

export const cases = Object.entries(samples).flatMap(([className, list]) =>
  list.map((sample): [string, Sample] => [className, sample]),
)
/** The layer, with weights of the seed where it is built. */
export function make(className: string, { config = {}, inputShape }: Sample, seed: Seed = 'test') {
  const layer = layers.get({ className, config })
  if (inputShape.length > 0) layer.build([null, ...inputShape], standaloneContext(seed))
  return layer
}
export const inputOf = (className: string, { inputShape }: Sample, batch = 3, seed: Seed = className) => {
  const shape = [batch, ...inputShape]
  const numbers = randomNumbers(
    shape.reduce((a, b) => a * b),
    stream(seed, 'input'),
  )
  return new Tensor(shape, className === 'Embedding' ? numbers.map(v => Math.floor(3 * v + 3)) : numbers)
}
