// Standardization: mean 0 and standard deviation 1.

import ops from 'ndarray-ops'
import { finite, knownOptions, oneOf, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { combine } from '../kernels/sums.ts'
import { filled, toNdarray } from './view.ts'

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
  /** The standard deviations to use, in the shape of `mean`. */
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
