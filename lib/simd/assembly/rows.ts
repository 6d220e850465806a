// Softmax along one axis: over `length` numbers that are `inner` apart. A block holds `inner` such rows. If `inner` is
// 1, exponentials are computed four at a time. Sums add one number at a time.

import { address, INITIAL, integer } from './scratch'
import { exp } from './math'

/** e^x of a single number. */
function expOf(x: f32): f32 {
  return f32x4.extract_lane(exp(f32x4.splat(x)), 0)
}

/** Handles blocks `from` … `to` − 1. Arguments: y, x, length, inner. */
export function softmaxForward(from: i32, to: i32, scratch: usize): void {
  const y = address(0)
  const x = address(1)
  const length = integer(2)
  const inner = integer(3)
  const step = 4 * usize(inner)
  for (let o = from; o < to; o++)
    for (let j = 0; j < inner; j++) {
      const first = 4 * (usize(o) * usize(length) * usize(inner) + j)
      let top = load<f32>(x + first)
      for (let k = 1; k < length; k++) {
        const xi = load<f32>(x + first + k * step)
        if (xi > top) top = xi
      }
      let sum: f32 = 0
      if (inner === 1) {
        const end = first + 4 * length
        const t = f32x4.splat(top)
        let i = first
        for (; i + 16 <= end; i += 16) {
          const e = exp(f32x4.sub(v128.load(x + i), t))
          v128.store(y + i, e)
          sum += f32x4.extract_lane(e, 0)
          sum += f32x4.extract_lane(e, 1)
          sum += f32x4.extract_lane(e, 2)
          sum += f32x4.extract_lane(e, 3)
        }
        if (i < end) {
          const rest = scratch + INITIAL
          v128.store(rest, exp(f32x4.sub(v128.load(x + i), t)))
          for (let at = rest; i < end; i += 4) {
            const e = load<f32>(at)
            store<f32>(y + i, e)
            sum += e
            at += 4
          }
        }
      } else
        for (let k = 0; k < length; k++) {
          const i = first + k * step
          const e = expOf(load<f32>(x + i) - top)
          store<f32>(y + i, e)
          sum += e
        }
      for (let k = 0; k < length; k++) {
        const i = first + k * step
        store<f32>(y + i, load<f32>(y + i) / sum)
      }
    }
}

/** Handles blocks `from` … `to` − 1. Arguments: dx, dy, y, length, inner. */
export function softmaxBackward(from: i32, to: i32, scratch: usize): void {
  const dx = address(0)
  const dy = address(1)
  const y = address(2)
  const length = integer(3)
  const inner = integer(4)
  const step = 4 * usize(inner)
  for (let o = from; o < to; o++)
    for (let j = 0; j < inner; j++) {
      const first = 4 * (usize(o) * usize(length) * usize(inner) + j)
      let sum: f32 = 0
      for (let k = 0; k < length; k++) {
        const i = first + k * step
        sum += load<f32>(dy + i) * load<f32>(y + i)
      }
      for (let k = 0; k < length; k++) {
        const i = first + k * step
        store<f32>(dx + i, (load<f32>(dy + i) - sum) * load<f32>(y + i))
      }
    }
}
