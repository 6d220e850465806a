// The update formulas of the optimizers, over flat arrays: weights w, their gradient g, and the optimizer's slots for
// each weight. Every product, sum, quotient and root is rounded to float32, in Keras' order.

import { pow64 } from '../core/math.ts'
import { sumOfSquares } from './sums.ts'

const { abs, fround, max, min, sign, sqrt } = Math

/** The smallest normal float32. */
const leastNormal = 2 ** -126

/**
 * Flushes subnormal numbers to 0. Otherwise the averages of a gradient that has become 0, as behind a dead ReLU, would
 * decay into the subnormal range and stay there, where processors are ten times slower. (TensorFlow flushes all
 * subnormals to 0.)
 */
export const fading = (x: number) => (abs(fround(x)) < leastNormal ? 0 : x)

// ---- One function per optimizer ---------------------------------------------------------------------------------

/** w −= lr·g */
function sgd(w: Float32Array, g: Float32Array, n: number, lr: number): void {
  for (let i = 0; i < n; i++) w[i] -= fround(lr * g[i])
}

/** v = momentum·v − lr·g; w += v */
function sgdMomentum(w: Float32Array, v: Float32Array, g: Float32Array, n: number, lr: number, momentum: number): void {
  for (let i = 0; i < n; i++) {
    v[i] = fading(fround(momentum * v[i]) - fround(lr * g[i]))
    w[i] += v[i]
  }
}

/** v = momentum·v − lr·g; w += momentum·v − lr·g */
function sgdNesterov(w: Float32Array, v: Float32Array, g: Float32Array, n: number, lr: number, momentum: number): void {
  for (let i = 0; i < n; i++) {
    v[i] = fading(fround(momentum * v[i]) - fround(lr * g[i]))
    w[i] += fround(fround(momentum * v[i]) - fround(lr * g[i]))
  }
}

/** w −= lr·sign(β1·m + (1 − β1)·g); m = β2·m + (1 − β2)·g */
function lion(
  w: Float32Array,
  m: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  beta1: number,
  beta2: number,
): void {
  const rest1 = fround(1 - beta1)
  const rest2 = fround(1 - beta2)
  for (let i = 0; i < n; i++) {
    w[i] -= fround(lr * sign(fround(fround(m[i] * beta1) + fround(g[i] * rest1))))
    m[i] = fading(fround(m[i] * beta2) + fround(g[i] * rest2))
  }
}

/** a += g²; w −= lr·g / √(a + ε) */
function adagrad(w: Float32Array, a: Float32Array, g: Float32Array, n: number, lr: number, epsilon: number): void {
  for (let i = 0; i < n; i++) {
    a[i] += fround(g[i] * g[i])
    w[i] -= fround(fround(lr * g[i]) / fround(sqrt(fround(a[i] + epsilon))))
  }
}

/** v = ρ·v + (1 − ρ)·g²; w −= lr·g / √(v + ε) */
function rmsprop(
  w: Float32Array,
  v: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  rho: number,
  oneMinusRho: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    v[i] = fading(fround(rho * v[i]) + fround(oneMinusRho * fround(g[i] * g[i])))
    const root = fround(sqrt(fround(v[i] + epsilon)))
    w[i] -= fround(fround(lr * g[i]) * fround(1 / root))
  }
}

/**
 * Updates v = ρ·v + (1 − ρ)·g² and mean = ρ·mean + (1 − ρ)·g for one weight.
 * @returns v − mean², but 0 where rounding makes it negative (Keras takes its root and gets NaN); without `mean`, v
 */
export function nextVariance(
  v: Float32Array,
  mean: Float32Array | null,
  g: Float32Array,
  i: number,
  rho: number,
  oneMinusRho: number,
): number {
  v[i] = fading(fround(rho * v[i]) + fround(oneMinusRho * fround(g[i] * g[i])))
  if (!mean) return v[i]
  mean[i] = fading(fround(rho * mean[i]) + fround(oneMinusRho * g[i]))
  return max(fround(v[i] - fround(mean[i] * mean[i])), 0)
}

