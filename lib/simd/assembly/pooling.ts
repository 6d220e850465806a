// Pooling, as in lib/kernels/pool2d.ts. Contiguous channels are processed four at a time, except by maxPoolBackward.

import { address, integer } from './scratch'
import { choose } from './math'
import { storeLanes } from './tile'
import { g } from './window'

// Where the current window begins (row, col), and the part of it that lies in the image.
let row: i32 = 0
let col: i32 = 0
let h0: i32 = 0
let h1: i32 = 0
let w0: i32 = 0
let w1: i32 = 0

function look(oh: i32, ow: i32): void {
  row = oh * g.SH - g.top
  col = ow * g.SW - g.left
  h0 = max(row, 0)
  h1 = min(row + g.KH, g.H)
  w0 = max(col, 0)
  w1 = min(col + g.KW, g.W)
}

/** The number of channels to process at a time: 4 if they are contiguous, else 1. */
// @ts-ignore: decorator
@inline
function channelsTogether(): i32 {
  return g.inputChannel === 4 && g.outputFilter === 4 ? 4 : 1
}

/** Computes output rows `from` … `to` − 1, numbered across all samples. Arguments: out, argmax, x. */
export function maxPoolForward(from: i32, to: i32, scratch: usize): void {
  const step = channelsTogether()
  for (let r = from; r < to; r++) {
    const b = r / g.OH
    const oh = r % g.OH
    for (let ow = 0; ow < g.OW; ow++) {
      look(oh, ow)
      const o = usize(b) * g.outputSize + usize(oh * g.OW + ow) * g.outputPlace
      for (let c = 0; c < g.C; c += step) {
        const x = address(2) + usize(b) * g.inputSize + c * g.inputChannel
        let best = v128.load(x + h0 * g.inputRow + w0 * g.inputCol)
        let which = f32x4.splat(f32((h0 - row) * g.KW + w0 - col))
        for (let h = h0; h < h1; h++)
          for (let w = w0; w < w1; w++) {
            const xi = v128.load(x + h * g.inputRow + w * g.inputCol)
            const isFirstNaN = v128.and(f32x4.ne(xi, xi), f32x4.eq(best, best))
            const isBetter = v128.or(f32x4.gt(xi, best), isFirstNaN)
            best = choose(isBetter, xi, best)
            which = choose(isBetter, f32x4.splat(f32((h - row) * g.KW + w - col)), which)
          }
        const lanes = min(step, g.C - c)
        storeLanes(address(0) + o + c * g.outputFilter, best, lanes, 4)
        storeLanes(address(1) + o + c * g.outputFilter, which, lanes, 4)
      }
    }
  }
}

/** Handles samples `from` … `to` − 1. Arguments: dx, dout, argmax. */
export function maxPoolBackward(from: i32, to: i32, scratch: usize): void {
  for (let b = from; b < to; b++) {
    const dx = address(0) + usize(b) * g.inputSize
    memory.fill(dx, 0, g.inputSize)
    for (let oh = 0; oh < g.OH; oh++)
      for (let ow = 0; ow < g.OW; ow++) {
        look(oh, ow)
        let o = usize(b) * g.outputSize + usize(oh * g.OW + ow) * g.outputPlace
        for (let c = 0; c < g.C; c++) {
          const which = i32(load<f32>(address(2) + o))
          const h = row + which / g.KW
          const w = col + (which % g.KW)
          const x = dx + c * g.inputChannel + h * g.inputRow + w * g.inputCol
          store<f32>(x, load<f32>(x) + load<f32>(address(1) + o))
          o += g.outputFilter
        }
      }
  }
}

/** Computes output rows `from` … `to` − 1, numbered across all samples. Arguments: out, x. */
export function averagePoolForward(from: i32, to: i32, scratch: usize): void {
  const step = channelsTogether()
  for (let r = from; r < to; r++) {
    const b = r / g.OH
    const oh = r % g.OH
    for (let ow = 0; ow < g.OW; ow++) {
      look(oh, ow)
      const o = address(0) + usize(b) * g.outputSize + usize(oh * g.OW + ow) * g.outputPlace
      const count = f32x4.splat(f32((h1 - h0) * (w1 - w0)))
      for (let c = 0; c < g.C; c += step) {
        const x = address(1) + usize(b) * g.inputSize + c * g.inputChannel
        let sum = f32x4.splat(0)
        for (let h = h0; h < h1; h++)
          for (let w = w0; w < w1; w++) sum = f32x4.add(sum, v128.load(x + h * g.inputRow + w * g.inputCol))
        storeLanes(o + c * g.outputFilter, f32x4.div(sum, count), min(step, g.C - c), 4)
      }
    }
  }
}

/** Handles samples `from` … `to` − 1. Arguments: dx, dout. */
export function averagePoolBackward(from: i32, to: i32, scratch: usize): void {
  const step = channelsTogether()
  for (let b = from; b < to; b++) {
    const sample = address(0) + usize(b) * g.inputSize
    memory.fill(sample, 0, g.inputSize)
    for (let oh = 0; oh < g.OH; oh++)
      for (let ow = 0; ow < g.OW; ow++) {
        look(oh, ow)
        const dy = address(1) + usize(b) * g.outputSize + usize(oh * g.OW + ow) * g.outputPlace
        const count = f32x4.splat(f32((h1 - h0) * (w1 - w0)))
        for (let c = 0; c < g.C; c += step) {
          const share = f32x4.div(v128.load(dy + c * g.outputFilter), count)
          const lanes = min(step, g.C - c)
          for (let h = h0; h < h1; h++)
            for (let w = w0; w < w1; w++) {
              const x = sample + c * g.inputChannel + h * g.inputRow + w * g.inputCol
              storeLanes(x, f32x4.add(v128.load(x), share), lanes, 4)
            }
        }
      }
  }
}
