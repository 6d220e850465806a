// What the layers share that move numbers and change none: a table says which input every output is; forward gathers,
// backward scatters.

import { type BatchShape, shape as checkShape, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { Layer, type Pass } from './layer.ts'

/** A layer whose outputs are inputs, each at another place; −1 is a zero. */
export abstract class Rearrangement extends Layer {
  #table!: Int32Array
  #inputSize = 0
  #y!: Block
  #dx!: Block

  /** The index in a sample of the input, or −1, for each place of the output's sample. */
  protected abstract tableFor(inputShape: Shape): Int32Array

  override get isLinear(): boolean {
    return true
  }

  protected create(inputShape: Shape): void {
    this.#table = this.tableFor(inputShape)
    this.#inputSize = sizeOf(inputShape)
    this.#y = this.buffer(this.#table.length)
    this.#dx = this.gradientBuffer(this.#inputSize)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.gather.forward(this.#y.array, x, this.#table, batch, this.#inputSize)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.gather.backward(this.#dx.array, dy, this.#table, batch, this.#inputSize)
    return this.#dx.array
  }
}

/** Offsets of all entries of a shape, in order, in a memory with these strides. */
export function offsetsOf(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start)
  shape.forEach((size, axis) => {
    const before = offsets
    offsets = new Int32Array(before.length * size)
    before.forEach((offset, i) => {
      for (let n = 0; n < size; n++) offsets[i * size + n] = offset + n * strides[axis]
    })
  })
  return offsets
}

export const stridesOf = (shape: Shape) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))

export function knownItem(inputShape: BatchShape): number[] {
  return checkShape('inputShape without its batch', inputShape.slice(1))
}
