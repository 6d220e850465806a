// Implementation 3: one product with a sparse matrix. Only connected weights are stored, as one vector ordered by
// output, then by input: [p, f, k] for channels_last, [f, p, k] for channels_first.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import { biasBackward, type LocalGradients } from './local2d-loop.ts'

const { fround } = Math

/** The matrix in compressed rows: output o has the entries rows[o] … rows[o + 1] − 1; entry e reads input cols[e]. */
export interface SparseIndex {
  readonly rows: Int32Array // [outputSize + 1]
  readonly cols: Int32Array // [entries], ascending within a row
}

export function sparseIndex(g: Geometry): SparseIndex {
  const { P, F, OW, K, outputPlace, outputFilter } = g
  const inputs = Array.from({ length: P }, (_, p) => {
    const seen: number[] = []
    for (let k = 0; k < K; k++) {
      const i = inputIndex(g, Math.floor(p / OW), p % OW, k)
      if (i >= 0) seen.push(i)
    }
    return seen
  })
  const rows = new Int32Array(g.outputSize + 1)
  for (let p = 0; p < P; p++)
    for (let f = 0; f < F; f++) rows[p * outputPlace + f * outputFilter + 1] = inputs[p].length
  for (let o = 0; o < g.outputSize; o++) rows[o + 1] += rows[o]
  const cols = new Int32Array(rows[g.outputSize])
  for (let p = 0; p < P; p++) for (let f = 0; f < F; f++) cols.set(inputs[p], rows[p * outputPlace + f * outputFilter])
  return { rows, cols }
}

const indexes = new WeakMap<Geometry, SparseIndex>()
function indexOf(g: Geometry): SparseIndex {
  let index = indexes.get(g)
  if (!index) indexes.set(g, (index = sparseIndex(g)))
  return index
}

/** out[b, o] = bias[o] + sum over the entries e of row o of x[b, cols[e]] · kernel[e] */
export function forward(
  out: Float32Array, // [B, outputSize]   written
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [entries]
  bias: Float32Array | null, // [outputSize]
  B: number,
  g: Geometry,
): void {
  const { inputSize, outputSize } = g
  const { rows, cols } = indexOf(g)
  for (let b = 0; b < B; b++)
    for (let o = 0; o < outputSize; o++) {
      let sum = bias ? bias[o] : 0
      for (let e = rows[o]; e < rows[o + 1]; e++) sum = fround(sum + fround(x[b * inputSize + cols[e]] * kernel[e]))
      out[b * outputSize + o] = sum
    }
}

/** The transpose of forward. */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: LocalGradients, // written
  dout: Float32Array, // [B, outputSize]
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [entries]
  B: number,
  g: Geometry,
): void {
  const { inputSize, outputSize, P, F, outputPlace, outputFilter } = g
  const { rows, cols } = indexOf(g)
  biasBackward(dbias, dout, B, g)
  dkernel.fill(0)
  for (let b = 0; b < B; b++)
    for (let o = 0; o < outputSize; o++) {
      const dy = dout[b * outputSize + o]
      // forward: out[o] += x[cols[e]] · kernel[e]
      for (let e = rows[o]; e < rows[o + 1]; e++) dkernel[e] += fround(dy * x[b * inputSize + cols[e]])
    }
  if (!dx) return
  dx.fill(0, 0, B * inputSize)
  for (let b = 0; b < B; b++)
    for (let p = 0; p < P; p++) {
      const o = p * outputPlace // all filters of a place have the same columns as its first
      for (let k = 0; k < rows[o + 1] - rows[o]; k++) {
        let sum = 0
        for (let f = 0; f < F; f++) {
          const row = o + f * outputFilter
          sum = fround(sum + fround(dout[b * outputSize + row] * kernel[rows[row] + k]))
        }
        dx[b * inputSize + cols[rows[o] + k]] += sum
      }
    }
}
