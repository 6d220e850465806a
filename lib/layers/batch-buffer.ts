// Memory for the samples of a run, however many there are.

import type { Block, Region } from '../engine.ts'
import { StateError } from '../errors.ts'

const nothing = new Float32Array(0) as Float32Array

/** Numbers of every sample of a batch: memory for the largest batch so far, seen as long as the present one. */
export class BatchBuffer {
  /** Numbers a sample. */
  readonly itemSize: number
  readonly #run: { readonly batch: number }
  #block: Block | null = null
  // Views for batches that are not the largest: an epoch has one of them, at its end.
  #last = nothing
  #other = nothing

  /** @param run tells how many samples there are now */
  constructor(itemSize: number, run: { readonly batch: number }) {
    this.itemSize = itemSize
    this.#run = run
  }

  allocate(region: Region, batch: number): void {
    this.#block = region.alloc(batch * this.itemSize)
    this.#last = nothing
    this.#other = nothing
  }

  /** The numbers of the present batch. Ask again for every use. */
  get array(): Float32Array {
    if (!this.#block) throw new StateError('a buffer of a layer was read before the layer was run')
    const { array } = this.#block
    const length = this.#run.batch * this.itemSize
    if (length === array.length) return array
    if (isView(this.#last, array, length)) return this.#last
    const view = isView(this.#other, array, length) ? this.#other : array.subarray(0, length)
    this.#other = this.#last
    this.#last = view
    return view
  }
}

const isView = (view: Float32Array, of: Float32Array, length: number) =>
  view.length === length && view.buffer === of.buffer
