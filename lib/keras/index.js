// Model files of Keras and TensorFlow.js, both ways.
export { fromKeras, toKeras } from './config.ts'
export { loadModel, loadWeights } from './load.ts'
export { fromSafetensors, toSafetensors } from './safetensors.ts'
export { saveModel, saveWeights } from './save.ts'
