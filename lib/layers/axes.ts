// The axis options of layers, and tables of the values along those axes.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field } from '../core/options.ts'
import type { Groups } from '../kernels/normalization.ts'

/** One or more axes, counting the batch as 0; negative values count from the end. */
export type Axis = number | readonly number[]

export const axis = field<Axis>((name, given) => {
  const axes = Array.isArray(given) ? given : [given]
  if (axes.length > 0 && axes.every(Number.isSafeInteger)) return Array.isArray(given) ? [...given] : (given as number)
  throw new ArgumentError(name, given, 'an integer or a list of integers')
}, -1)

/**
 * Converts axes that count the batch, or count from the end, to the axes of a sample, counted from 0.
 *
 * @param layer named in messages
 * @throws ArgumentError for the batch axis, and for axes that the input does not have
 */
export function sampleAxes(layer: { readonly name: string }, axis: Axis, inputShape: Shape): number[] {
  const rank = inputShape.length + 1
  return (typeof axis === 'number' ? [axis] : [...axis]).map(a => {
    const from1 = a < 0 ? a + rank : a
    if (Number.isSafeInteger(a) && from1 >= 1 && from1 < rank) return from1 - 1
    throw new ArgumentError(
      `axis of ${layer.name}`,
      axis,
      `axes from 1 to ${rank - 1}, or from ${1 - rank} to -1 (axis 0 is the batch)`,
    )
  })
}

/** For each value of a sample, its index along the chosen axes only: the gamma and beta that apply to it. */
export function indexAlong(axes: readonly number[], shape: Shape): Int32Array {
  const index = new Int32Array(sizeOf(shape))
  for (let i = 0; i < index.length; i++) {
    let [rest, at, step] = [i, 0, 1]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (axes.includes(axis)) {
        at += (rest % shape[axis]) * step
        step *= shape[axis]
      }
      rest = Math.floor(rest / shape[axis])
    }
    index[i] = at
  }
  return index
}

/** The positions of each group's values in a batch. A group is the values along the chosen axes of a sample. */
export class GroupTable {
  /** Values per group. */
  readonly length: number
  /** Groups per sample. */
  readonly perSample: number
  readonly #axes: readonly number[]
  readonly #shape: Shape
  #longest: Groups
  #present: Groups

  constructor(axes: readonly number[], shape: Shape) {
    this.#axes = axes
    this.#shape = shape
    this.length = sizeOf(axes.map(axis => shape[axis]))
    this.perSample = sizeOf(shape) / this.length
    this.#longest = this.#present = groupsAlong(axes, shape, 0)
  }

  for(batch: number): Groups {
    const count = batch * this.perSample
    if (this.#longest.starts.length < count) this.#longest = groupsAlong(this.#axes, this.#shape, batch)
    const { starts, offsets } = this.#longest
    if (starts.length === count) return this.#longest
    if (this.#present.starts.length !== count) this.#present = { starts: starts.subarray(0, count), offsets }
    return this.#present
  }
}

function groupsAlong(axes: readonly number[], shape: Shape, batch: number): Groups {
  const size = sizeOf(shape)
  const others = shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const [along, across] = [indexAlong(axes, shape), indexAlong(others, shape)]
  const offsets = new Int32Array(sizeOf(axes.map(axis => shape[axis])))
  const starts = new Int32Array((size / offsets.length) * batch)
  for (let i = 0; i < size; i++) {
    if (across[i] === 0) offsets[along[i]] = i
    if (along[i] === 0) for (let b = 0; b < batch; b++) starts[(b * size) / offsets.length + across[i]] = b * size + i
  }
  return { starts, offsets }
}
