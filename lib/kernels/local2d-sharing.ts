// Converts shared weights to weights per place, and back: copies, means, and the distances of places from their mean.

import type { Geometry } from '../core/geometry.ts'
import type { Implementation } from './local2d.ts'
import { eachConnection } from './local2d-layouts.ts'
import { combine } from './sums.ts'

/** Calls `visit` for every weight of every place, with its offset and that of the corresponding shared weight. */
type Pairs = (visit: (own: number, shared: number) => void) => void

export const kernelPairs =
  (g: Geometry, implementation: Implementation): Pairs =>
  visit =>
    eachConnection(g, offsets => visit(offsets[implementation], offsets.shared))

export const biasPairs =
  ({ P, F, outputPlace, outputFilter }: Pick<Geometry, 'P' | 'F' | 'outputPlace' | 'outputFilter'>): Pairs =>
  visit => {
    for (let p = 0; p < P; p++) for (let f = 0; f < F; f++) visit(p * outputPlace + f * outputFilter, f)
  }

/** Copies the shared weights to every place. */
export function copyToPlaces(own: Float32Array, shared: Float32Array, pairs: Pairs): void {
  own.fill(0)
  pairs((i, j) => {
    own[i] = shared[j]
  })
}

/** shared = the mean over the places that have the weight, in float64: if all places are equal, exactly their value. */
export function meanOverPlaces(shared: Float32Array, own: Float32Array, pairs: Pairs): void {
  const sums = new Float64Array(shared.length)
  const places = new Float64Array(shared.length)
  pairs((i, j) => {
    sums[j] += own[i]
    places[j]++
  })
  for (let j = 0; j < shared.length; j++) shared[j] = places[j] === 0 ? 0 : sums[j] / places[j]
}

/** How far the weights of the places are from their mean over the places. */
export interface Spread {
  /** The largest distance of a weight from its mean over the places. */
  readonly max: number
  /** The root mean square of these distances. */
  readonly rms: number
  /** `rms` divided by the root mean square of the weights: 0 if all places are equal, 1 if their mean is 0. */
  readonly relative: number
}

export function spreadOverPlaces(own: Float32Array, shared: Float32Array, pairs: Pairs): Spread {
  const [distances, squares] = [new Float64Array(8), new Float64Array(8)]
  let [max, n] = [0, 0]
  pairs((i, j) => {
    const distance = own[i] - shared[j]
    max = Math.max(max, Math.abs(distance))
    distances[n & 7] += distance * distance
    squares[n & 7] += own[i] * own[i]
    n++
  })
  const [distance, square] = [combine(distances), combine(squares)]
  const relative = distance === 0 ? 0 : Math.sqrt(distance / square)
  return { max, rms: Math.sqrt(distance / n), relative }
}