/**
 * v = ρ·v + (1 − ρ)·g²; mean = ρ·mean + (1 − ρ)·g; m = momentum·m + lr·g / √(v − mean² + ε); w −= m
 *
 * Without `mean`, the mean is 0; without `m`, w −= lr·g / √….
 */
function rmspropExtended(
  w: Float32Array,
  v: Float32Array,
  mean: Float32Array | null,
  m: Float32Array | null,
  g: Float32Array,
  n: number,
  lr: number,
  rho: number,
  oneMinusRho: number,
  momentum: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    const variance = nextVariance(v, mean, g, i, rho, oneMinusRho)
    const root = fround(sqrt(fround(variance + epsilon)))
    let step = fround(fround(lr * g[i]) * fround(1 / root))
    if (m) {
      m[i] = fading(fround(momentum * m[i]) + step)
      step = m[i]
    }
    w[i] -= step
  }
}

/** a = ρ·a + (1 − ρ)·g²; δ = −√(d + ε)·g / √(a + ε); d = ρ·d + (1 − ρ)·δ²; w += lr·δ */
function adadelta(
  w: Float32Array,
  a: Float32Array,
  d: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  rho: number,
  oneMinusRho: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    a[i] = fading(fround(rho * a[i]) + fround(fround(oneMinusRho * g[i]) * g[i]))
    const rootD = fround(sqrt(fround(d[i] + epsilon)))
    const rootA = fround(sqrt(fround(a[i] + epsilon)))
    const delta = fround(fround(-rootD * g[i]) / rootA)
    d[i] = fading(fround(rho * d[i]) + fround(fround(oneMinusRho * delta) * delta))
    w[i] += fround(lr * delta)
  }
}

/** m += (g − m)·(1 − β1); v += (g² − v)·(1 − β2); w −= α·m / (√v + ε) */
function adam(
  w: Float32Array,
  m: Float32Array,
  v: Float32Array,
  g: Float32Array,
  n: number,
  alpha: number,
  oneMinusBeta1: number,
  oneMinusBeta2: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    m[i] = fading(m[i] + fround(fround(g[i] - m[i]) * oneMinusBeta1))
    v[i] = fading(v[i] + fround(fround(fround(g[i] * g[i]) - v[i]) * oneMinusBeta2))
    w[i] -= fround(fround(m[i] * alpha) / fround(fround(sqrt(v[i])) + epsilon))
  }
}

/** m, v as in adam; u = max(u, v), the largest v so far; w −= α·m / (√u + ε) */
function amsgrad(
  w: Float32Array,
  m: Float32Array,
  v: Float32Array,
  u: Float32Array,
  g: Float32Array,
  n: number,
  alpha: number,
  oneMinusBeta1: number,
  oneMinusBeta2: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    m[i] = fading(m[i] + fround(fround(g[i] - m[i]) * oneMinusBeta1))
    v[i] = fading(v[i] + fround(fround(fround(g[i] * g[i]) - v[i]) * oneMinusBeta2))
    u[i] = max(u[i], v[i])
    w[i] -= fround(fround(m[i] * alpha) / fround(fround(sqrt(u[i])) + epsilon))
  }
}

/** m += (g − m)·(1 − β1); u = max(β2·u, |g|); w −= lr·m / ((1 − β1ᵗ)·(u + ε)) */
function adamax(
  w: Float32Array,
  m: Float32Array,
  u: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  oneMinusBeta1: number,
  oneMinusBeta1Power: number,
  beta2: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    m[i] = fading(m[i] + fround(fround(g[i] - m[i]) * oneMinusBeta1))
    u[i] = fading(max(fround(beta2 * u[i]), abs(g[i])))
    w[i] -= fround(fround(lr * m[i]) / fround(oneMinusBeta1Power * fround(u[i] + epsilon)))
  }
}

