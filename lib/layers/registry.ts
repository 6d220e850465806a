// All layers, registered by class name.

import { makers, registry } from '../core/registry.ts'
import { Activation, ELU, LeakyReLU, ReLU, Softmax, ThresholdedReLU } from './activation.ts'
import { BatchNormalization } from './batch-normalization.ts'
import { Conv1D, Conv2D, Conv2DTranspose } from './convolution.ts'
import { Dense } from './dense.ts'
import { DepthwiseConv2D, SeparableConv2D } from './depthwise.ts'
import { Dropout, SpatialDropout1D, SpatialDropout2D } from './dropout.ts'
import { Embedding } from './embedding.ts'
import { Cropping1D, Cropping2D, ZeroPadding1D, ZeroPadding2D } from './frame.ts'
import { Layer } from './layer.ts'
import { LayerNormalization } from './layer-normalization.ts'
import { LocalBias } from './local-bias.ts'
import { LocallyConnected1D, LocallyConnected2D } from './locally-connected.ts'
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
import { PReLU } from './prelu.ts'
import { Flatten, Permute, RepeatVector, Reshape } from './rearrangement.ts'
import { Rescaling } from './rescaling.ts'
import { UnitNormalization } from './unit-normalization.ts'
import { UpSampling1D, UpSampling2D } from './up-sampling.ts'

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

/** The registry of layers by class name: `layers.get({ className: 'Dense', config: { units: 10 } })`. */
export const layers = registry<Layer>('layer', makers<Layer>(classes), {}, value => value instanceof Layer)
