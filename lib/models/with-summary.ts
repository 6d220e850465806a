// Makes the table of layers part of a program. Without this module, a bundle does not contain it.

import { addToModels } from './model.ts'
import { summaryLines } from './summary.ts'

/** Gives models their `summary`; returns the value. */
export function withSummary<T>(value: T): T {
  addToModels({ summary: { summaryLines } })
  return value
}
