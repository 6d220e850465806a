// Samples, targets and sample weights: checked once, then copied batch by batch.

import { finite, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { finiteWeights, weightsOf } from '../losses/row-shapes.ts'

/** Something for each input or output, by its name. */
export type Named<T> = Readonly<Record<string, T>>

/** Samples for a model: of its one input; or of each input, as a list or by the inputs' names. */
export type ModelInput = TensorLike | readonly TensorLike[] | Named<TensorLike>

/** Targets for a model: of its one output; or of each output, as a list or by name. `null` where no loss needs them. */
export type ModelTargets = TensorLike | readonly (TensorLike | null)[] | Named<TensorLike | null>

/** Sample weights: the same for all outputs; or for each output, as a list or by name. `null`: all 1. */
export type SampleWeights = TensorLike | readonly (TensorLike | null)[] | Named<TensorLike | null>

/**
 * Samples of each input, targets of each output (`null` if it has none), and their weights: one for each sample, or one for
 * each row of its output; `null`: all 1.
 */
export interface Data {
  readonly n: number
  readonly xs: readonly Tensor[]
  readonly ys: readonly (Tensor | null)[]
  readonly weights: readonly (Float32Array | null)[]
}

/** Whether a value is an object with a member for each name, rather than numbers or a config. */
export function isNamed(given: unknown): given is Named<never> {
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) return false
  return !('shape' in given && 'data' in given) && !('className' in given) && !('class_name' in given)
}

/**
 * The value for each of the names: from an object with these names, a list, or a single value if there is one name.
 * @throws ArgumentError for other names, and for a list of another length
 */
export function perName<T>(what: string, given: unknown, names: readonly string[]): (T | undefined)[] {
  if (isNamed(given)) {
    for (const name of Object.keys(given))
      if (!names.includes(name)) throw new ArgumentError(`${what}, name`, name, `one of ${names.join(', ')}`)
    return names.map(name => (Object.hasOwn(given, name) ? given[name] : undefined))
  }
  if (names.length === 1) return [given as T]
  if (Array.isArray(given) && given.length === names.length) return given
  const expected = `a list of ${names.length}, or an object with ${names.join(', ')}`
  throw new ArgumentError(what, given, expected)
}

/**
 * The data of a model's one input or output, which may be in a list: `fit([x], [y])` means `fit(x, y)`. In other lists,
 * each item is a sample.
 * @param isBatch whether a tensor has the batch axis already
 */
