// What JavaScript calls. Every function takes a stretch of the index that threads share out (`from` … `to` − 1) and a
// scratch of its thread's own; its arguments stand in memory (scratch.ts).

export * from './activations'
export { convolutionForward, convolutionInputGradients, convolutionWeightGradients } from './convolution'
export { fillZero } from './fill'
export { localForward, localInputGradients, localWeightGradients } from './local'
export { matmulForward, matmulInputGradients, matmulWeightGradients } from './matmul'
export * from './optimizers'
export { averagePoolBackward, averagePoolForward, maxPoolBackward, maxPoolForward } from './pooling'
export { softmaxBackward, softmaxForward } from './rows'
