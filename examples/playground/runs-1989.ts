// What several runs of the five nets say together.

export interface Summary {
  readonly runs: number
  /** Of each net, over the runs. */
  readonly mean: readonly number[]
  /** The standard deviation of one run; NaN for fewer than two. */
  readonly deviation: readonly number[]
  /** Runs in which each net read better than the one before it, as printed in 1989. */
  readonly inOrder: number
  /** Runs in which the last net was the only best. */
  readonly lastBest: number
  /** Whether the means are in that order. */
  readonly meansInOrder: boolean
}

/** @param runs for each run, the accuracies of the nets */
export function summarize(runs: readonly (readonly number[])[]): Summary {
  const nets = runs[0].map((_, net) => runs.map(run => run[net]))
  const mean = nets.map(average)
  return {
    runs: runs.length,
    mean,
    deviation: nets.map((values, net) =>
      Math.sqrt((average(values.map(value => (value - mean[net]) ** 2)) * runs.length) / (runs.length - 1)),
    ),
    inOrder: runs.filter(ascends).length,
    lastBest: runs.filter(run => Math.max(...run.slice(0, -1)) < run[run.length - 1]).length,
    meansInOrder: ascends(mean),
  }
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const ascends = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1])
