// Data at the API boundary: a shape and flat, row-major float32 numbers. Users pass nested arrays, typed arrays or
// ndarrays and get copies back; kernels see only the flat arrays.

import {
  boundedShape,
  boundedSize,
  shape as checkShape,
  integer,
  isObject,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
} from './check.ts'
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

/** The fields of a tensor, as `structuredClone`, `postMessage` and JSON return it. */
export interface TensorFields {
  /** The numbers, flat and row-major. */
  readonly data: NumericArray | readonly number[]
  /** The sizes of the axes. */
  readonly shape: readonly number[]
}

/** An ndarray with any strides, recognised by these four fields. */
export interface NdarrayLike extends TensorFields {
  /** How many numbers lie between neighbours along each axis. */
  readonly stride: readonly number[]
  /** Where the first number lies in `data`. */
  readonly offset: number
}

/** Anything `Tensor.from` accepts. A bare typed array is a vector; a list of tensors is a tensor with one more axis. */
export type TensorLike = Tensor | number | boolean | NumericArray | TensorFields | NdarrayLike | readonly TensorLike[]

/** The most axes of nested arrays, as in NumPy. */
const mostAxes = 64

/** A shape and its float32 numbers, flat and row-major. */
export class Tensor {
  static readonly name = 'Tensor'
  /** The sizes of the axes; `[]` for a single number. */
  readonly shape: readonly number[]
  /** The numbers, flat and row-major: the last index runs fastest. */
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
   * @throws ArgumentError when rows differ in length, the sizes do not match, a number is too large for float32, or
   * float32 cannot hold an integer of a typed array exactly
   */
  static from(source: TensorLike, shape?: Shape): Tensor {
    const tensor = toTensor('data', source)
    if (shape !== undefined) return tensor.reshape(shape)
    return tensor === source ? tensor.clone() : tensor
  }

  /** A tensor of zeros. @throws ArgumentError for a shape that is no list of sizes, or of more than 2^29 numbers */
  static zeros(shape: Shape): Tensor {
    return new Tensor(shape, new Float32Array(sizeOf(boundedShape('shape', shape))))
  }

  /** How many numbers the tensor holds. */
  get size(): number {
    return this.data.length
  }

  /** Copies the numbers into another shape; one size may be −1 and is then inferred. */
  reshape(shape: Shape): Tensor {
    const sizes = checkShape('shape', shape, -1)
    const open = sizes.indexOf(-1)
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
    const at = (name: string, given: number) => {
      const n = integer(name, given, -Infinity)
      return Math.min(Math.max(n < 0 ? rows + n : n, 0), rows)
    }
    const [from, to] = [at('begin', begin), at('end', end ?? rows)]
    const count = Math.max(to - from, 0)
    return new Tensor([count, ...this.shape.slice(1)], this.data.slice(from * row, (from + count) * row))
  }

  /** A copy with numbers of its own. */
  clone(): Tensor {
    return new Tensor(this.shape, this.data.slice())
  }

  /** The number in a tensor that holds exactly one. */
  item(): number {
    if (this.size !== 1) throw new ArgumentError('item', this, 'a tensor with exactly one number')
    return this.data[0]
  }

  /** The numbers as nested arrays; of a tensor without axes, the number. */
  toArray(): NestedArray {
    const nest = (axis: number, offset: number): NestedArray => {
      if (axis === this.shape.length) return this.data[offset]
      const step = sizeOf(this.shape.slice(axis + 1))
      return Array.from({ length: this.shape[axis] }, (_, n) => nest(axis + 1, offset + n * step))
    }
    return nest(0, 0)
  }

  /** Plain data, which `Tensor.from` accepts. JSON has no NaN and no Infinity: they become `null`. */
  toJSON(): { shape: readonly number[]; data: number[] } {
    return { shape: this.shape, data: Array.from(this.data) }
  }

  /** The shape, such as `Tensor [2, 3]`. */
  toString(): string {
    return `Tensor [${this.shape.join(', ')}]`
  }

  /** Whether another tensor has the same shape and the same bits; NaN equals NaN, 0 does not equal −0. */
  equals(other: Tensor): boolean {
    return (
      other instanceof Tensor &&
      sameShape(this.shape, other.shape) &&
      this.data.every((value, i) => Object.is(value, other.data[i]))
    )
  }
}

/**
 * The tensor itself, or a new one with the numbers of the source.
 * @param name the argument that the numbers are for
 */
