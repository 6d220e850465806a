// All names, the fast engine and the costs of models: what `unshared` has, and `unshared/core` only on request.

import { nameLayers } from '../layers/registry.ts'
import { nameMetrics } from '../metrics/registry.ts'
import { nameModels } from '../models/from-config.ts'
import { withSummary } from '../models/with-summary.ts'
import { nameOptimizers } from '../optimizers/registry.ts'
import { withFastEngine } from '../simd/fast.ts'

/** Registers all names; returns the value. */
export function withNames<T>(value: T): T {
  nameLayers()
  nameMetrics() // and losses
  nameModels()
  nameOptimizers() // and schedules
  return value
}

/** Registers all names and the fast engine, and gives models their costs; returns the value. */
export const withAll = <T>(value: T): T => withFastEngine(withSummary(withNames(value)))
