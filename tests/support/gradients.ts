// Gradients by central differences, to hold against those that kernels work out.

import { expect } from '@jest/globals'

/** The gradient of `f` at `x`, number by number; `x` is put back. `f` should add up in float64. */
export function numericGradient(f: (x: Float32Array) => number, x: Float32Array, step = 2 ** -7): Float64Array {
  return Float64Array.from(x, (value, i) => {
    x[i] = value + step
    const [above, yAbove] = [x[i], f(x)]
    x[i] = value - step
    const [below, yBelow] = [x[i], f(x)]
    x[i] = value
    return (yAbove - yBelow) / (above - below)
  })
}

/** Each number within `tolerance` · (1 + |expected|). */
export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what = ''): void {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < found.length; i++)
    if (!(Math.abs(found[i] - expected[i]) <= tolerance * (1 + Math.abs(expected[i]))))
      throw new Error(`${what} differs at ${i}: found ${found[i]}, expected ${expected[i]}`)
}
