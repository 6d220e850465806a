// The matrix product, computed in register tiles. A tile is a block, usually 4 rows × 8 columns, of
//
//     out[m, n] = initial[m, n] + sum over k of x[m, k] · w[k, n]
//
// summed in the order of k, with each product rounded before it is added. Vectors span columns, which are not summed,
// so each result comes from the same operations as in lib/kernels/. The index k is divided into runs: stretches in
// which x and w each advance by a constant step. All strides and offsets are in bytes.

import { INITIAL, PRODUCT } from './scratch'
import { highHalves, interleaveHigh, interleaveLow, lowHalves, PACKED_ROW, storeColumns, transpose4 } from './transpose'

/**
 * A stretch of the summed index: its offsets in x and w, its length, and the number of elements before it. If w is a
 * packed copy, `stored` is the offset in the original.
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

/** The strides and runs of a product. */
@unmanaged
export class Product {
  // x: stride of rows, and of elements along a run
  xRow: usize
  xStep: usize
  // w: stride of elements along a run; columns are contiguous
  wStep: usize
  // out: strides of rows and columns; initial: stride of rows
  outRow: usize
  outColumn: usize
  initialRow: usize
  runs: usize
  runCount: i32
}

/**
 * Returns the product of a scratch, set to defaults: all rows share the initial values at INITIAL, which are zeros; the
 * columns of out are contiguous; and the sum is a single run from the start of x and w.
 */
export function productOf(scratch: usize): Product {
  const initial = scratch + INITIAL
  memory.fill(initial, 0, 128)
  const run = changetype<Run>(initial + 128)
  run.x = 0
  run.w = 0
  const product = changetype<Product>(scratch + PRODUCT)
  product.outColumn = 4
  product.initialRow = 0
  product.runs = initial + 128
  product.runCount = 1
  return product
}

// @ts-ignore: decorator
@inline
export function madd(sum: v128, x: v128, w: v128): v128 {
  return f32x4.add(sum, f32x4.mul(x, w))
}

/** Writes the first `n` lanes, `step` bytes apart. */
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

/** Writes the first `n` of 8 lanes, `step` bytes apart. */
export function storePair(out: usize, left: v128, right: v128, n: i32, step: usize): void {
  if (n === 8 && step === 4) {
    v128.store(out, left)
    v128.store(out, right, 16)
    return
  }
  storeLanes(out, left, min(n, 4), step)
  if (n > 4) storeLanes(out + 4 * step, right, n - 4, step)
}

/** Writes the first `columns` columns of a tile. If a full tile's columns are contiguous, writes them whole. */
function storeTile(
  out: usize,
  row: usize,
  column: usize,
  columns: i32,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  c0: v128,
  c1: v128,
  d0: v128,
  d1: v128,
): void {
  if (columns === 8 && row === 4) {
    storeTurned(out, column, a0, b0, c0, d0)
    storeTurned(out + 4 * column, column, a1, b1, c1, d1)
    return
  }
  storePair(out, a0, a1, columns, column)
  storePair(out + row, b0, b1, columns, column)
  storePair(out + 2 * row, c0, c1, columns, column)
  storePair(out + 3 * row, d0, d1, columns, column)
}

/** Writes a full tile whose rows are contiguous. Inlined, because a call would be costly after short sums. */
// @ts-ignore: decorator
@inline
function storeRows(
  out: usize,
  row: usize,
  a0: v128,
  a1: v128,
  b0: v128,
  b1: v128,
  c0: v128,
  c1: v128,
  d0: v128,
  d1: v128,
): void {
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
}

/** `storeColumns`, not inlined: `storeTile` needs it twice, and calls make the module smaller. */
function storeTurned(out: usize, step: usize, a: v128, b: v128, c: v128, d: v128): void {
  storeColumns(out, step, a, b, c, d)
}

/**
 * All groups of 4 rows, × 8 columns. One term at a time: V8 would load everything that a longer stretch without a branch
 * needs at its start, more than fits in the registers.
 */
