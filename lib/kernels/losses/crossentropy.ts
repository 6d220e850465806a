// Crossentropies of probabilities and of logits. Probabilities are clipped to [1e-7, 1 − 1e-7] and have gradient 0
// where they are clipped; logits need no clipping.

import { exp, log, log1p, sigmoid } from '../../core/math.ts'
import { EPSILON, firstOfRow, type LossKernel, mean, rowSum } from './elementwise.ts'

const { fround, abs } = Math
const MOST = /* @__PURE__ */ fround(1 - EPSILON)

export const clip = (p: number) => (p < EPSILON ? EPSILON : p > MOST ? MOST : p)
export const isClipped = (p: number) => p < EPSILON || p > MOST

// ---- Binary: each number is a probability -----------------------------------------------------------------------

/** A target t becomes t·(1 − smoothing) + smoothing / 2. */
export const smoothBinary = (t: number, smoothing: number) =>
  smoothing === 0 ? t : fround(fround(t * fround(1 - smoothing)) + fround(0.5 * smoothing))

/** −t·log(p + 1e-7) − (1 − t)·log(1 − p + 1e-7), with t already smoothed and p clipped */
export function binaryOfProbability(t: number, p: number): number {
  const q = clip(p)
  const one = fround(t * log(fround(q + EPSILON)))
  const zero = fround(fround(1 - t) * log(fround(fround(1 - q) + EPSILON)))
  return -fround(one + zero)
}

export function slopeOfProbability(t: number, p: number): number {
  if (isClipped(p)) return 0
  return fround(fround(fround(1 - t) / fround(fround(1 - p) + EPSILON)) - fround(t / fround(p + EPSILON)))
}

/** The binary crossentropy of a logit: max(z, 0) − z·t + log(1 + e^−|z|) */
export const binaryOfLogit = (t: number, z: number) =>
  fround(fround((z > 0 ? z : z === z ? 0 : z) - fround(z * t)) + log1p(exp(-abs(z))))

export const slopeOfLogit = (t: number, z: number) => fround(sigmoid(z) - t)

/** Options: the smoothing. */
export const binaryCrossentropy = /* @__PURE__ */ mean(
  'binaryCrossentropy',
  (t, p, smoothing) => binaryOfProbability(smoothBinary(t, smoothing), p),
  (t, p, smoothing) => slopeOfProbability(smoothBinary(t, smoothing), p),
)

export const binaryCrossentropyOfLogits = /* @__PURE__ */ mean(
  'binaryCrossentropyOfLogits',
  (t, z, smoothing) => binaryOfLogit(smoothBinary(t, smoothing), z),
  (t, z, smoothing) => slopeOfLogit(smoothBinary(t, smoothing), z),
)

// ---- Categorical: each row is a distribution ----------------------------------------------------------------------

/** A target t becomes t·(1 − smoothing) + smoothing / length. */
export const smooth = (t: number, smoothing: number, length: number) =>
  smoothing === 0 ? t : fround(fround(t * fround(1 - smoothing)) + fround(smoothing / length))

/** −Σ t·log(p / Σp), with p / Σp clipped. Options: the smoothing. */
export const categoricalCrossentropy: LossKernel = {
  name: 'categoricalCrossentropy',
  forward(values, t, p, outer, length, inner, smoothing) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const total = rowSum(p, first, length, inner)
      let sum = 0
      for (let k = 0, i = first; k < length; k++, i += inner)
        sum = fround(sum + fround(smooth(t[i], smoothing, length) * log(clip(fround(p[i] / total)))))
      values[r] = -sum
    }
  },
  /** With q = p / Σp: dq = −t / q where q is not clipped, else 0; dp = (dq − Σ dq·q) / Σp */
  backward(dp, t, p, scale, outer, length, inner, smoothing) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const total = rowSum(p, first, length, inner)
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(p[i] / total)
        dp[i] = isClipped(q) ? 0 : -fround(smooth(t[i], smoothing, length) / q)
      }
      throughShares(dp, p, scale[r], total, first, length, inner)
    }
  },
}

/** Converts, in `dp`, the gradient with respect to q = p / Σp into `scale` times that with respect to p. */
export function throughShares(
  dp: Float32Array,
  p: Float32Array,
  scale: number,
  total: number,
  first: number,
  length: number,
  inner: number,
): void {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + fround(dp[i] * fround(p[i] / total)))
  for (let k = 0, i = first; k < length; k++, i += inner) dp[i] = fround(scale * fround(dp[i] - sum)) / total
}

