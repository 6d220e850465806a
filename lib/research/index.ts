// `unshared/research`: layers and tools of papers that Keras never had. Importing it registers their names, so that
// configs and files find them.

import { automaticName } from '../core/names.ts'
import { makers } from '../core/registry.ts'
import { activations } from '../layers/activations.ts'
import type { Layer } from '../layers/layer.ts'
import { layers } from '../layers/registry.ts'
import { initializers } from '../weights/initializers.ts'
import { Feedback } from './feedback.ts'
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

export type { FeedbackLayer, FeedbackOptions } from './feedback.ts'
export { Feedback } from './feedback.ts'
export type { LayerWrapperOptions } from './layer-wrapper.ts'
export { LayerWrapper } from './layer-wrapper.ts'
export * from './patch-initializers.ts'
export { scaledTanh } from './scaled-tanh.ts'
export type { ShareWeightsOptions } from './share-weights.ts'
export { ShareWeights, startShared } from './share-weights.ts'
export type { KernelDistanceOptions, LocalLayer } from './sharing.ts'
export { kernelDistance, sharing } from './sharing.ts'
export type { SheetLayer, SheetSmoothnessOptions } from './sheet-smoothness.ts'
export { SheetSmoothness } from './sheet-smoothness.ts'

activations.register('scaled_tanh', () => scaledTanh)

const ownLayers = makers<Layer>({ Feedback, SheetSmoothness })
for (const [name, make] of Object.entries(ownLayers)) layers.register(name, make)

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
