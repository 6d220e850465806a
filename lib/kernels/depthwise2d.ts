// Depthwise convolution: each channel is convolved separately with M filters; output channel c·M + m is filter m of c.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import type { LocalGradients } from './local2d-loop.ts'

const { fround } = Math

/** out[b, p, c·M + m] = bias[c·M + m] + sum over patch elements k in channel c of x[b, k of p] · kernel[k, m] */
export function forward(
  out: Float32Array, // [B, outputSize]   written
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [KH, KW, C, M]
  bias: Float32Array | null, // [C·M]
  B: number,
  g: Geometry,
): void {
  const M = g.F / g.C
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < g.OH; oh++)
      for (let ow = 0; ow < g.OW; ow++) {
        const y = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace // out[b, p, 0]
        for (let f = 0; f < g.F; f++) out[y + f * g.outputFilter] = bias ? bias[f] : 0
        for (let k = 0; k < g.K; k++) {
          const i = inputIndex(g, oh, ow, k)
          if (i < 0) continue
          const xi = x[b * g.inputSize + i]
          const f = (k % g.C) * M // the first filter of k's channel
          for (let m = 0; m < M; m++) out[y + (f + m) * g.outputFilter] += fround(xi * kernel[k * M + m])
        }
      }
}

/** The transpose of forward. */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: LocalGradients, // written
  dout: Float32Array, // [B, outputSize]
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [KH, KW, C, M]
  B: number,
  g: Geometry,
): void {
  const M = g.F / g.C
  dkernel.fill(0)
  dbias?.fill(0)
  dx?.fill(0, 0, B * g.inputSize)
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < g.OH; oh++)
      for (let ow = 0; ow < g.OW; ow++) {
        const y = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace // dout[b, p, 0]
        if (dbias) for (let f = 0; f < g.F; f++) dbias[f] += dout[y + f * g.outputFilter]
        for (let k = 0; k < g.K; k++) {
          const i = inputIndex(g, oh, ow, k)
          if (i < 0) continue
          const xi = x[b * g.inputSize + i]
          const f = (k % g.C) * M
          let sum = 0
          for (let m = 0; m < M; m++) {
            // forward: out[y + f + m] += x[i] · kernel[k, m]
            const dy = dout[y + (f + m) * g.outputFilter]
            dkernel[k * M + m] += fround(dy * xi)
            sum = fround(sum + fround(dy * kernel[k * M + m]))
          }
          if (dx) dx[b * g.inputSize + i] += sum
        }
      }
}

export const depthwise2d = { name: 'depthwise', forward, backward }
