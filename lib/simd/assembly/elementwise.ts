// What goes number by number: activations, their gradients, and the steps of the optimizers. Four numbers at a time; of
// the last four only those that belong to the array are written.

import { storeLanes } from './tile'

/** Threads share out, and stretches are made of, lines of the cache: so many numbers. */
const LINE = 16

// @ts-ignore: decorator
@inline
export function firstOf(from: i32): usize {
  return 4 * usize(from) * LINE
}

/** Where the stretch ends, in bytes, of an array of `n` numbers. */
// @ts-ignore: decorator
@inline
export function endOf(to: i32, n: i32): usize {
  return 4 * min(usize(to) * LINE, usize(n))
}

/** Writes at byte `i` of an array that ends at byte `end`. */
// @ts-ignore: decorator
@inline
export function write(array: usize, i: usize, end: usize, v: v128): void {
  if (i + 16 <= end) v128.store(array + i, v)
  else storeLanes(array + i, v, i32((end - i) >> 2), 4)
}
