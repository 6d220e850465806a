// Locally connected layers, forward and backward, for all three kernel layouts. Each place is one matrix product: rows
// are samples, columns are filters, and the sum runs over the patch.

import { address, ELEMENTS, FETCHED, integer, INITIAL, PANEL, PANEL_SIZE, RUNS, WEIGHTS, WEIGHTS_SIZE } from './scratch'
import {
  addTiles,
  PACKED_STEP,
  packedRest,
  packedTiles,
  packRows,
  Product,
  productOf,
  Run,
  RUN_SIZE,
  storeLanes,
  storePair,
  streamsTile,
  tileColumns,
  tiles,
  turnedTile,
} from './tile'
import { PACKED_ROW, transpose4, turn } from './transpose'
import { addRun, Element, ELEMENT_SIZE, g, isWhole, look, lookAtRows, runStep, writeElements, writeRuns } from './window'

// ---- How the kernel is stored --------------------------------------------------------------------------------------

let weights: usize = 0 // address of the current place's first weight
let weightStep: usize = 0 // stride from element to element
let weightFilter: usize = 0 // stride from filter to filter

/** For layout 3, the number of patch elements that the places before this one see; else 0. */
function connectionsBefore(place: i32): i32 {
  if (g.layout !== 3) return 0
  let sum = 0
  for (let p = 0; p < place; p++) sum += look(p)
  return sum
}

/**
 * Locates the weights of a place that sees `seen` elements, writes its runs, and returns their number. Layout 1 stores
 * all elements of the window, even outside the image; 2 stores a row per input; 3, only elements in the image.
 */
function locate(kernel: usize, place: i32, before: i32, seen: i32, scratch: usize): i32 {
  const F = g.F
  const xStep = runStep()
  if (g.layout === 1) {
    weightStep = 4 * F
    weightFilter = 4
    weights = kernel + 4 * usize(place) * usize(g.KH * g.KW * g.C) * usize(F)
    return writeRuns(scratch, weightStep)
  }
  const runCount = writeRuns(scratch, 4)
  if (g.layout === 2) {
    const outputs = g.outputSize >> 2
    weightStep = xStep * outputs
    weightFilter = g.outputFilter
    weights = kernel + usize(place) * g.outputPlace
    for (let r = 0; r < runCount; r++) {
      const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
      run.stored = run.x * outputs
      run.w = PACKED_ROW * run.before
    }
  } else {
    weightStep = 4
    weightFilter = 4 * usize(g.channelsFirst ? g.connections : seen)
    weights = kernel + 4 * usize(before) * usize(g.channelsFirst ? 1 : F)
    for (let r = 0; r < runCount; r++) {
      const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
      run.stored = 4 * run.before
      run.w = PACKED_ROW * run.before
    }
  }
  return runCount
}

/** Packs up to 8 columns of the current place's weights into one row of 8 per element. */
function packWeights(scratch: usize, runCount: i32, filter: i32, columns: i32): void {
  let to = scratch + WEIGHTS
  const from = weights + filter * weightFilter
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    let w = from + run.stored
    if (weightStep === 4) {
      turn(to, w, columns, run.length, weightFilter)
      to += PACKED_ROW * run.length
      continue
    }
    for (let n = run.length; n > 0; n--) {
      if (weightFilter === 4) {
        v128.store(to, v128.load(w))
        v128.store(to, v128.load(w, 16), 16)
      } else {
        let column = w
        for (let f = 0; f < columns; f++) {
          store<f32>(to + 4 * f, load<f32>(column))
          column += weightFilter
        }
      }
      to += PACKED_ROW
      w += weightStep
    }
  }
}

/** The minimum size of a quarter of a place's weights, in bytes, for which a separate stream pays off. */
const LARGE: usize = 4096

/**
 * Loads the current place's weights into the cache, if they are contiguous and large. It reads four streams at a time,
 * which is faster than the single stream in which the first tile would read them.
 */
function fetch(scratch: usize, seen: i32): void {
  const part = (usize(seen) * usize(g.F)) & ~15 // a quarter, in bytes
  if (part < LARGE || g.layout === 2 || (g.layout === 3 && g.channelsFirst) || !isWhole(seen)) return
  const end = weights + part
  let any = f32x4.splat(0)
  for (let w = weights; w < end; w += 64) {
    any = v128.or(any, v128.load(w))
    any = v128.or(any, v128.load(w + part))
    any = v128.or(any, v128.load(w + 2 * part))
    any = v128.or(any, v128.load(w + 3 * part))
  }
  v128.store(scratch + FETCHED, any) // keeps the compiler from removing the loads
}

