// The functions that JavaScript calls. Each handles indices `from` … `to` − 1, its thread's share of the work, and uses
// the scratch memory of that thread; it reads its other arguments from memory (scratch.ts).

export * from './activations'
export { convolutionForward, convolutionInputGradients, convolutionWeightGradients } from './convolution'
export * from './crossentropy'
export { fillZero } from './fill'
export { localForward, localInputGradients, localWeightGradients } from './local'
export { matmulForward, matmulInputGradients, matmulWeightGradients } from './matmul'
export * from './optimizers'
export { averagePoolBackward, averagePoolForward, maxPoolBackward, maxPoolForward } from './pooling'
export { softmaxBackward, softmaxForward } from './rows'
