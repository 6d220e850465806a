// Preparation of samples: take, shuffle, split, batch, encode as one-hot. Functions that reorder rows take
// several tensors (such as samples and targets), so that corresponding rows stay together.

import { boolean, boundedSize, integer, knownOptions, positiveInteger, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Seed, shuffleInPlace, stream } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'

/** A tensor for each item of a list. */
export type Tensors<T extends readonly TensorLike[]> = { -readonly [K in keyof T]: Tensor }

/** @throws ArgumentError unless all have the same number of rows, which is returned too */
function read<T extends readonly TensorLike[]>(given: T): { tensors: Tensors<T>; n: number } {
  if (!Array.isArray(given) || given.length === 0)
    throw new ArgumentError('tensors', given, 'a list of tensors, such as [x, y]')
  const tensors = Array.from<TensorLike, Tensor>(given, (tensor, i) => toTensor(`tensors[${i}]`, tensor))
  const rows = tensors.map(tensor => tensor.shape[0])
  if (rows.some(n => n === undefined || n !== rows[0]))
    throw new ArgumentError('tensors', rows, `tensors with as many rows as the first, ${rows[0]}`)
  return { tensors: tensors as Tensors<T>, n: rows[0] }
}

/** The rows with these indices, in this order, copied. @throws ArgumentError for an index out of range */
export function take(tensor: TensorLike, rows: readonly number[] | Int32Array): Tensor {
  const source = toTensor('tensor', tensor)
  const [n, ...item] = source.shape
  if (n === undefined) throw new ArgumentError('tensor', source, 'a tensor with at least one axis')
  if (!Array.isArray(rows) && !(ArrayBuffer.isView(rows) && 'length' in rows))
    throw new ArgumentError('rows', rows, 'a list of row numbers')
  const width = sizeOf(item)
  const shape = [rows.length, ...item]
  boundedSize('rows', shape)
  const result = Tensor.zeros(shape)
  for (const [i, row] of rows.entries()) {
    if (!(Number.isSafeInteger(row) && row >= 0 && row < n))
      throw new ArgumentError(`rows[${i}]`, row, `a row from 0 to ${n - 1}`)
    result.data.set(source.data.subarray(row * width, (row + 1) * width), i * width)
  }
  return result
}

/** Shuffles the rows of all tensors in the same order. @param options.seed the same seed gives the same order */
export function shuffle<T extends readonly TensorLike[]>(tensors: T, options: { readonly seed: Seed }): Tensors<T> {
  const { tensors: all, n } = read(tensors)
  knownOptions('shuffle', options, ['seed'])
  const order = shuffleInPlace(inOrder(n), stream(options.seed, 'shuffle'))
  return all.map(tensor => take(tensor, order)) as Tensors<T>
}

const inOrder = (n: number) => Int32Array.from({ length: n }, (_, i) => i)

function orderOf(n: number, seed: Seed | undefined): Int32Array {
  return seed === undefined ? inOrder(n) : shuffleInPlace(inOrder(n), stream(seed, 'shuffle'))
}

/** The result of `split`: one part for each size, then the remaining rows. */
export type Parts<T extends readonly TensorLike[], S extends readonly number[]> = [
  ...{ -readonly [K in keyof S]: Tensors<T> },
  Tensors<T>,
]

/**
 * Splits the rows of all tensors into parts; the remaining rows form the last part.
 * @param sizes the sizes of all parts but the last: numbers of rows, or fractions below 1
 * @param options.seed shuffles the rows first; without a seed, they stay in order
 * @returns for each part, one tensor per input tensor
 */
export function split<T extends readonly TensorLike[], const S extends readonly number[]>(
  tensors: T,
  sizes: S,
  options: { readonly seed?: Seed } = {},
): Parts<T, S> {
  const { tensors: all, n } = read(tensors)
  knownOptions('split', options, ['seed'])
  if (!Array.isArray(sizes)) throw new ArgumentError('sizes', sizes, 'a list of numbers of rows or fractions')
  const counts = Array.from<number, number>(sizes, (size, i) => {
    const count = typeof size === 'number' && size > 0 && size < 1 ? Math.round(size * n) : size
    return integer(`sizes[${i}]`, count, 0)
  })
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total > n) throw new ArgumentError('sizes', sizes, `at most ${n} rows in total`)
  const order = orderOf(n, options.seed)
  let from = 0
  const parts = [...counts, n - total].map(count => {
    const rows = order.subarray(from, (from += count))
    return all.map(tensor => take(tensor, rows)) as Tensors<T>
  })
  return parts as readonly Tensors<T>[] as Parts<T, S>
}

/** The options of `batches`. */
export interface BatchesOptions {
  /** Shuffles the rows first. Default: rows stay in order. */
  readonly seed?: Seed
  /** Whether to drop a last batch smaller than the others. Default false. */
  readonly dropRemainder?: boolean
}

/** Yields all rows, batch by batch. The arguments are checked at once. */
export function batches<T extends readonly TensorLike[]>(
  tensors: T,
  batchSize: number,
  options: BatchesOptions = {},
): Generator<Tensors<T>> {
  const { tensors: all, n } = read(tensors)
  positiveInteger('batchSize', batchSize)
  knownOptions('batches', options, ['seed', 'dropRemainder'])
  const whole = boolean('dropRemainder', options.dropRemainder ?? false)
  const order = orderOf(n, options.seed)
  return (function* () {
    for (let from = 0; from < n; from += batchSize) {
      if (whole && from + batchSize > n) return
      const rows = order.subarray(from, from + batchSize)
      yield all.map(tensor => take(tensor, rows)) as Tensors<T>
    }
  })()
}

/** One-hot rows, with a 1 at the label: `[n]` → `[n, classes]`. @throws ArgumentError for labels out of range */
export function oneHot(labels: TensorLike, classes: number): Tensor {
  const { data, shape } = toTensor('labels', labels)
  positiveInteger('classes', classes)
  boundedSize('classes', [...shape, classes])
  const result = Tensor.zeros([...shape, classes])
  data.forEach((label, i) => {
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      throw new ArgumentError(`labels[${i}]`, label, `a class number from 0 to ${classes - 1}`)
    result.data[i * classes + label] = 1
  })
  return result
}
