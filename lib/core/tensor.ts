// Data at the API boundary: a shape and flat, row-major float32 numbers. Users pass nested arrays, typed arrays or
// ndarrays and get copies back; kernels see only the flat arrays.

import { shape as checkShape, type Shape, sameShape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'

/** Nested arrays of numbers, with rows of equal length. */
export type NestedArray = number | boolean | readonly NestedArray[]

/** A typed array, except those of 64-bit integers. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

/** An ndarray with any strides, recognised by these four fields. */
export interface NdarrayLike {
  readonly data: NumericArray | readonly number[]
  readonly shape: readonly number[]
  readonly stride: readonly number[]
  readonly offset: number
}

/** Anything `Tensor.from` accepts. A bare typed array is a vector. */
export type TensorLike = Tensor | NestedArray | NumericArray | NdarrayLike

/** A shape and its float32 numbers, flat and row-major. */
export class Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array

  /**
   * Wraps `data` without copying; `Tensor.from` copies.
   * @throws ArgumentError unless `data` is a Float32Array of the length that `shape` requires
   */
  constructor(shape: Shape, data: Float32Array) {
    this.shape = Object.freeze(checkShape('shape', shape))
    if (!(data instanceof Float32Array)) throw new ArgumentError('data', data, 'a Float32Array')
    if (data.length !== sizeOf(shape))
      throw new ArgumentError('data', data, `${sizeOf(shape)} numbers for the shape [${shape.join(', ')}]`)
    this.data = data
  }

  /**
   * Copies the numbers into a new tensor, rounded to float32.
   * @param shape the shape of the result, for example for a flat source; default: the shape of the source
   * @throws ArgumentError when rows differ in length, the sizes do not match, or float32 cannot hold an integer exactly
   */
  static from(source: TensorLike, shape?: Shape): Tensor {
    const tensor = read(source)
    return shape === undefined ? tensor : tensor.reshape(shape)
  }

  static zeros(shape: Shape): Tensor {
    return new Tensor(shape, new Float32Array(sizeOf(shape)))
  }

  get size(): number {
    return this.data.length
  }

  /** Copies the numbers into another shape; one size may be −1 and is then inferred. */
  reshape(shape: Shape): Tensor {
    const open = shape.indexOf(-1)
    const sizes = [...shape]
    if (open >= 0) {
      sizes[open] = 1
      const rest = sizeOf(sizes)
      sizes[open] = rest === 0 ? 0 : this.size / rest
    }
    if (!sizes.every(n => Number.isSafeInteger(n) && n >= 0) || sizeOf(sizes) !== this.size)
      throw new ArgumentError('shape', shape, `sizes that hold the ${this.size} numbers of [${this.shape.join(', ')}]`)
    return new Tensor(sizes, this.data.slice())
  }

  /** Copies rows `begin` (inclusive) to `end` (exclusive) of the first axis; negative indices count from the end. */
  slice(begin: number, end?: number): Tensor {
    if (this.shape.length === 0) throw new ArgumentError('slice', this, 'a tensor with at least one axis')
    const row = sizeOf(this.shape.slice(1))
    const [rows] = this.shape
    const at = (n: number) => Math.min(Math.max(n < 0 ? rows + n : n, 0), rows)
    const [from, to] = [at(begin), at(end ?? rows)]
    const count = Math.max(to - from, 0)
    return new Tensor([count, ...this.shape.slice(1)], this.data.slice(from * row, (from + count) * row))
  }

  clone(): Tensor {
    return new Tensor(this.shape, this.data.slice())
  }

  /** The number in a tensor that holds exactly one. */
  item(): number {
    if (this.size !== 1) throw new ArgumentError('item', this, 'a tensor with exactly one number')
    return this.data[0]
  }

  toArray(): NestedArray {
    const nest = (axis: number, offset: number): NestedArray => {
      if (axis === this.shape.length) return this.data[offset]
      const step = sizeOf(this.shape.slice(axis + 1))
      return Array.from({ length: this.shape[axis] }, (_, n) => nest(axis + 1, offset + n * step))
    }
    return nest(0, 0)
  }

  toString(): string {
    return `Tensor [${this.shape.join(', ')}]`
  }

  equals(other: Tensor): boolean {
    return sameShape(this.shape, other.shape) && this.data.every((value, i) => Object.is(value, other.data[i]))
  }
}

function read(source: TensorLike): Tensor {
  if (source instanceof Tensor) return source.clone()
  if (typeof source === 'number' || typeof source === 'boolean') return new Tensor([], Float32Array.of(Number(source)))
  if (Array.isArray(source)) return readNested(source)
  if (ArrayBuffer.isView(source) && !(source instanceof DataView))
    return readStrided({ data: source as NumericArray, shape: [source.length], stride: [1], offset: 0 })
  if (isNdarray(source)) return readStrided(source)
  throw new ArgumentError('data', source, 'a Tensor, nested arrays of numbers, a typed array, or an ndarray')
}

function isNdarray(source: unknown): source is NdarrayLike {
  if (typeof source !== 'object' || source === null) return false
  const { data, shape, stride, offset } = source as Partial<NdarrayLike>
  return data !== undefined && Array.isArray(shape) && Array.isArray(stride) && typeof offset === 'number'
}

function readNested(source: readonly NestedArray[]): Tensor {
  const shape: number[] = []
  for (let level: NestedArray = source; Array.isArray(level); level = level[0]) shape.push(level.length)
  const data = new Float32Array(sizeOf(shape))
  let next = 0
  const copy = (level: NestedArray, axis: number): void => {
    if (axis === shape.length) {
      if (typeof level !== 'number' && typeof level !== 'boolean')
        throw new ArgumentError('data', level, `a number at depth ${axis}, as in the first row`)
      data[next++] = Number(level)
      return
    }
    if (!Array.isArray(level) || level.length !== shape[axis])
      throw new ArgumentError('data', level, `rows of ${shape[axis]} at depth ${axis}, as in the first row`)
    for (const item of level) copy(item, axis + 1)
  }
  copy(source, 0)
  return new Tensor(shape, data)
}

function readStrided({ data: source, shape, stride, offset }: NdarrayLike): Tensor {
  const data = new Float32Array(sizeOf(shape))
  const integers = !(source instanceof Float32Array || source instanceof Float64Array || Array.isArray(source))
  let next = 0
  const copy = (axis: number, at: number): void => {
    if (axis === shape.length) {
      const value = source[at]
      if (typeof value !== 'number')
        throw new ArgumentError('data', value, `a number at index ${at} (64-bit integers: convert with Number)`)
      data[next] = value
      if (integers && data[next] !== value)
        throw new ArgumentError('data', value, 'integers that float32 holds exactly')
      next++
      return
    }
    for (let n = 0; n < shape[axis]; n++) copy(axis + 1, at + n * stride[axis])
  }
  copy(0, offset)
  return new Tensor(shape, data)
}
