// Flatten, Reshape, Permute and RepeatVector: layers that move values without changing them.

import { type BatchShape, shape as checkShape, inputBatch, type Shape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { field, positive } from '../core/options.ts'
import { gather } from '../kernels/gather.ts'
import { permute } from '../kernels/permute.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { type DataFormatOption, dataFormat } from './window-options.ts'

/** A layer whose every output is one of the inputs, or 0. Forward gathers, backward scatters. */
export abstract class Rearrangement extends Layer<Int32Array> {
  /** For each element of an output sample, its index in the input sample, or −1 for 0. */
  protected abstract tableFor(inputShape: Shape): Int32Array

  override get isLinear(): boolean {
    return true
  }

  override prepare({ inputShape }: Call): Int32Array {
    return this.tableFor(inputShape)
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Int32Array>): void {
    call.kernel(gather).forward(y, x, call.state, call.batch, sizeOf(call.inputShape))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Int32Array>): void {
    call.kernel(gather).backward(dx, dy, call.state, call.batch, sizeOf(call.inputShape))
  }
}

/** The offsets of all elements of a shape, in order, in memory with these strides. */
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

export function knownItem(inputShape: BatchShape): number[] {
  return checkShape('inputShape without its batch', inputBatch(inputShape).slice(1))
}

// ---- Flatten ------------------------------------------------------------------------------------------------------

/** The options of Flatten. */
export interface FlattenOptions extends LayerOptions {
  /** With 'channels_first', moves the channels to the end before flattening, so that both formats give the same order. */
  readonly dataFormat?: DataFormatOption
}

/**
 * `[batch, …]` to `[batch, product of …]`; a batch of single numbers becomes `[batch, 1]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Flatten
 */
export class Flatten extends Layer {
  declare readonly className: 'Flatten'
  declare readonly dataFormat: DataFormat

  constructor(options: FlattenOptions = {}) {
    super(options, { className: 'Flatten', fields: { dataFormat } })
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const sample = inputBatch(inputShape).slice(1)
    if (inputShape.length === 0 || !sample.every(n => n !== null))
      throw new ArgumentError('inputShape', inputShape, '[batch, …] with every size known but the batch')
    return [inputShape[0], sizeOf(sample)]
  }

  override passesThrough(inputShape: Shape): boolean {
    return this.dataFormat === 'channels_last' || inputShape.length < 2
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call): void {
    const [channels, ...places] = call.inputShape
    call.kernel(permute).channelsToLast(y, x, call.batch, channels, sizeOf(places))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    const [channels, ...places] = call.inputShape
    call.kernel(permute).channelsToFirst(dx, dy, call.batch, channels, sizeOf(places))
  }
}

// ---- Reshape ------------------------------------------------------------------------------------------------------

/** The options of Reshape. */
export interface ReshapeOptions extends LayerOptions {
  /** The shape of one sample. One size may be −1: it is inferred from the others. */
  readonly targetShape: Shape
}

const targetShape = field((name, given) => {
  const shape = checkShape(name, given, -1)
  if (shape.filter(n => n === -1).length > 1) throw new ArgumentError(name, given, 'at most one size of -1')
  return shape
})

/** Changes the shape of each sample; its values keep their order. */
export class Reshape extends Layer {
  declare readonly className: 'Reshape'
  declare readonly targetShape: Shape

  constructor(options: ReshapeOptions) {
    super(options, { className: 'Reshape', fields: { targetShape } })
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const size = sizeOf(knownItem(inputShape))
    const rest = sizeOf(this.targetShape.filter(n => n !== -1))
    const target = this.targetShape.map(n => (n === -1 ? size / rest : n))
    if (!target.every(Number.isSafeInteger) || sizeOf(target) !== size)
      throw new ArgumentError(
        'targetShape',
        this.targetShape,
        `a shape for the ${size} numbers of [${inputShape.slice(1)}]`,
      )
    return [inputShape[0], ...target]
  }

  override passesThrough(): boolean {
    return true
  }

  forwardInto(): void {}

  backwardInto(): void {}
}

// ---- Permute ------------------------------------------------------------------------------------------------------

/** The options of Permute. */
export interface PermuteOptions extends LayerOptions {
  /** The new order of a sample's axes, counted from 1. */
  readonly dims: readonly number[]
}

const dims = /* @__PURE__ */ field((name, given) => {
  if (Array.isArray(given) && given.every((_, i) => given.includes(i + 1))) return [...given]
  throw new ArgumentError(name, given, 'a permutation of 1, 2, …: all axes but the batch')
})

/** Reorders the axes of each sample. */
export class Permute extends Rearrangement {
  declare readonly className: 'Permute'
  declare readonly dims: readonly number[]

  constructor(options: PermuteOptions) {
    super(options, { className: 'Permute', fields: { dims } })
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== this.dims.length + 1)
      throw new ArgumentError('inputShape', inputShape, `a batch with ${this.dims.length} more axes`)
    return [inputShape[0], ...this.dims.map(axis => inputShape[axis])]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    const strides = stridesOf(inputShape)
    const order = this.dims.map(axis => axis - 1)
    return offsetsOf(
      order.map(axis => inputShape[axis]),
      order.map(axis => strides[axis]),
    )
  }
}

// ---- RepeatVector -------------------------------------------------------------------------------------------------

/** The options of RepeatVector. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How many times each sample is repeated. */
  readonly n: number
}

/** `[batch, features]` to `[batch, n, features]`. */
export class RepeatVector extends Rearrangement {
  declare readonly className: 'RepeatVector'
  declare readonly n: number

  constructor(options: RepeatVectorOptions) {
    super(options, { className: 'RepeatVector', fields: { n: positive() } })
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 2) throw new ArgumentError('inputShape', inputShape, '[batch, features]')
    return [inputShape[0], this.n, inputShape[1]]
  }

  protected tableFor([features]: Shape): Int32Array {
    return offsetsOf([this.n, features], [0, 1])
  }
}
