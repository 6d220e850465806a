// A convolution in which each filter reads only some of the input's channels. A link joins a channel to a filter; links
// are sorted by channel, then by filter. With all C·F links, this is the convolution of local2d-loop.ts, with the same bits.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import type { Local2D } from './local2d.ts'
import { biasBackward } from './local2d-loop.ts'

const { fround } = Math

export interface Links {
  /** The filter of each link. */
  readonly filters: Int32Array // [L]
  /** The number of each channel's first link, and at the end the number of all links. */
  readonly first: Int32Array // [C + 1]
}

/**
 * The kernel for these links: out[b, p, f] = bias[f] + sum over the window and the links l from a channel c to f of
 * x[b, kh, kw, c of p] · kernel[kh, kw, l].
 */
export function connectionTable({ filters, first }: Links): Local2D {
  const L = filters.length
  return {
    name: 'connectionTable',
    forward(
      out: Float32Array, // [B, outputSize]   written
      x: Float32Array, // [B, inputSize]
      kernel: Float32Array, // [KH, KW, L]
      bias: Float32Array | null, // [F]
      B: number,
      g: Geometry,
    ): void {
      for (let b = 0; b < B; b++)
        for (let p = 0; p < g.P; p++) {
          const [oh, ow] = [Math.floor(p / g.OW), p % g.OW]
          const y = b * g.outputSize + p * g.outputPlace // out[b, p, 0]
          for (let f = 0; f < g.F; f++) out[y + f * g.outputFilter] = bias ? bias[f] : 0
          for (let k = 0; k < g.K; k++) {
            const i = inputIndex(g, oh, ow, k)
            if (i < 0) continue
            const xi = x[b * g.inputSize + i]
            const c = k % g.C
            const w = ((k - c) / g.C) * L // kernel[kh, kw, 0]
            for (let l = first[c]; l < first[c + 1]; l++)
              out[y + filters[l] * g.outputFilter] += fround(xi * kernel[w + l])
          }
        }
    },

    /** The transpose of forward. */
    backward(
      { x: dx, kernel: dkernel, bias: dbias }, // written
      dout: Float32Array, // [B, outputSize]
      x: Float32Array, // [B, inputSize]
      kernel: Float32Array, // [KH, KW, L]
      B: number,
      g: Geometry,
    ): void {
      dkernel.fill(0)
      dx?.fill(0, 0, B * g.inputSize)
      biasBackward(dbias, dout, B, g)
      for (let b = 0; b < B; b++)
        for (let p = 0; p < g.P; p++) {
          const [oh, ow] = [Math.floor(p / g.OW), p % g.OW]
          const y = b * g.outputSize + p * g.outputPlace // dout[b, p, 0]
          for (let k = 0; k < g.K; k++) {
            const i = inputIndex(g, oh, ow, k)
            if (i < 0) continue
            const xi = x[b * g.inputSize + i]
            const c = k % g.C
            const w = ((k - c) / g.C) * L // kernel[kh, kw, 0]
            let sum = 0 // over the links of this channel
            for (let l = first[c]; l < first[c + 1]; l++) {
              // forward: out[y + f] += x[i] · kernel[w + l]
              const dy = dout[y + filters[l] * g.outputFilter]
              dkernel[w + l] += fround(dy * xi)
              sum = fround(sum + fround(dy * kernel[w + l]))
            }
            if (dx) dx[b * g.inputSize + i] += sum
          }
        }
    },
  }
}
