// The geometry of a layer, and the part of each place's patch that lies in the image.

import { CALL, ELEMENTS, RUNS } from './scratch'
import { Run, RUN_SIZE } from './tile'

/** The geometry, as in lib/core/geometry.ts, and the kernel layout, written by JavaScript at CALL. Strides in bytes. */
@unmanaged
export class Call {
  H: i32
  W: i32
  C: i32
  KH: i32
  KW: i32
  SH: i32
  SW: i32
  OH: i32
  OW: i32
  F: i32
  top: i32
  left: i32
  dilationRow: i32
  dilationCol: i32
  channelsFirst: i32
  /** Whether a patch has the order (c, kh, kw) rather than (kh, kw, c). */
  patchChannelsFirst: i32
  inputRow: usize
  inputCol: usize
  inputChannel: usize
  inputSize: usize
  outputPlace: usize
  outputFilter: usize
  outputSize: usize
  biasPlace: usize
  biasFilter: usize
  /** 1 per place [P, K, F]; 2 dense [inputSize, outputSize]; 3 sparse, by output; 0 one kernel [K, F] for all. */
  layout: i32
  /** The number of connected (place, patch element) pairs. */
  connections: i32
}
export const g = changetype<Call>(CALL)

// Where the window of the place last looked at begins, and the range of its rows and columns that lie in the image.
let row0: i32 = 0
let col0: i32 = 0
let kh0: i32 = 0
let kh1: i32 = 0
let kw0: i32 = 0
let kw1: i32 = 0

// @ts-ignore: decorator
@inline
function ceilDiv(a: i32, b: i32): i32 {
  return b === 1 ? a : (a + b - 1) / b // divisions are slow
}

/** Looks at a place: finds the part of its window in the image. Returns the number of patch elements it sees. */
export function look(place: i32): i32 {
  return lookAtRows(place, 0, g.H)
}

/** Like `look`, but counts only what a place sees of input rows `from` … `to` − 1. */
export function lookAtRows(place: i32, from: i32, to: i32): i32 {
  const row = place / g.OW
  row0 = row * g.SH - g.top
  col0 = (place - row * g.OW) * g.SW - g.left
  const dh = g.dilationRow
  const dw = g.dilationCol
  kh0 = row0 < from ? ceilDiv(from - row0, dh) : 0
  kh1 = to - row0 <= 0 ? 0 : min(g.KH, ceilDiv(to - row0, dh))
  kw0 = col0 < 0 ? ceilDiv(-col0, dw) : 0
  kw1 = g.W - col0 <= 0 ? 0 : min(g.KW, ceilDiv(g.W - col0, dw))
  return kh0 < kh1 && kw0 < kw1 ? (kh1 - kh0) * (kw1 - kw0) * g.C : 0
}

/** Whether the whole window lies in the image. */
export function isWhole(seen: i32): bool {
  return seen === g.KH * g.KW * g.C
}

/** The stride of x along a run. */
export function runStep(): usize {
  return g.patchChannelsFirst ? g.inputCol : g.inputChannel
}

/** Writes the runs of the place last looked at; returns their number. `wStep` is the stride of elements in w. */
export function writeRuns(scratch: usize, wStep: usize): i32 {
  let r = scratch + RUNS
  let before = 0
  const C = g.C
  if (g.patchChannelsFirst) {
    const length = kw1 - kw0
    for (let c = 0; c < C; c++)
      for (let kh = kh0; kh < kh1; kh++) {
        const run = changetype<Run>(r)
        run.x = (row0 + kh) * g.inputRow + (col0 + kw0) * g.inputCol + c * g.inputChannel
        run.w = run.stored = ((c * g.KH + kh) * g.KW + kw0) * wStep
        run.length = length
        run.before = before
        before += length
        r += RUN_SIZE
      }
  } else {
    // All channels of adjacent columns form one run.
    const joined = g.dilationCol === 1 && g.inputCol === g.C * g.inputChannel
    const length = joined ? (kw1 - kw0) * C : C
    for (let kh = kh0; kh < kh1; kh++)
      for (let kw = kw0; kw < kw1; kw++) {
        const run = changetype<Run>(r)
        run.x =
          (row0 + kh * g.dilationRow) * g.inputRow + (col0 + kw * g.dilationCol) * g.inputCol
        run.w = run.stored = (kh * g.KW + kw) * C * wStep
        run.length = length
        run.before = before
        before += length
        r += RUN_SIZE
        if (joined) break
      }
  }
  return i32((r - scratch - RUNS) / RUN_SIZE)
}

/** Adds `n` sums to a run of the input gradient. */
export function addRun(x: usize, sums: usize, n: i32): void {
  const step = runStep()
  if (step === 4)
    for (; n >= 4; n -= 4) {
      v128.store(x, f32x4.add(v128.load(x), v128.load(sums)))
      x += 16
      sums += 16
    }
  for (; n > 0; n--) {
    store<f32>(x, load<f32>(x) + load<f32>(sums))
    x += step
    sums += 4
  }
}

/** An element of a patch: its offset in a sample of x, and in the weights of the place. */
@unmanaged
export class Element {
  x: usize
  w: usize
}
export const ELEMENT_SIZE: usize = 8

/** Lists the elements of all runs in order. */
export function writeElements(scratch: usize, runCount: i32, xStep: usize, wStep: usize): void {
  let e = scratch + ELEMENTS
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    let x = run.x
    let w = run.stored
    for (let n = run.length; n > 0; n--) {
      const element = changetype<Element>(e)
      element.x = x
      element.w = w
      x += xStep
      w += wStep
      e += ELEMENT_SIZE
    }
  }
}
