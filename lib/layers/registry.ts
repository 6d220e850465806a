// All layers, registered by class name.

import { makers, type Registry } from '../core/registry.ts'
import { Activation, ELU, LeakyReLU, ReLU, Softmax, ThresholdedReLU } from './activation.ts'
import { activationLayers, layerNames } from './activations.ts'
import { BatchNormalization } from './batch-normalization.ts'
import { Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose } from './convolution.ts'
import { Dense } from './dense.ts'
import { DepthwiseConv2D, SeparableConv2D } from './depthwise.ts'
import { Dropout, SpatialDropout1D, SpatialDropout2D } from './dropout.ts'
import { Embedding } from './embedding.ts'
import { Cropping1D, Cropping2D, ZeroPadding1D, ZeroPadding2D } from './frame.ts'
import { InputLayer } from './input-layer.ts'
import { Lambda } from './lambda.ts'
import type { Layer } from './layer.ts'
import { LayerNormalization } from './layer-normalization.ts'
import { LocalBias } from './local-bias.ts'
import { LocallyConnected1D, LocallyConnected2D } from './locally-connected.ts'
import { Add, Average, Concatenate, Dot, Maximum, Minimum, Multiply, Subtract } from './merge.ts'
import { AlphaDropout, GaussianDropout, GaussianNoise } from './noise.ts'
import { nameLayerOptions } from './option-names.ts'
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
import { layers as layerTable } from './table.ts'
import { TimeDistributed, type TimeDistributedOptions } from './time-distributed.ts'
import { UnitNormalization } from './unit-normalization.ts'
import { UpSampling1D, UpSampling2D } from './up-sampling.ts'

const classes = {
  Activation,
  Add,
  AlphaDropout,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Cropping1D,
  Cropping2D,
  Dense,
  DepthwiseConv2D,
  Dot,
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
  InputLayer,
  Lambda,
  LayerNormalization,
  LeakyReLU,
  LocalBias,
  LocallyConnected1D,
  LocallyConnected2D,
  MaxPooling1D,
  MaxPooling2D,
  Maximum,
  Minimum,
  Multiply,
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
  Subtract,
  ThresholdedReLU,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  ZeroPadding1D,
  ZeroPadding2D,
}

/**
 * The registry of layers by class name: `layers.get({ className: 'Dense', config: { units: 10 } })`. Models register in
 * it too, since they can be part of other models.
 */
export const layers: Registry<Layer> = /* @__PURE__ */ nameLayers()

/** Names the layers, and what their options name. */
export function nameLayers(): Registry<Layer> {
  nameLayerOptions()
  for (const [name, Class] of Object.entries({ Activation, ELU, LeakyReLU, ReLU, Softmax, ThresholdedReLU }))
    activationLayers.set(name, config => new Class(config as never))
  for (const name of Object.keys(classes)) layerNames.add(name)
  return layerTable.fill({
    ...makers<Layer>(classes),
    TimeDistributed: ({ layer, ...config }) =>
      new TimeDistributed({ ...config, layer: layerTable.get(layer, 'layer') } as TimeDistributedOptions),
  })
}
