// Soft thresholding: values are moved towards 0 by b, and are 0 within b of it. A negative b moves them away from 0.

import { combine } from './sums.ts'

const { fround } = Math

/** y = max(x − b, 0) − max(−x − b, 0) */
export function forward(y: Float32Array, x: Float32Array, b: number, n: number): void {
  for (let i = 0; i < n; i++) y[i] = Math.max(fround(x[i] - b), 0) - Math.max(fround(-x[i] - b), 0)
}

/** dx = dy where x > b, and dy where x < −b (both, if b is negative). Returns db: dy at −1 for the first, 1 for the second. */
export function backward(dx: Float32Array, dy: Float32Array, x: Float32Array, b: number, n: number): number {
  const db = new Float64Array(8) // in the order of sums.ts
  for (let i = 0; i < n; i++) {
    const above = x[i] > b ? 1 : 0
    const below = -x[i] > b ? 1 : 0
    dx[i] = dy[i] * (above + below)
    db[i & 7] += dy[i] * (below - above)
  }
  return combine(db)
}

export const softThreshold = { name: 'softThreshold', forward, backward }
