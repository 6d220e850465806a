// The names of metrics.

import type { Shape } from '../core/check.ts'
import type { CamelCase } from '../core/names.ts'
import { type KerasSerialized, makers, type Registry, type Serialized } from '../core/registry.ts'
import { nameLosses } from '../losses/registry.ts'
import {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
} from './accuracy.ts'
import { AUC } from './auc.ts'
import {
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
import { BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU } from './iou.ts'
import { lossMetrics, Mean, MeanOfLoss, RootMeanSquaredError, Sum } from './means.ts'
import type { Metric } from './metric.ts'
import { F1Score, FBetaScore, R2Score } from './scores.ts'
import { metrics as metricTable, variants } from './table.ts'

/** Metrics with their own class. Constructors check the options that a config provides. */
const classes = {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  TopKCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  RootMeanSquaredError,
  TruePositives,
  FalsePositives,
  TrueNegatives,
  FalseNegatives,
  Precision,
  Recall,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  PrecisionAtRecall,
  RecallAtPrecision,
  AUC,
  FBetaScore,
  F1Score,
  R2Score,
  IoU,
  MeanIoU,
  BinaryIoU,
  OneHotIoU,
  OneHotMeanIoU,
  Mean,
  Sum,
  MeanOfLoss,
}

const aliases = {
  accuracy: 'Accuracy',
  acc: 'Accuracy',
  ACC: 'Accuracy',
  binary_accuracy: 'BinaryAccuracy',
  categorical_accuracy: 'CategoricalAccuracy',
  sparse_categorical_accuracy: 'SparseCategoricalAccuracy',
  top_k_categorical_accuracy: 'TopKCategoricalAccuracy',
  sparse_top_k_categorical_accuracy: 'SparseTopKCategoricalAccuracy',
  mean_squared_error: 'MeanSquaredError',
  mse: 'MeanSquaredError',
  MSE: 'MeanSquaredError',
  mean_absolute_error: 'MeanAbsoluteError',
  mae: 'MeanAbsoluteError',
  MAE: 'MeanAbsoluteError',
  mean_absolute_percentage_error: 'MeanAbsolutePercentageError',
  mape: 'MeanAbsolutePercentageError',
  MAPE: 'MeanAbsolutePercentageError',
  mean_squared_logarithmic_error: 'MeanSquaredLogarithmicError',
  msle: 'MeanSquaredLogarithmicError',
  MSLE: 'MeanSquaredLogarithmicError',
  binary_crossentropy: 'BinaryCrossentropy',
  bce: 'BinaryCrossentropy',
  BCE: 'BinaryCrossentropy',
  categorical_crossentropy: 'CategoricalCrossentropy',
  sparse_categorical_crossentropy: 'SparseCategoricalCrossentropy',
  kullback_leibler_divergence: 'KLDivergence',
  kl_divergence: 'KLDivergence',
  kld: 'KLDivergence',
  KLD: 'KLDivergence',
  log_cosh: 'LogCoshError',
  logcosh: 'LogCoshError',
  poisson: 'Poisson',
  hinge: 'Hinge',
  squared_hinge: 'SquaredHinge',
  categorical_hinge: 'CategoricalHinge',
  cosine_similarity: 'CosineSimilarity',
  cosine_proximity: 'CosineSimilarity',
}

/** Names that stand for a binary, a categorical or a sparse categorical metric, as the shapes have it. */
const variantNames = { accuracy: 'Accuracy', acc: 'Accuracy', crossentropy: 'Crossentropy', ce: 'Crossentropy' }

type LossMetricName =
  | 'MeanSquaredError'
  | 'MeanAbsoluteError'
  | 'MeanAbsolutePercentageError'
  | 'MeanSquaredLogarithmicError'
  | 'CosineSimilarity'
  | 'LogCoshError'
  | 'Poisson'
  | 'KLDivergence'
  | 'Hinge'
  | 'SquaredHinge'
  | 'CategoricalHinge'
  | 'BinaryCrossentropy'
  | 'CategoricalCrossentropy'
  | 'SparseCategoricalCrossentropy'

type FunctionName = keyof typeof aliases | 'crossentropy' | 'ce'
/** The names of metrics, as in Keras or in camelCase. */
export type MetricName = FunctionName | CamelCase<FunctionName> | keyof typeof classes | LossMetricName

/** A name, a serialized metric, or a metric. */
export type MetricIdentifier = MetricName | Serialized | KerasSerialized | Metric

/** The metrics by name. The means of losses have no class of their own: use `metrics.get('MeanSquaredError')`. */
export const metrics: Registry<Metric> = /* @__PURE__ */ nameMetrics()

/** Names the metrics, and the losses that some of them name. */
export function nameMetrics(): Registry<Metric> {
  nameLosses()
  for (const [name, kind] of Object.entries(variantNames))
    variants.set(name, (outputShape, targetShape) => kindOf(outputShape, targetShape) + kind)
  return metricTable.fill({ ...lossMetrics, ...makers<Metric>(classes) }, aliases)
}

function kindOf(outputShape: Shape, targetShape: Shape): 'Binary' | 'SparseCategorical' | 'Categorical' {
  if (outputShape[outputShape.length - 1] === 1) return 'Binary'
  const sparse = targetShape.length < outputShape.length || targetShape[targetShape.length - 1] === 1
  return sparse ? 'SparseCategorical' : 'Categorical'
}
