// Crossentropies of logits: rows of `length` contiguous numbers. They follow lib/kernels/losses/crossentropy.ts, but
// compute four exponentials at a time.

import { exp, log } from './math'
import { address, float, INITIAL, integer, PANEL } from './scratch'

/** The largest number of a row; NaN if the row contains NaN. */
function maximum(z: usize, length: i32): f32 {
  let top = load<f32>(z)
  for (let k = 1; k < length; k++) {
    const x = load<f32>(z + 4 * k)
    if (x > top || x !== x) top = x
  }
  return top
}

/** Σ e^(z − top). The terms are written to `to`, each four `step` bytes after the last; up to three numbers too many. */
function sumOfExponentials(to: usize, step: usize, z: usize, length: i32, top: f32): f32 {
  const t = f32x4.splat(top)
  let sum: f32 = 0
  for (let n = length; n > 0; n -= 4) {
    const e = exp(f32x4.sub(v128.load(z), t))
    v128.store(to, e)
    sum += f32x4.extract_lane(e, 0)
    if (n > 1) sum += f32x4.extract_lane(e, 1)
    if (n > 2) sum += f32x4.extract_lane(e, 2)
    if (n > 3) sum += f32x4.extract_lane(e, 3)
    to += step
    z += 16
  }
  return sum
}

function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(f32x4.splat(x)), 0)
}

/** A target t becomes t·(1 − smoothing) + smoothing / length. */
function smooth(t: f32, smoothing: f32, length: i32): f32 {
  return smoothing === 0 ? t : t * (1 - smoothing) + smoothing / f32(length)
}

/** The losses of rows `from` … `to` − 1. Arguments: values, targets, logits, length, all rows, smoothing. */
export function crossentropyForward(from: i32, to: i32, scratch: usize): void {
  const length = integer(3)
  const smoothing = float(5)
  for (let r = from; r < to; r++) {
    const row = 4 * usize(r) * usize(length)
    const t = address(1) + row
    const z = address(2) + row
    const top = maximum(z, length)
    const logSum = logOf(sumOfExponentials(scratch + INITIAL, 0, z, length, top))
    let sum: f32 = 0
    for (let k = 0; k < length; k++)
      sum += smooth(load<f32>(t + 4 * k), smoothing, length) * (logSum - (load<f32>(z + 4 * k) - top))
    store<f32>(address(0) + 4 * r, sum)
  }
}

/** Their gradients. Arguments: gradients, targets, logits, scale, length, all rows, smoothing. */
export function crossentropyBackward(from: i32, to: i32, scratch: usize): void {
  const length = integer(4)
  const smoothing = float(6)
  const e = scratch + PANEL
  for (let r = from; r < to; r++) {
    const row = 4 * usize(r) * usize(length)
    const t = address(1) + row
    const z = address(2) + row
    const total = sumOfExponentials(e, 16, z, length, maximum(z, length))
    const scale = load<f32>(address(3) + 4 * r)
    let targets: f32 = 0
    for (let k = 0; k < length; k++) targets += smooth(load<f32>(t + 4 * k), smoothing, length)
    for (let k = 0; k < length; k++) {
      const q = load<f32>(e + 4 * k) / total
      store<f32>(address(0) + row + 4 * k, scale * (q * targets - smooth(load<f32>(t + 4 * k), smoothing, length)))
    }
  }
}

/** All rows / those not ignored, if `makesUp` is not 0. */
function factorOf(t: usize, rows: i32, ignored: f32, makesUp: f32): f32 {
  if (ignored !== ignored || makesUp === 0) return 1
  let counted = 0
  for (let r = 0; r < rows; r++) if (load<f32>(t + 4 * r) !== ignored) counted++
  return counted === 0 ? 0 : f32(rows) / f32(counted)
}

/**
 * The losses of rows whose targets are classes. Arguments: values, classes, logits, length, all rows, the ignored class,
 * whether the other rows make up for it.
 */
export function sparseCrossentropyForward(from: i32, to: i32, scratch: usize): void {
  const t = address(1)
  const length = integer(3)
  const ignored = float(5)
  const factor = factorOf(t, integer(4), ignored, float(6))
  for (let r = from; r < to; r++) {
    const z = address(2) + 4 * usize(r) * usize(length)
    const target = load<f32>(t + 4 * r)
    let loss: f32 = target === ignored ? 0 : NaN
    if (loss !== 0 && target >= 0 && target < f32(length)) {
      const top = maximum(z, length)
      const logSum = logOf(sumOfExponentials(scratch + INITIAL, 0, z, length, top))
      loss = factor * (logSum - (load<f32>(z + 4 * i32(target)) - top))
    }
    store<f32>(address(0) + 4 * r, loss)
  }
}

/** Their gradients. Arguments: gradients, classes, logits, scale, length, all rows, and the options as above. */
export function sparseCrossentropyBackward(from: i32, to: i32, scratch: usize): void {
  const t = address(1)
  const length = integer(4)
  const ignored = float(6)
  const factor = factorOf(t, integer(5), ignored, float(7))
  const e = scratch + PANEL
  for (let r = from; r < to; r++) {
    const row = 4 * usize(r) * usize(length)
    const z = address(2) + row
    const target = load<f32>(t + 4 * r)
    const s: f32 = target === ignored ? 0 : factor * load<f32>(address(3) + 4 * r)
    const total = sumOfExponentials(e, 16, z, length, maximum(z, length))
    for (let k = 0; k < length; k++) {
      const own: f32 = f32(k) === target ? 1 : 0
      store<f32>(address(0) + row + 4 * k, s === 0 ? 0 : s * (load<f32>(e + 4 * k) / total - own))
    }
  }
}
