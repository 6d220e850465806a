// The loss kernels: a loss for each row of the output, and the gradient of Σ scale[row] · loss[row]. Each is imported by
// itself, so that a bundle holds only those that it uses.

export {
  binaryCrossentropy,
  binaryCrossentropyOfLogits,
  categoricalCrossentropy,
  categoricalCrossentropyOfLogits,
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyOfLogits,
} from './crossentropy.ts'
export type { LossKernel } from './elementwise.ts'
export {
  axisOf,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sizeAfter,
  sizeBefore,
  squaredHinge,
} from './elementwise.ts'
export type { ClassWeightedKernel } from './focal.ts'
export {
  binaryFocalCrossentropy,
  binaryFocalCrossentropyOfLogits,
  categoricalFocalCrossentropy,
  categoricalFocalCrossentropyOfLogits,
} from './focal.ts'
export { categoricalHinge, cosineSimilarity } from './rows.ts'
