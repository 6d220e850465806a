// Pooling: each place gives, channel by channel, the largest or the mean of what its window holds of the image. The
// geometry is that of a convolution with one filter for each channel.

import type { Geometry } from '../geometry.ts'

const { fround } = Math

/** The rows (or columns) of the image that the window at `place` holds. */
function range(
  place: number,
  stride: number,
  before: number,
  window: number,
  size: number,
): [number, number] {
  const from = place * stride - before
  return [from < 0 ? 0 : from, from + window > size ? size : from + window]
}

/** Calls `visit` for every window: where its output is, and the rows and columns of its input. */
function eachWindow(
  B: number,
  g: Geometry,
  visit: (out: number, input: number, h0: number, h1: number, w0: number, w1: number) => void,
): void {
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < g.OH; oh++) {
      const [h0, h1] = range(oh, g.SH, g.top, g.KH, g.H)
      for (let ow = 0; ow < g.OW; ow++) {
        const [w0, w1] = range(ow, g.SW, g.left, g.KW, g.W)
        for (let c = 0; c < g.C; c++) {
          const out = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace + c * g.outputFilter
          visit(out, b * g.inputSize + c * g.inputChannel, h0, h1, w0, w1)
        }
      }
    }
}

export const max = {
  /** `argmax` remembers where each largest number was: the first, where several are equal. */
  forward(out: Float32Array, argmax: Int32Array, x: Float32Array, B: number, g: Geometry): void {
    eachWindow(B, g, (o, input, h0, h1, w0, w1) => {
      let best = input + h0 * g.inputRow + w0 * g.inputCol
      for (let h = h0; h < h1; h++)
        for (let w = w0; w < w1; w++) {
          const i = input + h * g.inputRow + w * g.inputCol
          if (x[i] > x[best] || (x[i] !== x[i] && x[best] === x[best])) best = i
        }
      out[o] = x[best]
      argmax[o] = best
    })
  },

  backward(dx: Float32Array, dout: Float32Array, argmax: Int32Array, B: number, g: Geometry): void {
    dx.fill(0, 0, B * g.inputSize)
    for (let o = 0; o < B * g.outputSize; o++) dx[argmax[o]] += dout[o]
  },
}

/** Only what lies in the image counts. */
export const average = {
  forward(out: Float32Array, x: Float32Array, B: number, g: Geometry): void {
    eachWindow(B, g, (o, input, h0, h1, w0, w1) => {
      let sum = 0
      for (let h = h0; h < h1; h++)
        for (let w = w0; w < w1; w++) sum = fround(sum + x[input + h * g.inputRow + w * g.inputCol])
      out[o] = sum / ((h1 - h0) * (w1 - w0))
    })
  },

  backward(dx: Float32Array, dout: Float32Array, B: number, g: Geometry): void {
    dx.fill(0, 0, B * g.inputSize)
    eachWindow(B, g, (o, input, h0, h1, w0, w1) => {
      const share = fround(dout[o] / ((h1 - h0) * (w1 - w0)))
      for (let h = h0; h < h1; h++)
        for (let w = w0; w < w1; w++) dx[input + h * g.inputRow + w * g.inputCol] += share
    })
  },
}
