// What every loss offers: a number for each row of the output, its gradient, and how rows become one number.
import { knownOptions, oneOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { combine } from '../kernels/sums.ts'
import { Tensor } from '../tensor.ts'
import { axisOf, checkTargets, rowCount, rowShape, sizeAfter, sizeBefore, weightsOf } from './rows.ts'
/**
 * A loss. For one of your own, extend this class with `forward` and `backward`; both work on flat arrays, and what
 * they get has been checked.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/losses/Loss
 */
export class Loss {
  className
  name
  reduction
  /** 'same': a target has the output's shape; 'sparse': it is the number of a class, along the axis. */
  targets = 'same'
  /** The axis that a row lies along. */
  axis = -1
  /** With sparse targets: rows of this class do not count. */
  ignoreClass = null
  #config
  /** @param config the further options, all of them, as `getConfig` gives them */
  constructor(className, defaultName, options = {}, config = {}) {
    knownOptions(className, options, ['reduction', 'name', ...Object.keys(config)])
    this.className = className
    this.name = options.name ?? defaultName
    this.reduction = oneOf('reduction', options.reduction ?? 'auto', reductions)
    this.#config = config
  }
  /**
   * The same loss of the numbers that this activation was applied to, where Keras remembers them (a crossentropy
   * after softmax or sigmoid: no probability is clipped then); else `null`.
   */
  afterActivation(_activation) {
    return null
  }
  /**
   * The loss.
   * @param yTrue of the shape of `yPred`, or, if sparse, without its axis
   * @param sampleWeight how much each sample counts, `[batch]`, or each row
   * @returns one number, or that of each row if `reduction` is 'none'
   * @throws ArgumentError when shapes do not fit, or a class is none
   */
  compute(yTrue, yPred, sampleWeight) {
    const { t, p, shape, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const values = Tensor.zeros(shape)
    this.forward(values.data, t.data, p.data, p.shape)
    if (this.reduction !== 'none')
      return Tensor.from(reduceRows(values.data, weights, values.size, this.reduction))
    if (weights) for (let r = 0; r < values.size; r++) values.data[r] *= weights[r]
    return values
  }
  /** The gradient of `compute` in `yPred`; of the rows' sum if `reduction` is 'none'. */
  gradient(yTrue, yPred, sampleWeight) {
    const { t, p, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const rows = rowCount(p.shape, this.axis)
    const scale = new Float32Array(rows)
    rowScale(scale, weights, rows, this.reduction)
    const dPred = Tensor.zeros(p.shape)
    this.backward(dPred.data, t.data, p.data, scale, p.shape)
    return dPred
  }
  getConfig() {
    return { reduction: this.reduction, name: this.name, ...this.#config }
  }
  #checked(yTrue, yPred, sampleWeight) {
    const [t, p] = [Tensor.from(yTrue), Tensor.from(yPred)]
    if (p.shape.length === 0) throw new ArgumentError('yPred', p, 'at least one axis')
    const shape = rowShape(p.shape, this.axis)
    checkTargets(this, t, p.shape)
    return { t, p, shape, weights: sampleWeight === undefined ? null : weightsOf(sampleWeight, shape) }
  }
}
const reductions = ['auto', 'sum_over_batch_size', 'sum', 'none']
/** A loss whose arithmetic is a kernel, called with up to four numbers. */
export class KernelLoss extends Loss {
  #kernel
  #numbers
  constructor(className, defaultName, options, config, kernel, [a = 0, b = 0, c = 0, d = 0] = []) {
    super(className, defaultName, options, config)
    this.#kernel = kernel
    this.#numbers = [Math.fround(a), Math.fround(b), Math.fround(c), Math.fround(d)]
  }
  /** The kernel's first number for these targets. */
  first(_yTrue, _shape) {
    return this.#numbers[0]
  }
  forward(values, yTrue, yPred, shape) {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    this.#kernel.forward(values, yTrue, yPred, outer, shape[at], inner, a, b, c, d)
  }
  backward(dPred, yTrue, yPred, scale, shape) {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    this.#kernel.backward(dPred, yTrue, yPred, scale, outer, shape[at], inner, a, b, c, d)
  }
}
/** One number from the rows' losses, each times its weight: their mean, or their sum. */
export function reduceRows(values, weights, rows, by) {
  const p = new Float64Array(8)
  for (let r = 0; r < rows; r++) p[r & 7] += weights ? values[r] * weights[r] : values[r]
  return by === 'sum' ? combine(p) : combine(p) / rows
}
/** What each row's gradient is multiplied with. */
export function rowScale(scale, weights, rows, by) {
  const divisor = by === 'sum' || by === 'none' ? 1 : rows
  for (let r = 0; r < rows; r++) scale[r] = (weights ? weights[r] : 1) / divisor
}
