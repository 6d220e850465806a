// How much the places of a locally connected layer share: measures of the distance between their kernels.

import { integer, knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { combine } from '../kernels/sums.ts'
import type { LocallyConnected1D, LocallyConnected2D } from '../layers/locally-connected.ts'
import type { LayerWrapper } from './layer-wrapper.ts'
import { type PlacedWeight, placedIn } from './places.ts'

/** A locally connected layer, or a wrapper around one. */
export type LocalLayer =
  | LocallyConnected1D
  | LocallyConnected2D
  | LayerWrapper<LocallyConnected1D>
  | LayerWrapper<LocallyConnected2D>

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
  /** The rows or columns between two places. Default 1. */
  readonly radius?: number
}

/**
 * The mean Euclidean distance between the kernels of places that are `radius` rows or `radius` columns apart, filter by
 * filter. Where one of the two kernels reaches outside the image, only the weights that both have count; the bias does not.
 * The same for all implementations, bit for bit.
 *
 * @throws ArgumentError for other layers, and if no two places are so far apart; StateError before the layer is built
 * @see Ott et al. 2020, "Learning in the machine: to share or not to share?", Neural Networks 126, which compares kernels by
 * their distance at radius 1 and 4
 */
export function kernelDistance(layer: LocalLayer, options: KernelDistanceOptions = {}): number {
  knownOptions('kernelDistance', options, ['radius'])
  const radius = integer('radius', options.radius ?? 1, 1)
  const { geometry, kernel } = placedIn('layer', layer)
  const { OH, OW, P, K, F } = geometry
  if (radius >= Math.max(OH, OW))
    throw new ArgumentError('radius', radius, `less than ${Math.max(OH, OW)}: the layer has ${OH} x ${OW} places`)
  const weights = new Float64Array(P * K * F).fill(Number.NaN) // NaN: not connected
  const { own, placed, parameter } = kernel
  for (let i = 0; i < own.length; i++) weights[placed[i]] = parameter.value[own[i]]
  const sums = new Float64Array(8)
  let pairs = 0
  const add = (p: number, q: number) => {
    for (let f = 0; f < F; f++) {
      let square = 0
      for (let k = 0; k < K; k++) {
        const difference = weights[(p * K + k) * F + f] - weights[(q * K + k) * F + f]
        if (!Number.isNaN(difference)) square += difference * difference
      }
      sums[pairs++ & 7] += Math.sqrt(square)
    }
  }
  for (let oh = 0; oh < OH; oh++)
    for (let ow = 0; ow < OW; ow++) {
      const p = oh * OW + ow
      if (ow + radius < OW) add(p, p + radius)
      if (oh + radius < OH) add(p, p + radius * OW)
    }
  return combine(sums) / pairs
}
