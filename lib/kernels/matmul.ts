// The matrix product of Dense, forward and backward. As in all kernels, each product is rounded to float32, then added
// in float32, in the order of the summed index.

const { fround } = Math

/** out[m, n] = bias[n] + sum over k of x[m, k] · kernel[k, n] */
export function forward(
  out: Float32Array, // [M, N]   written
  x: Float32Array, // [M, K]
  kernel: Float32Array, // [K, N]
  bias: Float32Array | null, // [N]
  M: number,
  K: number,
  N: number,
): void {
  for (let m = 0; m < M; m++) {
    const y = m * N // out[m, 0]
    for (let n = 0; n < N; n++) out[y + n] = bias ? bias[n] : 0
    for (let k = 0; k < K; k++) {
      const xk = x[m * K + k]
      const w = k * N // kernel[k, 0]
      for (let n = 0; n < N; n++) out[y + n] += fround(xk * kernel[w + n])
    }
  }
}

/** The transpose of forward. dkernel and dbias are summed over m, ascending; dx over n, ascending. */
export function backward(
  dx: Float32Array | null, // [M, K]   written, like the next two
  dkernel: Float32Array, // [K, N]
  dbias: Float32Array | null, // [N]
  dout: Float32Array, // [M, N]
  x: Float32Array, // [M, K]
  kernel: Float32Array, // [K, N]
  M: number,
  K: number,
  N: number,
): void {
  dkernel.fill(0)
  dbias?.fill(0)
  for (let m = 0; m < M; m++) {
    const y = m * N // dout[m, 0]
    if (dbias) for (let n = 0; n < N; n++) dbias[n] += dout[y + n]
    for (let k = 0; k < K; k++) {
      const xk = x[m * K + k]
      const w = k * N // kernel[k, 0]
      // forward: out[y + n] += x[k] · kernel[w + n]
      for (let n = 0; n < N; n++) dkernel[w + n] += fround(xk * dout[y + n])
      if (!dx) continue
      let sum = 0
      for (let n = 0; n < N; n++) sum = fround(sum + fround(dout[y + n] * kernel[w + n]))
      dx[m * K + k] = sum
    }
  }
}

export const matmul = { name: 'matmul', forward, backward }
