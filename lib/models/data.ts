// Samples, targets and sample weights: checked once, then copied batch by batch.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import { weightsOf } from '../losses/row-shapes.ts'

/** Samples, their targets, and their weights: one for each sample, or one for each row of its output; `null`: all 1. */
export interface Data {
  readonly n: number
  readonly x: Tensor
  readonly y: Tensor
  readonly weights: Float32Array | null
  /** The rows of one sample's output: the unit of a loss. */
  readonly rows: number
}

/** The rows of the data that form a batch. */
export interface Rows {
  readonly data: Data
  /** Row i of the batch is row `order[from + i]` of the data; `null`: row `from + i`. */
  readonly order: Int32Array | null
  readonly from: number
  readonly count: number
}

export type ClassWeight = Readonly<Record<number, number>>

/**
 * Combines samples, targets and weights.
 * @param rows the shape of the rows of one sample's output
 * @throws ArgumentError when there are no samples, or lengths differ
 */
export function joinData(x: Tensor, y: TensorLike, sampleWeight: TensorLike | undefined, rows: Shape): Data {
  const targets = y instanceof Tensor ? y : Tensor.from(y)
  const n = x.shape[0]
  if (n === 0) throw new ArgumentError('x', x, 'at least one sample')
  if (targets.shape[0] !== n) throw new ArgumentError('y', targets, `${n} targets, one for each sample in x`)
  let weights: Float32Array | null = null
  if (sampleWeight !== undefined) {
    const tensor = Tensor.from(sampleWeight)
    if (tensor.shape[0] !== n) throw new ArgumentError('sampleWeight', tensor, `the shape [${n}], one per sample`)
    weights = tensor.size === n ? tensor.data : weightsOf(tensor, [n, ...rows])
  }
  return { n, x, y: targets, weights, rows: sizeOf(rows) }
}

/**
 * Multiplies the weight of each target by that of its class: the target itself, rounded, or the place of the largest number
 * along the last axis.
 * @param sparse whether every target is a class number
 */
export function weighClasses(data: Data, classWeight: ClassWeight | undefined, sparse: boolean): Data {
  if (classWeight === undefined) return data
  const { n, y, weights, rows } = data
  const width = sparse || y.shape.length === 1 ? 1 : y.shape[y.shape.length - 1]
  const product = new Float32Array(y.size / width)
  if (product.length !== n && product.length !== n * rows)
    throw new ArgumentError('classWeight', classWeight, `none: the targets tell no class for each of ${rows} rows`)
  const perWeight = product.length / (weights?.length ?? n)
  for (let i = 0; i < product.length; i++) {
    const row = y.data.subarray(i * width, (i + 1) * width)
    const label = width === 1 ? Math.round(row[0]) : row.indexOf(row.reduce((a, b) => (a > b ? a : b)))
    const weight = Object.hasOwn(classWeight, label) ? classWeight[label] : undefined
    if (typeof weight !== 'number' || !Number.isFinite(weight))
      throw new ArgumentError('classWeight', classWeight, `a number for every class, including ${label}`)
    product[i] = weight * (weights ? weights[Math.floor(i / perWeight)] : 1)
  }
  return { ...data, weights: product }
}

/** Splits off the last samples, for validation. @throws ArgumentError when either part is empty */
export function splitData({ n, x, y, weights, rows }: Data, share: number): [Data, Data] {
  const at = Math.floor(n * (1 - share))
  if (at === 0 || at === n) {
    const hint = `The data have ${n} ${n === 1 ? 'sample' : 'samples'}; use another fraction or validationData`
    throw new ArgumentError(
      'validationSplit',
      share,
      'a fraction that leaves samples for training and validation',
      hint,
    )
  }
  const part = (from: number, to: number): Data => ({
    n: to - from,
    x: x.slice(from, to),
    y: y.slice(from, to),
    rows,
    weights: weights?.slice((from * weights.length) / n, (to * weights.length) / n) ?? null,
  })
  return [part(0, at), part(at, n)]
}

/** All data as one batch. */
export const allRows = (data: Data): Rows => ({ data, order: null, from: 0, count: data.n })

/** Copies `count` rows of `source`, selected as in `Rows`, to the start of `target`. */
export function copyRows(
  target: Float32Array,
  source: Float32Array,
  rowSize: number,
  order: Int32Array | null,
  from: number,
  count: number,
): void {
  for (let r = 0; r < count; r++) {
    const row = order ? order[from + r] : from + r
    for (let i = 0; i < rowSize; i++) target[r * rowSize + i] = source[row * rowSize + i]
  }
}
