// Outputs that are inputs at other places: table[o] is the input of output o within a sample, −1 a zero.

export function forward(
  y: Float32Array,
  x: Float32Array,
  table: Int32Array,
  B: number,
  inputSize: number,
): void {
  const n = table.length
  for (let b = 0; b < B; b++)
    for (let o = 0; o < n; o++) y[b * n + o] = table[o] < 0 ? 0 : x[b * inputSize + table[o]]
}

/** What several outputs took, their gradients are added for, in the outputs' order. */
export function backward(
  dx: Float32Array,
  dy: Float32Array,
  table: Int32Array,
  B: number,
  inputSize: number,
): void {
  const n = table.length
  dx.fill(0, 0, B * inputSize)
  for (let b = 0; b < B; b++)
    for (let o = 0; o < n; o++) if (table[o] >= 0) dx[b * inputSize + table[o]] += dy[b * n + o]
}

export const gather = { name: 'gather', forward, backward }
