// Convolution as a matrix product: its rows are neighbouring places, which share one kernel [K, F].

import { madd, Product, productOf, Run, RUN_SIZE, storeLanes, storePair, tileColumns, tiles } from './tile'
import { address, INITIAL, integer, PANEL, PANEL_SIZE, RUNS, WEIGHTS, WEIGHTS_SIZE } from './scratch'
import { PACKED_ROW, turn } from './transpose'
import { addRun, g, look, runStep, writeRuns } from './window'

// ---- Forward -------------------------------------------------------------------------------------------------------

/** The first place of a row whose window lies between the left and right edges of the image. */
function firstInside(): i32 {
  return min(g.OW, (g.left + g.SW - 1) / g.SW)
}

/** The end (exclusive) of the places that start at `firstInside`. */
function endInside(): i32 {
  const last = g.W - 1 - (g.KW - 1) * g.dilationCol + g.left
  return last < 0 ? 0 : max(firstInside(), min(g.OW, last / g.SW + 1))
}

/** Computes output rows `from` … `to` − 1, numbered across all samples. */
export function convolutionForward(from: i32, to: i32, scratch: usize): void {
  const product = productOf(scratch)
  product.xRow = g.SW * g.inputCol
  product.xStep = runStep()
  product.wStep = 4 * g.F
  product.outRow = g.outputPlace
  product.outColumn = g.outputFilter
  product.runs = scratch + RUNS
  const inside = firstInside()
  const insideEnd = max(endInside(), inside)
  for (let row = from; row < to; row++) {
    for (let ow = 0; ow < g.OW; ) {
      const places = ow >= inside && ow < insideEnd ? insideEnd - ow : 1
      forwardPlaces(product, row, ow, places, scratch)
      ow += places
    }
  }
}

/** Computes `places` neighbours, from `ow` on, that all see the same part of their windows. */
function forwardPlaces(product: Product, row: i32, ow: i32, places: i32, scratch: usize): void {
  const F = g.F
  const b = row / g.OH
  const place = (row % g.OH) * g.OW + ow
  const bias = address(3)
  const initial = scratch + INITIAL
  product.runCount = look(place) > 0 ? writeRuns(scratch, product.wStep) : 0
  const out = address(0) + usize(b) * g.outputSize + usize(place) * g.outputPlace
  const x = address(1) + usize(b) * g.inputSize
  // The runs are those of the first place; each further place starts SW columns to the right.
  for (let f = 0; f < F; ) {
    const columns = tileColumns(places, F - f)
    if (bias) memory.copy(initial, bias + 4 * f, 4 * columns)
    tiles(product, out + f * g.outputFilter, initial, x, address(2) + 4 * f, places, columns)
    f += columns
  }
}

// ---- Gradients of kernel and bias ------------------------------------------------------------------------------------

/** Loads four columns that are `step` bytes apart. */
// @ts-ignore: decorator
@inline
function loadColumns(at: usize, step: usize): v128 {
  if (step === 4) return v128.load(at)
  let v = v128.load_splat<f32>(at)
  v = v128.load_lane<f32>(at + step, v, 1)
  v = v128.load_lane<f32>(at + 2 * step, v, 2)
  return v128.load_lane<f32>(at + 3 * step, v, 3)
}

/** Computes the gradients of window positions kh·KW + kw = `from` … `to` − 1; position 0 includes that of the bias. */
export function convolutionWeightGradients(from: i32, to: i32, scratch: usize): void {
  const dkernel = address(0)
  const dbias = address(1)
  const dout = address(2)
  const B = integer(4)
  const F = g.F
  for (let tap = from; tap < to; tap++)
    for (let c = 0; c < g.C; c += 4)
      for (let f = 0; f < F; f += 8) {
        const w = dkernel + 4 * ((usize(tap) * usize(g.C) + c) * usize(F) + f)
        tapGradients(w, tap / g.KW, tap % g.KW, c, f, B)
      }
  if (from > 0 || !dbias) return
  const places = g.OH * g.OW
  for (let f = 0; f < F; f += 4) {
    let sum = f32x4.splat(0)
    for (let b = 0; b < B; b++) {
      let dy = dout + usize(b) * g.outputSize + f * g.outputFilter
      for (let p = 0; p < places; p++) {
        sum = f32x4.add(sum, loadColumns(dy, g.outputFilter))
        dy += g.outputPlace
      }
    }
    storeLanes(dbias + 4 * f, sum, min(4, F - f), 4)
  }
}

