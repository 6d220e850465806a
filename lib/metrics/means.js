// Means: of values, of losses, and of squared errors.
import { sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { sum } from '../kernels/sums.ts'
import {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
} from '../losses/crossentropy.ts'
import {
  anyAxis,
  CategoricalHinge,
  CosineSimilarity,
  Hinge,
  KLDivergence,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
  Poisson,
  SquaredHinge,
} from '../losses/regression.ts'
import { rowCount, weightsOf } from '../losses/rows.ts'
import { losses } from '../losses.ts'
import { Tensor } from '../tensor.ts'
import { MeanMetric, Metric, RowMetric } from './metric.ts'
// ---- Of values ----------------------------------------------------------------------------------------------------
/** The weighted mean of values: `mean.updateState([1, 2, 3])`. */
export class Mean extends MeanMetric {
  constructor(options = {}) {
    super('Mean', 'mean', options)
  }
  updateState(values, sampleWeight) {
    const { data, shape } = Tensor.from(values)
    const weights = sampleWeight === undefined ? null : weightsOf(sampleWeight, shape)
    this.add(data, data.length, weights, data.length)
  }
  update() {
    throw ofValues(this)
  }
}
/** The weighted sum of values. */
export class Sum extends Metric {
  constructor(options = {}) {
    super('Sum', 'sum', options, {}, 1)
  }
  updateState(values, sampleWeight) {
    const { data, shape } = Tensor.from(values)
    const weights = sampleWeight === undefined ? null : weightsOf(sampleWeight, shape)
    this.sums[0] += sum(weights ? data.map((value, i) => value * weights[i]) : data, data.length)
  }
  update() {
    throw ofValues(this)
  }
  result() {
    return this.sums[0]
  }
}
const ofValues = ({ className }) =>
  new ArgumentError(
    'metrics',
    className,
    'a metric of targets and outputs',
    `${className} is one of values: call updateState(values)`,
  )
/** The mean of a loss over rows. */
class LossMetric extends RowMetric {
  targets
  axis
  #loss
  #form
  constructor(loss, options, form) {
    super(form.className, form.defaultName, options, form.config)
    this.#loss = loss
    this.#form = form
    this.targets = loss.targets
    this.axis = loss.axis
  }
  rowCount(shape) {
    return rowCount(shape, this.axis)
  }
  measure(values, yTrue, yPred, shape) {
    this.#loss.forward(values, yTrue, yPred, shape)
  }
  addRows(values, rows, weights, weightCount, yTrue) {
    const { ignoreClass } = this.#loss
    this.add(values, rows, weights, weightCount, ignoreClass === null ? null : yTrue, ignoreClass ?? NaN)
  }
  result() {
    return this.#form.sign * super.result() + 0 // no −0
  }
  afterActivation(activation) {
    const twin = this.#loss.afterActivation(activation)
    if (!twin) return null
    const metric = new LossMetric(twin, this.getConfig(), this.#form)
    metric.sums = this.sums
    return metric
  }
}
/** Any loss as a metric: `new MeanOfLoss({ loss: new Huber({ delta: 2 }) })`. */
export class MeanOfLoss extends LossMetric {
  constructor(options) {
    const loss = losses.get(options.loss)
    const { className, config } = losses.serialize(loss)
    const form = { className: 'MeanOfLoss', defaultName: loss.name, sign: 1 }
    const rows = losses.has(className)
      ? losses.get({ className, config: { ...config, reduction: 'none' } })
      : loss
    super(rows, options, { ...form, config: { loss: { className, config } } })
  }
}
/**
 * Makes a loss a metric under a name of its own, as Keras does.
 * @param makeLoss from the metric's further options
 * @param names those options
 */
const asMetric =
  (className, defaultName, makeLoss, names = [], sign = 1) =>
  ({ name, dtype, ...options }) => {
    const loss = makeLoss({ ...options, reduction: 'none' })
    const all = { ...loss.getConfig(), axis: loss.axis }
    const config = Object.fromEntries(names.map(key => [key, all[key]]))
    const given = { ...(name === undefined ? {} : { name }), dtype, ...options }
    return new LossMetric(loss, given, { className, defaultName, config, sign })
  }
/** The metrics that are means of losses. */
export const lossMetrics = {
  MeanSquaredError: asMetric('MeanSquaredError', 'mean_squared_error', c => new MeanSquaredError(c)),
  MeanAbsoluteError: asMetric('MeanAbsoluteError', 'mean_absolute_error', c => new MeanAbsoluteError(c)),
  MeanAbsolutePercentageError: asMetric(
    'MeanAbsolutePercentageError',
    'mean_absolute_percentage_error',
    c => new MeanAbsolutePercentageError(c),
  ),
  MeanSquaredLogarithmicError: asMetric(
    'MeanSquaredLogarithmicError',
    'mean_squared_logarithmic_error',
    c => new MeanSquaredLogarithmicError(c),
  ),
  CosineSimilarity: asMetric(
    'CosineSimilarity',
    'cosine_similarity',
    c => new CosineSimilarity(c),
    ['axis'],
    -1,
  ),
  LogCoshError: asMetric('LogCoshError', 'logcosh', c => new LogCosh(c)),
  Poisson: asMetric('Poisson', 'poisson', c => new Poisson(c)),
  KLDivergence: asMetric('KLDivergence', 'kullback_leibler_divergence', c => new KLDivergence(c)),
  Hinge: asMetric('Hinge', 'hinge', c => new Hinge(c)),
  SquaredHinge: asMetric('SquaredHinge', 'squared_hinge', c => new SquaredHinge(c)),
  CategoricalHinge: asMetric('CategoricalHinge', 'categorical_hinge', c => new CategoricalHinge(c)),
  BinaryCrossentropy: asMetric('BinaryCrossentropy', 'binary_crossentropy', c => new BinaryCrossentropy(c), [
    'fromLogits',
    'labelSmoothing',
  ]),
  CategoricalCrossentropy: asMetric(
    'CategoricalCrossentropy',
    'categorical_crossentropy',
    c => new CategoricalCrossentropy(c),
    ['fromLogits', 'labelSmoothing', 'axis'],
  ),
  SparseCategoricalCrossentropy: asMetric(
    'SparseCategoricalCrossentropy',
    'sparse_categorical_crossentropy',
    ({ axis, ...c }) => new SparseCategoricalCrossentropy(c, anyAxis(axis)),
    ['fromLogits', 'ignoreClass', 'axis'],
  ),
}
// ---- Of squared errors --------------------------------------------------------------------------------------------
/** The root of the mean of (yTrue − yPred)² over all numbers. */
export class RootMeanSquaredError extends RowMetric {
  constructor(options = {}) {
    super('RootMeanSquaredError', 'root_mean_squared_error', options)
  }
  rowCount(shape) {
    return sizeOf(shape)
  }
  measure(values, yTrue, yPred, shape) {
    const n = sizeOf(shape)
    for (let i = 0; i < n; i++) {
      const e = Math.fround(yPred[i] - yTrue[i])
      values[i] = e * e
    }
  }
  result() {
    return Math.sqrt(super.result())
  }
}
