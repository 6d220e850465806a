// How rows lie in an array, and how the kernels of all losses are called; then the losses that compare number by number.
// Where a slope jumps, it is TensorFlow's.

import type { Shape } from '../../core/check.ts'
import { ArgumentError } from '../../core/errors.ts'
import { expm1, log, log1p, softplus, tanh } from '../../core/math.ts'

const { fround, abs } = Math
const LN2 = fround(Math.LN2)

// ---- Along an axis ----------------------------------------------------------------------------------------------

/** The axis counted from the front. @throws ArgumentError when there is no such axis */
export function axisOf(shape: Shape, axis: number): number {
  const at = axis < 0 ? shape.length + axis : axis
  if (at >= 0 && at < shape.length) return at
  throw new ArgumentError('axis', axis, `an axis of an output of shape [${shape.join(', ')}]`)
}

/** How many numbers the axes before this one hold. */
export function sizeBefore(shape: Shape, at: number): number {
  let size = 1
  for (let i = 0; i < at; i++) size *= shape[i]
  return size
}

export function sizeAfter(shape: Shape, at: number): number {
  let size = 1
  for (let i = at + 1; i < shape.length; i++) size *= shape[i]
  return size
}

/** Outputs are kept this far from 0 and 1 before a logarithm, as in Keras. */
export const EPSILON = fround(1e-7)

/**
 * A loss along an axis: `outer` blocks of `length` numbers that stand `inner` apart. Row r = (o, n) has its number k
 * at (o·length + k)·inner + n. `a` … `d` are the loss's options, in the order of its comment.
 */
export interface LossKernel {
  forward(
    values: Float32Array, // [outer, inner]          written
    t: Float32Array, //      [outer, length, inner]
    p: Float32Array, //      [outer, length, inner]
    outer: number,
    length: number,
    inner: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void
  backward(
    dp: Float32Array, //     [outer, length, inner]  written
    t: Float32Array,
    p: Float32Array,
    scale: Float32Array, //  [outer, inner]
    outer: number,
    length: number,
    inner: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ): void
}

/** A function of a target, an output, and options. */
export type OfPair = (t: number, p: number, a: number, b: number, c: number, d: number) => number

/** The mean (or sum) of f(t, p) along the axis; `slope` is the derivative of f in p. Both give float32 numbers. */
export function mean(f: OfPair, slope: OfPair, isSum = false): LossKernel {
  return {
    forward(values, t, p, outer, length, inner, a, b, c, d) {
      for (let r = 0; r < outer * inner; r++) {
        let sum = 0
        let i = firstOfRow(r, length, inner)
        for (let k = 0; k < length; k++, i += inner) sum = fround(sum + f(t[i], p[i], a, b, c, d))
        values[r] = isSum ? sum : sum / length
      }
    },
    backward(dp, t, p, scale, outer, length, inner, a, b, c, d) {
      for (let r = 0; r < outer * inner; r++) {
        const s = isSum ? scale[r] : fround(scale[r] / length)
        let i = firstOfRow(r, length, inner)
        for (let k = 0; k < length; k++, i += inner) dp[i] = s * slope(t[i], p[i], a, b, c, d)
      }
    },
  }
}

/** Where row r begins. */
export function firstOfRow(r: number, length: number, inner: number): number {
  const n = r % inner
  return (r - n) * length + n
}

export function rowSum(x: Float32Array, first: number, length: number, inner: number): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + x[i])
  return sum
}

// ---- Number by number -------------------------------------------------------------------------------------------

const sign = (x: number) => (x > 0 ? 1 : x < 0 ? -1 : x)

/** (p − t)² */
const meanSquaredError = mean(
  (t, p) => {
    const e = fround(p - t)
    return fround(e * e)
  },
  (t, p) => fround(2 * fround(p - t)),
)

/** |p − t|; the slope at 0 is 0 */
const meanAbsoluteError = mean(
  (t, p) => abs(fround(p - t)),
  (t, p) => sign(fround(p - t)),
)

