// Means with intervals, and paired comparisons of models that were trained with the same seeds.

import jstat from 'jstat'

const { studentt } = jstat.jStat

/** All tests of an experiment together are wrong with at most this probability. */
export const level = 0.01

export interface Estimate {
  readonly mean: number
  /** The standard deviation of one run; NaN for fewer than two. */
  readonly sd: number
  /** The 95 % interval of the mean, by Student's t; from −∞ to ∞ for fewer than two runs. */
  readonly low: number
  readonly high: number
  readonly n: number
}

export const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
export const meanOf = (values: readonly number[]) => sumOf(values) / values.length

export function estimate(values: readonly number[]): Estimate {
  const n = values.length
  const mean = meanOf(values)
  if (n < 2) return { mean, sd: Number.NaN, low: -Infinity, high: Infinity, n }
  const sd = Math.sqrt(sumOf(values.map(value => (value - mean) ** 2)) / (n - 1))
  const half = (studentt.inv(0.975, n - 1) * sd) / Math.sqrt(n)
  return { mean, sd, low: mean - half, high: mean + half, n }
}

/** The mean of these values as a point of a figure, with its interval. */
export function pointAt<X extends string | number>(x: X, values: readonly number[]) {
  const { mean, low, high } = estimate(values)
  return { x, y: mean, low, high }
}

/** What was claimed, and whether it comes out. */
export interface Claim {
  readonly text: string
  /** What was measured, in words and numbers. */
  readonly found: string
  /** The p value of a one-sided test, corrected for all tests of the experiment. Some claims have none. */
  readonly p?: number
  readonly holds: boolean
}

/** A claim before Holm's correction. `holds` leaves out the p value. */
type Judged = Omit<Claim, 'p'> & { readonly p?: number }

/** That two numbers, or lists of numbers, are equal: for counts. */
export function equal(text: string, ours: readonly number[], theirs: readonly number[]): Judged {
  const holds = ours.length === theirs.length && ours.every((value, i) => value === theirs[i])
  const list = (values: readonly number[]) => values.map(value => value.toLocaleString('en')).join(', ')
  return { text, holds, found: holds ? list(ours) : `${list(ours)} instead of ${list(theirs)}` }
}

/** What holds by a rule that is no test of a mean. */
export const rule = (text: string, holds: boolean, found: string): Judged => ({ text, holds, found })

export interface Comparison {
  readonly unit?: string
  readonly digits?: number
}

/**
 * That `a` is above `b`, by at least `by`: a one-sided paired t test of their difference against 0, and their mean
 * difference against `by`.
 */
export function above(
  text: string,
  a: readonly number[],
  b: readonly number[],
  { by = 0, ...format }: Comparison & { readonly by?: number } = {},
): Judged {
  const differences = a.map((value, i) => value - b[i])
  const { mean } = estimate(differences)
  return { text, found: difference(differences, format), p: pAboveZero(differences), holds: mean > 0 && mean >= by }
}

/** That some of the candidates is above `b`: the one with the least p value, which counts as often as there are candidates. */
export function anyAbove(
  text: string,
  candidates: readonly (readonly number[])[],
  b: readonly number[],
  format: Comparison = {},
): Judged {
  const tests = candidates.map(candidate => above(text, candidate, b, format))
  const best = tests.reduce((one, other) => ((other.p as number) < (one.p as number) ? other : one))
  return { ...best, p: Math.min(1, candidates.length * (best.p as number)) }
}

/** That the means of `a` and `b` differ by at most `by`. Not a test: it holds for the mean difference. */
export function near(
  text: string,
  a: readonly number[],
  b: readonly number[],
  { by, ...format }: Comparison & { readonly by: number },
): Judged {
  const differences = a.map((value, i) => value - b[i])
  return { text, found: difference(differences, format), holds: Math.abs(meanOf(differences)) <= by }
}

/** P of a mean as high as this, or higher, if the true mean is 0 and the values are normal. */
export function pAboveZero(values: readonly number[]): number {
  const { mean, sd, n } = estimate(values)
  if (n < 2) return 1
  if (sd === 0) return mean > 0 ? 0 : 1
  return studentt.cdf((-mean * Math.sqrt(n)) / sd, n - 1)
}

/** Holm's correction: with m tests, the smallest p value counts m times, the next m − 1 times, and so on. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((i, j) => ps[i] - ps[j])
  const corrected: number[] = []
  let least = 0
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, ps[i] * (ps.length - rank)))
    corrected[i] = least
  })
  return corrected
}

/** Corrects the p values of an experiment's tests. A claim with one holds only if it is below `level`. */
export function judge(claims: readonly Judged[]): Claim[] {
  const tested = claims.filter(({ p }) => p !== undefined)
  const corrected = holm(tested.map(({ p }) => p as number))
  return claims.map(claim => {
    if (claim.p === undefined) return claim
    const p = corrected[tested.indexOf(claim)]
    return { ...claim, p, holds: claim.holds && p < level }
  })
}

/** A number with a real minus sign. */
export const fixed = (value: number, digits: number) => value.toFixed(digits).replace('-', '−')

/** `93.2 ± 0.9`: the mean and its 95 % interval. */
export function withInterval(values: readonly number[], digits = 1): string {
  const { mean, high, n } = estimate(values)
  return n < 2 ? fixed(mean, digits) : `${fixed(mean, digits)} ± ${(high - mean).toFixed(digits)}`
}

/** `+1.6 points [0.8, 2.5]` */
function difference(differences: readonly number[], { unit = 'points', digits = 1 }: Comparison): string {
  const { mean, low, high, n } = estimate(differences)
  const signed = `${mean < 0 ? '−' : '+'}${Math.abs(mean).toFixed(digits)} ${unit}`.trimEnd()
  return n < 2 ? signed : `${signed} [${fixed(low, digits)}, ${fixed(high, digits)}]`
}

export const formatP = (p: number) => (p < 0.0001 ? '< 0.0001' : p.toFixed(p < 0.001 ? 4 : 3))