/** Sums the gradients of up to 4 channels × 8 filters at one window position over samples and places. */
function tapGradients(w: usize, kh: i32, kw: i32, c: i32, f: i32, B: i32): void {
  const dout = address(2)
  const x = address(3)
  const F = g.F
  const C = g.C
  const step = g.inputChannel
  const filter = g.outputFilter
  // Past the last channel, repeat it; the results are not stored.
  const c1 = usize(min(1, C - 1 - c)) * step
  const c2 = usize(min(2, C - 1 - c)) * step
  const c3 = usize(min(3, C - 1 - c)) * step
  const col = kw * g.dilationCol - g.left
  const first = col < 0 ? (-col + g.SW - 1) / g.SW : 0
  const end = g.W - col <= 0 ? 0 : min(g.OW, (g.W - col + g.SW - 1) / g.SW)
  const xStep = g.SW * g.inputCol
  const place = g.outputPlace
  let a0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let d0 = f32x4.splat(0)
  let d1 = f32x4.splat(0)
  let e0 = f32x4.splat(0)
  let e1 = f32x4.splat(0)
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < g.OH; oh++) {
      const h = oh * g.SH - g.top + kh * g.dilationRow
      if (h < 0 || h >= g.H) continue
      let xi = x + usize(b) * g.inputSize + h * g.inputRow + (first * g.SW + col) * g.inputCol + c * step
      let dy = dout + usize(b) * g.outputSize + usize(oh * g.OW + first) * place + f * filter
      for (let ow = first; ow < end; ow++) {
        const y0 = loadColumns(dy, filter)
        const y1 = loadColumns(dy + 4 * filter, filter)
        let s = v128.load_splat<f32>(xi)
        a0 = madd(a0, s, y0)
        a1 = madd(a1, s, y1)
        s = v128.load_splat<f32>(xi + c1)
        b0 = madd(b0, s, y0)
        b1 = madd(b1, s, y1)
        s = v128.load_splat<f32>(xi + c2)
        d0 = madd(d0, s, y0)
        d1 = madd(d1, s, y1)
        s = v128.load_splat<f32>(xi + c3)
        e0 = madd(e0, s, y0)
        e1 = madd(e1, s, y1)
        xi += xStep
        dy += place
      }
    }
  const columns = min(8, F - f)
  storePair(w, a0, a1, columns, 4)
  if (c + 1 < C) storePair(w + 4 * F, b0, b1, columns, 4)
  if (c + 2 < C) storePair(w + 8 * F, d0, d1, columns, 4)
  if (c + 3 < C) storePair(w + 12 * F, e0, e1, columns, 4)
}

// ---- Gradient of the input -----------------------------------------------------------------------------------------

/** Handles samples `from` … `to` − 1: sums over the filters at each place, then adds up the places in order. */
export function convolutionInputGradients(from: i32, to: i32, scratch: usize): void {
  const dx = address(0)
  const dout = address(1)
  const F = g.F
  const K = g.KH * g.KW * g.C
  const product = productOf(scratch)
  product.xRow = g.outputPlace
  product.xStep = g.outputFilter
  product.wStep = PACKED_ROW
  product.outRow = 4 * K
  changetype<Run>(product.runs).length = F
  const initial = scratch + INITIAL
  const sums = scratch + PANEL
  // Transpose all weights at once if they fit.
  const packed = PACKED_ROW * usize(F)
  const fits = packed * usize((K + 7) / 8) <= WEIGHTS_SIZE
  if (fits)
    for (let k = 0; k < K; k += 8) turn(scratch + WEIGHTS + (k / 8) * packed, address(2) + 4 * usize(k) * usize(F), min(8, K - k), F, 4 * F)
  const most = min(32, i32(PANEL_SIZE / (4 * usize(K))))
  for (let b = from; b < to; b++) {
    memory.fill(dx + usize(b) * g.inputSize, 0, g.inputSize)
    for (let place = 0; place < g.OH * g.OW; place += most) {
      const places = min(most, g.OH * g.OW - place)
      const dy = dout + usize(b) * g.outputSize + usize(place) * g.outputPlace
      for (let k = 0; k < K; ) {
        const columns = tileColumns(4, K - k)
        let turned = scratch + WEIGHTS
        if (fits) turned += (k / 8) * packed + 4 * (k % 8)
        else turn(turned, address(2) + 4 * usize(k) * usize(F), columns, F, 4 * F)
        tiles(product, sums + 4 * k, initial, dy, turned, places, columns)
        k += columns
      }
      for (let p = 0; p < places; p++) addPlace(dx + usize(b) * g.inputSize, sums + 4 * usize(p) * usize(K), place + p, scratch)
    }
  }
}

/** Adds the sums of one place, stored in the order of the whole window, to dx. */
function addPlace(dx: usize, sums: usize, place: i32, scratch: usize): void {
  if (look(place) === 0) return
  const runCount = writeRuns(scratch, 4)
  for (let r = 0; r < runCount; r++) {
    const run = changetype<Run>(scratch + RUNS + RUN_SIZE * r)
    addRun(dx + run.x, sums + run.w, run.length)
  }
}
