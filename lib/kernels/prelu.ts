// x if positive, else alpha·x. Number j of a sample uses alpha[index[j]].

const { fround } = Math

export function forward(y: Float32Array, x: Float32Array, alpha: Float32Array, index: Int32Array, B: number): void {
  const n = index.length
  for (let b = 0; b < B; b++)
    for (let j = 0; j < n; j++) {
      const i = b * n + j
      y[i] = x[i] > 0 ? x[i] : alpha[index[j]] * x[i]
    }
}

export function backward(
  dx: Float32Array,
  dalpha: Float32Array,
  dy: Float32Array,
  x: Float32Array,
  alpha: Float32Array,
  index: Int32Array,
  B: number,
): void {
  const n = index.length
  dalpha.fill(0)
  for (let b = 0; b < B; b++)
    for (let j = 0; j < n; j++) {
      const i = b * n + j
      dx[i] = x[i] > 0 ? dy[i] : dy[i] * alpha[index[j]]
      if (!(x[i] > 0)) dalpha[index[j]] += fround(dy[i] * x[i])
    }
}

export const prelu = { name: 'prelu', forward, backward }