export function unlisted(what: string, given: unknown, isBatch: (tensor: Tensor) => boolean): TensorLike {
  const [only] = Array.isArray(given) && given.length === 1 ? given : []
  const tensor = Object(only) === only && !Array.isArray(only) ? toTensor(what, only as TensorLike) : null
  return tensor && isBatch(tensor) ? tensor : (given as TensorLike)
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
 * @param outputs the names of the model's outputs
 * @param rows for each output, the shape of the rows of one sample
 * @throws ArgumentError when there are no samples, or lengths differ
 */
export function joinData(
  xs: readonly Tensor[],
  y: ModelTargets,
  outputs: readonly string[],
  sampleWeight: SampleWeights | undefined,
  rows: readonly Shape[],
): Data {
  const n = xs[0].shape[0]
  if (n === 0) throw new ArgumentError('x', xs[0], 'at least one sample')
  const of = (what: string, i: number) => (outputs.length === 1 ? what : `${what}, output ${outputs[i]}`)
  const hasBatch = ({ shape }: Tensor) => shape[0] === n && (n > 1 || shape.length > rows[0].length + 1)
  const alone = <T>(what: string, given: T) => (outputs.length === 1 ? unlisted(what, given, hasBatch) : given)
  const ys = perName<TensorLike | null>('y', alone('y', y), outputs).map((given, i) => {
    if ((given === null || given === undefined) && outputs.length > 1) return null
    const targets = toTensor(of('y', i), given as TensorLike)
    if (targets.shape[0] === n) return targets
    throw new ArgumentError(of('y', i), targets, `${n} targets, one for each sample in x`)
  })
  const isForAll = outputs.length > 1 && sampleWeight !== undefined && isWeights(sampleWeight)
  const given = isForAll
    ? outputs.map(() => sampleWeight)
    : perName('sampleWeight', alone('sampleWeight', sampleWeight ?? {}), outputs)
  const weights = given.map((each, i) => {
    if (each === undefined || each === null) return null
    const tensor = finiteWeights(each as TensorLike)
    if (tensor.shape[0] !== n)
      throw new ArgumentError(of('sampleWeight', i), tensor, `the shape [${n}], one per sample`)
    return tensor.size === n ? tensor.data.slice() : weightsOf(tensor, [n, ...rows[i]])
  })
  return { n, xs, ys, weights }
}

/** Whether sample weights are one list of numbers, for all outputs. */
const isWeights = (given: SampleWeights) => !isNamed(given) && (!Array.isArray(given) || typeof given[0] === 'number')

/**
 * Multiplies the weight of each target by that of its class: the target itself, rounded, or the place of the largest number
 * along the last axis.
 * @param sparse whether every target is a class number
 * @param rows the shape of the rows of one sample
 */
export function weighClasses(data: Data, classWeight: ClassWeight | undefined, sparse: boolean, rows: Shape): Data {
  if (classWeight === undefined) return data
  if (typeof classWeight !== 'object' || classWeight === null)
    throw new ArgumentError('classWeight', classWeight, 'a weight for each class, by its number')
  for (const [label, weight] of Object.entries(classWeight)) {
    if (!/^\d+$/.test(label)) throw new ArgumentError('classWeight, class', label, 'the number of a class')
    finite(`classWeight[${label}]`, weight)
  }
  const { n, ys, weights: all } = data
  if (ys.length > 1) throw new ArgumentError('classWeight', classWeight, 'none: the model has several outputs')
  const [y, weights] = [ys[0] as Tensor, all[0]]
  const width = sparse || y.shape.length === 1 ? 1 : y.shape[y.shape.length - 1]
  const product = new Float32Array(y.size / width)
  if (product.length !== n && product.length !== n * sizeOf(rows))
    throw new ArgumentError(
      'classWeight',
      classWeight,
      `none: the targets tell no class for each of ${sizeOf(rows)} rows`,
    )
  const perWeight = product.length / (weights?.length ?? n)
  for (let i = 0; i < product.length; i++) {
    const row = y.data.subarray(i * width, (i + 1) * width)
    const label = width === 1 ? Math.round(row[0]) : row.indexOf(row.reduce((a, b) => (a > b ? a : b)))
    const weight = Object.hasOwn(classWeight, label) ? classWeight[label] : undefined
    if (weight === undefined)
      throw new ArgumentError('classWeight', classWeight, `a number for every class, including ${label}`)
    product[i] = weight * (weights ? weights[Math.floor(i / perWeight)] : 1)
  }
  return { ...data, weights: [product] }
}

/** Splits off the last samples, for validation. @throws ArgumentError when either part is empty */
export function splitData({ n, xs, ys, weights }: Data, share: number): [Data, Data] {
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
    xs: xs.map(x => x.slice(from, to)),
    ys: ys.map(y => y?.slice(from, to) ?? null),
    weights: weights.map(each => each?.slice((from * each.length) / n, (to * each.length) / n) ?? null),
  })
  return [part(0, at), part(at, n)]
}

/** All data as one batch. */
export const allRows = (data: Data): Rows => ({ data, order: null, from: 0, count: data.n })

/** Copies the rows of a batch from `source` to the start of `target`. */
export function copyRows(
  target: Float32Array,
  source: Float32Array,
  rowSize: number,
  { order, from, count }: Rows,
): void {
  if (!order) {
    target.set(source.subarray(from * rowSize, (from + count) * rowSize))
    return
  }
  for (let r = 0; r < count; r++) {
    const first = order[from + r] * rowSize
    if (rowSize === 1) target[r] = source[first]
    else target.set(source.subarray(first, first + rowSize), r * rowSize)
  }
}
