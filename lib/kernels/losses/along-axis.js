// What the kernels of the losses share: how they are called, and how rows lie in an array.
const { fround } = Math
/** Outputs are kept this far from 0 and 1 before a logarithm, as in Keras. */
export const EPSILON = fround(1e-7)
/** The mean (or sum) of f(t, p) along the axis; `slope` is the derivative of f in p. Both give float32 numbers. */
export function mean(f, slope, isSum = false) {
  return {
    forward(values, t, p, outer, length, inner, a, b, c, d) {
      for (let r = 0; r < outer * inner; r++) {
        let sum = 0
        let i = firstOfRow(r, length, inner)
        for (let k = 0; k < length; k++, i += inner) sum = fround(sum + f(t[i], p[i], a, b, c, d))
        values[r] = isSum ? sum : sum / length
      }
    },
    backward(dp, t, p, scale, outer, length, inner, a, b, c, d) {
      for (let r = 0; r < outer * inner; r++) {
        const s = isSum ? scale[r] : fround(scale[r] / length)
        let i = firstOfRow(r, length, inner)
        for (let k = 0; k < length; k++, i += inner) dp[i] = s * slope(t[i], p[i], a, b, c, d)
      }
    },
  }
}
/** Where row r begins. */
export function firstOfRow(r, length, inner) {
  const n = r % inner
  return (r - n) * length + n
}
export function rowSum(x, first, length, inner) {
  let sum = 0
  for (let k = 0, i = first; k < length; k++, i += inner) sum = fround(sum + x[i])
  return sum
}
