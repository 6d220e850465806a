// The matrix product in registers. A tile is 4 rows × 8 columns, or fewer, of
//
//     out[m, n] = initial[m, n] + sum over k of x[m, k] · w[k, n]
//
// with the sum in the order of k, each product rounded before it is added. Vectors run over columns, which are not
// summed, so every number goes through the same operations as in lib/kernels/. The index k runs through runs: stretches
// in which x and w advance by one step each. All strides and offsets are in bytes.

import { highHalves, interleaveHigh, interleaveLow, lowHalves, transpose4 } from './transpose'

/**
 * A stretch of the summed index: where it begins in x and in w, how long it is, and how many elements came before.
 * Where w is a packed copy, `stored` tells where the original begins.
 */
@unmanaged
export class Run {
  x: usize
  w: usize
  length: i32
  before: i32
  stored: usize
}
export const RUN_SIZE: usize = 20

/** What a tile is made of. */
@unmanaged
export class Product {
  // x: rows, and elements along a run
  xRow: usize
  xStep: usize
  // w: elements along a run; its columns are neighbours
  wStep: usize
  // out: rows and columns; initial: rows
  outRow: usize
  outColumn: usize
  initialRow: usize
  runs: usize
  runCount: i32
}

// @ts-ignore: decorator
@inline
export function madd(sum: v128, x: v128, w: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, w))
}

/** Writes the first `n` lanes, `step` apart. */
export function storeLanes(out: usize, v: v128, n: i32, step: usize): void {
  if (n === 4 && step === 4) {
    v128.store(out, v)
    return
  }
  store<f32>(out, f32x4.extract_lane(v, 0))
  if (n > 1) store<f32>(out + step, f32x4.extract_lane(v, 1))
  if (n > 2) store<f32>(out + 2 * step, f32x4.extract_lane(v, 2))
  if (n > 3) store<f32>(out + 3 * step, f32x4.extract_lane(v, 3))
}

/** 4 rows × 8 columns. */
function tile4x8(p: Product, out: usize, initial: usize, x: usize, w: usize): void {
  const xStep = p.xStep
  const wStep = p.wStep
  const xRow = p.xRow
  let i = initial
  let a0 = v128.load(i)
  let a1 = v128.load(i, 16)
  i += p.initialRow
  let b0 = v128.load(i)
  let b1 = v128.load(i, 16)
  i += p.initialRow
  let c0 = v128.load(i)
  let c1 = v128.load(i, 16)
  i += p.initialRow
  let d0 = v128.load(i)
  let d1 = v128.load(i, 16)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xa = x + run.x
    let xb = xa + xRow
    let xc = xb + xRow
    let xd = xc + xRow
    let wk = w + run.w
    let n = run.length
    for (; n > 0; n--) {
      const w0 = v128.load(wk)
      const w1 = v128.load(wk, 16)
      let s = v128.load_splat<f32>(xa)
      a0 = madd(a0, s, w0)
      a1 = madd(a1, s, w1)
      s = v128.load_splat<f32>(xb)
      b0 = madd(b0, s, w0)
      b1 = madd(b1, s, w1)
      s = v128.load_splat<f32>(xc)
      c0 = madd(c0, s, w0)
      c1 = madd(c1, s, w1)
      s = v128.load_splat<f32>(xd)
      d0 = madd(d0, s, w0)
      d1 = madd(d1, s, w1)
      wk += wStep
      xa += xStep
      xb += xStep
      xc += xStep
      xd += xStep
    }
  }
  const row = p.outRow
  const column = p.outColumn
  if (column === 4) {
    v128.store(out, a0)
    v128.store(out, a1, 16)
    out += row
    v128.store(out, b0)
    v128.store(out, b1, 16)
    out += row
    v128.store(out, c0)
    v128.store(out, c1, 16)
    out += row
    v128.store(out, d0)
    v128.store(out, d1, 16)
    return
  }
  storeLanes(out, a0, 4, column)
  storeLanes(out + 4 * column, a1, 4, column)
  out += row
  storeLanes(out, b0, 4, column)
  storeLanes(out + 4 * column, b1, 4, column)
  out += row
  storeLanes(out, c0, 4, column)
  storeLanes(out + 4 * column, c1, 4, column)
  out += row
  storeLanes(out, d0, 4, column)
  storeLanes(out + 4 * column, d1, 4, column)
}