export function toTensor(name: string, source: TensorLike): Tensor {
  if (!(source instanceof Tensor)) return read(name, source)
  if (source.data.length === sizeOf(source.shape)) return source
  throw new ArgumentError(
    name,
    source,
    'a tensor with all its numbers',
    'Their buffer was transferred to another thread',
  )
}

function read(name: string, source: TensorLike): Tensor {
  const shape: number[] = []
  let first = source
  for (; Array.isArray(first); first = first[0]) {
    if (shape.push(first.length) > mostAxes)
      throw new ArgumentError(
        name,
        source,
        `at most ${mostAxes} axes`,
        'The array contains itself, or is nested too deep',
      )
  }
  const depth = shape.length
  const item = viewOf(name, first)
  if (item) shape.push(...item.shape)
  const data = new Float32Array(boundedSize(name, shape))
  let next = 0

  // The words for an error are put together only where there is one.
  const put = (value: unknown, isExact: boolean, where: 'index' | 'depth', at: number, hint: string) => {
    const number = typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number') throw new ArgumentError(name, value, `a number at ${where} ${at}${hint}`)
    data[next] = number
    if (isExact && data[next] !== number) throw new ArgumentError(name, value, 'integers that float32 holds exactly')
    if (!Number.isFinite(data[next]) && Number.isFinite(number))
      throw new ArgumentError(name, value, 'numbers up to 3.4e38, the largest of float32')
    next++
  }
  const copyView = ({ data: numbers, shape: sizes, stride, offset }: NdarrayLike): void => {
    const isExact = isInteger(numbers)
    const copyAxis = (axis: number, at: number): void => {
      if (axis < sizes.length) for (let n = 0; n < sizes[axis]; n++) copyAxis(axis + 1, at + n * stride[axis])
      else put(numbers[at], isExact, 'index', at, ' (64-bit integers: convert with Number)')
    }
    copyAxis(0, offset)
  }
  const copy = (level: unknown, axis: number): void => {
    if (axis < depth) {
      if (!Array.isArray(level) || level.length !== shape[axis])
        throw new ArgumentError(name, level, `rows of ${shape[axis]} at depth ${axis}, as in the first row`)
      for (const part of level) copy(part, axis + 1)
    } else if (item) {
      const view = viewOf(name, level)
      if (!view || !sameShape(view.shape, item.shape))
        throw new ArgumentError(name, level, `the shape [${item.shape.join(', ')}] of the first item`)
      copyView(view)
    } else if (depth > 0 || typeof level === 'number' || typeof level === 'boolean')
      put(level, false, 'depth', axis, ', as in the first row')
    else throw new ArgumentError(name, level, 'a Tensor, nested arrays of numbers, a typed array, or an ndarray')
  }
  copy(source, 0)
  return new Tensor(shape, data)
}

/** A view of the numbers of a tensor, its fields, a typed array or an ndarray; `null` for anything else. */
function viewOf(name: string, source: unknown): NdarrayLike | null {
  if (!isObject(source) || Array.isArray(source)) return null
  if (ArrayBuffer.isView(source))
    return source instanceof DataView
      ? null
      : { data: source as NumericArray, shape: [(source as NumericArray).length], stride: [1], offset: 0 }
  const { data, shape, stride, offset = 0 } = source as Partial<NdarrayLike>
  if (!isObject(data) || !Array.isArray(shape)) return null
  const sizes = checkShape(`${name}.shape`, shape)
  const steps = stride ?? stridesOf(sizes)
  // JSON turns a typed array into an object whose keys are the indices
  const numbers = Array.isArray(data) || ArrayBuffer.isView(data) ? data : Object.values<number>(data)
  if (stride === undefined && numbers.length !== sizeOf(sizes))
    throw new ArgumentError(`${name}.data`, data, `${sizeOf(sizes)} numbers for the shape [${sizes.join(', ')}]`)
  if (!Array.isArray(steps) || steps.length !== sizes.length || !steps.every(Number.isSafeInteger))
    throw new ArgumentError(`${name}.stride`, stride, `an integer for each of ${sizes.length} axes`)
  return { data: numbers, shape: sizes, stride: steps, offset: integer(`${name}.offset`, offset, 0) }
}

/** By its tag: the array may come from another page or worker. */
const isInteger = (data: NdarrayLike['data']) => ArrayBuffer.isView(data) && !/^Float/.test(data[Symbol.toStringTag])
