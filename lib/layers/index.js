// The layers, and the table of them by class name.
import { registry } from '../registry.ts'
import { Activation } from './activation.ts'
import { ELU, LeakyReLU, PReLU, ReLU, Softmax, ThresholdedReLU } from './activations.ts'
import { BatchNormalization } from './batch-normalization.ts'
import { Conv1D } from './conv-1d.ts'
import { Conv2D } from './conv-2d.ts'
import { Conv2DTranspose } from './conv-2d-transpose.ts'
import { Dense } from './dense.ts'
import { DepthwiseConv2D, SeparableConv2D } from './depthwise-conv-2d.ts'
import { Dropout } from './dropout.ts'
import { Embedding } from './embedding.ts'
import { Flatten } from './flatten.ts'
import { Layer } from './layer.ts'
import { LayerNormalization, UnitNormalization } from './layer-normalization.ts'
import { LocallyConnected1D } from './locally-connected-1d.ts'
import { LocallyConnected2D } from './locally-connected-2d.ts'
import { AlphaDropout, GaussianDropout, GaussianNoise } from './noise.ts'
import {
  AveragePooling1D,
  AveragePooling2D,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  MaxPooling1D,
  MaxPooling2D,
} from './pooling.ts'
import { Rescaling } from './rescaling.ts'
import {
  Cropping1D,
  Cropping2D,
  Permute,
  RepeatVector,
  Reshape,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
} from './reshaping.ts'
import { SpatialDropout1D, SpatialDropout2D } from './spatial-dropout.ts'

const fromConfig = Class => config => new Class(config)
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
export const layers = registry(
  'layer',
  Object.fromEntries(Object.entries(classes).map(([name, Class]) => [name, fromConfig(Class)])),
  {},
  value => value instanceof Layer,
)
export * from './activation.ts'
export * from './activations.ts'
export * from './batch-normalization.ts'
export * from './conv-1d.ts'
export * from './conv-2d.ts'
export * from './conv-2d-transpose.ts'
export * from './dense.ts'
export * from './depthwise-conv-2d.ts'
export * from './dropout.ts'
export * from './embedding.ts'
export * from './flatten.ts'
export { Layer } from './layer.ts'
export * from './layer-normalization.ts'
export * from './locally-connected-1d.ts'
export * from './locally-connected-2d.ts'
export * from './noise.ts'
export * from './pooling.ts'
export * from './rescaling.ts'
export * from './reshaping.ts'
export * from './spatial-dropout.ts'
