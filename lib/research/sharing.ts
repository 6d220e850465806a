// How much the places of a locally connected layer share: measures of the distance between their kernels.

import { integer, knownOptions, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { combine } from '../kernels/sums.ts'
import { type LocalLayer, type PlacedWeight, placedIn } from './places.ts'

/**
 * How far the kernels of the places are from their mean: Σₚ‖Kₚ − K̄‖² / Σₚ‖Kₚ‖². It is 0 if all places have the same kernel,
 * as in a convolution, near 1 for many independent ones, and 1 if their mean is 0. Weights outside the image do not count, nor
 * does the bias. The same for all implementations, bit for bit.
 *
 * @throws ArgumentError for other layers; StateError before the layer is built
 */
export function sharing(layer: LocalLayer): number {
  const { kernel } = placedIn('layer', layer)
  const { parameter, own, placed, perPlace } = kernel
  const { value } = parameter
  const means = meansOf(kernel)
  const [distances, squares] = [new Float64Array(8), new Float64Array(8)]
  for (let i = 0; i < own.length; i++) {
    const w = value[own[i]]
    const distance = w - means[placed[i] % perPlace]
    distances[i & 7] += distance * distance
    squares[i & 7] += w * w
  }
  const distance = combine(distances)
  return distance === 0 ? 0 : distance / combine(squares)
}

/** The mean of each element over the places that have it, in float64: if all places are equal, exactly their value. */
export function meansOf({ parameter, own, placed, perPlace }: PlacedWeight): Float64Array {
  const { value } = parameter
  const sums = new Float64Array(perPlace)
  const places = new Float64Array(perPlace)
  for (let i = 0; i < own.length; i++) {
    const element = placed[i] % perPlace
    sums[element] += value[own[i]]
    places[element]++
  }
  return sums.map((sum, element) => (places[element] === 0 ? 0 : sum / places[element]))
}

/** The options of `kernelDistance`. */
export interface KernelDistanceOptions {
  /** The distance of two places. Default 1. */
  readonly radius?: number
}

/**
 * The mean Euclidean distance between the kernels of places that are `radius` apart along one axis, and not along the
 * others, filter by filter. Where one of the two kernels reaches outside the image, only the weights that both have count; the bias does not.
 * The same for all implementations, bit for bit.
 *
 * @throws ArgumentError for other layers, and if no two places are so far apart; StateError before the layer is built
 * @see Ott et al. 2020, "Learning in the machine: to share or not to share?", Neural Networks 126, which compares kernels by
 * their distance at radius 1 and 4
 */
export function kernelDistance(layer: LocalLayer, options: KernelDistanceOptions = {}): number {
  knownOptions('kernelDistance', options, ['radius'])
  const radius = integer('radius', options.radius ?? 1, 1)
  const { grid, kernel } = placedIn('layer', layer)
  const most = Math.max(...grid)
  if (radius >= most)
    throw new ArgumentError('radius', radius, `less than ${most}: the layer has ${grid.join(' x ')} places`)
  const { own, placed, parameter, perPlace, filters } = kernel
  const weights = new Float64Array(sizeOf(grid) * perPlace).fill(Number.NaN) // NaN: not connected
  for (let i = 0; i < own.length; i++) weights[placed[i]] = parameter.value[own[i]]
  const sums = new Float64Array(8)
  let pairs = 0
  const add = (p: number, q: number) => {
    for (let f = 0; f < filters; f++) {
      let square = 0
      for (let k = f; k < perPlace; k += filters) {
        const difference = weights[p * perPlace + k] - weights[q * perPlace + k]
        if (!Number.isNaN(difference)) square += difference * difference
      }
      sums[pairs++ & 7] += Math.sqrt(square)
    }
  }
  const strides = stridesOf(grid)
  for (let p = 0; p < sizeOf(grid); p++)
    grid.forEach((places, axis) => {
      if ((Math.floor(p / strides[axis]) % places) + radius < places) add(p, p + radius * strides[axis])
    })
  return combine(sums) / pairs
}
