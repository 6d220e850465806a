// Makes the costs of models part of a program. Without this module, a bundle does not contain them.

import { assertLayersFit, assertRunFits } from './costs.ts'
import { addToModels } from './model.ts'
import { summaryLines } from './summary.ts'

/** Gives models `summary` and the option `memoryLimit`; returns the value. */
export function withSummary<T>(value: T): T {
  addToModels({ summary: { assertLayersFit, assertRunFits, summaryLines } })
  return value
}
