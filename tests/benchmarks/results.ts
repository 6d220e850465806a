// What a run of the benchmark leaves: the JSON that the table and the page are made of.

import type { Case, Goal, LayerCase, Quantity } from './cases.ts'
import type { Memory } from './contender.ts'
import { type Distance, distance, leastStepMs, type MachineLimits, sizesOf, stepSizesOf } from './limits.ts'

/** Milliseconds. */
export interface Timing {
  readonly median: number
  readonly min: number
  readonly count: number
}

export interface Entry {
  readonly id: string
  readonly isOurs: boolean
  readonly version: string
  /** Why it sits this case out, as was known before. */
  readonly excuse?: string
  /** What went wrong: it could not start, it died, or it computes something else. */
  readonly error?: string
  /** What ran where, if the contender tells. */
  readonly note?: string
  readonly importMs: number
  readonly times: Partial<Record<Quantity, Timing>>
  /** Bytes of the process, before the case and after it. */
  readonly memory?: { readonly before: Memory; readonly after: Memory }
  /** The largest difference from the first contender's results, relative to the largest number. */
  readonly difference: number
}

export interface CaseResult {
  readonly case: Case
  readonly entries: readonly Entry[]
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
}

export interface Results {
  readonly format: 1
  /** ISO 8601. */
  readonly date: string
  readonly command: string
  readonly machine: Machine
  readonly threads: number
  readonly engine: string
  readonly rounds: number
  readonly limits: MachineLimits | null
  /** Of one thread. */
  readonly limitsOfOne?: MachineLimits
  readonly cases: readonly CaseResult[]
  readonly sweep: readonly CaseResult[]
}

export interface Verdict extends Goal {
  readonly title: string
  /** The slowest of ours and the fastest peer, by median; null where one was not measured. */
  readonly ours: readonly string[]
  readonly oursMs: number | null
  readonly peer: string | null
  readonly peerMs: number | null
  readonly ratio: number | null
  /** The ratio of the least times: what the machine's other work takes away is least in them. */
  readonly leastRatio: number | null
  /** The ratio that the machine's limit allows: the best peer's time over the limit. */
  readonly atLimit: number | null
  readonly reached: boolean | null
}

export function timing(ms: readonly number[]): Timing {
  const sorted = [...ms].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, min: sorted[0], count: sorted.length }
}

/** Each goal beside what was measured. */
export function verdicts({ cases, limits }: Results, goals: readonly Goal[]): Verdict[] {
  return goals.flatMap(goal => {
    const result = cases.find(({ case: { id } }) => id === goal.case)
    if (!result) return []
    const measured = result.entries.flatMap(({ id, isOurs, times }) => {
      const timing = times[goal.quantity]
      return timing ? [{ id, isOurs, ms: timing.median, least: timing.min }] : []
    })
    const ours = measured.filter(({ id }) => goal.ours.includes(id))
    const rivals = measured.filter(entry => !entry.isOurs && isAmong(entry.id, goal.peers))
    const isMeasured = ours.length > 0 && rivals.length > 0
    const oursMs = ours.length > 0 ? Math.max(...ours.map(({ ms }) => ms)) : null
    const peerMs = rivals.length > 0 ? Math.min(...rivals.map(({ ms }) => ms)) : null
    const least = (entries: typeof measured) => entries.map(entry => entry.least)
    const limitMs = limits && limitOf(result.case, goal.quantity, limits)
    const ratio = oursMs === null || peerMs === null ? null : peerMs / oursMs
    return {
      ...goal,
      title: result.case.title,
      oursMs,
      peerMs,
      ratio,
      leastRatio: isMeasured ? Math.min(...least(rivals)) / Math.max(...least(ours)) : null,
      atLimit: peerMs !== null && limitMs !== null ? peerMs / limitMs : null,
      peer: rivals.find(({ ms }) => ms === peerMs)?.id ?? null,
      reached: ratio === null ? null : ratio >= goal.atLeast,
    }
  })
}

/** The time of a run, or of an epoch, at the limit of the machine; `null` where it is not known. */
function limitOf(given: Case, quantity: Quantity, limits: MachineLimits): number | null {
  if (given.kind === 'layer' && (quantity === 'forward' || quantity === 'step'))
    return distance(given, quantity, 1, limits).leastMs
  const sizes = given.kind === 'fit' && quantity === 'fit' ? stepSizesOf(given) : null
  if (given.kind !== 'fit' || !sizes) return null
  return Math.ceil(given.samples / given.batch) * leastStepMs(sizes, limits)
}

const isAmong = (id: string, peers: readonly string[]) =>
  peers.length === 0 || peers.some(peer => id === peer || (peer.endsWith('/') && id.startsWith(peer)))

export interface LimitRow extends Distance {
  readonly case: LayerCase
  readonly entry: string
  readonly quantity: 'forward' | 'step'
  readonly ms: number
}

/** Our least times beside the machine's limits. */
export function limitRows({ cases, limits }: Results): LimitRow[] {
  if (!limits) return []
  return cases.flatMap(({ case: given, entries }) => {
    if (given.kind !== 'layer') return []
    return entries.flatMap(entry =>
      (['forward', 'step'] as const).flatMap(quantity => {
        const ms = entry.times[quantity]?.min
        if (!entry.isOurs || ms === undefined) return []
        return [{ case: given, entry: entry.id, quantity, ms, ...distance(given, quantity, ms, limits) }]
      }),
    )
  })
}

export interface StepRow {
  readonly title: string
  readonly entry: string
  /** The least time of a step of `fit`, in milliseconds. */
  readonly ms: number
  /** The least that one thread, and all, allow. */
  readonly leastOfOne: number
  readonly leastOfAll: number
  /** The least time of a step by `trainOnBatch`, over that of `fit`. */
  readonly onBatch: number | null
}

/** Our steps of `fit` beside the machine's limits. */
export function stepRows({ cases, limits, limitsOfOne }: Results): StepRow[] {
  if (!limits || !limitsOfOne) return []
  return cases.flatMap(({ case: given, entries }) => {
    const sizes = given.kind === 'fit' ? stepSizesOf(given) : null
    if (given.kind !== 'fit' || !sizes) return []
    return entries.flatMap(({ id, isOurs, times }) => {
      if (!isOurs || !times.fit) return []
      const ms = times.fit.min / Math.ceil(given.samples / given.batch)
      const onBatch = times.batch ? times.batch.min / ms : null
      const [leastOfOne, leastOfAll] = [limitsOfOne, limits].map(each => leastStepMs(sizes, each))
      return [{ title: given.title, entry: id, ms, leastOfOne, leastOfAll, onBatch }]
    })
  })
}

export interface DirectionRow {
  readonly title: string
  readonly entry: string
  /** Multiplications and additions a second, in thousand millions. */
  readonly forward: number
  readonly backward: number
}

/** Our forward beside backward, which computes twice as much: by medians. */
export function directionRows({ cases }: Results): DirectionRow[] {
  return cases.flatMap(({ case: given, entries }) => {
    if (given.kind !== 'layer') return []
    const { operations } = sizesOf(given)
    return entries.flatMap(({ id, isOurs, times: { forward, backward } }) =>
      isOurs && forward && backward
        ? [
            {
              title: given.title,
              entry: id,
              forward: operations / forward.median / 1e6,
              backward: (2 * operations) / backward.median / 1e6,
            },
          ]
        : [],
    )
  })
}
