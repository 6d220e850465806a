// Pictures whose meaning depends on where things are. A secret rule has a pattern of its own for each of 4 × 4 places. A
// picture is noise; the more a place is like its pattern, or like the pattern's negative, the more it speaks for "yes"
// on half of the places, and for "no" on the others.

import { normal, type Sequential, stream } from 'unshared'
import type { DataSet, Pictures } from './digits.ts'
import type { Task } from './nets.ts'

export const placeTask: Task = { side: 12, classes: 2, kernelSize: 3, strides: 3, filters: 2 }
const size = placeTask.side ** 2

export interface PlaceRules extends DataSet {
  /** The secret: 12 × 12 numbers of −1 and 1. */
  readonly rule: Float32Array
}

export function placeRules(seed: number, train = 4000, test = 500): PlaceRules {
  const secret = stream(seed, 'rule')
  const rule = Float32Array.from({ length: size }, () => (secret() < 0.5 ? -1 : 1))
  const draw = (count: number, name: string): Pictures => {
    const random = stream(seed, name)
    const images = new Float32Array(count * size)
    const labels = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < size; j++) images[i * size + j] = normal(random)
      const voices = voicesOf(images.subarray(i * size, (i + 1) * size), rule)
      labels[i] = voices.reduce((sum, voice) => sum + voice) > 0 ? 1 : 0
    }
    return { images, labels, size }
  }
  return { rule, train: draw(train, 'train'), test: draw(test, 'test') }
}

/** What each of the 16 places says, by the rule: positive for yes. */
export function voicesOf(image: ArrayLike<number>, rule: Float32Array): number[] {
  return Array.from({ length: 16 }, (_, place) => {
    const match = Math.abs(matchAt(image, rule, place))
    return place % 2 === Math.floor(place / 4) % 2 ? match : -match
  })
}

/** What each place of the local net says: its units' outputs × (weight to yes − weight to no). The output's biases are left out. */
export function netVoicesOf(image: ArrayLike<number>, local: Sequential): number[] {
  const [kernel, bias, out] = local.parameters.map(({ value }) => value)
  return Array.from({ length: 16 }, (_, place) => {
    let voice = 0
    for (let f = 0; f < 2; f++) {
      const unit = place * 2 + f
      let sum = bias[unit]
      for (let k = 0; k < 9; k++) sum += image[pixelAt(place, k)] * kernel[(place * 9 + k) * 2 + f]
      voice += Math.max(0, sum) * (out[unit * 2 + 1] - out[unit * 2])
    }
    return voice
  })
}

/** The k-th pixel of a place's window. */
const pixelAt = (place: number, k: number) =>
  (Math.floor(place / 4) * 3 + Math.floor(k / 3)) * 12 + (place % 4) * 3 + (k % 3)

/** How much a picture's window has of the rule's pattern there: from like it to like its negative. */
function matchAt(image: ArrayLike<number>, rule: Float32Array, place: number): number {
  let match = 0
  for (let k = 0; k < 9; k++) match += image[pixelAt(place, k)] * rule[pixelAt(place, k)]
  return match
}
