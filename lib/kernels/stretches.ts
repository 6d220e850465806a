// Parts of a large array outside of which there is nothing to do.

import { LINE } from '../simd/layout.ts'

export { LINE }

/** Pairs of a first line and the line after the last, ascending, no two of them touching. */
export type Stretches = Int32Array

/** Whether all numbers outside of the stretches are `value`, which is not −0 where it is 0. */
export function isOutside(value: number, array: Float32Array, stretches: Stretches): boolean {
  let from = 0
  for (let i = 0; i <= stretches.length; i += 2) {
    const to = i < stretches.length ? stretches[i] * LINE : array.length
    for (let j = from; j < to; j++) if (!Object.is(array[j], value)) return false
    from = stretches[i + 1] * LINE
  }
  return true
}

/** Gathers stretches from parts of an array that come in ascending order. */
export class StretchList {
  readonly #lines: number[] = []
  #covered = 0

  /** Numbers `first` … `first + length − 1`. */
  add(first: number, length: number): void {
    const lines = this.#lines
    const from = Math.floor(first / LINE)
    const to = Math.ceil((first + length) / LINE)
    const end = lines.at(-1) ?? -1
    this.#covered += to - Math.max(from, end)
    if (from <= end) lines[lines.length - 1] = to
    else lines.push(from, to)
  }

  /**
   * The stretches of an array of `size` numbers; null where one pass over all of it is no slower. A stretch costs about
   * as much as this many lines.
   */
  stretches(size: number, costOfOne = 32): Stretches | null {
    const cost = this.#covered + (costOfOne * this.#lines.length) / 2
    return cost < size / LINE ? Int32Array.from(this.#lines) : null
  }
}
