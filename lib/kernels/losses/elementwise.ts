// The memory layout of rows, the interface of all loss kernels, and the elementwise losses. At discontinuities, slopes
// are those of TensorFlow.

import type { Shape } from '../../core/check.ts'
import { ArgumentError } from '../../core/errors.ts'
import { expm1, log, log1p, softplus, tanh } from '../../core/math.ts'

const { fround, abs, sign } = Math
const LN2 = /* @__PURE__ */ fround(Math.LN2)

// ---- Along an axis ----------------------------------------------------------------------------------------------

/** The axis, counted from the front. @throws ArgumentError when the shape has no such axis */
export function axisOf(shape: Shape, axis: number): number {
  const at = axis < 0 ? shape.length + axis : axis
  if (at >= 0 && at < shape.length) return at
  throw new ArgumentError('axis', axis, `an axis of an output of shape [${shape.join(', ')}]`)
}

/** The product of the sizes of all axes before `at`. */
export function sizeBefore(shape: Shape, at: number): number {
  let size = 1
  for (let i = 0; i < at; i++) size *= shape[i]
  return size
}

/** The product of the sizes of all axes after `at`. */
export function sizeAfter(shape: Shape, at: number): number {
  let size = 1
  for (let i = at + 1; i < shape.length; i++) size *= shape[i]
  return size
}

/** Before a logarithm, outputs are clipped to this distance from 0 and 1, as in Keras. */
export const EPSILON = /* @__PURE__ */ fround(1e-7)

/**
 * A loss along an axis of `length` numbers with stride `inner`, in `outer` blocks. Number k of row r = (o, n) is at
 * (o·length + k)·inner + n. `a` … `d` are the loss's options, in the order its comment lists them.
 */
export interface LossKernel {
  /** By which engines find their own version. */
  readonly name: string
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

/** A function of a target, an output and the options. */
export type OfPair = (t: number, p: number, a: number, b: number, c: number, d: number) => number

/** The mean (or sum) of f(t, p) along the axis; `slope` is df/dp. Both return float32 numbers. */
export function mean(name: string, f: OfPair, slope: OfPair, isSum = false): LossKernel {
  return {
    name,
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

/** The index of the first number of row r. */
export function firstOfRow(r: number, length: number, inner: number): number {
  const n = r % inner
  return (r - n) * length + n
}

export function rowSum(x: Float32Array, first: number, length: number, inner: number): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + x[i])
  return sum
}

// ---- Elementwise losses -----------------------------------------------------------------------------------------

/** (p − t)² */
export const meanSquaredError = /* @__PURE__ */ mean(
  'meanSquaredError',
  (t, p) => {
    const e = fround(p - t)
    return fround(e * e)
  },
  (t, p) => fround(2 * fround(p - t)),
)

/** |p − t|; the slope at 0 is 0 */
export const meanAbsoluteError = /* @__PURE__ */ mean(
  'meanAbsoluteError',
  (t, p) => abs(fround(p - t)),
  (t, p) => sign(fround(p - t)),
)

/** 100·|p − t| / |t|, with |t| raised to at least 1e-7 */
export const meanAbsolutePercentageError = /* @__PURE__ */ mean(
  'meanAbsolutePercentageError',
  (t, p) => fround(100 * abs(fround(fround(t - p) / atLeast(EPSILON, abs(t))))),
  (t, p) => fround(fround(100 * sign(fround(p - t))) / atLeast(EPSILON, abs(t))),
)

/** (log(1 + p) − log(1 + t))², with p and t raised to at least 1e-7 */
export const meanSquaredLogarithmicError = /* @__PURE__ */ mean(
  'meanSquaredLogarithmicError',
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

/** With e = p − t: e²/2 if |e| ≤ δ, else δ·|e| − δ²/2. Options: δ. */
export const huber = /* @__PURE__ */ mean(
  'huber',
  (t, p, delta) => {
    const e = abs(fround(p - t))
    return e <= delta ? fround(0.5 * fround(e * e)) : fround(fround(delta * e) - fround(0.5 * fround(delta * delta)))
  },
  (t, p, delta) => {
    const e = fround(p - t)
    return abs(e) <= delta ? e : fround(delta * sign(e))
  },
)

/** log cosh(p − t). With u = −|p − t|: log(1 + (eᵘ − 1)² / 2eᵘ) if u > −1, else −u − log 2 + log(1 + e²ᵘ) */
export const logCosh = /* @__PURE__ */ mean(
  'logCosh',
  (t, p) => {
    const e = abs(fround(p - t))
    if (!(e < 1)) return fround(fround(e - LN2) + softplus(fround(-2 * e)))
    const m = expm1(-e)
    return log1p(fround(fround(m * m) / fround(2 * fround(1 + m))))
  },
  (t, p) => tanh(fround(p - t)),
)

/** p − t·log(p + 1e-7) */
export const poisson = /* @__PURE__ */ mean(
  'poisson',
  (t, p) => fround(p - fround(t * log(fround(p + EPSILON)))),
  (t, p) => fround(1 - fround(t / fround(p + EPSILON))),
)

/** max(1 − t·p, 0). Options: whether targets 0 and 1 mean −1 and 1. */
export const hinge = /* @__PURE__ */ mean(
  'hinge',
  (t, p, isBinary) => atLeast(0, margin(t, p, isBinary)),
  (t, p, isBinary) => (margin(t, p, isBinary) >= 0 ? -signed(t, isBinary) : 0),
)

/** max(1 − t·p, 0)². Options as for hinge. */
export const squaredHinge = /* @__PURE__ */ mean(
  'squaredHinge',
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

/** Σ t·log(t / p), with t and p clipped to [1e-7, 1]; the slope is 0 where p is clipped */
export const klDivergence = /* @__PURE__ */ mean(
  'klDivergence',
  (t, p) => {
    const q = clipped(t)
    return fround(q * log(fround(q / clipped(p))))
  },
  (t, p) => (p < EPSILON || p > 1 ? 0 : -fround(clipped(t) / p)),
  true,
)

const clipped = (x: number) => (x < EPSILON ? EPSILON : x > 1 ? 1 : x)

/** The larger of the two; NaN if x is NaN. */
function atLeast(least: number, x: number): number {
  return x < least ? least : x
}
