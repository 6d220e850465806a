// Sums of many numbers to one: in float64 and eight partials, element i into partial i mod 8, combined as a tree.
// The order is part of the specification: any engine that keeps it gets the same bits. (A float32 sum over 10⁸
// weights would be wrong by a factor.)
const partials = new Float64Array(8)
export function sum(x, n) {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += x[i]
  return combine(p)
}
export function sumOfAbsolutes(x, n) {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += Math.abs(x[i])
  return combine(p)
}
/** Products of two float32 numbers are exact in float64. */
export function dot(x, y, n) {
  const p = partials.fill(0)
  for (let i = 0; i < n; i++) p[i & 7] += x[i] * y[i]
  return combine(p)
}
export const sumOfSquares = (x, n) => dot(x, x, n)
/** The tree in which the eight partials are added. */
export function combine(p) {
  return p[0] + p[1] + (p[2] + p[3]) + (p[4] + p[5] + (p[6] + p[7]))
}
