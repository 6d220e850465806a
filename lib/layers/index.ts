// The layers, and the table of them by class name.

import { type Config, registry } from '../registry.ts'
import { Activation } from './activation.ts'
import { AlphaDropout } from './alpha-dropout.ts'
import { AveragePooling1D } from './average-pooling-1d.ts'
import { AveragePooling2D } from './average-pooling-2d.ts'
import { BatchNormalization } from './batch-normalization.ts'
import { Conv1D } from './conv-1d.ts'
import { Conv2D } from './conv-2d.ts'
import { Conv2DTranspose } from './conv-2d-transpose.ts'
import { Cropping1D } from './cropping-1d.ts'
import { Cropping2D } from './cropping-2d.ts'
import { Dense } from './dense.ts'
import { DepthwiseConv2D } from './depthwise-conv-2d.ts'
import { Dropout } from './dropout.ts'
import { ELU } from './elu.ts'
import { Embedding } from './embedding.ts'
import { Flatten } from './flatten.ts'
import { GaussianDropout } from './gaussian-dropout.ts'
import { GaussianNoise } from './gaussian-noise.ts'
import { GlobalAveragePooling1D } from './global-average-pooling-1d.ts'
import { GlobalAveragePooling2D } from './global-average-pooling-2d.ts'
import { GlobalMaxPooling1D } from './global-max-pooling-1d.ts'
import { GlobalMaxPooling2D } from './global-max-pooling-2d.ts'
import { Layer } from './layer.ts'
import { LayerNormalization } from './layer-normalization.ts'
import { LeakyReLU } from './leaky-relu.ts'
import { LocalBias } from './local-bias.ts'
import { LocallyConnected1D } from './locally-connected-1d.ts'
import { LocallyConnected2D } from './locally-connected-2d.ts'
import { MaxPooling1D } from './max-pooling-1d.ts'
import { MaxPooling2D } from './max-pooling-2d.ts'
import { Permute } from './permute.ts'
import { PReLU } from './prelu.ts'
import { ReLU } from './relu.ts'
import { RepeatVector } from './repeat-vector.ts'
import { Rescaling } from './rescaling.ts'
import { Reshape } from './reshape.ts'
import { SeparableConv2D } from './separable-conv-2d.ts'
import { Softmax } from './softmax.ts'
import { SpatialDropout1D } from './spatial-dropout-1d.ts'
import { SpatialDropout2D } from './spatial-dropout-2d.ts'
import { ThresholdedReLU } from './thresholded-relu.ts'
import { UnitNormalization } from './unit-normalization.ts'
import { UpSampling1D } from './up-sampling-1d.ts'
import { UpSampling2D } from './up-sampling-2d.ts'
import { ZeroPadding1D } from './zero-padding-1d.ts'
import { ZeroPadding2D } from './zero-padding-2d.ts'

/** A config comes from a file or from a user: each constructor checks every field of it. */
type Constructor = new (options: never) => Layer
const fromConfig = (Class: Constructor) => (config: Config) => new Class(config as never)

const classes = {
  Activation,
  AlphaDropout,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Cropping1D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dropout,
  ELU,
  Embedding,
  Flatten,
  GaussianDropout,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  LayerNormalization,
  LeakyReLU,
  LocalBias,
  LocallyConnected1D,
  LocallyConnected2D,
  MaxPooling1D,
  MaxPooling2D,
  PReLU,
  Permute,
  ReLU,
  RepeatVector,
  Rescaling,
  Reshape,
  SeparableConv2D,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  ThresholdedReLU,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
}

/** Layers by class name: `layers.get({ className: 'Dense', config: { units: 10 } })`. */
export const layers = registry<Layer>(
  'layer',
  Object.fromEntries(Object.entries(classes).map(([name, Class]) => [name, fromConfig(Class)])),
  {},
  value => value instanceof Layer,
)

export * from './activation.ts'
export * from './alpha-dropout.ts'
export * from './average-pooling-1d.ts'
export * from './average-pooling-2d.ts'
export type { Axis } from './axes.ts'
export type { BatchBuffer } from './batch-buffer.ts'
export * from './batch-normalization.ts'
export type { Call, Pass, RandomStream } from './call.ts'
export type { Chain, ForwardOptions } from './chain.ts'
export * from './conv-1d.ts'
export * from './conv-2d.ts'
export * from './conv-2d-transpose.ts'
export * from './conversions.ts'
export * from './cropping-1d.ts'
export * from './cropping-2d.ts'
export * from './dense.ts'
export * from './depthwise-conv-2d.ts'
export * from './dropout.ts'
export * from './elu.ts'
export * from './embedding.ts'
export * from './flatten.ts'
export type { Borders1D, Borders2D } from './frame.ts'
export * from './gaussian-dropout.ts'
export * from './gaussian-noise.ts'
export * from './global-average-pooling-1d.ts'
export * from './global-average-pooling-2d.ts'
export * from './global-max-pooling-1d.ts'
export * from './global-max-pooling-2d.ts'
export type { BuildContext, LayerOptions, WeightSpec } from './layer.ts'
export { Layer } from './layer.ts'
export * from './layer-normalization.ts'
export * from './leaky-relu.ts'
export * from './local-bias.ts'
export * from './locally-connected-1d.ts'
export * from './locally-connected-2d.ts'
export * from './max-pooling-1d.ts'
export * from './max-pooling-2d.ts'
export type { NoiseRateOptions } from './noise.ts'
export * from './permute.ts'
export type { GlobalPoolingOptions, Pooling1DOptions, Pooling2DOptions } from './pooled.ts'
export * from './prelu.ts'
export * from './relu.ts'
export * from './repeat-vector.ts'
export * from './rescaling.ts'
export * from './reshape.ts'
export * from './separable-conv-2d.ts'
export * from './softmax.ts'
export * from './spatial-dropout-1d.ts'
export * from './spatial-dropout-2d.ts'
export * from './thresholded-relu.ts'
export * from './unit-normalization.ts'
export * from './up-sampling-1d.ts'
export * from './up-sampling-2d.ts'
export * from './zero-padding-1d.ts'
export * from './zero-padding-2d.ts'
