// The losses that compare number by number. Where a slope jumps, it is TensorFlow's.
import { expm1, log, log1p, softplus, tanh } from '../../math.ts'
import { EPSILON, mean } from './along-axis.ts'

const { fround, abs } = Math
const LN2 = fround(Math.LN2)
const sign = x => (x > 0 ? 1 : x < 0 ? -1 : x)
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
const signed = (t, isBinary) => (isBinary ? fround(fround(2 * t) - 1) : t)
const margin = (t, p, isBinary) => fround(1 - fround(signed(t, isBinary) * p))
/** Σ t·log(t / p), both within [1e-7, 1]; the slope is 0 where p is outside */
const klDivergence = mean(
  (t, p) => {
    const q = clipped(t)
    return fround(q * log(fround(q / clipped(p))))
  },
  (t, p) => (p < EPSILON || p > 1 ? 0 : -fround(clipped(t) / p)),
  true,
)
const clipped = x => (x < EPSILON ? EPSILON : x > 1 ? 1 : x)
/** The larger of the two; NaN where x is. */
function atLeast(least, x) {
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
