// Do all contenders compute the same thing? A time of something else would mean nothing.

import { fromSample } from './data.ts'

/** Sums of float32 products in another order differ by less; another computation differs by far more. */
export const tolerance = 1e-4

/**
 * The largest difference between two sets of results, relative to the largest number of each array.
 * @throws Error when one lacks an array, or they have different sizes
 */
export function difference(
  found: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): number {
  const names = (results: object) => Object.keys(results).sort().join(', ')
  if (names(found) !== names(expected)) throw new Error(`it gives ${names(found)}, and others give ${names(expected)}`)
  let most = 0
  for (const [name, text] of Object.entries(expected)) {
    const [a, b] = [fromSample(found[name]), fromSample(text)]
    if (a.length !== b.length) throw new Error(`its ${name} has ${a.length} numbers, and others' ${b.length}`)
    let scale = 0
    for (const value of b) scale = Math.max(scale, Math.abs(value))
    for (let i = 0; i < a.length; i++) {
      const off = Math.abs(a[i] - b[i]) / (scale || 1)
      most = Math.max(most, Number.isNaN(off) ? Infinity : off)
    }
  }
  return most
}