/** Up to this many samples, reading the weights takes most of the time; any transposition is done in registers. */
const FEW = 3

// ---- Forward -------------------------------------------------------------------------------------------------------

/** From this many filters on, one place has enough independent sums; its weights are read in memory order. */
const WIDE = 32

/** Whether `place` and the next three lie in one row, before `to`, and see whole windows. Looks at `place` last. */
function areFour(place: i32, to: i32): bool {
  return place + 4 <= to && place % g.OW + 4 <= g.OW && isWhole(look(place + 3)) && isWhole(look(place))
}

/** For layout 1 and few samples, computes the place last looked at and the next three together. */
function fourPlaces(product: Product, place: i32, scratch: usize): void {
  const bias = address(3)
  const F = g.F
  const sums = scratch + PANEL // 4 packed rows, one per place
  product.runCount = locate(address(2), place, 0, 0, scratch)
  product.wStep = weightStep
  product.xRow = g.SW * g.inputCol
  for (let b = 0; b < integer(4); b++)
    for (let f = 0; f < F; f += 8) {
      const columns = min(8, F - f)
      for (let p = 0; p < 4; p++) {
        const row = sums + PACKED_ROW * p
        const from = bias + usize(place + p) * g.biasPlace + f * g.biasFilter
        for (let n = 0; n < columns; n++) store<f32>(row + 4 * n, bias ? load<f32>(from + n * g.biasFilter) : 0)
      }
      const x = address(1) + usize(b) * g.inputSize
      streamsTile(product, sums, x, weights + 4 * f, usize(g.KH * g.KW * g.C) * weightStep)
      for (let p = 0; p < 4; p++) {
        const row = sums + PACKED_ROW * p
        const to = address(0) + usize(b) * g.outputSize + usize(place + p) * g.outputPlace + f * g.outputFilter
        storePair(to, v128.load(row), v128.load(row, 16), columns, g.outputFilter)
      }
    }
}

/** Below this length, a run is costly to start. */
const SHORT = 12

/** Computes places `from` … `to` − 1 of all samples. */
export function localForward(from: i32, to: i32, scratch: usize): void {
  const out = address(0)
  const x = address(1)
  const kernel = address(2)
  const bias = address(3)
  const B = integer(4)
  const F = g.F
  const product = productOf(scratch)
  product.xStep = runStep()
  product.outRow = g.outputSize
  product.outColumn = g.outputFilter
  product.runs = scratch + RUNS
  const initial = scratch + INITIAL
  const direct = g.layout === 1
  const K = g.KH * g.KW * g.C
  const room = usize(B) * usize(K) <= PANEL_SIZE / 4
  const packedRows = F >= 64 && room ? B & ~3 : 0
  const few = B <= FEW && g.layout === 3
  const streams = B <= FEW && direct && F < WIDE
  let before = connectionsBefore(from)
  for (let place = from; place < to; place++) {
    if (streams && areFour(place, to)) {
      fourPlaces(product, place, scratch)
      place += 3
      continue
    }
    const seen = look(place)
    const runCount = locate(kernel, place, before, seen, scratch)
    before += seen
    product.runCount = runCount
    product.xRow = g.inputSize
    product.wStep = direct ? weightStep : PACKED_ROW
    const first = usize(place) * g.outputPlace // offset within a sample of out
    if (B >= 8) fetch(scratch, seen)
    // Packing rows pays off when many tiles read them, above all if runs are short. It requires the weights of all
    // elements to be evenly spaced.
    const many = changetype<Run>(product.runs).length < SHORT ? 64 : 256
    const packs = F >= many && packedRows > 0 && (!direct || isWhole(seen))
    for (let f = 0; f < F; ) {
      const columns = tileColumns(direct && !packs ? B : 4, F - f)
      if (bias) {
        let b = bias + usize(place) * g.biasPlace + f * g.biasFilter
        if (columns === 8 && g.biasFilter === 4) {
          v128.store(initial, v128.load(b))
          v128.store(initial, v128.load(b, 16), 16)
        } else
          for (let n = 0; n < columns; n++) {
            store<f32>(initial + 4 * n, load<f32>(b))
            b += g.biasFilter
          }
      }
      const to = out + first + f * g.outputFilter
      let w = weights + f * weightFilter
      if (!direct && !few) {
        packWeights(scratch, runCount, f, columns)
        w = scratch + WEIGHTS
      }
      if (few)
        for (let b = 0; b < B; b++)
          turnedTile(product, to + usize(b) * g.outputSize, initial, x + usize(b) * g.inputSize, w, weightFilter, columns)
      else if (packs) {
        const elements = direct ? K : seen
        const panel = scratch + PANEL
        const group = PACKED_STEP * elements
        if (f === 0)
          for (let b = 0; b < packedRows; b += 4)
            packRows(panel + group * (b >> 2), x + usize(b) * g.inputSize, g.inputSize, product.xStep, product.runs, runCount)
        packedTiles(
          packedRows >> 2,
          to,
          g.outputSize,
          g.outputFilter,
          initial,
          panel,
          group,
          PACKED_STEP,
          w,
          product.wStep,
          elements,
          columns,
        )
        const done = usize(packedRows)
        if (packedRows < B)
          tiles(product, to + done * g.outputSize, initial, x + done * g.inputSize, w, B - packedRows, columns)
      } else tiles(product, to, initial, x, w, B, columns)
      f += columns
    }
  }
}

