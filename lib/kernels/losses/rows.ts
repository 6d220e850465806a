// Losses that depend on a row as a whole.

import { firstOfRow, type LossKernel } from './elementwise.ts'

const { fround, sqrt } = Math
const SMALLEST = /* @__PURE__ */ fround(1e-12)

/** −Σ t·p / (|t|·|p|), with both norms raised to at least 1e-6 */
export const cosineSimilarity: LossKernel = {
  name: 'cosineSimilarity',
  forward(values, t, p, outer, length, inner) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const nt = norm(t, first, length, inner)
      const np = norm(p, first, length, inner)
      values[r] = -cosine(t, p, nt, np, first, length, inner)
    }
  },
  /** −(t / |t| − cos·p / |p|) / |p|; if |p| < 1e-6, the norm is a constant and the second term vanishes */
  backward(dp, t, p, scale, outer, length, inner) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const nt = norm(t, first, length, inner)
      const np = norm(p, first, length, inner)
      const along = squares(p, first, length, inner) < SMALLEST ? 0 : cosine(t, p, nt, np, first, length, inner)
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const across = fround(fround(t[i] / nt) - fround(along * fround(p[i] / np)))
        dp[i] = -fround(scale[r] * fround(across / np))
      }
    }
  },
}

function cosine(
  t: Float32Array,
  p: Float32Array,
  nt: number,
  np: number,
  first: number,
  length: number,
  inner: number,
): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner)
    sum = fround(sum + fround(fround(t[i] / nt) * fround(p[i] / np)))
  return sum
}

function squares(x: Float32Array, first: number, length: number, inner: number): number {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + fround(x[i] * x[i]))
  return sum
}

function norm(x: Float32Array, first: number, length: number, inner: number): number {
  const sum = squares(x, first, length, inner)
  return fround(sqrt(sum < SMALLEST ? SMALLEST : sum))
}

/** max(1 + max (1 − t)·p − Σ t·p, 0) */
export const categoricalHinge: LossKernel = {
  name: 'categoricalHinge',
  forward(values, t, p, outer, length, inner) {
    for (let r = 0; r < outer * inner; r++) {
      const loss = hingeOfRow(t, p, firstOfRow(r, length, inner), length, inner)
      values[r] = loss < 0 ? 0 : loss
    }
  },
  /** (1 − t) / ties at each maximum, minus t */
  backward(dp, t, p, scale, outer, length, inner) {
    for (let r = 0; r < outer * inner; r++) {
      const first = firstOfRow(r, length, inner)
      const s = hingeOfRow(t, p, first, length, inner) >= 0 ? scale[r] : 0
      const top = best(t, p, first, length, inner)
      let ties = 0
      for (let k = 0, i = first; k < length; k++, i += inner) if (other(t, p, i) === top) ties++
      for (let k = 0, i = first; k < length; k++, i += inner) {
        const share = other(t, p, i) === top ? fround(fround(1 - t[i]) / ties) : 0
        dp[i] = s === 0 ? 0 : s * fround(share - t[i])
      }
    }
  },
}

const other = (t: Float32Array, p: Float32Array, i: number) => fround(fround(1 - t[i]) * p[i])

function best(t: Float32Array, p: Float32Array, first: number, length: number, inner: number): number {
  let top = other(t, p, first)
  for (let k = 1, i = first + inner; k < length; k++, i += inner) {
    const x = other(t, p, i)
    if (x > top || x !== x) top = x
  }
  return top
}

function hingeOfRow(t: Float32Array, p: Float32Array, first: number, length: number, inner: number): number {
  let right = 0
  for (let k = 0, i = first; k < length; k++, i += inner) right = fround(right + fround(t[i] * p[i]))
  return fround(fround(best(t, p, first, length, inner) - right) + 1)
}