/** 4 rows × up to 4 columns. Lanes beyond the last column compute with what stands there, and are not stored. */
function tile4x4(p: Product, out: usize, initial: usize, x: usize, w: usize, columns: i32): void {
  const xStep = p.xStep
  const wStep = p.wStep
  const xRow = p.xRow
  let i = initial
  let a = v128.load(i)
  i += p.initialRow
  let b = v128.load(i)
  i += p.initialRow
  let c = v128.load(i)
  i += p.initialRow
  let d = v128.load(i)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xa = x + run.x
    let xb = xa + xRow
    let xc = xb + xRow
    let xd = xc + xRow
    let wk = w + run.w
    for (let n = run.length; n > 0; n--) {
      const wv = v128.load(wk)
      a = madd(a, v128.load_splat<f32>(xa), wv)
      b = madd(b, v128.load_splat<f32>(xb), wv)
      c = madd(c, v128.load_splat<f32>(xc), wv)
      d = madd(d, v128.load_splat<f32>(xd), wv)
      wk += wStep
      xa += xStep
      xb += xStep
      xc += xStep
      xd += xStep
    }
  }
  const row = p.outRow
  const column = p.outColumn
  storeLanes(out, a, columns, column)
  out += row
  storeLanes(out, b, columns, column)
  out += row
  storeLanes(out, c, columns, column)
  out += row
  storeLanes(out, d, columns, column)
}

/** 1 row × 32 columns: for a batch of one, which does no more than read its weights. */
function tile1x32(p: Product, out: usize, initial: usize, x: usize, w: usize): void {
  const xStep = p.xStep
  const wStep = p.wStep
  let a0 = v128.load(initial)
  let a1 = v128.load(initial, 16)
  let a2 = v128.load(initial, 32)
  let a3 = v128.load(initial, 48)
  let a4 = v128.load(initial, 64)
  let a5 = v128.load(initial, 80)
  let a6 = v128.load(initial, 96)
  let a7 = v128.load(initial, 112)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xk = x + run.x
    let wk = w + run.w
    for (let n = run.length; n > 0; n--) {
      const s = v128.load_splat<f32>(xk)
      a0 = madd(a0, s, v128.load(wk))
      a1 = madd(a1, s, v128.load(wk, 16))
      a2 = madd(a2, s, v128.load(wk, 32))
      a3 = madd(a3, s, v128.load(wk, 48))
      a4 = madd(a4, s, v128.load(wk, 64))
      a5 = madd(a5, s, v128.load(wk, 80))
      a6 = madd(a6, s, v128.load(wk, 96))
      a7 = madd(a7, s, v128.load(wk, 112))
      xk += xStep
      wk += wStep
    }
  }
  const column = p.outColumn
  storeLanes(out, a0, 4, column)
  storeLanes(out + 4 * column, a1, 4, column)
  storeLanes(out + 8 * column, a2, 4, column)
  storeLanes(out + 12 * column, a3, 4, column)
  storeLanes(out + 16 * column, a4, 4, column)
  storeLanes(out + 20 * column, a5, 4, column)
  storeLanes(out + 24 * column, a6, 4, column)
  storeLanes(out + 28 * column, a7, 4, column)
}

/** 1 row × 8 columns. */
function tile1x8(p: Product, out: usize, initial: usize, x: usize, w: usize): void {
  const xStep = p.xStep
  const wStep = p.wStep
  let a0 = v128.load(initial)
  let a1 = v128.load(initial, 16)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xk = x + run.x
    let wk = w + run.w
    for (let n = run.length; n > 0; n--) {
      const s = v128.load_splat<f32>(xk)
      a0 = madd(a0, s, v128.load(wk))
      a1 = madd(a1, s, v128.load(wk, 16))
      xk += xStep
      wk += wStep
    }
  }
  const column = p.outColumn
  storeLanes(out, a0, 4, column)
  storeLanes(out + 4 * column, a1, 4, column)
}

