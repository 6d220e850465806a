// Preparation of samples: standardize, encode as one-hot, shuffle, split, batch. Functions that reorder rows take
// several tensors (such as samples and targets), so that corresponding rows stay together.

import ops from 'ndarray-ops'
import {
  boolean,
  boundedSize,
  finite,
  integer,
  knownOptions,
  oneOf,
  positiveInteger,
  sameShape,
  sizeOf,
} from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Seed, shuffleInPlace, stream } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { combine } from '../kernels/sums.ts'
import { filled, toNdarray } from './ndarray.ts'

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

/**
 * Splits the rows of all tensors into parts; the remaining rows form the last part.
 * @param sizes the sizes of all parts but the last: numbers of rows, or fractions below 1
 * @param options.seed shuffles the rows first; without a seed, they stay in order
 * @returns for each part, one tensor per input tensor
 */
export function split<T extends readonly TensorLike[]>(
  tensors: T,
  sizes: readonly number[],
  options: { readonly seed?: Seed } = {},
): Tensors<T>[] {
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
  return [...counts, n - total].map(count => {
    const rows = order.subarray(from, (from += count))
    return all.map(tensor => take(tensor, rows)) as Tensors<T>
  })
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

/** The mean and standard deviation used to standardize data: one number each, or one for each feature. */
export interface Statistics {
  /** The mean: `[]`, or the shape of one sample. */
  readonly mean: Tensor
  /** The standard deviation, in the same shape. Where it is 0, standardized numbers are 0. */
  readonly std: Tensor
}

/** The options of `standardize`. */
export interface StandardizeOptions {
  /** The statistics to use. Default: those of the data. Give both or neither. */
  readonly mean?: TensorLike
  /** The standard deviations to use. */
  readonly std?: TensorLike
  /** 'all' (the default): one mean for all numbers; 'feature': one for each position in a sample. */
  readonly by?: 'all' | 'feature'
}

/**
 * Scales data to mean 0 and standard deviation 1; constant features become 0. For test data, use the statistics of the
 * training data: `standardize(test, { mean, std })`.
 */
export function standardize(
  given: TensorLike,
  options: StandardizeOptions = {},
): Statistics & { readonly data: Tensor } {
  const data = toTensor('data', given)
  if (data.size === 0) throw new ArgumentError('data', data, 'at least one number')
  knownOptions('standardize', options, ['by', 'mean', 'std'])
  const item = oneOf('by', options.by ?? 'all', ['all', 'feature']) === 'feature' ? data.shape.slice(1) : []
  const [hasMean, hasStd] = [options.mean, options.std].map(statistic => statistic !== undefined)
  if (hasMean !== hasStd) throw new ArgumentError(hasMean ? 'std' : 'mean', undefined, 'both mean and std, or neither')
  const { mean, std } = hasMean
    ? { mean: toTensor('mean', options.mean as TensorLike), std: toTensor('std', options.std as TensorLike) }
    : momentsOf(data, item)
  if (!sameShape(mean.shape, std.shape)) throw new ArgumentError('std', std, `the shape of mean [${mean.shape}]`)
  if (mean.size !== 1 && !sameShape(mean.shape, data.shape.slice(1)))
    throw new ArgumentError('mean', mean, `one number, or the shape [${data.shape.slice(1)}] of a sample`)
  for (const value of mean.data) finite('mean', value)
  const scale = std.data.map(s => (s === 0 ? 0 : 1 / finite('std', s, 0)))
  const result = filled(data.shape, view => {
    if (mean.size === 1) {
      ops.subs(view, toNdarray(data), mean.data[0])
      ops.mulseq(view, scale[0])
      return
    }
    const factor = toNdarray(new Tensor(mean.shape, scale))
    for (let n = 0; n < data.shape[0]; n++) {
      ops.sub(view.pick(n), toNdarray(data).pick(n), toNdarray(mean))
      ops.muleq(view.pick(n), factor)
    }
  })
  return { data: result, mean, std }
}

/** Mean and standard deviation for each position of an item, over all items. */
function momentsOf(data: Tensor, item: readonly number[]): Statistics {
  const width = sizeOf(item)
  const rows = data.size / width
  const [mean, std] = [Tensor.zeros(item), Tensor.zeros(item)]
  for (let i = 0; i < width; i++) {
    const sumOf = (term: (value: number) => number) => {
      const p = new Float64Array(8)
      for (let r = 0; r < rows; r++) p[r & 7] += term(data.data[r * width + i])
      return combine(p)
    }
    const m = sumOf(value => value) / rows
    mean.data[i] = m
    std.data[i] = Math.sqrt(sumOf(value => (value - m) ** 2) / rows)
  }
  return { mean, std }
}
