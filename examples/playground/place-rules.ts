// Pictures whose meaning depends on where things are. A secret rule has a pattern of its own for each of 4 × 4 places. A
// picture is noise; the more a place is like its pattern, or like the pattern's negative, the more it speaks for "yes"
// on half of the places, and for "no" on the others.

import { normal, stream } from 'unshared'
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
      let agreement = 0
      for (let place = 0; place < 16; place++) {
        const match = matchAt(images.subarray(i * size, (i + 1) * size), rule, place)
        agreement += place % 2 === Math.floor(place / 4) % 2 ? Math.abs(match) : -Math.abs(match)
      }
      labels[i] = agreement > 0 ? 1 : 0
    }
    return { images, labels, size }
  }
  return { rule, train: draw(train, 'train'), test: draw(test, 'test') }
}

/** How much a picture's window has of the rule's pattern there: from like it to like its negative. */
function matchAt(image: Float32Array, rule: Float32Array, place: number): number {
  let match = 0
  for (let k = 0; k < 9; k++) {
    const at = (Math.floor(place / 4) * 3 + Math.floor(k / 3)) * 12 + (place % 4) * 3 + (k % 3)
    match += image[at] * rule[at]
  }
  return match
}