function tiles4x8(p: Product, out: usize, initial: usize, x: usize, w: usize, rows: i32): void {
  const xStep = p.xStep
  const wStep = p.wStep
  const xRow = p.xRow
  const row = p.outRow
  const column = p.outColumn
  const initialRow = p.initialRow
  const runs = p.runs
  const runsEnd = runs + RUN_SIZE * p.runCount
  for (; rows >= 4; rows -= 4) {
    let a0 = v128.load(initial)
    let a1 = v128.load(initial, 16)
    initial += initialRow
    let b0 = v128.load(initial)
    let b1 = v128.load(initial, 16)
    initial += initialRow
    let c0 = v128.load(initial)
    let c1 = v128.load(initial, 16)
    initial += initialRow
    let d0 = v128.load(initial)
    let d1 = v128.load(initial, 16)
    initial += initialRow
    for (let r = runs; r < runsEnd; r += RUN_SIZE) {
      const run = changetype<Run>(r)
      let xa = x + run.x
      let xb = xa + xRow
      let xc = xb + xRow
      let xd = xc + xRow
      let wk = w + run.w
      for (let n = run.length; n > 0; n--) {
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
    if (column === 4) storeRows(out, row, a0, a1, b0, b1, c0, c1, d0, d1)
    else storeTile(out, row, column, 8, a0, a1, b0, b1, c0, c1, d0, d1)
    out += 4 * row
    x += 4 * xRow
  }
}

/**
 * Adds 4 rows × 8 columns to sums in packed rows. Each row is a place with its own weights, `wRow` bytes apart. With
 * few samples, reading weights takes most of the time, and four streams read memory faster than one.
 */
export function streamsTile(p: Product, sums: usize, x: usize, w: usize, wRow: usize): void {
  const xStep = p.xStep
  const wStep = p.wStep
  const xRow = p.xRow
  let a0 = v128.load(sums)
  let a1 = v128.load(sums, 16)
  let b0 = v128.load(sums, 32)
  let b1 = v128.load(sums, 48)
  let c0 = v128.load(sums, 64)
  let c1 = v128.load(sums, 80)
  let d0 = v128.load(sums, 96)
  let d1 = v128.load(sums, 112)
  const runsEnd = p.runs + RUN_SIZE * p.runCount
  for (let r = p.runs; r < runsEnd; r += RUN_SIZE) {
    const run = changetype<Run>(r)
    let xa = x + run.x
    let xb = xa + xRow
    let xc = xb + xRow
    let xd = xc + xRow
    let wa = w + run.w
    let wb = wa + wRow
    let wc = wb + wRow
    let wd = wc + wRow
    for (let n = run.length; n > 0; n--) {
      let s = v128.load_splat<f32>(xa)
      a0 = madd(a0, s, v128.load(wa))
      a1 = madd(a1, s, v128.load(wa, 16))
      s = v128.load_splat<f32>(xb)
      b0 = madd(b0, s, v128.load(wb))
      b1 = madd(b1, s, v128.load(wb, 16))
      s = v128.load_splat<f32>(xc)
      c0 = madd(c0, s, v128.load(wc))
      c1 = madd(c1, s, v128.load(wc, 16))
      s = v128.load_splat<f32>(xd)
      d0 = madd(d0, s, v128.load(wd))
      d1 = madd(d1, s, v128.load(wd, 16))
      xa += xStep
      xb += xStep
      xc += xStep
      xd += xStep
      wa += wStep
      wb += wStep
      wc += wStep
      wd += wStep
    }
  }
  storeRows(sums, PACKED_ROW, a0, a1, b0, b1, c0, c1, d0, d1)
}

/**
 * All groups of 4 rows, × up to 4 columns. Lanes past the last column compute with whatever is in memory, and are not
 * stored.
 */
function tiles4x4(p: Product, out: usize, initial: usize, x: usize, w: usize, rows: i32, columns: i32): void {
  const xStep = p.xStep
  const wStep = p.wStep
  const xRow = p.xRow
  const row = p.outRow
  const column = p.outColumn
  const initialRow = p.initialRow
  const runs = p.runs
  const runsEnd = runs + RUN_SIZE * p.runCount
  for (; rows >= 4; rows -= 4) {
    let a = v128.load(initial)
    initial += initialRow
    let b = v128.load(initial)
    initial += initialRow
    let c = v128.load(initial)
    initial += initialRow
    let d = v128.load(initial)
    initial += initialRow
    for (let r = runs; r < runsEnd; r += RUN_SIZE) {
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
    storeLanes(out, a, columns, column)
    out += row
    storeLanes(out, b, columns, column)
    out += row
    storeLanes(out, c, columns, column)
    out += row
    storeLanes(out, d, columns, column)
    out += row
    x += 4 * xRow
  }
}

/** 1 row × 32 columns, for few rows: reading the weights takes most of the time. */
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
  storePair(out, a0, a1, 8, column)
  storePair(out + 8 * column, a2, a3, 8, column)
  storePair(out + 16 * column, a4, a5, 8, column)
  storePair(out + 24 * column, a6, a7, 8, column)
}

/** 1 row × up to 8 columns. The second vector is free: it is computed while the first waits for its previous sum. */
function tile1x8(p: Product, out: usize, initial: usize, x: usize, w: usize, columns: i32): void {
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
  storePair(out, a0, a1, columns, p.outColumn)
}

/**
 * 1 row × up to 8 columns, where the weights of each column are contiguous. Past the last column, repeats it without
 * storing the result. At the end of a run, reads up to three numbers beyond it, and ignores them.
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
  storePair(out, sum0, sum1, columns, p.outColumn)
}

/** The number of columns of the next tile, for `rows` rows and `left` remaining columns. */
// @ts-ignore: decorator
@inline
export function tileColumns(rows: i32, left: i32): i32 {
  if (rows < 4 && left >= 32) return 32
  return left >= 8 ? 8 : left < 4 ? left : 4
}

/** Computes all `rows` rows of the next `columns` columns; `tileColumns` gives `columns`. */
export function tiles(p: Product, out: usize, initial: usize, x: usize, w: usize, rows: i32, columns: i32): void {
  if (rows >= 4) {
    if (columns === 8) tiles4x8(p, out, initial, x, w, rows)
    else tiles4x4(p, out, initial, x, w, rows, columns)
    const done = rows & ~3
    out += done * p.outRow
    initial += done * p.initialRow
    x += done * p.xRow
    rows &= 3
  }
  for (; rows > 0; rows--) {
    if (columns === 32) tile1x32(p, out, initial, x, w)
    else tile1x8(p, out, initial, x, w, columns)
    out += p.outRow
    initial += p.initialRow
    x += p.xRow
  }
}

// ---- Packed rows -----------------------------------------------------------------------------------------------------

/** Bytes per element k of four interleaved rows: element k of row r is at 16·k + 4·r. */
export const PACKED_STEP: usize = 16

/** Interleaves 4 rows, run after run. */
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

/**
 * Groups of 4 interleaved rows × up to 8 columns, of which it stores `columns`: sums of `n` terms. Groups are `xGroup`
 * apart in x; terms are `xStep` apart in x, `wStep` in w.
 */
export function packedTiles(
  groups: i32,
  out: usize,
  outRow: usize,
  outColumn: usize,
  initial: usize,
  x: usize,
  xGroup: usize,
  xStep: usize,
  w: usize,
  wStep: usize,
  n: i32,
  columns: i32,
): void {
  for (; groups > 0; groups--) {
    if (columns <= 4) packedTile4(out, outRow, outColumn, initial, x, xStep, w, wStep, n, columns)
    else {
      let a0 = v128.load(initial)
      let a1 = v128.load(initial, 16)
      let b0 = a0
      let b1 = a1
      let c0 = a0
      let c1 = a1
      let d0 = a0
      let d1 = a1
      let xk = x
      let wk = w
      for (let k = n; k > 0; k--) {
        const w0 = v128.load(wk)
        const w1 = v128.load(wk, 16)
        let s = v128.load_splat<f32>(xk)
        a0 = madd(a0, s, w0)
        a1 = madd(a1, s, w1)
        s = v128.load_splat<f32>(xk, 4)
        b0 = madd(b0, s, w0)
        b1 = madd(b1, s, w1)
        s = v128.load_splat<f32>(xk, 8)
        c0 = madd(c0, s, w0)
        c1 = madd(c1, s, w1)
        s = v128.load_splat<f32>(xk, 12)
        d0 = madd(d0, s, w0)
        d1 = madd(d1, s, w1)
        xk += xStep
        wk += wStep
      }
      if (columns === 8 && outColumn === 4) storeRows(out, outRow, a0, a1, b0, b1, c0, c1, d0, d1)
      else storeTile(out, outRow, outColumn, columns, a0, a1, b0, b1, c0, c1, d0, d1)
    }
    out += 4 * outRow
    x += xGroup
  }
}

/**
 * Up to 3 rows, `xRow` apart, × up to 8 columns: sums of `n` terms, from 0. It computes all three, and stores
 * `rows` of them.
 */
export function packedRest(
  out: usize,
  outRow: usize,
  outColumn: usize,
  x: usize,
  xRow: usize,
  xStep: usize,
  w: usize,
  wStep: usize,
  n: i32,
  rows: i32,
  columns: i32,
): void {
  let a0 = f32x4.splat(0)
  let a1 = a0
  let b0 = a0
  let b1 = a0
  let c0 = a0
  let c1 = a0
  let xb = x + (rows > 1 ? xRow : 0)
  let xc = xb + (rows > 2 ? xRow : 0)
  for (; n > 0; n--) {
    const w0 = v128.load(w)
    const w1 = v128.load(w, 16)
    let s = v128.load_splat<f32>(x)
    a0 = madd(a0, s, w0)
    a1 = madd(a1, s, w1)
    s = v128.load_splat<f32>(xb)
    b0 = madd(b0, s, w0)
    b1 = madd(b1, s, w1)
    s = v128.load_splat<f32>(xc)
    c0 = madd(c0, s, w0)
    c1 = madd(c1, s, w1)
    x += xStep
    xb += xStep
    xc += xStep
    w += wStep
  }
  if (rows === 3 && columns === 8 && outColumn === 4) {
    v128.store(out, a0)
    v128.store(out, a1, 16)
    out += outRow
    v128.store(out, b0)
    v128.store(out, b1, 16)
    out += outRow
    v128.store(out, c0)
    v128.store(out, c1, 16)
    return
  }
  storePair(out, a0, a1, columns, outColumn)
  if (rows > 1) storePair(out + outRow, b0, b1, columns, outColumn)
  if (rows > 2) storePair(out + 2 * outRow, c0, c1, columns, outColumn)
}

/** 4 interleaved rows × up to 4 columns. */
function packedTile4(
  out: usize,
  outRow: usize,
  outColumn: usize,
  initial: usize,
  x: usize,
  xStep: usize,
  w: usize,
  wStep: usize,
  n: i32,
  columns: i32,
): void {
  let a = v128.load(initial)
  let b = a
  let c = a
  let d = a
  for (; n > 0; n--) {
    const wv = v128.load(w)
    a = madd(a, v128.load_splat<f32>(x), wv)
    b = madd(b, v128.load_splat<f32>(x, 4), wv)
    c = madd(c, v128.load_splat<f32>(x, 8), wv)
    d = madd(d, v128.load_splat<f32>(x, 12), wv)
    x += xStep
    w += wStep
  }
  storeLanes(out, a, columns, outColumn)
  storeLanes(out + outRow, b, columns, outColumn)
  storeLanes(out + 2 * outRow, c, columns, outColumn)
  storeLanes(out + 3 * outRow, d, columns, outColumn)
}

// ---- Tiles added to what is in out -----------------------------------------------------------------------------------

/** A mask of the first `n` lanes. */
// @ts-ignore: decorator
@inline
function firstLanes(n: i32): v128 {
  return i32x4.gt_s(i32x4.splat(n), i32x4(0, 1, 2, 3))
}

/** Adds the lanes of `sums` that are in the mask, and +0 to the others: they are sums that began with +0, never −0. */
// @ts-ignore: decorator
@inline
function addLanes(out: usize, sums: v128, mask: v128): void {
  v128.store(out, f32x4.add(v128.load(out), v128.and(sums, mask)))
}

/** Adds the first `n` lanes of `sums`, and writes nothing else. */
function addFirst(out: usize, sums: v128, n: i32): void {
  if (n > 0) storeLanes(out, f32x4.add(v128.load(out), sums), n, 4)
}

/**
 * Adds sums of `n` terms to out, for `rows` rows: columns 0 … `lefts` − 1 of w at `left`, columns 4 … 3 + `rights` at
 * `right`. It reads four numbers at both, and writes back those that it doesn't change; where another thread may change
 * them, `exact` prevents that. Rows of w are packed.
 */
export function addTiles(
  p: Product,
  left: usize,
  right: usize,
  lefts: i32,
  rights: i32,
  x: usize,
  w: usize,
  n: i32,
  rows: i32,
  exact: bool,
): void {
  const xStep = p.xStep
  const xRow = p.xRow
  const row = p.outRow
  const maskLeft = firstLanes(lefts)
  const maskRight = firstLanes(rights)
  const end = w + PACKED_ROW * n
  for (; rows >= 4 && !exact; rows -= 4) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    let xa = x
    let xb = xa + xRow
    let xc = xb + xRow
    let xd = xc + xRow
    x = xd + xRow
    for (let wk = w; wk < end; wk += PACKED_ROW) {
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
      xa += xStep
      xb += xStep
      xc += xStep
      xd += xStep
    }
    addLanes(left, a0, maskLeft)
    addLanes(left + row, b0, maskLeft)
    addLanes(left + 2 * row, c0, maskLeft)
    addLanes(left + 3 * row, d0, maskLeft)
    addLanes(right, a1, maskRight)
    addLanes(right + row, b1, maskRight)
    addLanes(right + 2 * row, c1, maskRight)
    addLanes(right + 3 * row, d1, maskRight)
    left += 4 * row
    right += 4 * row
  }
  for (; rows > 0; rows--) {
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let xa = x
    for (let wk = w; wk < end; wk += PACKED_ROW) {
      const s = v128.load_splat<f32>(xa)
      a0 = madd(a0, s, v128.load(wk))
      a1 = madd(a1, s, v128.load(wk, 16))
      xa += xStep
    }
    addFirst(left, a0, lefts)
    addFirst(right, a1, rights)
    x += xRow
    left += row
    right += row
  }
}
