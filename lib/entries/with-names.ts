// All names and the other additions: what `unshared` has, and `unshared/core` only on request.

import { nameLayers } from '../layers/registry.ts'
import { nameMetrics } from '../metrics/registry.ts'
import { nameModels } from '../models/from-config.ts'
import { withResuming } from '../models/resume.ts'
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

/** Makes all additions; returns the value. */
export const withAll = <T>(value: T): T => withFastEngine(withResuming(withSummary(withNames(value))))
