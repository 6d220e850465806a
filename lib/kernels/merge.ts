// The arithmetic of layers with several inputs. Each step combines one input with the result so far. Number e of a sample of
// the result belongs to number table[e] of a sample of the input, which has `size` numbers; without a table, to number e.

const { fround } = Math

type Table = Int32Array | null

/** y = x */
function copy(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  if (!table) y.set(x)
  else for (let b = 0, i = 0; b < B; b++) for (let e = 0; e < table.length; e++, i++) y[i] = x[b * size + table[e]]
}

/** y += x */
function add(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  if (!table) for (let i = 0; i < y.length; i++) y[i] += x[i]
  else for (let b = 0, i = 0; b < B; b++) for (let e = 0; e < table.length; e++, i++) y[i] += x[b * size + table[e]]
}

/** y −= x */
function subtract(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  if (!table) for (let i = 0; i < y.length; i++) y[i] -= x[i]
  else for (let b = 0, i = 0; b < B; b++) for (let e = 0; e < table.length; e++, i++) y[i] -= x[b * size + table[e]]
}

/** y = y · x */
function multiply(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  if (!table) for (let i = 0; i < y.length; i++) y[i] *= x[i]
  else for (let b = 0, i = 0; b < B; b++) for (let e = 0; e < table.length; e++, i++) y[i] *= x[b * size + table[e]]
}

/** y = max(y, x) */
function maximum(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  const n = table ? table.length : size
  for (let b = 0, i = 0; b < B; b++)
    for (let e = 0; e < n; e++, i++) y[i] = Math.max(y[i], x[b * size + (table ? table[e] : e)])
}

/** y = min(y, x) */
function minimum(y: Float32Array, x: Float32Array, table: Table, B: number, size: number): void {
  const n = table ? table.length : size
  for (let b = 0, i = 0; b < B; b++)
    for (let e = 0; e < n; e++, i++) y[i] = Math.min(y[i], x[b * size + (table ? table[e] : e)])
}

/** Moves the gradient to dx where x is y, and leaves 0: among equal inputs, the first one gets it. */
function take(
  dx: Float32Array,
  left: Float32Array,
  x: Float32Array,
  y: Float32Array,
  table: Table,
  B: number,
  size: number,
): void {
  const n = table ? table.length : size
  for (let b = 0, i = 0; b < B; b++)
    for (let e = 0; e < n; e++, i++) {
      const isSource = x[b * size + (table ? table[e] : e)] === y[i]
      dx[i] = isSource ? left[i] : 0
      if (isSource) left[i] = 0
    }
}

/** y = x / n */
function divide(y: Float32Array, x: Float32Array, n: number): void {
  for (let i = 0; i < y.length; i++) y[i] = x[i] / n
}

/** The transpose of copy: gradients of results that share an input are added, in their order. */
function scatter(dx: Float32Array, dy: Float32Array, table: Int32Array, B: number, size: number): void {
  dx.fill(0)
  for (let b = 0, i = 0; b < B; b++) for (let e = 0; e < table.length; e++, i++) dx[b * size + table[e]] += dy[i]
}

export const merge = {
  name: 'merge',
  copy,
  add,
  subtract,
  multiply,
  maximum,
  minimum,
  take,
  divide,
  scatter,

  /** Copies `rows` rows of `width` numbers to, or from, a place within longer rows of `y`. */
  place(y: Float32Array, x: Float32Array, rows: number, width: number, from: number, length: number): void {
    for (let r = 0; r < rows; r++) for (let i = 0; i < width; i++) y[r * length + from + i] = x[r * width + i]
  },

  pick(x: Float32Array, y: Float32Array, rows: number, width: number, from: number, length: number): void {
    for (let r = 0; r < rows; r++) for (let i = 0; i < width; i++) x[r * width + i] = y[r * length + from + i]
  },
}

/** The sizes of a product along one axis of each of two samples: a of shape [A1, K, A2], b of shape [B1, K, B2]. */
export interface DotSizes {
  readonly A1: number
  readonly A2: number
  readonly B1: number
  readonly B2: number
  readonly K: number
}

export const dotProduct = {
  name: 'dot',

  /** y[n, a1, a2, b1, b2] = Σ over k of a[n, a1, k, a2] · b[n, b1, k, b2] */
  forward(y: Float32Array, a: Float32Array, b: Float32Array, N: number, { A1, A2, B1, B2, K }: DotSizes): void {
    for (let n = 0, o = 0; n < N; n++)
      for (let a1 = 0; a1 < A1; a1++)
        for (let a2 = 0; a2 < A2; a2++)
          for (let b1 = 0; b1 < B1; b1++)
            for (let b2 = 0; b2 < B2; b2++, o++) {
              let sum = 0
              for (let k = 0; k < K; k++) {
                const i = ((n * A1 + a1) * K + k) * A2 + a2
                const j = ((n * B1 + b1) * K + k) * B2 + b2
                sum = fround(sum + fround(a[i] * b[j]))
              }
              y[o] = sum
            }
  },

  backward(
    da: Float32Array,
    db: Float32Array,
    dy: Float32Array,
    a: Float32Array,
    b: Float32Array,
    N: number,
    { A1, A2, B1, B2, K }: DotSizes,
  ): void {
    da.fill(0)
    db.fill(0)
    for (let n = 0, o = 0; n < N; n++)
      for (let a1 = 0; a1 < A1; a1++)
        for (let a2 = 0; a2 < A2; a2++)
          for (let b1 = 0; b1 < B1; b1++)
            for (let b2 = 0; b2 < B2; b2++, o++)
              for (let k = 0; k < K; k++) {
                const i = ((n * A1 + a1) * K + k) * A2 + a2
                const j = ((n * B1 + b1) * K + k) * B2 + b2
                da[i] += fround(dy[o] * b[j])
                db[j] += fround(dy[o] * a[i])
              }
  },
}
