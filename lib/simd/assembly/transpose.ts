// Transposes matrices, four rows at a time.

/** Bytes of a packed row, which holds 8 numbers. */
export const PACKED_ROW: usize = 32

/** Interleaves the first two numbers (low) or the last two (high) of two vectors. */
// @ts-ignore: decorator
@inline
export function interleaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 4, 1, 5)
}
// @ts-ignore: decorator
@inline
export function interleaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 6, 3, 7)
}
/** Joins the first halves (low) or the second halves (high) of two vectors. */
// @ts-ignore: decorator
@inline
export function lowHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 1, 4, 5)
}
// @ts-ignore: decorator
@inline
export function highHalves(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 2, 3, 6, 7)
}

/** Transposes four rows of four numbers, and writes the resulting rows `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function storeColumns(to: usize, step: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = interleaveLow(a, b)
  const ab1 = interleaveHigh(a, b)
  const cd0 = interleaveLow(c, d)
  const cd1 = interleaveHigh(c, d)
  v128.store(to, lowHalves(ab0, cd0))
  to += step
  v128.store(to, highHalves(ab0, cd0))
  to += step
  v128.store(to, lowHalves(ab1, cd1))
  to += step
  v128.store(to, highHalves(ab1, cd1))
}

/** Transposes four rows of `n` numbers into `n` rows of four, `step` bytes apart. */
export function transpose4(to: usize, step: usize, a: usize, b: usize, c: usize, d: usize, n: i32): void {
  for (; n >= 4; n -= 4) {
    const va = v128.load(a)
    const vb = v128.load(b)
    const vc = v128.load(c)
    const vd = v128.load(d)
    storeColumns(to, step, va, vb, vc, vd)
    to += 4 * step
    a += 16
    b += 16
    c += 16
    d += 16
  }
  for (; n > 0; n--) {
    store<f32>(to, load<f32>(a))
    store<f32>(to, load<f32>(b), 4)
    store<f32>(to, load<f32>(c), 8)
    store<f32>(to, load<f32>(d), 12)
    to += step
    a += 4
    b += 4
    c += 4
    d += 4
  }
}

/** Transposes `rows` (at most 8) rows of `width` numbers, `row` bytes apart, into `width` packed rows. */
export function turn(to: usize, w: usize, rows: i32, width: i32, row: usize): void {
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    const from = w + r * row
    transpose4(to + 4 * r, PACKED_ROW, from, from + row, from + 2 * row, from + 3 * row, width)
  }
  for (; r < rows; r++) {
    let from = w + r * row
    let at = to + 4 * r
    for (let n = 0; n < width; n++) {
      store<f32>(at, load<f32>(from))
      from += 4
      at += PACKED_ROW
    }
  }
}
