// The kernel of the norm constraints: scales vectors within a tensor by their norms.

import { combine } from './sums.ts'

const { fround, sqrt } = Math

/** Number j of vector v is at starts[v] + offsets[j]. */
export interface Vectors {
  readonly starts: Int32Array
  readonly offsets: Int32Array
}

/** How many vectors are processed together; neighbours often share cache lines. */
const BLOCK = 16
const partials = /* @__PURE__ */ new Float64Array(8 * BLOCK)
const views = /* @__PURE__ */ Array.from({ length: BLOCK }, (_, v) => partials.subarray(8 * v, 8 * v + 8))
const factors = /* @__PURE__ */ new Float32Array(BLOCK)

/** Multiplies each vector, in place, by a function of its norm. */
export function scaleByNorm(w: Float32Array, factor: (norm: number) => number, vectors: Vectors): void {
  const { starts, offsets } = vectors
  for (let from = 0; from < starts.length; from += BLOCK) {
    const count = Math.min(BLOCK, starts.length - from)
    partials.fill(0)
    for (let j = 0; j < offsets.length; j++)
      for (let v = 0; v < count; v++) {
        const x = w[starts[from + v] + offsets[j]]
        partials[8 * v + (j & 7)] += x * x
      }
    for (let v = 0; v < count; v++) factors[v] = factor(fround(sqrt(fround(combine(views[v])))))
    for (let j = 0; j < offsets.length; j++)
      for (let v = 0; v < count; v++) w[starts[from + v] + offsets[j]] *= factors[v]
  }
}