/** Bytes that stay in the first-level cache while something else passes through it. */
const NEAR_BYTES: usize = 1 << 14

// ---- Gradients of kernel and bias ------------------------------------------------------------------------------------

/** Copies `columns` columns of dout at one place, for all samples, into panels of 8 columns. */
function packGradients(to: usize, dout: usize, B: i32, columns: i32): void {
  const filter = g.outputFilter
  const panel = PACKED_ROW * usize(B)
  for (let b = 0; b < B; b++) {
    let row = to
    let column = dout
    let left = columns
    if (filter === 4)
      for (; left >= 8; left -= 8) {
        v128.store(row, v128.load(column))
        v128.store(row, v128.load(column, 16), 16)
        row += panel
        column += 32
      }
    while (left > 0) {
      for (let n = min(8, left); n > 0; n--) {
        store<f32>(row, load<f32>(column))
        row += 4
        column += filter
      }
      row += panel - PACKED_ROW
      left -= 8
    }
    to += PACKED_ROW
    dout += g.outputSize
  }
}

/** Copies up to 4 elements of a patch, for all samples, into rows of 4. */
function packElements(to: usize, x: usize, elements: usize, B: i32, count: i32): void {
  const a = changetype<Element>(elements)
  const d = changetype<Element>(elements + 3 * ELEMENT_SIZE)
  if (count === 4 && d.x - a.x === 12) {
    let from = x + a.x
    for (let b = 0; b < B; b++) {
      v128.store(to, v128.load(from))
      to += 16
      from += g.inputSize
    }
    return
  }
  for (let n = 0; n < count; n++) {
    let from = x + changetype<Element>(elements + ELEMENT_SIZE * n).x
    let at = to + 4 * n
    for (let b = 0; b < B; b++) {
      store<f32>(at, load<f32>(from))
      at += 16
      from += g.inputSize
    }
  }
}

