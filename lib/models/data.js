// Samples, targets and weights on their way into a step: checked once, then copied batch by batch.
import { sameShape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Tensor } from '../tensor.ts'
/** @throws ArgumentError when there is no sample, or lengths differ */
export function joinData(x, y, sampleWeight, classWeight) {
  const targets = y instanceof Tensor ? y : Tensor.from(y)
  const n = x.shape[0]
  if (n === 0) throw new ArgumentError('x', x, 'at least one sample')
  if (targets.shape[0] !== n) throw new ArgumentError('y', targets, `${n} targets, one for each sample in x`)
  let weights = null
  if (sampleWeight !== undefined) {
    const tensor = Tensor.from(sampleWeight)
    if (!sameShape(tensor.shape, [n]))
      throw new ArgumentError('sampleWeight', tensor, `the shape [${n}], one a sample`)
    weights = tensor.data
  }
  if (classWeight !== undefined) weights = weightsOfClasses(classWeight, targets, weights)
  return { n, x, y: targets, weights }
}
/** Each sample's weight times that of its class: the class is the target, or where a one-hot target has its 1. */
function weightsOfClasses(classWeight, y, weights) {
  const n = y.shape[0]
  const width = y.size / n
  const product = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    const row = y.data.subarray(i * width, (i + 1) * width)
    const label = width === 1 ? row[0] : row.indexOf(row.reduce((a, b) => (a > b ? a : b)))
    const weight = Object.hasOwn(classWeight, label) ? classWeight[label] : undefined
    if (typeof weight !== 'number' || !Number.isFinite(weight))
      throw new ArgumentError('classWeight', classWeight, `a number for every class, ${label} too`)
    product[i] = weight * (weights ? weights[i] : 1)
  }
  return product
}
/** The first samples to train on and the last to validate with. @throws ArgumentError when either part is empty */
export function splitData({ n, x, y, weights }, share) {
  const at = Math.floor(n * (1 - share))
  if (at === 0 || at === n) {
    const hint = `The data have ${n} ${n === 1 ? 'sample' : 'samples'}; use another share or validationData`
    throw new ArgumentError(
      'validationSplit',
      share,
      'a share that leaves samples to train on and to validate with',
      hint,
    )
  }
  const part = (from, to) => ({
    n: to - from,
    x: x.slice(from, to),
    y: y.slice(from, to),
    weights: weights?.slice(from, to) ?? null,
  })
  return [part(0, at), part(at, n)]
}
/** The data from their start to their end, a batch at a time; then `null`. */
export function inOrder(data, batchSize) {
  let from = -batchSize
  return () => {
    from += batchSize
    if (from >= data.n) return null
    return { data, order: null, from, count: Math.min(batchSize, data.n - from) }
  }
}
/** All of the data, as one batch. */
export const allRows = data => ({ data, order: null, from: 0, count: data.n })
/** Copies `count` rows of `source`, in the order given or as they stand, to the start of `target`. */
export function copyRows(target, source, rowSize, order, from, count) {
  for (let r = 0; r < count; r++) {
    const row = order ? order[from + r] : from + r
    for (let i = 0; i < rowSize; i++) target[r * rowSize + i] = source[row * rowSize + i]
  }
}
export const rowSizeOf = shape => sizeOf(shape.slice(1))
