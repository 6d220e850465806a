// The formulas of legacy optimizers that differ from those in optimizers.ts, in the same form. Both engines run them as
// they are.

import { nextVariance } from './optimizers.ts'

const { fround, sqrt } = Math

/** a += g²; w −= lr·g / (√a + ε) */
export function adagrad(
  w: Float32Array,
  a: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    a[i] += fround(g[i] * g[i])
    w[i] -= fround(fround(lr * g[i]) / fround(fround(sqrt(a[i])) + epsilon))
  }
}

/** v = ρ·v + (1 − ρ)·g²; mean = ρ·mean + (1 − ρ)·g; w −= lr·g / (√(v − mean²) + ε). Without `mean`, the mean is 0. */
export function rmsprop(
  w: Float32Array,
  v: Float32Array,
  mean: Float32Array | null,
  g: Float32Array,
  n: number,
  lr: number,
  rho: number,
  oneMinusRho: number,
  epsilon: number,
): void {
  for (let i = 0; i < n; i++) {
    const variance = nextVariance(v, mean, g, i, rho, oneMinusRho)
    w[i] -= fround(fround(lr * g[i]) / fround(fround(sqrt(variance)) + epsilon))
  }
}