/** Sums the gradients of kernel and bias (address 0: no bias) at places `from` … `to` − 1 over the samples. */
export function localWeightGradients(from: i32, to: i32, scratch: usize): void {
  const dkernel = address(0)
  const dbias = address(1)
  const dout = address(2)
  const x = address(3)
  const B = integer(4)
  const F = g.F
  const xStep = runStep()
  const xs = scratch + PANEL
  const dys = scratch + WEIGHTS
  const tile = scratch + INITIAL
  const zeros = tile + 128
  memory.fill(zeros, 0, 32)
  const stored = 4 * usize(F) * usize(g.KH * g.KW * g.C)
  // The number of filters that fit in the panel.
  const most = i32(WEIGHTS_SIZE / (PACKED_ROW * usize(B))) * 8
  // Elements are packed four at a time; the number of elements that stay in the first-level cache.
  const quad = PACKED_STEP * usize(B)
  const room = max(1, i32(NEAR_BYTES / quad)) * 4
  let before = connectionsBefore(from)
  for (let place = from; place < to; place++) {
    const seen = look(place)
    const runCount = locate(dkernel, place, before, seen, scratch)
    before += seen
    if (g.layout === 1 && !isWhole(seen)) memory.fill(weights, 0, stored)
    if (B === 1 && weightFilter === 4 && g.outputFilter === 4) {
      const dy = dout + usize(place) * g.outputPlace
      if (dbias)
        for (let f = 0; f < F; f += 8) sumRows(dbias + usize(place) * g.biasPlace + 4 * f, dy + 4 * f, 0, 1, min(8, F - f))
      outerProduct(x, dy, scratch, runCount, xStep)
      continue
    }
    // Inputs need no packing where few tiles read them, or where they stay in the first-level cache.
    if ((F <= 16 || (F <= 32 && quad * seen <= 4 * NEAR_BYTES)) && xStep === 4 && g.outputFilter === 4) {
      narrowGradients(x, dout + usize(place) * g.outputPlace, dbias ? dbias + usize(place) * g.biasPlace : 0, B, scratch, runCount)
      continue
    }
    writeElements(scratch, runCount, xStep, weightStep)
    for (let start = 0; start < F; start += most) {
      const end = min(F, start + most)
      const dy = dout + usize(place) * g.outputPlace + start * g.outputFilter
      packGradients(dys, dy, B, end - start)
      if (dbias) {
        const sums = dbias + usize(place) * g.biasPlace
        for (let f = start; f < end; f += 8)
          sumRows(sums + f * g.biasFilter, dys + 4 * usize(B) * usize(f - start), PACKED_ROW, B, min(8, end - f))
      }
      for (let k = 0; k < seen; k += room) {
        const count = min(room, seen - k)
        const elements = scratch + ELEMENTS + ELEMENT_SIZE * k
        for (let n = 0; n < count; n += 4) packElements(xs + quad * (n >> 2), x, elements + ELEMENT_SIZE * n, B, min(4, count - n))
        const first = changetype<Element>(elements).w
        const even = changetype<Element>(elements + ELEMENT_SIZE * (count - 1)).w - first === (count - 1) * weightStep
        for (let f = start; f < end; f += 8) {
          const columns = min(8, end - f)
          const panel = dys + 4 * usize(B) * usize(f - start)
          const w = weights + f * weightFilter
          const whole = even ? count >> 2 : 0
          packedTiles(whole, w + first, weightStep, weightFilter, zeros, xs, quad, PACKED_STEP, panel, PACKED_ROW, B, columns)
          for (let n = 4 * whole; n < count; n += 4) {
            packedTiles(1, tile, PACKED_ROW, 4, zeros, xs + quad * (n >> 2), 0, PACKED_STEP, panel, PACKED_ROW, B, 8)
            for (let i = n; i < min(n + 4, count); i++) {
              const row = tile + PACKED_ROW * (i - n)
              const to = w + changetype<Element>(elements + ELEMENT_SIZE * i).w
              storePair(to, v128.load(row), v128.load(row, 16), columns, weightFilter)
            }
          }
        }
      }
    }
  }
}

/**
 * The gradients of one place with few filters, whose inputs and outputs are read where they are. Elements of a run go
 * four at a time; those left over, either by run or, across the runs, by column.
 */
function narrowGradients(x: usize, dy: usize, dbias: usize, B: i32, scratch: usize, runCount: i32): void {
  const zeros = scratch + INITIAL + 128
  const first = changetype<Run>(scratch + RUNS)
  const second = changetype<Run>(scratch + RUNS + RUN_SIZE)
  const fours = first.length >> 2
  const left = first.length & 3
  // The runs of a window in memory order are its rows, equally spaced. A tile takes up to three elements.
  const byColumn = !g.patchChannelsFirst && left * ((runCount + 2) / 3) < runCount
  const size = g.inputSize
  const outputSize = g.outputSize
  for (let f = 0; f < g.F; f += 8) {
    const columns = min(8, g.F - f)
    const panel = dy + 4 * f
    const to = weights + f * weightFilter
    if (dbias) sumRows(dbias + f * g.biasFilter, panel, outputSize, B, columns)
    for (let r = 0; r < runCount; r++) {
      const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
      let from = x + run.x
      let w = to + run.stored
      packedTiles(fours, w, weightStep, weightFilter, zeros, from, 16, size, panel, outputSize, B, columns)
      if (byColumn || left === 0) continue
      from += 16 * fours
      w += 4 * fours * weightStep
      packedRest(w, weightStep, weightFilter, from, 4, size, panel, outputSize, B, left, columns)
    }
    if (!byColumn) continue
    for (let k = 4 * fours; k < first.length; k++)
      for (let r = 0; r < runCount; r += 3) {
        const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
        const from = x + run.x + 4 * k
        const w = to + run.stored + k * weightStep
        const row = second.stored - first.stored
        const rows = min(3, runCount - r)
        packedRest(w, row, weightFilter, from, second.x - first.x, size, panel, outputSize, B, rows, columns)
      }
  }
}

