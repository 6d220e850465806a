// Implementation 1: a loop over the places. It is the specification: the other implementations and engines are
// tested against it, bit for bit. Each product is rounded to float32, then added in float32, in loop order; storing
// into a Float32Array rounds. Convolutions use the same loop: their places share one kernel and one bias, so the
// strides kernelPlace and biasPlace are 0.

import { type Geometry, inputIndex } from '../core/geometry.ts'

const { fround } = Math

/** out[b, p, f] = bias[p, f] + sum over k of x[b, patch element k of p] · kernel[p, k, f] */
export function forward(
  out: Float32Array, // [B, outputSize]   written
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [P, K, F]
  bias: Float32Array | null, // [outputSize], in the output's memory order
  B: number,
  g: Geometry,
): void {
  const { OH, OW, K, F, outputFilter } = g
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++) {
        const p = oh * OW + ow
        const o = p * g.outputPlace // out[b, p, 0] within the sample
        for (let f = 0; f < F; f++) {
          const j = o + f * outputFilter
          out[b * g.outputSize + j] = bias ? bias[p * g.biasPlace + f * g.biasFilter] : 0
        }
        for (let k = 0; k < K; k++) {
          const i = inputIndex(g, oh, ow, k)
          if (i < 0) continue
          const xi = x[b * g.inputSize + i]
          const w = p * g.kernelPlace + k * F // kernel[p, k, 0]
          const y = b * g.outputSize + o
          for (let f = 0; f < F; f++) out[y + f * outputFilter] += fround(xi * kernel[w + f])
        }
      }
}

/** The gradients that backward writes, named after their arrays. `x` and `bias` may be null. */
export interface LocalGradients {
  x: Float32Array | null // [B, inputSize]
  kernel: Float32Array // the stored kernel's shape
  bias: Float32Array | null // [outputSize]
}

/** A gradients object for callers to fill in before each backward pass. */
export const noGradients = (): LocalGradients => ({ x: null, kernel: new Float32Array(0), bias: null })

/**
 * The transpose of forward. dkernel and dbias are summed over the batch, ascending. For dx[i], each place sums over
 * its filters separately, then adds that sum; places ascend.
 */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: LocalGradients, // written
  dout: Float32Array, // [B, outputSize]
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [P, K, F]
  B: number,
  g: Geometry,
): void {
  const { OH, OW, K, F, outputFilter } = g
  dkernel.fill(0)
  dx?.fill(0, 0, B * g.inputSize)
  biasBackward(dbias, dout, B, g)
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++) {
        const p = oh * OW + ow
        const y = b * g.outputSize + p * g.outputPlace // dout[b, p, 0]
        for (let k = 0; k < K; k++) {
          const i = inputIndex(g, oh, ow, k)
          if (i < 0) continue
          const xi = x[b * g.inputSize + i]
          const w = p * g.kernelPlace + k * F // kernel[p, k, 0]
          let sum = 0 // over the filters of this place
          for (let f = 0; f < F; f++) {
            // forward: out[y + f] += x[i] · kernel[w + f]
            const dy = dout[y + f * outputFilter]
            dkernel[w + f] += fround(dy * xi)
            sum = fround(sum + fround(dy * kernel[w + f]))
          }
          if (dx) dx[b * g.inputSize + i] += sum
        }
      }
}

/** The bias gradient of all implementations. forward: out[b, p, f] = bias[p, f] + … */
export function biasBackward(dbias: Float32Array | null, dout: Float32Array, B: number, g: Geometry): void {
  if (!dbias) return
  dbias.fill(0)
  for (let b = 0; b < B; b++)
    for (let p = 0; p < g.P; p++)
      for (let f = 0; f < g.F; f++) {
        const dy = dout[b * g.outputSize + p * g.outputPlace + f * g.outputFilter]
        dbias[p * g.biasPlace + f * g.biasFilter] += dy
      }
}

/** A convolution: the same loop with kernelPlace 0. */
export const convolution = { name: 'convolution', forward, backward }
