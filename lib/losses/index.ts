// The losses, which training minimizes.

export * from './crossentropy.ts'
export type { LossOptions, Reduction } from './loss.ts'
export { Loss } from './loss.ts'
export type { AxisOptions, HuberOptions } from './regression.ts'
export {
  CategoricalHinge,
  CosineSimilarity,
  Hinge,
  Huber,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SquaredHinge,
} from './regression.ts'
