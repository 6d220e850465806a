// `unshared/research`: layers and tools of papers that Keras never had. Importing it registers their names, so that
// configs and files find them.

import { automaticName } from '../core/names.ts'
import { makers } from '../core/registry.ts'
import { activations } from '../layers/activations.ts'
import type { Layer } from '../layers/layer.ts'
import { layers } from '../layers/table.ts'
import { initializers } from '../weights/initializers.ts'
import { ConnectionTableConv2D } from './connection-table-conv.ts'
import { ConstantPadding2D } from './constant-padding.ts'
import { Feedback } from './feedback.ts'
import { LocallyConnected3D } from './locally-connected-3d.ts'
import { LowRankLocallyConnected2D } from './low-rank.ts'
import {
  PatchGlorotNormal,
  PatchGlorotUniform,
  PatchHeNormal,
  PatchHeUniform,
  PatchLecunNormal,
  PatchLecunUniform,
  PatchVarianceScaling,
} from './patch-initializers.ts'
import { scaledTanh } from './scaled-tanh.ts'
import { SheetSmoothness } from './sheet-smoothness.ts'
import { SoftThreshold } from './soft-threshold.ts'
import { TiledLocallyConnected2D } from './tiled.ts'

export type { ConnectionTableConv2DOptions } from './connection-table-conv.ts'
export type { ConstantPadding2DOptions } from './constant-padding.ts'
export type { FeedbackLayer, FeedbackOptions } from './feedback.ts'
export type { LayerWrapper, LayerWrapperOptions } from './layer-wrapper.ts'
export type { LocallyConnected3DOptions } from './locally-connected-3d.ts'
export type { LowRankLocallyConnected2DOptions } from './low-rank.ts'
export type { LocalLayer } from './places.ts'
export type { ShareWeightsOptions } from './share-weights.ts'
export { ShareWeights, startShared } from './share-weights.ts'
export type { KernelDistanceOptions } from './sharing.ts'
export { kernelDistance, sharing } from './sharing.ts'
export type { SheetLayer, SheetSmoothnessOptions } from './sheet-smoothness.ts'
export type { SoftThresholdOptions } from './soft-threshold.ts'
export type { TiledLocallyConnected2DOptions } from './tiled.ts'
export {
  ConnectionTableConv2D,
  ConstantPadding2D,
  Feedback,
  LocallyConnected3D,
  LowRankLocallyConnected2D,
  PatchGlorotNormal,
  PatchGlorotUniform,
  PatchHeNormal,
  PatchHeUniform,
  PatchLecunNormal,
  PatchLecunUniform,
  PatchVarianceScaling,
  SheetSmoothness,
  SoftThreshold,
  scaledTanh,
  TiledLocallyConnected2D,
}

const ownLayers = makers<Layer>({
  ConnectionTableConv2D,
  ConstantPadding2D,
  Feedback,
  LocallyConnected3D,
  LowRankLocallyConnected2D,
  SheetSmoothness,
  SoftThreshold,
  TiledLocallyConnected2D,
})
for (const [name, make] of Object.entries(ownLayers)) layers.register(name, make)
activations.register('scaled_tanh', () => scaledTanh)

const ownInitializers = makers<PatchVarianceScaling>({
  PatchGlorotNormal,
  PatchGlorotUniform,
  PatchHeNormal,
  PatchHeUniform,
  PatchLecunNormal,
  PatchLecunUniform,
  PatchVarianceScaling,
})
for (const [name, make] of Object.entries(ownInitializers)) {
  initializers.register(name, make)
  initializers.register(automaticName(name), make)
}
