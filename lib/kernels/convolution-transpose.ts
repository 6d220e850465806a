// Transposed convolution: its forward pass is a convolution's backward pass to the input. The geometry g is that of the
// convolution: its image is the output here, and its places are the input.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import * as convolution from './local2d-loop.ts'

const { fround } = Math

/** out[b, patch element k of p] += sum over f of x[b, p, f] · kernel[k, f]; out starts as the bias of its channel. */
export function forward(
  out: Float32Array, // [B, inputSize of g]   written
  x: Float32Array, // [B, outputSize of g]
  kernel: Float32Array, // [KH, KW, C, F]
  bias: Float32Array | null, // [C]
  B: number,
  g: Geometry,
): void {
  for (let b = 0; b < B; b++)
    for (let h = 0; h < g.H; h++)
      for (let w = 0; w < g.W; w++)
        for (let c = 0; c < g.C; c++)
          out[b * g.inputSize + h * g.inputRow + w * g.inputCol + c * g.inputChannel] = bias ? bias[c] : 0
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < g.OH; oh++)
      for (let ow = 0; ow < g.OW; ow++) {
        const y = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace // x[b, p, 0]
        for (let k = 0; k < g.K; k++) {
          const i = inputIndex(g, oh, ow, k)
          if (i < 0) continue
          let sum = 0
          for (let f = 0; f < g.F; f++) sum = fround(sum + fround(x[y + f * g.outputFilter] * kernel[k * g.F + f]))
          out[b * g.inputSize + i] += sum
        }
      }
}

/** The transpose of forward: for dx, the convolution itself. */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: convolution.LocalGradients, // written
  dout: Float32Array, // [B, inputSize of g]
  x: Float32Array, // [B, outputSize of g]
  kernel: Float32Array, // [KH, KW, C, F]
  B: number,
  g: Geometry,
): void {
  if (dx) convolution.forward(dx, dout, kernel, null, B, g)
  convolution.backward({ x: null, kernel: dkernel, bias: null }, x, dout, kernel, B, g)
  if (!dbias) return
  dbias.fill(0)
  for (let b = 0; b < B; b++)
    for (let h = 0; h < g.H; h++)
      for (let w = 0; w < g.W; w++)
        for (let c = 0; c < g.C; c++)
          dbias[c] += dout[b * g.inputSize + h * g.inputRow + w * g.inputCol + c * g.inputChannel]
}

export const convolutionTranspose = { name: 'convolutionTranspose', forward, backward }
