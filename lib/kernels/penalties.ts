// The regularizer kernels: penalties in float64; gradients, added to dw, in float32.

import { combine } from './sums.ts'

const { abs, fround, max, sqrt } = Math

/** dw += step · sign(w), where sign(0) is 0 and sign(NaN) is NaN. */
export function addL1Gradient(dw: Float32Array, w: Float32Array, step: number, n: number): void {
  for (let i = 0; i < n; i++) dw[i] += w[i] > 0 ? step : w[i] < 0 ? -step : fround(step * w[i])
}

/** dw += slope · w */
export function addL2Gradient(dw: Float32Array, w: Float32Array, slope: number, n: number): void {
  for (let i = 0; i < n; i++) dw[i] += fround(slope * w[i])
}

/** The rows or columns of a matrix: number k of vector v is at v·stride + k·step. */
export interface MatrixVectors {
  readonly count: number
  readonly length: number
  readonly stride: number
  readonly step: number
}

/** Smaller norms are raised to this value, as in Keras, to avoid division by 0. */
const LEAST_NORM = 1e-6
const partials = /* @__PURE__ */ new Float64Array(8)

/** The sum of |cos(angle)| over all pairs of vectors. */
export function sumOfCosines(
  w: Float32Array,
  norms: Float64Array, // [count], written
  vectors: MatrixVectors,
): number {
  writeNorms(norms, w, vectors)
  const p = new Float64Array(8)
  let pair = 0
  for (let u = 0; u < vectors.count; u++)
    for (let v = u + 1; v < vectors.count; v++) p[pair++ & 7] += abs(product(w, u, v, vectors)) / (norms[u] * norms[v])
  return combine(p)
}

/**
 * Adds scale · the gradient of sumOfCosines. With unit vectors n and cosines c, the gradient of vector u is
 * (g − (n_u · g) n_u) / norm_u, where g = sum over v ≠ u of sign(c_uv) n_v; and n_u · g = sum of |c_uv|.
 */
export function addCosineGradient(
  dw: Float32Array,
  w: Float32Array,
  scale: number,
  norms: Float64Array, // [count], written
  g: Float64Array, // [length], written
  vectors: MatrixVectors,
): void {
  const { count, length, stride, step } = vectors
  writeNorms(norms, w, vectors)
  for (let u = 0; u < count; u++) {
    g.fill(0)
    let along = 0
    for (let v = 0; v < count; v++) {
      if (v === u) continue
      const cosine = product(w, u, v, vectors) / (norms[u] * norms[v])
      along += abs(cosine)
      for (let k = 0; k < length; k++) g[k] += (Math.sign(cosine) * w[v * stride + k * step]) / norms[v]
    }
    if (norms[u] === LEAST_NORM) along = 0 // a raised norm is a constant
    for (let k = 0; k < length; k++) {
      const i = u * stride + k * step
      dw[i] += fround((scale * (g[k] - (along * w[i]) / norms[u])) / norms[u])
    }
  }
}

function writeNorms(norms: Float64Array, w: Float32Array, vectors: MatrixVectors): void {
  for (let v = 0; v < vectors.count; v++) norms[v] = max(LEAST_NORM, sqrt(product(w, v, v, vectors)))
}

function product(w: Float32Array, u: number, v: number, { length, stride, step }: MatrixVectors): number {
  const p = partials.fill(0)
  for (let k = 0; k < length; k++) p[k & 7] += w[u * stride + k * step] * w[v * stride + k * step]
  return combine(p)
}
