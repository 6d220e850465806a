// What was measured after each epoch: of a training without end, less and less of what is long ago.

import type { PerNet } from './nets.ts'
import type { Measure } from './race.ts'

export interface Measured {
  readonly epoch: number
  readonly nets: PerNet<Measure>
}

/** As many epochs are kept at most; of the older half, every second goes when there are more. */
export const mostKept = 2000

/** The list and what was measured since. */
export function addMeasured(list: readonly Measured[], more: readonly Measured[]): readonly Measured[] {
  if (more.length === 0) return list
  const all = [...list, ...more]
  return all.length > mostKept ? all.filter((_, i) => i >= mostKept / 2 || i % 2 === 0) : all
}
