// Helpers for element-wise kernels: activations, their gradients, and optimizer steps. These process four numbers at a
// time, the last ones too: their caller puts back what follows the end of an array. A check in the loop would take the
// registers that its constants need.

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