/** 100·|p − t| / |t|, where |t| is at least 1e-7 */
const meanAbsolutePercentageError = mean(
  (t, p) => fround(100 * abs(fround(fround(t - p) / atLeast(EPSILON, abs(t))))),
  (t, p) => fround(fround(100 * sign(fround(p - t))) / atLeast(EPSILON, abs(t))),
)

/** (log(1 + p) − log(1 + t))², where p and t are at least 1e-7 */
const meanSquaredLogarithmicError = mean(
  (t, p) => {
    const e = fround(log(fround(atLeast(EPSILON, p) + 1)) - log(fround(atLeast(EPSILON, t) + 1)))
    return fround(e * e)
  },
  (t, p) => {
    if (p < EPSILON) return 0
    const e = fround(log(fround(p + 1)) - log(fround(atLeast(EPSILON, t) + 1)))
    return fround(fround(2 * e) / fround(p + 1))
  },
)

/** e²/2 where |e| = |p − t| is at most a, else a·|e| − a²/2. Options: the bend. */
const huber = mean(
  (t, p, delta) => {
    const e = abs(fround(p - t))
    return e <= delta
      ? fround(0.5 * fround(e * e))
      : fround(fround(delta * e) - fround(0.5 * fround(delta * delta)))
  },
  (t, p, delta) => {
    const e = fround(p - t)
    return abs(e) <= delta ? e : fround(delta * sign(e))
  },
)

/** log cosh e, e = p − t: with u = −|e| it is log(1 + (eᵘ − 1)² / 2eᵘ), or, for large |e|, |e| − log 2 + log(1 + e²ᵘ) */
const logCosh = mean(
  (t, p) => {
    const e = abs(fround(p - t))
    if (!(e < 1)) return fround(fround(e - LN2) + softplus(fround(-2 * e)))
    const m = expm1(-e)
    return log1p(fround(fround(m * m) / fround(2 * fround(1 + m))))
  },
  (t, p) => tanh(fround(p - t)),
)

/** p − t·log(p + 1e-7) */
const poisson = mean(
  (t, p) => fround(p - fround(t * log(fround(p + EPSILON)))),
  (t, p) => fround(1 - fround(t / fround(p + EPSILON))),
)

/** max(1 − t·p, 0). Options: whether targets 0 and 1 mean −1 and 1; so do the next two. */
const hinge = mean(
  (t, p, isBinary) => atLeast(0, margin(t, p, isBinary)),
  (t, p, isBinary) => (margin(t, p, isBinary) >= 0 ? -signed(t, isBinary) : 0),
)

/** max(1 − t·p, 0)² */
const squaredHinge = mean(
  (t, p, isBinary) => {
    const m = atLeast(0, margin(t, p, isBinary))
    return fround(m * m)
  },
  (t, p, isBinary) => {
    const m = atLeast(0, margin(t, p, isBinary))
    return fround(fround(-2 * m) * signed(t, isBinary))
  },
)

const signed = (t: number, isBinary: number) => (isBinary ? fround(fround(2 * t) - 1) : t)
const margin = (t: number, p: number, isBinary: number) => fround(1 - fround(signed(t, isBinary) * p))

/** Σ t·log(t / p), both within [1e-7, 1]; the slope is 0 where p is outside */
const klDivergence = mean(
  (t, p) => {
    const q = clipped(t)
    return fround(q * log(fround(q / clipped(p))))
  },
  (t, p) => (p < EPSILON || p > 1 ? 0 : -fround(clipped(t) / p)),
  true,
)

const clipped = (x: number) => (x < EPSILON ? EPSILON : x > 1 ? 1 : x)

/** The larger of the two; NaN where x is. */
function atLeast(least: number, x: number): number {
  return x < least ? least : x
}

export const elementwiseLosses = {
  meanSquaredError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  huber,
  logCosh,
  poisson,
  hinge,
  squaredHinge,
  klDivergence,
}
