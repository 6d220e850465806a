// What several seeds have in common: the mean, the least and the largest of them after each epoch.

import type { Measured } from './measured.ts'
import { type NetName, netNames, type PerNet, perNet } from './nets.ts'
import type { Measure } from './race.ts'

export interface Spread {
  readonly epochs: readonly number[]
  /** For the three nets, in their order. */
  readonly mean: readonly (readonly number[])[]
  readonly least: readonly (readonly number[])[]
  readonly most: readonly (readonly number[])[]
}

/** @param runs of each seed, of which the newest may not be at its end */
export function spreadOf(runs: readonly (readonly Measured[])[], kind: keyof Measure): Spread {
  const epochs = runs[0]?.map(({ epoch }) => epoch) ?? []
  const per = (reduce: (values: number[]) => number) =>
    netNames.map(name => epochs.map((_, i) => reduce(runs.flatMap(run => run[i]?.nets[name][kind] ?? []))))
  return {
    epochs,
    mean: per(mean),
    least: per(values => Math.min(...values)),
    most: per(values => Math.max(...values)),
  }
}

/** Of the test accuracy at the end of each run that is at its end: the mean and the deviation of one run. */
export function endsOf(runs: readonly (readonly Measured[])[], epochs: number): { count: number } & PerNet<Estimate> {
  const ends = runs.flatMap(run => run.filter(({ epoch }) => epoch === epochs))
  const of = (name: NetName) => estimate(ends.map(({ nets }) => nets[name].testAccuracy))
  return { count: ends.length, ...perNet(of) }
}

export interface Estimate {
  readonly mean: number
  /** NaN for fewer than two. */
  readonly deviation: number
}

function estimate(values: readonly number[]): Estimate {
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return { mean: centre, deviation: Math.sqrt(squares / (values.length - 1)) }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