/** 1 row × up to 4 columns. */
function tile1x4(p: Product, out: usize, initial: usize, x: usize, w: usize, columns: i32): void {
  const xStep = p.xStep
  const wStep = p.wStep
  let a = v128.load(initial)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xk = x + run.x
    let wk = w + run.w
    for (let n = run.length; n > 0; n--) {
      a = madd(a, v128.load_splat<f32>(xk), v128.load(wk))
      xk += xStep
      wk += wStep
    }
  }
  storeLanes(out, a, columns, p.outColumn)
}

/**
 * 1 row × up to 8 columns, where the weights of a column are neighbours. Columns beyond the last one are the last once
 * more, and not stored; at the end of a run up to three numbers are read that follow it, and not used.
 */
export function turnedTile(p: Product, out: usize, initial: usize, x: usize, w: usize, wColumn: usize, columns: i32): void {
  const xStep = p.xStep
  const last = wColumn * (columns - 1)
  const row1 = min(wColumn, last)
  const row2 = min(row1 + wColumn, last)
  const row3 = min(row2 + wColumn, last)
  const row4 = min(row3 + wColumn, last)
  const row5 = min(row4 + wColumn, last)
  const row6 = min(row5 + wColumn, last)
  const row7 = min(row6 + wColumn, last)
  let sum0 = v128.load(initial)
  let sum1 = v128.load(initial, 16)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xk = x + run.x
    let wk = w + run.stored
    for (let n = run.length; n > 0; n -= 4) {
      const va = v128.load(wk)
      const vb = v128.load(wk + row1)
      const vc = v128.load(wk + row2)
      const vd = v128.load(wk + row3)
      const ve = v128.load(wk + row4)
      const vf = v128.load(wk + row5)
      const vg = v128.load(wk + row6)
      const vh = v128.load(wk + row7)
      const ab0 = interleaveLow(va, vb)
      const cd0 = interleaveLow(vc, vd)
      const ef0 = interleaveLow(ve, vf)
      const gh0 = interleaveLow(vg, vh)
      let s = v128.load_splat<f32>(xk)
      sum0 = madd(sum0, s, lowHalves(ab0, cd0))
      sum1 = madd(sum1, s, lowHalves(ef0, gh0))
      if (n === 1) break
      xk += xStep
      s = v128.load_splat<f32>(xk)
      sum0 = madd(sum0, s, highHalves(ab0, cd0))
      sum1 = madd(sum1, s, highHalves(ef0, gh0))
      if (n === 2) break
      const ab1 = interleaveHigh(va, vb)
      const cd1 = interleaveHigh(vc, vd)
      const ef1 = interleaveHigh(ve, vf)
      const gh1 = interleaveHigh(vg, vh)
      xk += xStep
      s = v128.load_splat<f32>(xk)
      sum0 = madd(sum0, s, lowHalves(ab1, cd1))
      sum1 = madd(sum1, s, lowHalves(ef1, gh1))
      if (n === 3) break
      xk += xStep
      s = v128.load_splat<f32>(xk)
      sum0 = madd(sum0, s, highHalves(ab1, cd1))
      sum1 = madd(sum1, s, highHalves(ef1, gh1))
      xk += xStep
      wk += 16
    }
  }
  const column = p.outColumn
  storeLanes(out, sum0, min(columns, 4), column)
  if (columns > 4) storeLanes(out + 4 * column, sum1, columns - 4, column)
}

/** How many columns the next tile takes of `left` that are left, for `rows` rows. */
// @ts-ignore: decorator
@inline
export function tileColumns(rows: i32, left: i32): i32 {
  if (rows < 4 && left >= 32) return 32
  return left >= 8 ? 8 : left < 4 ? left : 4
}