/** The kernel gradient for a single sample, limited by writing. Adding +0 turns −0 into +0, as in longer sums. */
function outerProduct(x: usize, dy: usize, scratch: usize, runCount: i32, xStep: usize): void {
  const zero = f32x4.splat(0)
  const whole = 4 * (g.F & ~3)
  const row = 4 * g.F
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    let xk = x + run.x
    let w = weights + run.stored
    for (let n = run.length; n > 0; n--) {
      const s = v128.load_splat<f32>(xk)
      let f = 0
      for (; f < whole; f += 16) v128.store(w + f, f32x4.add(zero, f32x4.mul(s, v128.load(dy + f))))
      if (f < row) storeLanes(w + f, f32x4.add(zero, f32x4.mul(s, v128.load(dy + f))), (row - f) >> 2, 4)
      xk += xStep
      w += weightStep
    }
  }
}

function sumRows(out: usize, rows: usize, row: usize, B: i32, columns: i32): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  for (let n = 0; n < B; n++) {
    a = f32x4.add(a, v128.load(rows))
    b = f32x4.add(b, v128.load(rows, 16))
    rows += row
  }
  storePair(out, a, b, columns, g.biasFilter)
}

// ---- Gradient of the input -----------------------------------------------------------------------------------------

/** Computes the gradient of input rows `from` … `to` − 1: sums over the filters at each place, added up place by place. */
export function localInputGradients(from: i32, to: i32, scratch: usize): void {
  const dx = address(0)
  const dout = address(1)
  const kernel = address(2)
  const B = integer(3)
  clearRows(dx, B, from, to)
  const product = productOf(scratch)
  product.xRow = g.outputSize
  product.xStep = g.outputFilter
  product.outRow = g.inputSize
  const filters = changetype<Run>(product.runs)
  filters.stored = 0
  filters.length = g.F
  const few = B <= FEW && g.layout !== 2
  let before = 0
  for (let place = 0; place < g.OH * g.OW; place++) {
    const seenInAll = g.layout === 3 ? look(place) : 0
    const runCountInAll = g.layout === 3 ? locate(kernel, place, before, seenInAll, scratch) : 0
    before += seenInAll
    const seen = lookAtRows(place, from, to)
    if (seen === 0) continue
    let runCount = runCountInAll
    if (g.layout !== 3) runCount = locate(kernel, place, 0, seen, scratch)
    else if (seen !== seenInAll) runCount = keepRows(scratch, runCountInAll, from, to)
    const dy = dout + usize(place) * g.outputPlace
    if (few)
      for (let b = 0; b < B; b++)
        addFew(product, dx + usize(b) * g.inputSize, dy + usize(b) * g.outputSize, scratch, runCount)
    else {
      if (g.layout === 3) fetch(scratch, seen) // the other layouts read their weights in memory order
      addPlace(product, dx, dy, scratch, runCount, usize(to) * g.inputRow)
    }
  }
}

/** Transposes the weights of up to 4 elements of a run, from `w` on, into 4 lanes of packed rows, one per filter. */
function packHalf(to: usize, w: usize, count: i32): void {
  const F = g.F
  if (weightFilter === 4) {
    const last = w + weightStep * (count - 1)
    const b = min(w + weightStep, last)
    const c = min(b + weightStep, last)
    transpose4(to, PACKED_ROW, w, b, c, last, F)
    return
  }
  for (let f = 0; f < F; f++) {
    if (weightStep === 4) v128.store(to, v128.load(w))
    else for (let n = 0; n < count; n++) store<f32>(to + 4 * n, load<f32>(w + n * weightStep))
    w += weightFilter
    to += PACKED_ROW
  }
}

/** Two stretches of up to 4 inputs whose gradients are computed together: offsets in dx, lengths, transposed weights. */
@unmanaged
class Pair {
  left: usize
  right: usize
  lefts: i32
  rights: i32
  w: usize
  /** Whether four numbers at `left` or `right` go beyond the rows of this thread. */
  exact: bool
}
const PAIR_SIZE: usize = 24

