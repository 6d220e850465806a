// What the layers share that move numbers and change none: a table says which input every output is; forward gathers,
// backward scatters.

import { type BatchShape, shape as checkShape, type Shape, sizeOf } from '../check.ts'
import type { Call } from './call.ts'
import { Layer } from './layer.ts'

/** A layer whose outputs are inputs, each at another place; −1 is a zero. */
export abstract class Rearrangement extends Layer<Int32Array> {
  /** The index in a sample of the input, or −1, for each place of the output's sample. */
  protected abstract tableFor(inputShape: Shape): Int32Array

  override get isLinear(): boolean {
    return true
  }

  override prepare({ inputShape }: Call): Int32Array {
    return this.tableFor(inputShape)
  }

  forwardInto(
    y: Float32Array,
    x: Float32Array,
    { kernels, state, batch, inputShape }: Call<Int32Array>,
  ): void {
    kernels.gather.forward(y, x, state, batch, sizeOf(inputShape))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Int32Array>): void {
    call.kernels.gather.backward(dx, dy, call.state, call.batch, sizeOf(call.inputShape))
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
