// Sums of whole arrays, in float64 with eight partial sums: element i goes into partial i mod 8; the partials are
// combined as a tree. The order is part of the specification: an engine that keeps it gets the same bits. (A float32
// sum of 10⁸ weights could be wrong by a factor.)

const partials = new Float64Array(8)

export function sum(x: Float32Array, n: number): number {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += x[i]
  return combine(p)
}

export function sumOfAbsolutes(x: Float32Array, n: number): number {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += Math.abs(x[i])
  return combine(p)
}

/** The dot product; products of two float32 numbers are exact in float64. */
export function dot(x: Float32Array, y: Float32Array, n: number): number {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += x[i] * y[i]
  return combine(p)
}

export const sumOfSquares = (x: Float32Array, n: number): number => dot(x, x, n)

/** Adds the eight partial sums as a tree. */
export function combine(p: Float64Array): number {
  return p[0] + p[1] + (p[2] + p[3]) + (p[4] + p[5] + (p[6] + p[7]))
}