/** m, v as in adam; w −= lr·(next·m / nextRest + now·g / nowRest) / (√(v / vRest) + ε) */
function nadam(
  w: Float32Array,
  m: Float32Array,
  v: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  oneMinusBeta1: number,
  oneMinusBeta2: number,
  next: number,
  nextRest: number,
  now: number,
  nowRest: number,
  vRest: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    m[i] = fading(m[i] + fround(fround(g[i] - m[i]) * oneMinusBeta1))
    v[i] = fading(v[i] + fround(fround(fround(g[i] * g[i]) - v[i]) * oneMinusBeta2))
    const mHat = fround(fround(fround(next * m[i]) / nextRest) + fround(fround(now * g[i]) / nowRest))
    const root = fround(sqrt(fround(v[i] / vRest)))
    w[i] -= fround(fround(mHat * lr) / fround(root + epsilon))
  }
}

/**
 * b = a + g²; z += (g + 2·shrinkage·w) − (bᵖ − aᵖ) / lr·w; w = (clip(z, ±l1) − z) / (bᵖ / lr + 2·l2); a = b
 *
 * If clip(z, ±l1) = z, w is 0, even where Keras divides 0 by 0.
 */
function ftrl(
  w: Float32Array,
  a: Float32Array,
  z: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  power: number,
  l1: number,
  twiceL2: number,
  twiceShrinkage: number,
): void {
  for (let i = 0; i < n; i++) {
    const b = fround(a[i] + fround(g[i] * g[i]))
    const bPower = raise(b, power)
    const pull = fround(fround(fround(bPower - raise(a[i], power)) / lr) * w[i])
    z[i] += fround(fround(g[i] + fround(twiceShrinkage * w[i])) - pull)
    const way = fround(max(min(z[i], l1), -l1) - z[i])
    w[i] = way === 0 ? 0 : way / fround(fround(bPower / lr) + twiceL2)
    a[i] = b
  }
}

const raise = (x: number, power: number) => fround(power === 0.5 ? sqrt(x) : pow64(x, power))

// ---- Functions for all optimizers -------------------------------------------------------------------------------

/** w −= w·rate·lr */
function decay(w: Float32Array, n: number, rate: number, lr: number): void {
  for (let i = 0; i < n; i++) w[i] -= fround(fround(w[i] * rate) * lr)
}

/** a = momentum·a + (1 − momentum)·w */
function average(a: Float32Array, w: Float32Array, n: number, momentum: number, oneMinusMomentum: number): void {
  for (let i = 0; i < n; i++) a[i] = fading(fround(momentum * a[i]) + fround(oneMinusMomentum * w[i]))
}

/** g = g·most / max(norm, most) */
function clipNorm(g: Float32Array, n: number, norm: number, most: number): void {
  const divisor = max(norm, most)
  for (let i = 0; i < n; i++) g[i] = fround(g[i] * most) / divisor
}

/** g = g·factor */
function scale(g: Float32Array, n: number, factor: number): void {
  for (let i = 0; i < n; i++) g[i] *= factor
}

/** g = clip(g, ±most) */
function clipValue(g: Float32Array, n: number, most: number): void {
  for (let i = 0; i < n; i++) g[i] = max(min(g[i], most), -most)
}

// ---- Kernels, so that a bundle has only those of its optimizers ---------------------------------------------------

const name = 'optimizers'

export const commonSteps = { name, decay, average, clipNorm, scale, clipValue, sumOfSquares }
export const sgdSteps = { name, sgd, sgdMomentum, sgdNesterov }
export const lionSteps = { name, lion }
export const adagradSteps = { name, adagrad }
export const rmspropSteps = { name, rmsprop, rmspropExtended }
export const adadeltaSteps = { name, adadelta }
export const adamSteps = { name, adam, amsgrad }
export const adamaxSteps = { name, adamax }
export const nadamSteps = { name, nadam }
export const ftrlSteps = { name, ftrl }
