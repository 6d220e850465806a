// Pooling: each place outputs, per channel, the maximum or mean of its window inside the image. The geometry is that of
// a convolution with as many filters as channels.

import type { Geometry } from '../core/geometry.ts'

const { floor, fround, max: larger, min: smaller } = Math

export const max = {
  /**
   * Writes to `argmax` the index of each maximum within its window, counted row by row; for ties, the first. NaN counts
   * as the maximum.
   */
  forward(
    out: Float32Array, // [B, outputSize]   written, like argmax
    argmax: Float32Array, // [B, outputSize]
    x: Float32Array, // [B, inputSize]
    B: number,
    g: Geometry,
  ): void {
    for (let b = 0; b < B; b++)
      for (let oh = 0; oh < g.OH; oh++)
        for (let ow = 0; ow < g.OW; ow++)
          for (let c = 0; c < g.C; c++) {
            const [row, col] = [oh * g.SH - g.top, ow * g.SW - g.left] // the window's start
            const [h0, h1] = [larger(row, 0), smaller(row + g.KH, g.H)]
            const [w0, w1] = [larger(col, 0), smaller(col + g.KW, g.W)]
            const plane = b * g.inputSize + c * g.inputChannel
            let best = x[plane + h0 * g.inputRow + w0 * g.inputCol]
            let which = (h0 - row) * g.KW + (w0 - col)
            for (let h = h0; h < h1; h++)
              for (let w = w0; w < w1; w++) {
                const xi = x[plane + h * g.inputRow + w * g.inputCol]
                if (xi > best || (xi !== xi && best === best)) {
                  best = xi
                  which = (h - row) * g.KW + (w - col)
                }
              }
            const o = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace + c * g.outputFilter
            out[o] = best
            argmax[o] = which
          }
  },

  backward(dx: Float32Array, dout: Float32Array, argmax: Float32Array, B: number, g: Geometry): void {
    dx.fill(0, 0, B * g.inputSize)
    for (let b = 0; b < B; b++)
      for (let oh = 0; oh < g.OH; oh++)
        for (let ow = 0; ow < g.OW; ow++)
          for (let c = 0; c < g.C; c++) {
            const o = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace + c * g.outputFilter
            const h = oh * g.SH - g.top + floor(argmax[o] / g.KW)
            const w = ow * g.SW - g.left + (argmax[o] % g.KW)
            dx[b * g.inputSize + c * g.inputChannel + h * g.inputRow + w * g.inputCol] += dout[o]
          }
  },
}

/** The gradient of the maximum over whole images, as TensorFlow's reduce_max has it: equal maxima share it. */
export const wholeMax = {
  name: 'wholeMax',
  backward(dx: Float32Array, dout: Float32Array, x: Float32Array, out: Float32Array, B: number, g: Geometry): void {
    for (let b = 0; b < B; b++)
      for (let c = 0; c < g.C; c++) {
        const o = b * g.outputSize + c * g.outputFilter
        const plane = b * g.inputSize + c * g.inputChannel
        let ties = 0
        for (let h = 0; h < g.H; h++)
          for (let w = 0; w < g.W; w++) if (x[plane + h * g.inputRow + w * g.inputCol] === out[o]) ties++
        const share = fround(fround(1 / ties) * dout[o])
        for (let h = 0; h < g.H; h++)
          for (let w = 0; w < g.W; w++) {
            const i = plane + h * g.inputRow + w * g.inputCol
            dx[i] = x[i] === out[o] ? share : 0
          }
      }
  },
}

/** The mean over the window's elements inside the image. */
export const average = {
  forward(out: Float32Array, x: Float32Array, B: number, g: Geometry): void {
    for (let b = 0; b < B; b++)
      for (let oh = 0; oh < g.OH; oh++)
        for (let ow = 0; ow < g.OW; ow++)
          for (let c = 0; c < g.C; c++) {
            const [row, col] = [oh * g.SH - g.top, ow * g.SW - g.left]
            const [h0, h1] = [larger(row, 0), smaller(row + g.KH, g.H)]
            const [w0, w1] = [larger(col, 0), smaller(col + g.KW, g.W)]
            const plane = b * g.inputSize + c * g.inputChannel
            let sum = 0
            for (let h = h0; h < h1; h++)
              for (let w = w0; w < w1; w++) sum = fround(sum + x[plane + h * g.inputRow + w * g.inputCol])
            const o = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace + c * g.outputFilter
            out[o] = sum / ((h1 - h0) * (w1 - w0))
          }
  },

  backward(dx: Float32Array, dout: Float32Array, B: number, g: Geometry): void {
    dx.fill(0, 0, B * g.inputSize)
    for (let b = 0; b < B; b++)
      for (let oh = 0; oh < g.OH; oh++)
        for (let ow = 0; ow < g.OW; ow++)
          for (let c = 0; c < g.C; c++) {
            const [row, col] = [oh * g.SH - g.top, ow * g.SW - g.left]
            const [h0, h1] = [larger(row, 0), smaller(row + g.KH, g.H)]
            const [w0, w1] = [larger(col, 0), smaller(col + g.KW, g.W)]
            const plane = b * g.inputSize + c * g.inputChannel
            const o = b * g.outputSize + (oh * g.OW + ow) * g.outputPlace + c * g.outputFilter
            const share = fround(dout[o] / ((h1 - h0) * (w1 - w0)))
            for (let h = h0; h < h1; h++)
              for (let w = w0; w < w1; w++) dx[plane + h * g.inputRow + w * g.inputCol] += share
          }
  },
}

export const pool2d = { name: 'pooling', max, average }
