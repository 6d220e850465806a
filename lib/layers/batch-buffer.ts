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
  #view = nothing // of a batch that is not the largest: an epoch has one at its end

  /** @param run tells how many samples there are now */
  constructor(itemSize: number, run: { readonly batch: number }) {
    this.itemSize = itemSize
    this.#run = run
  }

  allocate(region: Region, batch: number): void {
    this.#block = region.alloc(batch * this.itemSize)
    this.#view = nothing
  }

  /** The numbers of the present batch. Ask again for every use. */
  get array(): Float32Array {
    if (!this.#block) throw new StateError('a buffer of a layer was read before the layer was run')
    const { array } = this.#block
    const length = this.#run.batch * this.itemSize
    if (length === array.length) return array
    if (this.#view.length !== length || this.#view.buffer !== array.buffer)
      this.#view = array.subarray(0, length)
    return this.#view
  }
}
