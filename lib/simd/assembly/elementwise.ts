// Helpers for element-wise kernels: activations, their gradients, and optimizer steps. These process four numbers at a
// time; of the last four, they write only those inside the array.

import { storeLanes } from './tile'

/** Numbers per cache line. Threads divide an array into stretches of whole lines. */
const LINE = 16

/** The start, in bytes, of the stretch whose first line is `from`. */
// @ts-ignore: decorator
@inline
export function firstOf(from: i32): usize {
  return 4 * usize(from) * LINE
}

/** The end, in bytes, of the stretch before line `to` in an array of `n` numbers. */
// @ts-ignore: decorator
@inline
export function endOf(to: i32, n: i32): usize {
  return 4 * min(usize(to) * LINE, usize(n))
}

/** Writes `v` at byte `i` of an array, up to byte `end`. */
// @ts-ignore: decorator
@inline
export function write(array: usize, i: usize, end: usize, v: v128): void {
  if (i + 16 <= end) v128.store(array + i, v)
  else storeLanes(array + i, v, i32((end - i) >> 2), 4)
}
