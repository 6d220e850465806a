// The formulas of the optimizers, over flat arrays.

const { fround, sqrt } = Math

/** w −= lr·g */
function sgd(w: Float32Array, g: Float32Array, n: number, lr: number): void {
  for (let i = 0; i < n; i++) w[i] -= fround(lr * g[i])
}

/** v = momentum·v − lr·g; w += v */
function sgdMomentum(
  w: Float32Array,
  v: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  momentum: number,
): void {
  for (let i = 0; i < n; i++) {
    v[i] = fround(momentum * v[i]) - fround(lr * g[i])
    w[i] += v[i]
  }
}

/** v = momentum·v − lr·g; w += momentum·v − lr·g */
function sgdNesterov(
  w: Float32Array,
  v: Float32Array,
  g: Float32Array,
  n: number,
  lr: number,
  momentum: number,
): void {
  for (let i = 0; i < n; i++) {
    v[i] = fround(momentum * v[i]) - fround(lr * g[i])
    w[i] += fround(fround(momentum * v[i]) - fround(lr * g[i]))
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
    m[i] += fround(fround(g[i] - m[i]) * oneMinusBeta1)
    v[i] += fround(fround(fround(g[i] * g[i]) - v[i]) * oneMinusBeta2)
    w[i] -= fround(fround(m[i] * alpha) / fround(fround(sqrt(v[i])) + epsilon))
  }
}

export const optimizerKernels = { sgd, sgdMomentum, sgdNesterov, adam }
