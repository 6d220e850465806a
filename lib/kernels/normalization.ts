// Normalization to mean 0 and variance 1. Number j of a group (a channel, or a sample) is at starts[group] +
// offsets[j]. Moments are summed in float64, in eight partial sums.

import { combine } from './sums.ts'

const { fround, sqrt } = Math

/** The positions of each group's numbers in an array. */
export interface Groups {
  readonly starts: Int32Array
  readonly offsets: Int32Array
}

const partials = /* @__PURE__ */ new Float64Array(8)

/** The mean and the (biased) variance of each group. */
export function moments(
  mean: Float32Array,
  variance: Float32Array,
  x: Float32Array,
  groups: Groups,
  count: number,
): void {
  const { starts, offsets } = groups
  for (let g = 0; g < starts.length; g++) {
    partials.fill(0)
    for (let j = 0; j < count; j++) partials[j & 7] += x[starts[g] + offsets[j]]
    const m = combine(partials) / count
    partials.fill(0)
    for (let j = 0; j < count; j++) {
      const d = x[starts[g] + offsets[j]] - m
      partials[j & 7] += d * d
    }
    mean[g] = m
    variance[g] = combine(partials) / count
  }
}

/** y = (x − mean) / √(variance + ε) */
export function forward(
  y: Float32Array,
  x: Float32Array,
  mean: Float32Array,
  variance: Float32Array,
  groups: Groups,
  count: number,
  epsilon: number,
): void {
  const { starts, offsets } = groups
  for (let g = 0; g < starts.length; g++) {
    const scale = fround(1 / fround(sqrt(fround(variance[g] + epsilon))))
    for (let j = 0; j < count; j++) {
      const i = starts[g] + offsets[j]
      y[i] = fround(x[i] - mean[g]) * scale
    }
  }
}

/**
 * dx = scale · (dy − mean of dy − y · mean of dy·y), if mean and variance are those of x itself.
 * @param fixed whether mean and variance are constants instead: dx = scale · dy
 */
export function backward(
  dx: Float32Array,
  dy: Float32Array,
  y: Float32Array,
  variance: Float32Array,
  groups: Groups,
  count: number,
  epsilon: number,
  fixed: boolean,
): void {
  const { starts, offsets } = groups
  for (let g = 0; g < starts.length; g++) {
    const scale = fround(1 / fround(sqrt(fround(variance[g] + epsilon))))
    let [meanOfDy, meanOfDyY] = [0, 0]
    if (!fixed) {
      partials.fill(0)
      for (let j = 0; j < count; j++) partials[j & 7] += dy[starts[g] + offsets[j]]
      meanOfDy = fround(combine(partials) / count)
      partials.fill(0)
      for (let j = 0; j < count; j++) partials[j & 7] += dy[starts[g] + offsets[j]] * y[starts[g] + offsets[j]]
      meanOfDyY = fround(combine(partials) / count)
    }
    for (let j = 0; j < count; j++) {
      const i = starts[g] + offsets[j]
      dx[i] = scale * fround(fround(dy[i] - meanOfDy) - fround(y[i] * meanOfDyY))
    }
  }
}

/** z = y · gamma + beta. Number j of a sample uses gamma[index[j]] and beta[index[j]]. */
export function affine(
  z: Float32Array,
  y: Float32Array,
  gamma: Float32Array | null,
  beta: Float32Array | null,
  index: Int32Array,
  B: number,
): void {
  const n = index.length
  for (let b = 0; b < B; b++)
    for (let j = 0; j < n; j++) {
      const i = b * n + j
      const scaled = gamma ? fround(y[i] * gamma[index[j]]) : y[i]
      z[i] = beta ? scaled + beta[index[j]] : scaled
    }
}

/** dy = dz · gamma; dgamma and dbeta are summed over the batch, ascending. dy may be the same array as dz. */
export function affineBackward(
  dy: Float32Array,
  dgamma: Float32Array | null,
  dbeta: Float32Array | null,
  dz: Float32Array,
  y: Float32Array,
  gamma: Float32Array | null,
  index: Int32Array,
  B: number,
): void {
  const n = index.length
  dgamma?.fill(0)
  dbeta?.fill(0)
  for (let b = 0; b < B; b++)
    for (let j = 0; j < n; j++) {
      const i = b * n + j
      if (dgamma) dgamma[index[j]] += fround(dz[i] * y[i])
      if (dbeta) dbeta[index[j]] += dz[i]
      dy[i] = gamma ? dz[i] * gamma[index[j]] : dz[i]
    }
}

const shortest = 1e-12 // the smallest squared norm

/** y = x / ‖x‖. Stores 1 / ‖x‖ of each group in `scale`, negated if the norm was raised to 1e-6. */
export function unitForward(y: Float32Array, scale: Float32Array, x: Float32Array, groups: Groups): void {
  const { starts, offsets } = groups
  for (let g = 0; g < starts.length; g++) {
    partials.fill(0)
    for (let j = 0; j < offsets.length; j++) partials[j & 7] += x[starts[g] + offsets[j]] * x[starts[g] + offsets[j]]
    const squared = combine(partials)
    const s = fround(1 / sqrt(squared > shortest ? squared : shortest))
    scale[g] = squared > shortest ? s : -s
    for (let j = 0; j < offsets.length; j++) y[starts[g] + offsets[j]] = x[starts[g] + offsets[j]] * s
  }
}

/** dx = scale · (dy − y · ⟨dy, y⟩) */
export function unitBackward(
  dx: Float32Array,
  dy: Float32Array,
  y: Float32Array,
  scale: Float32Array,
  groups: Groups,
): void {
  const { starts, offsets } = groups
  for (let g = 0; g < starts.length; g++) {
    partials.fill(0)
    for (let j = 0; j < offsets.length; j++) partials[j & 7] += dy[starts[g] + offsets[j]] * y[starts[g] + offsets[j]]
    const along = scale[g] > 0 ? fround(combine(partials)) : 0
    const s = Math.abs(scale[g])
    for (let j = 0; j < offsets.length; j++) {
      const i = starts[g] + offsets[j]
      dx[i] = s * fround(dy[i] - fround(y[i] * along))
    }
  }
}

export const normalization = {
  name: 'normalization',
  moments,
  forward,
  backward,
  affine,
  affineBackward,
  unitForward,
  unitBackward,
}