/** All `rows` of the next `columns` columns; `columns` is from `tileColumns`. */
export function tiles(p: Product, out: usize, initial: usize, x: usize, w: usize, rows: i32, columns: i32): void {
  for (; rows >= 4; rows -= 4) {
    if (columns === 8) tile4x8(p, out, initial, x, w)
    else tile4x4(p, out, initial, x, w, columns)
    out += 4 * p.outRow
    initial += 4 * p.initialRow
    x += 4 * p.xRow
  }
  for (; rows > 0; rows--) {
    if (columns === 32) tile1x32(p, out, initial, x, w)
    else if (columns === 8) tile1x8(p, out, initial, x, w)
    else tile1x4(p, out, initial, x, w, columns)
    out += p.outRow
    initial += p.initialRow
    x += p.xRow
  }
}

// ---- Packed rows -----------------------------------------------------------------------------------------------------

/** Four rows side by side: number k of row r stands at 16·k + 4·r. */
export const PACKED_STEP: usize = 16

/** Packs 4 rows, run after run. */
export function packRows(to: usize, x: usize, xRow: usize, xStep: usize, runs: usize, runCount: i32): void {
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(runs + RUN_SIZE * r)
    const n = run.length
    let a = x + run.x
    if (xStep === 4) {
      transpose4(to, PACKED_STEP, a, a + xRow, a + 2 * xRow, a + 3 * xRow, n)
      to += PACKED_STEP * n
      continue
    }
    for (const end = a + xStep * n; a < end; a += xStep) {
      let row = a
      for (let lane: usize = 0; lane < PACKED_STEP; lane += 4) {
        store<f32>(to + lane, load<f32>(row))
        row += xRow
      }
      to += PACKED_STEP
    }
  }
}

/** 4 packed rows × 8 columns, of which `columns` are stored; `n` numbers are summed, the rows of w `wStep` apart. */
export function packedTile(
  out: usize,
  outRow: usize,
  outColumn: usize,
  initial: usize,
  x: usize,
  w: usize,
  wStep: usize,
  n: i32,
  columns: i32,
): void {
  let a0 = v128.load(initial)
  let a1 = v128.load(initial, 16)
  let b0 = a0
  let b1 = a1
  let c0 = a0
  let c1 = a1
  let d0 = a0
  let d1 = a1
  for (; n > 0; n--) {
    const w0 = v128.load(w)
    const w1 = v128.load(w, 16)
    let s = v128.load_splat<f32>(x)
    a0 = madd(a0, s, w0)
    a1 = madd(a1, s, w1)
    s = v128.load_splat<f32>(x, 4)
    b0 = madd(b0, s, w0)
    b1 = madd(b1, s, w1)
    s = v128.load_splat<f32>(x, 8)
    c0 = madd(c0, s, w0)
    c1 = madd(c1, s, w1)
    s = v128.load_splat<f32>(x, 12)
    d0 = madd(d0, s, w0)
    d1 = madd(d1, s, w1)
    x += PACKED_STEP
    w += wStep
  }
  if (columns === 8 && outColumn === 4) {
    v128.store(out, a0)
    v128.store(out, a1, 16)
    out += outRow
    v128.store(out, b0)
    v128.store(out, b1, 16)
    out += outRow
    v128.store(out, c0)
    v128.store(out, c1, 16)
    out += outRow
    v128.store(out, d0)
    v128.store(out, d1, 16)
    return
  }
  const left = min(columns, 4)
  const right = columns - left
  const second = out + 4 * outColumn
  storeLanes(out, a0, left, outColumn)
  storeLanes(out + outRow, b0, left, outColumn)
  storeLanes(out + 2 * outRow, c0, left, outColumn)
  storeLanes(out + 3 * outRow, d0, left, outColumn)
  if (right <= 0) return
  storeLanes(second, a1, right, outColumn)
  storeLanes(second + outRow, b1, right, outColumn)
  storeLanes(second + 2 * outRow, c1, right, outColumn)
  storeLanes(second + 3 * outRow, d1, right, outColumn)
}
