// Pictures whose meaning depends on where things are. A secret rule has a pattern of its own for each of 4 × 4 places;
// a picture is noise, and it is "yes" when it agrees with the rule more than it disagrees, all places together.

import { normal, stream } from 'unshared'
import type { DataSet, Pictures } from './digits.ts'
import type { Task } from './nets.ts'

export const placeTask: Task = { side: 12, classes: 2, kernelSize: 3, strides: 3, filters: 2 }
const size = placeTask.side ** 2

export interface PlaceRules extends DataSet {
  /** The secret: 12 × 12 numbers of −1 and 1. */
  readonly rule: Float32Array
}

export function placeRules(seed: number, train = 1000, test = 500): PlaceRules {
  const secret = stream(seed, 'rule')
  const rule = Float32Array.from({ length: size }, () => (secret() < 0.5 ? -1 : 1))
  const draw = (count: number, name: string): Pictures => {
    const random = stream(seed, name)
    const images = new Float32Array(count * size)
    const labels = new Float32Array(count)
    for (let i = 0; i < count; i++) {
      let agreement = 0
      for (let j = 0; j < size; j++) {
        const value = normal(random)
        images[i * size + j] = value
        agreement += value * rule[j]
      }
      labels[i] = agreement > 0 ? 1 : 0
    }
    return { images, labels, size }
  }
  return { rule, train: draw(train, 'train'), test: draw(test, 'test') }
}
