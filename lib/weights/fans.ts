// The fans of a weight, to which initializers scale their numbers.

import { type Shape, sizeOf } from '../core/check.ts'

/**
 * The numbers of inputs and outputs that a weight of this shape connects, as Keras counts them: all axes but the last
 * two form the receptive field. For a locally connected kernel, [places, patch, filters], that includes the places.
 */
export function computeFans(shape: Shape): { fanIn: number; fanOut: number } {
  const size = sizeOf(shape)
  if (shape.length < 2) return { fanIn: size, fanOut: size }
  const field = sizeOf(shape.slice(0, -2))
  return { fanIn: shape[shape.length - 2] * field, fanOut: shape[shape.length - 1] * field }
}
