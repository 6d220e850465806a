// Settings in which the race ends differently. `node scripts/run-ts.js tests/examples/builder-runs.ts` measures them.

import type { State } from '../state.ts'

const few = { 'b.train': 200, 'b.shifts': 'yes', 'b.epochs': 60 } as const

/** What differs from the start, by the names of their texts: `build.try.level`, … */
export const presets = {
  /** All three read centred digits. */
  level: {},
  /** The dense net has the most weights. */
  dense: few,
  /** With equal weights, what is shared is learned from fewer pictures. */
  conv: { ...few, 'b.handicap': 'weights', 'b.pooling': 'max' },
  /** The local net sees little at a time, but has more units than a dense net of as many weights. */
  local: { ...few, 'b.handicap': 'weights' },
} as const satisfies Record<string, Partial<State>>
