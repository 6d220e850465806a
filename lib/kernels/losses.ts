// The arithmetic of the losses: one loss for each row of the output, and the gradient of Σ scale[row] · loss[row].

import { exp, log } from '../math.ts'

const { fround } = Math
const EPSILON = fround(1e-7)
const MOST = fround(1 - 1e-7)

/** mean of (t − p)² */
const meanSquaredError = {
  forward(values: Float32Array, t: Float32Array, p: Float32Array, rows: number, length: number): void {
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let i = r * length; i < (r + 1) * length; i++) {
        const d = fround(p[i] - t[i])
        sum = fround(sum + fround(d * d))
      }
      values[r] = sum / length
    }
  },
  backward(
    dp: Float32Array,
    t: Float32Array,
    p: Float32Array,
    scale: Float32Array,
    rows: number,
    length: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const s = fround(fround(scale[r] * 2) / length)
      for (let i = r * length; i < (r + 1) * length; i++) dp[i] = s * fround(p[i] - t[i])
    }
  },
}

/** −Σ t·log(p / Σp), p clipped to [1e-7, 1 − 1e-7] */
const categoricalCrossentropy = {
  forward(values: Float32Array, t: Float32Array, p: Float32Array, rows: number, length: number): void {
    for (let r = 0; r < rows; r++) {
      const total = rowSum(p, r, length)
      let sum = 0
      for (let i = r * length; i < (r + 1) * length; i++) {
        const q = fround(p[i] / total)
        sum = fround(sum + fround(t[i] * log(clip(q))))
      }
      values[r] = -sum
    }
  },
  backward(
    dp: Float32Array,
    t: Float32Array,
    p: Float32Array,
    scale: Float32Array,
    rows: number,
    length: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const total = rowSum(p, r, length)
      // q = p / total; dq = −t / q where q is not clipped; dp = (dq − Σ dq·q) / total
      let sum = 0
      for (let i = r * length; i < (r + 1) * length; i++) {
        const q = fround(p[i] / total)
        dp[i] = q < EPSILON || q > MOST ? 0 : -fround(t[i] / q)
        sum = fround(sum + fround(dp[i] * q))
      }
      for (let i = r * length; i < (r + 1) * length; i++)
        dp[i] = fround(scale[r] * fround(dp[i] - sum)) / total
    }
  },
}

/** log Σ eᶻ − z, weighted with t: the same of logits, nothing clipped */
const categoricalCrossentropyOfLogits = {
  forward(values: Float32Array, t: Float32Array, z: Float32Array, rows: number, length: number): void {
    for (let r = 0; r < rows; r++) {
      const top = rowMaximum(z, r, length)
      const logSum = log(expSum(z, r, length, top))
      let sum = 0
      for (let i = r * length; i < (r + 1) * length; i++)
        sum = fround(sum + fround(t[i] * fround(logSum - fround(z[i] - top))))
      values[r] = sum
    }
  },
  /** softmax(z) − t */
  backward(
    dz: Float32Array,
    t: Float32Array,
    z: Float32Array,
    scale: Float32Array,
    rows: number,
    length: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const top = rowMaximum(z, r, length)
      const total = expSum(z, r, length, top)
      const targets = rowSum(t, r, length)
      for (let i = r * length; i < (r + 1) * length; i++) {
        const q = fround(exp(fround(z[i] - top)) / total)
        dz[i] = scale[r] * fround(fround(q * targets) - t[i])
      }
    }
  },
}

/** The same two, where the target is the class's number. */
const sparseCategoricalCrossentropyOfLogits = {
  forward(values: Float32Array, t: Float32Array, z: Float32Array, rows: number, length: number): void {
    for (let r = 0; r < rows; r++) {
      const top = rowMaximum(z, r, length)
      values[r] = log(expSum(z, r, length, top)) - fround(z[r * length + t[r]] - top)
    }
  },
  backward(
    dz: Float32Array,
    t: Float32Array,
    z: Float32Array,
    scale: Float32Array,
    rows: number,
    length: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const top = rowMaximum(z, r, length)
      const total = expSum(z, r, length, top)
      for (let k = 0; k < length; k++) {
        const q = fround(exp(fround(z[r * length + k] - top)) / total)
        dz[r * length + k] = scale[r] * fround(q - (k === t[r] ? 1 : 0))
      }
    }
  },
}

/** −log of the target's share in Σp, p clipped to [1e-7, 1 − 1e-7] */
const sparseCategoricalCrossentropy = {
  forward(values: Float32Array, t: Float32Array, p: Float32Array, rows: number, length: number): void {
    for (let r = 0; r < rows; r++)
      values[r] = log(fround(clippedSum(p, r, length) / clip(p[r * length + t[r]])))
  },
  /** 1 / Σp − 1 / p[target] for the target, 1 / Σp for the others; 0 where p is clipped */
  backward(
    dp: Float32Array,
    t: Float32Array,
    p: Float32Array,
    scale: Float32Array,
    rows: number,
    length: number,
  ): void {
    for (let r = 0; r < rows; r++) {
      const share = fround(1 / clippedSum(p, r, length))
      for (let k = 0; k < length; k++) {
        const pk = p[r * length + k]
        const slope = k === t[r] ? fround(share - fround(1 / pk)) : share
        dp[r * length + k] = pk < EPSILON || pk > MOST ? 0 : scale[r] * slope
      }
    }
  },
}

const clip = (p: number) => (p < EPSILON ? EPSILON : p > MOST ? MOST : p)

function clippedSum(p: Float32Array, row: number, length: number): number {
  let sum = 0
  for (let i = row * length; i < (row + 1) * length; i++) sum = fround(sum + clip(p[i]))
  return sum
}

function rowSum(x: Float32Array, row: number, length: number): number {
  let sum = 0
  for (let i = row * length; i < (row + 1) * length; i++) sum = fround(sum + x[i])
  return sum
}

function rowMaximum(x: Float32Array, row: number, length: number): number {
  let top = x[row * length]
  for (let i = row * length + 1; i < (row + 1) * length; i++) if (x[i] > top || x[i] !== x[i]) top = x[i]
  return top
}

function expSum(z: Float32Array, row: number, length: number, top: number): number {
  let sum = 0
  for (let i = row * length; i < (row + 1) * length; i++) sum = fround(sum + exp(fround(z[i] - top)))
  return sum
}

export const lossKernels = {
  meanSquaredError,
  categoricalCrossentropy,
  categoricalCrossentropyOfLogits,
  sparseCategoricalCrossentropy,
  sparseCategoricalCrossentropyOfLogits,
}
