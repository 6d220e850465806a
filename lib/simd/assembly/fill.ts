// Zeros, from several threads: a gradient of the dense layout is mostly zeros, and large.

import { address, integer } from './scratch'
import { endOf, firstOf } from './elementwise'

/** The arguments: the array and its length. */
export function fillZero(from: i32, to: i32, scratch: usize): void {
  const first = firstOf(from)
  memory.fill(address(0) + first, 0, endOf(to, integer(1)) - first)
}
