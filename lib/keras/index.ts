// Reading and writing of model files of Keras and TensorFlow.js.

export { legacyOptimizers } from '../optimizers/legacy.ts'
export type { BuildOptions } from './build-model.ts'
export { fromKeras, toKeras } from './config.ts'
export type { CustomObject, CustomObjects } from './custom-objects.ts'
export type { LimitOptions, LoadSignal } from './limits.ts'
export type { LoadedWeights, LoadModelOptions, LoadWeightsOptions } from './load.ts'
export { loadModel, loadWeights } from './load.ts'
export type { MatchOptions } from './matching.ts'
export { fromSafetensors, toSafetensors } from './safetensors.ts'
export type {
  ModelFormat,
  Saved,
  SavedTfjs,
  SaveModelOptions,
  SaveWeightsOptions,
  WeightsFormat,
} from './save.ts'
export { saveModel, saveWeights } from './save.ts'
export type { BlobLike, ModelSource, UrlLike } from './sources.ts'
export type { TfjsFiles } from './tfjs.ts'
