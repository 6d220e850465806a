// The arithmetic of the regularizers: values in float64, gradients added to dw in float32.
import { combine } from './sums.ts'

const { abs, fround, max, sqrt } = Math
/** dw += step · sign(w), where the sign of 0 is 0 and that of NaN is NaN. */
export function addL1Gradient(dw, w, step, n) {
  for (let i = 0; i < n; i++) dw[i] += w[i] > 0 ? step : w[i] < 0 ? -step : fround(step * w[i])
}
/** dw += slope · w */
export function addL2Gradient(dw, w, slope, n) {
  for (let i = 0; i < n; i++) dw[i] += fround(slope * w[i])
}
/** Norms below it count as this much, as in Keras, so that a vector of zeros can be divided by its norm. */
const LEAST_NORM = 1e-6
const partials = new Float64Array(8)
/** Sum over all pairs of vectors of |cos of their angle|. */
export function sumOfCosines(
  w,
  norms, // [count], written
  vectors,
) {
  writeNorms(norms, w, vectors)
  const p = new Float64Array(8)
  let pair = 0
  for (let u = 0; u < vectors.count; u++)
    for (let v = u + 1; v < vectors.count; v++)
      p[pair++ & 7] += abs(product(w, u, v, vectors)) / (norms[u] * norms[v])
  return combine(p)
}
/**
 * Adds scale · its gradient. With unit vectors n and cosines c, the part of vector u is
 * (g − (n_u · g) n_u) / norm_u, where g = sum over v ≠ u of sign(c_uv) n_v; and n_u · g = sum of |c_uv|.
 */
export function addCosineGradient(
  dw,
  w,
  scale,
  norms, // [count], written
  g, // [length], written
  vectors,
) {
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
    if (norms[u] === LEAST_NORM) along = 0 // here the norm is a constant
    for (let k = 0; k < length; k++) {
      const i = u * stride + k * step
      dw[i] += fround((scale * (g[k] - (along * w[i]) / norms[u])) / norms[u])
    }
  }
}
function writeNorms(norms, w, vectors) {
  for (let v = 0; v < vectors.count; v++) norms[v] = max(LEAST_NORM, sqrt(product(w, v, v, vectors)))
}
function product(w, u, v, { length, stride, step }) {
  const p = partials.fill(0)
  for (let k = 0; k < length; k++) p[k & 7] += w[u * stride + k * step] * w[v * stride + k * step]
  return combine(p)
}
