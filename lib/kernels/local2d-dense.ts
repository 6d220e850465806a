// Implementation 2: one product with a matrix [inputSize, outputSize] that is stored densely. Entries of unconnected
// pairs are stored but masked: they are skipped, not multiplied by 0, so that NaN does not spread and −0 survives.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import { biasBackward, type LocalGradients } from './local2d-loop.ts'

const { fround } = Math

/** mask[i, p] = 1 if place p reads input i, for all filters. */
export function connectionMask(g: Geometry): Uint8Array {
  const mask = new Uint8Array(g.inputSize * g.P)
  for (let oh = 0; oh < g.OH; oh++)
    for (let ow = 0; ow < g.OW; ow++)
      for (let k = 0; k < g.K; k++) {
        const i = inputIndex(g, oh, ow, k)
        if (i >= 0) mask[i * g.P + oh * g.OW + ow] = 1
      }
  return mask
}

const masks = new WeakMap<Geometry, Uint8Array>()
function maskOf(g: Geometry): Uint8Array {
  let mask = masks.get(g)
  if (!mask) masks.set(g, (mask = connectionMask(g)))
  return mask
}

/** out[b, o] = bias[o] + sum over connected i, ascending, of x[b, i] · kernel[i, o] */
export function forward(
  out: Float32Array, // [B, outputSize]   written
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [inputSize, outputSize]
  bias: Float32Array | null, // [outputSize]
  B: number,
  g: Geometry,
): void {
  const { inputSize, outputSize, P, F, outputPlace, outputFilter } = g
  const mask = maskOf(g)
  for (let b = 0; b < B; b++) {
    for (let o = 0; o < outputSize; o++) out[b * outputSize + o] = bias ? bias[o] : 0
    for (let i = 0; i < inputSize; i++) {
      const xi = x[b * inputSize + i]
      for (let p = 0; p < P; p++) {
        if (mask[i * P + p] === 0) continue
        const y = b * outputSize + p * outputPlace // out[b, p, 0]
        const w = i * outputSize + p * outputPlace // kernel[i, (p, 0)]
        for (let f = 0; f < F; f++) out[y + f * outputFilter] += fround(xi * kernel[w + f * outputFilter])
      }
    }
  }
}

/** The transpose of forward; masked entries get gradient +0. */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: LocalGradients, // written
  dout: Float32Array, // [B, outputSize]
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [inputSize, outputSize]
  B: number,
  g: Geometry,
): void {
  const { inputSize, outputSize, P, F, outputPlace, outputFilter } = g
  const mask = maskOf(g)
  dkernel.fill(0)
  dx?.fill(0, 0, B * inputSize)
  biasBackward(dbias, dout, B, g)
  for (let b = 0; b < B; b++)
    for (let i = 0; i < inputSize; i++) {
      const xi = x[b * inputSize + i]
      for (let p = 0; p < P; p++) {
        if (mask[i * P + p] === 0) continue
        const y = b * outputSize + p * outputPlace // dout[b, p, 0]
        const w = i * outputSize + p * outputPlace // kernel[i, (p, 0)]
        let sum = 0 // over the filters of this place
        for (let f = 0; f < F; f++) {
          // forward: out[y + f] += x[i] · kernel[w + f]
          const dy = dout[y + f * outputFilter]
          dkernel[w + f * outputFilter] += fround(dy * xi)
          sum = fround(sum + fround(dy * kernel[w + f * outputFilter]))
        }
        if (dx) dx[b * inputSize + i] += sum
      }
    }
}
