// Matrices turned round, four rows at a time.

/** Packed numbers stand in rows of 8. */
export const PACKED_ROW: usize = 32

/** Four rows of F numbers become F rows of four, PACKED_ROW apart. */
export function transpose4(to: usize, a: usize, b: usize, c: usize, d: usize, F: i32): void {
  let f = 0
  for (; f + 4 <= F; f += 4) {
    const va = v128.load(a)
    const vb = v128.load(b)
    const vc = v128.load(c)
    const vd = v128.load(d)
    const ab0 = v128.shuffle<f32>(va, vb, 0, 4, 1, 5)
    const ab1 = v128.shuffle<f32>(va, vb, 2, 6, 3, 7)
    const cd0 = v128.shuffle<f32>(vc, vd, 0, 4, 1, 5)
    const cd1 = v128.shuffle<f32>(vc, vd, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5))
    v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), PACKED_ROW)
    v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 2 * PACKED_ROW)
    v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 3 * PACKED_ROW)
    to += 4 * PACKED_ROW
    a += 16
    b += 16
    c += 16
    d += 16
  }
  for (; f < F; f++) {
    store<f32>(to, load<f32>(a))
    store<f32>(to, load<f32>(b), 4)
    store<f32>(to, load<f32>(c), 8)
    store<f32>(to, load<f32>(d), 12)
    to += PACKED_ROW
    a += 4
    b += 4
    c += 4
    d += 4
  }
}

/** `rows` rows of `width` numbers become `width` rows of 8 places. */
export function turn(to: usize, w: usize, rows: i32, width: i32, row: usize): void {
  let r = 0
  for (; r + 4 <= rows; r += 4) {
    const from = w + r * row
    transpose4(to + 4 * r, from, from + row, from + 2 * row, from + 3 * row, width)
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
