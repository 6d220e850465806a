// Which pixels spoke for an answer. With relu, a unit that is on passes its inputs on as they are; so the score of a
// digit is a sum of terms: pixel · weight · weight over the paths from each pixel, and what the biases add.

import type { Sequential } from 'unshared'
import { digitsTask, type NetName, placesOf } from './nets.ts'
import { indexOf, pixelsSeen, unitIndex } from './wiring.ts'

const { side, filters, classes: digits } = digitsTask
const places = placesOf(digitsTask) ** 2

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
  for (let place = 0; place < places; place++) {
    const seen = pixelsSeen(name, place)
    for (let filter = 0; filter < filters; filter++) {
      const unit = { place, filter }
      const weights = seen.map((_, k) => kernel[indexOf(name, unit, { of: 'window', k }).index])
      const unitBias = bias[indexOf(name, unit, { of: 'bias' }).index]
      const input = seen.reduce((sum, pixel, k) => sum + image[pixel] * weights[k], unitBias)
      if (input <= 0) continue
      const speaks = comparedWithMean(outKernel, unitIndex(unit) * digits, digit)
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
