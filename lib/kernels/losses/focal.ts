// Focal crossentropies, which reduce the weight of well-predicted outputs by (1 − q)^γ, where q is the probability
// predicted for the true class. Lin et al. 2017, arXiv:1708.02002.

import { exp, log, pow64, sigmoid } from '../../core/math.ts'
import {
  binaryOfLogit,
  binaryOfProbability,
  clip,
  expSum,
  isClipped,
  rowMaximum,
  slopeOfLogit,
  slopeOfProbability,
  smooth,
  smoothBinary,
  throughShares,
} from './crossentropy.ts'
import { firstOfRow, mean, type OfPair, rowSum } from './elementwise.ts'

const { fround } = Math
const pow = (x: number, exponent: number) => fround(pow64(x, exponent))

/** t·u + (1 − t)·v */
const between = (t: number, u: number, v: number) => fround(fround(t * u) + fround(fround(1 - t) * v))

/** w·m·crossentropy(t, x), where m = (1 − q)^γ, q = between(t, p, 1 − p), w = between(t, α, β) */
const focal =
  (probability: (x: number) => number, crossentropy: OfTwo): OfPair =>
  (target, x, smoothing, gamma, alpha, beta) => {
    const t = smoothBinary(target, smoothing)
    const p = probability(x)
    const m = pow(fround(1 - between(t, p, fround(1 - p))), gamma)
    return fround(between(t, alpha, beta) * fround(m * crossentropy(t, x)))
  }

/** w·(dm·crossentropy + m·dcrossentropy), where dm = −γ·(1 − q)^(γ−1)·(2t − 1)·dp */
const focalSlope =
  (probability: (x: number) => number, dp: (p: number) => number, crossentropy: OfTwo, slope: OfTwo): OfPair =>
  (target, x, smoothing, gamma, alpha, beta) => {
    const t = smoothBinary(target, smoothing)
    const p = probability(x)
    const rest = fround(1 - between(t, p, fround(1 - p)))
    const dq = fround(fround(fround(2 * t) - 1) * dp(p))
    const dm = gamma === 0 ? 0 : -fround(fround(gamma * pow(rest, gamma - 1)) * dq)
    const sum = fround(fround(dm * crossentropy(t, x)) + fround(pow(rest, gamma) * slope(t, x)))
    return fround(between(t, alpha, beta) * sum)
  }

type OfTwo = (t: number, x: number) => number
const itself = (p: number) => p
const one = () => 1
const slopeOfSigmoid = (p: number) => fround(p * fround(1 - p))

/** Options: the smoothing, γ, the weight of ones, the weight of zeros. */
export const binaryFocalCrossentropy = /* @__PURE__ */ mean(
  'binaryFocalCrossentropy',
  /* @__PURE__ */ focal(itself, binaryOfProbability),
  /* @__PURE__ */ focalSlope(itself, one, binaryOfProbability, slopeOfProbability),
)

export const binaryFocalCrossentropyOfLogits = /* @__PURE__ */ mean(
  'binaryFocalCrossentropyOfLogits',
  /* @__PURE__ */ focal(sigmoid, binaryOfLogit),
  /* @__PURE__ */ focalSlope(sigmoid, slopeOfSigmoid, binaryOfLogit, slopeOfLogit),
)

/** A `LossKernel` with α as its third and last option: one number for all classes, or one per class. */
export interface ClassWeightedKernel {
  forward(
    values: Float32Array,
    t: Float32Array,
    p: Float32Array,
    outer: number,
    length: number,
    inner: number,
    smoothing: number,
    gamma: number,
    alpha: Float32Array,
  ): void
  backward(
    dp: Float32Array,
    t: Float32Array,
    p: Float32Array,
    scale: Float32Array,
    outer: number,
    length: number,
    inner: number,
    smoothing: number,
    gamma: number,
    alpha: Float32Array,
  ): void
}

/** −Σ α·(1 − q)^γ·t·log q, where q = p / Σp, clipped. Options: the smoothing, γ, α. */
export const categoricalFocalCrossentropy: ClassWeightedKernel = {
  forward(values, t, p, outer, length, inner, smoothing, gamma, alpha) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const total = rowSum(p, first, length, inner)
      let sum = 0
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const target = smooth(t[i], smoothing, length)
        sum = fround(sum + focalTerm(target, clip(fround(p[i] / total)), gamma, alpha[k % alpha.length]))
      }
      values[r] = sum
    }
  },
  backward(dp, t, p, scale, outer, length, inner, smoothing, gamma, alpha) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const total = rowSum(p, first, length, inner)
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(p[i] / total)
        dp[i] = isClipped(q) ? 0 : focalTermSlope(smooth(t[i], smoothing, length), q, gamma, alpha[k % alpha.length])
      }
      throughShares(dp, p, scale[r], total, first, length, inner)
    }
  },
}

/** The same for logits: q = softmax(z), clipped. */
export const categoricalFocalCrossentropyOfLogits: ClassWeightedKernel = {
  forward(values, t, z, outer, length, inner, smoothing, gamma, alpha) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const top = rowMaximum(z, first, length, inner)
      const total = expSum(z, first, length, inner, top)
      let sum = 0
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = clip(fround(exp(fround(z[i] - top)) / total))
        sum = fround(sum + focalTerm(smooth(t[i], smoothing, length), q, gamma, alpha[k % alpha.length]))
      }
      values[r] = sum
    }
  },
  /** dz = q·(dq − Σ dq·q) */
  backward(dz, t, z, scale, outer, length, inner, smoothing, gamma, alpha) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const top = rowMaximum(z, first, length, inner)
      const total = expSum(z, first, length, inner, top)
      let sum = 0
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(exp(fround(z[i] - top)) / total)
        dz[i] = isClipped(q) ? 0 : focalTermSlope(smooth(t[i], smoothing, length), q, gamma, alpha[k % alpha.length])
        sum = fround(sum + fround(dz[i] * q))
      }
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const q = fround(exp(fround(z[i] - top)) / total)
        dz[i] = scale[r] * fround(q * fround(dz[i] - sum))
      }
    }
  },
}

/** −α·(1 − q)^γ·t·log q */
const focalTerm = (t: number, q: number, gamma: number, alpha: number) =>
  fround(fround(pow(fround(1 - q), gamma) * alpha) * fround(-t * log(q)))

/** α·t·(γ·(1 − q)^(γ−1)·log q − (1 − q)^γ / q) */
function focalTermSlope(t: number, q: number, gamma: number, alpha: number): number {
  const rest = fround(1 - q)
  const first = gamma === 0 ? 0 : fround(fround(gamma * pow(rest, gamma - 1)) * log(q))
  return fround(fround(alpha * t) * fround(first - fround(pow(rest, gamma) / q)))
}