/** Σ t·(log Σeᶻ − z). Options: the smoothing. */
export const categoricalCrossentropyOfLogits: LossKernel = {
  name: 'categoricalCrossentropyOfLogits',
  forward(values, t, z, outer, length, inner, smoothing) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const top = rowMaximum(z, first, length, inner)
      const logSum = log(expSum(z, first, length, inner, top))
      let sum = 0
      for (let k = 0, i = first; k < length; k++, i += inner)
        sum = fround(sum + fround(smooth(t[i], smoothing, length) * fround(logSum - fround(z[i] - top))))
      values[r] = sum
    }
  },
  /** softmax(z)·Σt − t. TensorFlow omits Σt, which is wrong unless the targets sum to 1. */
  backward(dz, t, z, scale, outer, length, inner, smoothing) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const top = rowMaximum(z, first, length, inner)
      const total = expSum(z, first, length, inner, top)
      let targets = 0
      for (let k = 0, i = first; k < length; k++, i += inner)
        targets = fround(targets + smooth(t[i], smoothing, length))
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(exp(fround(z[i] - top)) / total)
        dz[i] = scale[r] * fround(fround(q * targets) - smooth(t[i], smoothing, length))
      }
    }
  },
}

// ---- Sparse categorical: one class per row --------------------------------------------------------------------------

/**
 * −log(p[target] / Σp), with p clipped. t holds one class per row.
 * Options: the ignored class, whose rows have loss 0 (NaN: none); whether to scale up the other rows to compensate.
 */
export const sparseCategoricalCrossentropy: LossKernel = {
  name: 'sparseCategoricalCrossentropy',
  forward(values, t, p, outer, length, inner, ignored, makesUp) {
    const factor = factorOf(t, outer * inner, ignored, makesUp)
    for (let r = 0; r < outer * inner; r++) {
      values[r] = 0
      if (t[r] === ignored) continue
      const first = firstOfRow(r, length, inner)
      const target = clip(p[first + t[r] * inner])
      values[r] = factor * log(fround(clippedSum(p, first, length, inner) / target))
    }
  },
  /** 1 / Σp − 1 / p[target] for the target, 1 / Σp for the others; 0 where p is clipped */
  backward(dp, t, p, scale, outer, length, inner, ignored, makesUp) {
    const factor = factorOf(t, outer * inner, ignored, makesUp)
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const s = t[r] === ignored ? 0 : fround(factor * scale[r])
      const share = fround(1 / clippedSum(p, first, length, inner))
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const slope = k === t[r] ? fround(share - fround(1 / p[i])) : share
        dp[i] = s === 0 || isClipped(p[i]) ? 0 : s * slope
      }
    }
  },
}

/** log Σeᶻ − z[target]. Options as above. */
export const sparseCategoricalCrossentropyOfLogits: LossKernel = {
  name: 'sparseCategoricalCrossentropyOfLogits',
  forward(values, t, z, outer, length, inner, ignored, makesUp) {
    const factor = factorOf(t, outer * inner, ignored, makesUp)
    for (let r = 0; r < outer * inner; r++) {
      values[r] = 0
      if (t[r] === ignored) continue
      const first = firstOfRow(r, length, inner)
      const top = rowMaximum(z, first, length, inner)
      const logSum = log(expSum(z, first, length, inner, top))
      values[r] = factor * fround(logSum - fround(z[first + t[r] * inner] - top))
    }
  },
  backward(dz, t, z, scale, outer, length, inner, ignored, makesUp) {
    const factor = factorOf(t, outer * inner, ignored, makesUp)
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const s = t[r] === ignored ? 0 : fround(factor * scale[r])
      const top = rowMaximum(z, first, length, inner)
      const total = expSum(z, first, length, inner, top)
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(exp(fround(z[i] - top)) / total)
        dz[i] = s === 0 ? 0 : s * fround(q - (k === t[r] ? 1 : 0))
      }
    }
  },
}

/** All rows / counted rows, which turns a mean over all rows into one over the counted rows; 0 if none is counted. */
function factorOf(t: Float32Array, rows: number, ignored: number, makesUp: number): number {
  if (ignored !== ignored || makesUp === 0) return 1
  let counted = 0
  for (let r = 0; r < rows; r++) if (t[r] !== ignored) counted++
  return counted === 0 ? 0 : fround(rows / counted)
}

// ---- Helpers --------------------------------------------------------------------------------------------------------

function clippedSum(p: Float32Array, first: number, length: number, inner: number): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + clip(p[i]))
  return sum
}

/** The largest number of a row; NaN if the row contains NaN. */
export function rowMaximum(x: Float32Array, first: number, length: number, inner: number): number {
  let top = x[first]
  for (let k = 1, i = first + inner; k < length; k++, i += inner) if (x[i] > top || x[i] !== x[i]) top = x[i]
  return top
}

/** Σ e^(z − top) */
export function expSum(z: Float32Array, first: number, length: number, inner: number, top: number): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + exp(fround(z[i] - top)))
  return sum
}
