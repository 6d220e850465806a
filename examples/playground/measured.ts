// What was measured after each epoch, as the page keeps it: of a training without end, less and less of what is long ago.

import type { PerNet } from './nets.ts'
import type { Measure } from './race.ts'

export interface Measured {
  readonly epoch: number
  readonly nets: PerNet<Measure>
}

/** As many epochs are kept at most; of the older half, every second goes when there are more. */
export const mostKept = 2000

/** Adds the measures of the epochs from `from` on. The untrained nets are epoch 0: with them all begins anew. */
export function addMeasured(list: readonly Measured[], from: number, measures: readonly PerNet<Measure>[]): Measured[] {
  const added = measures.map((nets, i) => ({ epoch: from + i, nets }))
  const all = from === 0 && added.length > 0 ? added : [...list, ...added]
  return all.length > mostKept ? all.filter((_, i) => i >= mostKept / 2 || i % 2 === 0) : all
}
