// Configs and weights in forms that other programs read.

export { fromKeras, toKeras } from './config.ts'
export { fromSafetensors, toSafetensors } from './safetensors.ts'
