// Fills an array with zeros on several threads: gradients in the dense layout are large and mostly zero.

import { address, integer } from './scratch'
import { endOf, firstOf } from './elementwise'

/** Arguments: the array and its length. */
export function fillZero(from: i32, to: i32, scratch: usize): void {
  const first = firstOf(from)
  memory.fill(address(0) + first, 0, endOf(to, integer(1)) - first)
}
