// Copies inputs to other positions: within a sample, output o is input table[o], or 0 if table[o] is −1.

export function forward(y: Float32Array, x: Float32Array, table: Int32Array, B: number, inputSize: number): void {
  const n = table.length
  for (let b = 0; b < B; b++) for (let o = 0; o < n; o++) y[b * n + o] = table[o] < 0 ? 0 : x[b * inputSize + table[o]]
}

/** The transpose of forward: the gradients of outputs that share an input are added, in the order of the outputs. */
export function backward(dx: Float32Array, dy: Float32Array, table: Int32Array, B: number, inputSize: number): void {
  const n = table.length
  dx.fill(0, 0, B * inputSize)
  for (let b = 0; b < B; b++)
    for (let o = 0; o < n; o++) if (table[o] >= 0) dx[b * inputSize + table[o]] += dy[b * n + o]
}

export const gather = { name: 'gather', forward, backward }
