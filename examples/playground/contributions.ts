// Which pixels spoke for an answer. With relu, a unit that is on passes its inputs on as they are; so the score of a
// digit is a sum of terms: pixel · weight · weight over the paths from each pixel, and what the biases add.

import type { Sequential } from 'unshared'
import type { NetName } from './nets.ts'

const [side, window, places, filters, digits] = [8, 3, 6, 8, 10]
const units = places * places * filters

export interface Contributions {
  /** Of each pixel: what it adds to the digit's score, compared with the mean over all digits. */
  readonly pixels: number[]
  /** What the biases add. */
  readonly biases: number
}

/** @param name of the net's wiring @returns terms whose sum is log p(digit) − the mean of log p over all digits */
export function contributions(net: Sequential, name: NetName, image: ArrayLike<number>, digit: number): Contributions {
  const [kernel, bias, outKernel, outBias] = net.parameters.map(({ value }) => value)
  const pixels = new Array<number>(side * side).fill(0)
  let biases = comparedWithMean(outBias, 0, digit)
  for (let place = 0; place < places * places; place++) {
    const seen = pixelsSeen(name, place)
    for (let f = 0; f < filters; f++) {
      const unit = place * filters + f
      const weights = seen.map((_, k) => kernel[kernelIndex(name, place, k, f)])
      const unitBias = bias[name === 'conv' ? f : unit]
      const input = seen.reduce((sum, pixel, k) => sum + image[pixel] * weights[k], unitBias)
      if (input <= 0) continue
      const speaks = comparedWithMean(outKernel, unit * digits, digit)
      biases += unitBias * speaks
      seen.forEach((pixel, k) => {
        pixels[pixel] += image[pixel] * weights[k] * speaks
      })
    }
  }
  return { pixels, biases }
}

function comparedWithMean(values: Float32Array, from: number, digit: number): number {
  let sum = 0
  for (let d = 0; d < digits; d++) sum += values[from + d]
  return values[from + digit] - sum / digits
}

function pixelsSeen(name: NetName, place: number): number[] {
  if (name === 'dense') return Array.from({ length: side * side }, (_, i) => i)
  const [top, left] = [Math.floor(place / places), place % places]
  return Array.from({ length: window * window }, (_, k) => (top + Math.floor(k / window)) * side + left + (k % window))
}

/** Where the library stores the k-th weight of a unit. */
function kernelIndex(name: NetName, place: number, k: number, f: number): number {
  if (name === 'dense') return k * units + place * filters + f
  return ((name === 'local' ? place * window * window : 0) + k) * filters + f
}
