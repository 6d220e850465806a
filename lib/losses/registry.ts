// The names of losses.

import type { CamelCase } from '../core/names.ts'
import { type Config, type KerasSerialized, type Registry, type Serialized, withNames } from '../core/registry.ts'
import {
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  SparseCategoricalCrossentropy,
} from './crossentropy.ts'
import type { Loss } from './loss.ts'
import {
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
import { losses as lossTable } from './table.ts'

const classes = {
  MeanSquaredError,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredLogarithmicError,
  BinaryCrossentropy,
  BinaryFocalCrossentropy,
  CategoricalCrossentropy,
  CategoricalFocalCrossentropy,
  SparseCategoricalCrossentropy,
  CosineSimilarity,
  Hinge,
  SquaredHinge,
  CategoricalHinge,
  Poisson,
  LogCosh,
  KLDivergence,
  Huber,
}

const aliases = {
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
  binary_focal_crossentropy: 'BinaryFocalCrossentropy',
  categorical_crossentropy: 'CategoricalCrossentropy',
  categorical_focal_crossentropy: 'CategoricalFocalCrossentropy',
  sparse_categorical_crossentropy: 'SparseCategoricalCrossentropy',
  cosine_similarity: 'CosineSimilarity',
  hinge: 'Hinge',
  squared_hinge: 'SquaredHinge',
  categorical_hinge: 'CategoricalHinge',
  poisson: 'Poisson',
  log_cosh: 'LogCosh',
  logcosh: 'LogCosh',
  kl_divergence: 'KLDivergence',
  kullback_leibler_divergence: 'KLDivergence',
  kld: 'KLDivergence',
  KLD: 'KLDivergence',
  huber: 'Huber',
  huber_loss: 'Huber',
} satisfies Record<string, keyof typeof classes>

/** The names of losses, as in Keras or in camelCase. */
export type LossName = keyof typeof aliases | CamelCase<keyof typeof aliases> | keyof typeof classes

/** A name, a serialized loss, or a loss. */
export type LossIdentifier = LossName | Serialized | KerasSerialized | Loss

/** The losses by name. 'mean_squared_error', 'meanSquaredError', 'MeanSquaredError' and 'mse' are equivalent. */
export const losses: Registry<Loss> = /* @__PURE__ */ nameLosses()

export function nameLosses(): Registry<Loss> {
  return lossTable.fill(
    Object.fromEntries(
      withNames(classes).map(([name, Class]) => [name, ({ fn: _, ...config }: Config) => new Class(config)]),
    ),
    aliases,
  )
}
