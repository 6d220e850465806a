// From a local net to a convolution and back, in the middle of training.

import type { Sequential } from 'unshared'
import { firstWeights } from './nets.ts'

/** Every place of the local net gets the mean kernel and the mean bias of all places. */
export function share(local: Sequential): void {
  const { kernel, bias } = firstWeights(local) // [P, K·F] and [P, F]
  const places = placesIn(local)
  spread(meanOver(kernel, places), kernel)
  spread(meanOver(bias, places), bias)
}

/** Every place of the local net gets the convolution's kernel and bias; the layers behind get its weights. */
export function untie(local: Sequential, conv: Sequential): void {
  const shared = conv.getWeights()
  local.parameters.forEach((parameter, i) => {
    spread(shared[i].data, parameter.value)
  })
}

/** The convolution that a local net with equal kernels is. */
export function tie(conv: Sequential, local: Sequential): void {
  const own = local.getWeights()
  conv.parameters.forEach(({ value }, i) => {
    value.set(own[i].data.subarray(0, value.length))
  })
}

const placesIn = (local: Sequential): number => {
  const [rows, cols] = local.layers[0].outputShape
  return rows * cols
}

function meanOver(values: Float32Array, places: number): Float32Array {
  const size = values.length / places
  return Float32Array.from({ length: size }, (_, i) => {
    let sum = 0
    for (let p = 0; p < places; p++) sum += values[p * size + i]
    return sum / places
  })
}

/** Fills `target` with as many copies of `part` as fit. */
function spread(part: Float32Array, target: Float32Array): void {
  for (let at = 0; at < target.length; at += part.length) target.set(part, at)
}
