// A separate bias for each number of a sample.

/** y[b, j] = x[b, j] + bias[j] */
export function forward(
  y: Float32Array, // [B, n]   written
  x: Float32Array, // [B, n]
  bias: Float32Array, // [n]
  B: number,
): void {
  const n = bias.length
  for (let b = 0; b < B; b++) for (let j = 0; j < n; j++) y[b * n + j] = x[b * n + j] + bias[j]
}

/** dbias[j] = sum over b of dy[b, j]; dx equals dy. */
export function backward(dbias: Float32Array, dy: Float32Array, B: number): void {
  const n = dbias.length
  dbias.fill(0)
  for (let b = 0; b < B; b++) for (let j = 0; j < n; j++) dbias[j] += dy[b * n + j]
}

export const localBiasKernel = { name: 'localBias', forward, backward }
