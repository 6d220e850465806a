// Fills arrays with random numbers, drawn in float64 and rounded to float32.

import { normal, type Random, truncatedNormal } from '../core/random.ts'

const { fround } = Math

/** Uniform in [low, high). Numbers that rounding moves out of the range become the nearest float32 inside it. */
export function fillUniform(out: Float32Array, low: number, high: number, random: Random): void {
  const least = fround(low) >= low ? fround(low) : neighbour(fround(low), 1)
  const most = fround(high) < high ? fround(high) : neighbour(fround(high), -1)
  if (least > most) {
    out.fill(low) // the range contains no float32
    return
  }
  const range = high - low
  for (let i = 0; i < out.length; i++) {
    const value = fround(low + range * random())
    out[i] = value < least ? least : value > most ? most : value
  }
}

export function fillNormal(out: Float32Array, mean: number, stddev: number, random: Random): void {
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * normal(random)
}

export function fillTruncatedNormal(out: Float32Array, mean: number, stddev: number, random: Random): void {
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * truncatedNormal(random)
}

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)
const SMALLEST = 1.401298464324817e-45

/** The next float32 above (1) or below (−1) x. */
function neighbour(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * SMALLEST
  float[0] = x
  bits[0] += x > 0 ? direction : -direction
  return float[0]
}
