// The metrics.

export type { BinaryAccuracyOptions, TopKOptions } from './accuracy.ts'
export {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from './accuracy.ts'
export * from './auc.ts'
export type { AtOptions, PrecisionOptions, ThresholdOptions } from './confusion.ts'
export {
  FalseNegatives,
  FalsePositives,
  Precision,
  PrecisionAtRecall,
  Recall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  TrueNegatives,
  TruePositives,
} from './confusion.ts'
export * from './iou.ts'
export type { MeanOfLossOptions } from './means.ts'
export { Mean, MeanOfLoss, RootMeanSquaredError, Sum } from './means.ts'
export type { MetricOptions } from './metric.ts'
export { Metric } from './metric.ts'
export * from './scores.ts'
