// The names of optimizers and learning rate schedules.

import { makers, type Registry } from '../core/registry.ts'
import type { Optimizer } from './optimizer.ts'
import { Adadelta, Adagrad, Adam, Adamax, AdamW, Ftrl, Lion, Nadam, RMSprop, SGD } from './optimizers.ts'
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  type LearningRateSchedule,
  PiecewiseConstantDecay,
  PolynomialDecay,
  schedules as scheduleTable,
} from './schedules.ts'
import { optimizers as optimizerTable } from './table.ts'

/** The registry of schedules by class name. */
export const schedules: Registry<LearningRateSchedule> = /* @__PURE__ */ nameSchedules()

export function nameSchedules(): Registry<LearningRateSchedule> {
  return scheduleTable.fill(
    makers<LearningRateSchedule>({
      ExponentialDecay,
      PiecewiseConstantDecay,
      CosineDecay,
      CosineDecayRestarts,
      PolynomialDecay,
      InverseTimeDecay,
    }),
  )
}

/** The registry of optimizers by name; case does not matter. */
export const optimizers: Registry<Optimizer> = /* @__PURE__ */ nameOptimizers()

/** Names the optimizers, and the schedules that their options name. */
export function nameOptimizers(): Registry<Optimizer> {
  nameSchedules()
  return optimizerTable.fill(
    makers<Optimizer>({ SGD, RMSprop, Adam, AdamW, Adagrad, Adadelta, Adamax, Nadam, Ftrl, Lion }),
    {
      sgd: 'SGD',
      rmsprop: 'RMSprop',
      adam: 'Adam',
      adamw: 'AdamW',
      adagrad: 'Adagrad',
      adadelta: 'Adadelta',
      adamax: 'Adamax',
      nadam: 'Nadam',
      ftrl: 'Ftrl',
      lion: 'Lion',
    },
  )
}