/** The number of samples, in steps of `stride` bytes, that a first-level cache of 8 ways and 4 KiB a way can hold. */
function samplesNear(stride: usize): i32 {
  return i32(8 * 4096 / min(stride & -stride, 4096))
}

/**
 * Adds the sums of one place to dx, for all samples. Elements of a run must be contiguous in dx; `dy` is the gradient of
 * the place's output; this thread's rows end before `limit`.
 */
function addPlace(product: Product, dx: usize, dy: usize, scratch: usize, runCount: i32, limit: usize): void {
  const size = PACKED_ROW * usize(g.F)
  const pairs = scratch + ELEMENTS
  let pair = changetype<Pair>(pairs)
  pair.w = scratch + WEIGHTS
  pair.lefts = 0
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    let w = weights + run.stored
    let x = run.x
    for (let n = run.length; n > 0; n -= 4) {
      const count = min(n, 4)
      const exact = (g.channelsFirst ? x % g.inputChannel : x) + 16 > limit
      if (pair.lefts === 0) {
        packHalf(pair.w, w, count)
        pair.left = pair.right = x
        pair.lefts = count
        pair.rights = 0
        pair.exact = exact
      } else {
        packHalf(pair.w + 16, w, count)
        pair.exact = pair.exact || exact
        pair.right = x
        pair.rights = count
        const next = pair.w + size
        pair = changetype<Pair>(changetype<usize>(pair) + PAIR_SIZE)
        pair.w = next
        pair.lefts = 0
        if (next >= scratch + WEIGHTS + NEAR_BYTES) {
          addPairs(product, dx, dy, pairs, changetype<usize>(pair))
          pair = changetype<Pair>(pairs)
          pair.lefts = 0
        }
      }
      w += 4 * weightStep
      x += 16
    }
  }
  addPairs(product, dx, dy, pairs, changetype<usize>(pair) + (pair.lefts > 0 ? PAIR_SIZE : 0))
}

function addPairs(product: Product, dx: usize, dy: usize, pairs: usize, end: usize): void {
  const B = integer(3)
  const near = max(4, min(samplesNear(g.inputSize), samplesNear(g.outputSize)))
  for (let b = 0; b < B; b += near) {
    const rows = min(near, B - b)
    for (let at = pairs; at < end; at += PAIR_SIZE) {
      const pair = changetype<Pair>(at)
      addTiles(product, dx + pair.left, dx + pair.right, pair.lefts, pair.rights, dy, pair.w, g.F, rows, pair.exact)
    }
    dx += usize(rows) * g.inputSize
    dy += usize(rows) * g.outputSize
  }
}

/** Adds the sums of one place to dx, for one sample; `dy` is the gradient of the place's output. */
function addFew(product: Product, dx: usize, dy: usize, scratch: usize, runCount: i32): void {
  const zeros = scratch + INITIAL
  const sums = scratch + PANEL
  product.wStep = weightFilter
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    let w = weights + run.stored
    let to = sums
    for (let n = run.length; n > 0; ) {
      // Layout 3 stores the elements of a filter together, layout 1 the filters of an element.
      const columns = weightStep === 4 ? tileColumns(1, n) : min(n, 8)
      if (weightStep === 4) tiles(product, to, zeros, dy, w, 1, columns)
      else turnedTile(product, to, zeros, dy, w, weightStep, columns)
      to += 4 * columns
      w += columns * weightStep
      n -= columns
    }
    addRun(dx + run.x, sums, run.length)
  }
}

/** Drops runs outside input rows `from` … `to` − 1, and returns how many remain. A sparse kernel stores all runs. */
function keepRows(scratch: usize, runCount: i32, from: i32, to: i32): i32 {
  let kept = 0
  let before = 0
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    const inChannel = g.channelsFirst ? run.x % g.inputChannel : run.x
    const row = i32(inChannel / g.inputRow)
    if (row < from || row >= to) continue
    const target = changetype<Run>(scratch + RUNS + RUN_SIZE * kept++)
    target.x = run.x
    target.stored = run.stored
    target.length = run.length
    target.before = before
    before += run.length
  }
  return kept
}

function clearRows(dx: usize, B: i32, from: i32, to: i32): void {
  const bytes = g.inputRow * (to - from)
  const planes = g.channelsFirst ? g.C : 1
  for (let b = 0; b < B; b++)
    for (let c = 0; c < planes; c++)
      memory.fill(dx + usize(b) * g.inputSize + c * g.inputChannel + from * g.inputRow, 0, bytes)
}
