// Means of values, losses and squared errors.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { type TensorLike, toTensor } from '../core/tensor.ts'
import { sum } from '../kernels/sums.ts'
import { BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy } from '../losses/crossentropy.ts'
import type { Loss } from '../losses/loss.ts'
import type { LossIdentifier } from '../losses/registry.ts'
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
import { rowCount, weightsOf } from '../losses/row-shapes.ts'
import { losses } from '../losses/table.ts'
import { MeanMetric, Metric, type MetricOptions, RowMetric } from './metric.ts'

// ---- Values -------------------------------------------------------------------------------------------------------

/** The weighted mean of values: `mean.updateState([1, 2, 3])`. */
export class Mean extends MeanMetric {
  constructor(options: MetricOptions = {}) {
    super('Mean', 'mean', options)
  }

  override updateState(values: TensorLike, sampleWeight?: TensorLike): void {
    const { data, shape } = toTensor('values', values)
    const weights = sampleWeight === undefined ? null : weightsOf(sampleWeight, shape)
    this.add(data, data.length, weights, data.length)
  }

  update(): void {
    throw ofValues(this)
  }
}

/** The weighted sum of values. */
export class Sum extends Metric {
  constructor(options: MetricOptions = {}) {
    super('Sum', 'sum', options, {}, 1)
  }

  override updateState(values: TensorLike, sampleWeight?: TensorLike): void {
    const { data, shape } = toTensor('values', values)
    const weights = sampleWeight === undefined ? null : weightsOf(sampleWeight, shape)
    this.sums[0] += sum(weights ? data.map((value, i) => value * weights[i]) : data, data.length)
  }

  update(): void {
    throw ofValues(this)
  }

  result(): number {
    return this.sums[0]
  }
}

const ofValues = ({ className }: Metric) =>
  new ArgumentError(
    'metrics',
    className,
    'a metric of targets and outputs',
    `${className} takes values: call updateState(values)`,
  )

// ---- Losses -------------------------------------------------------------------------------------------------------

/** The class name, default name and options of a loss used as a metric. */
interface LossMetricForm {
  readonly className: string
  readonly defaultName: string
  /** All further options, as `getConfig` returns them. */
  readonly config: Config
  /** −1 if the metric is minus the loss. */
  readonly sign: 1 | -1
}

/** The mean of a loss over rows. */
class LossMetric extends RowMetric {
  override readonly targets: 'same' | 'sparse'
  override readonly axis: number
  readonly #loss: Loss
  readonly #form: LossMetricForm

  constructor(loss: Loss, options: MetricOptions, form: LossMetricForm) {
    super(form.className, form.defaultName, options, form.config)
    this.#loss = loss
    this.#form = form
    this.targets = loss.targets
    this.axis = loss.axis
  }

  protected rowCount(shape: Shape): number {
    return rowCount(shape, this.axis)
  }

  protected measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    this.#loss.forward(values, yTrue, yPred, shape)
  }

  protected override addRows(
    values: Float32Array,
    rows: number,
    weights: Float32Array | null,
    weightCount: number,
    yTrue: Float32Array,
  ): void {
    const { ignoreClass } = this.#loss
    this.add(values, rows, weights, weightCount, ignoreClass === null ? null : yTrue, ignoreClass ?? NaN)
  }

  override result(): number {
    return this.#form.sign * super.result() + 0 // no −0
  }

  override afterActivation(activation: string): Metric | null {
    const twin = this.#loss.afterActivation(activation)
    if (!twin) return null
    const metric = new LossMetric(twin, this.getConfig(), this.#form)
    metric.sums = this.sums
    return metric
  }
}

/** The options of MeanOfLoss. */
export interface MeanOfLossOptions extends MetricOptions {
  /** A name, a serialized loss, or a loss; its reduction is ignored. */
  readonly loss: LossIdentifier
}

/** Any loss as a metric: `new MeanOfLoss({ loss: new Huber({ delta: 2 }) })`. */
export class MeanOfLoss extends LossMetric {
  constructor(options: MeanOfLossOptions) {
    const loss = losses.get(options?.loss)
    const { className, config } = losses.serialize(loss)
    const form = { className: 'MeanOfLoss', defaultName: loss.name, sign: 1 } as const
    const rows = losses.has(className) ? losses.get({ className, config: { ...config, reduction: 'none' } }) : loss
    super(rows, options, { ...form, config: { loss: { className, config } } })
  }
}

/**
 * Defines a metric as the mean of a loss, with its own name, as in Keras.
 * @param makeLoss creates the loss from the metric's further options
 * @param names the names of these options
 */
const asMetric =
  (
    className: string,
    defaultName: string,
    makeLoss: (config: Config) => Loss,
    names: readonly string[] = [],
    sign: 1 | -1 = 1,
  ) =>
  ({ name, dtype, ...options }: Config): Metric => {
    const loss = makeLoss({ ...options, reduction: 'none' })
    const all: Config = { ...loss.getConfig(), axis: loss.axis }
    const config = Object.fromEntries(names.map(key => [key, all[key]]))
    const given = { ...(name === undefined ? {} : { name }), dtype, ...options } as MetricOptions
    return new LossMetric(loss, given, { className, defaultName, config, sign })
  }

/** The metrics that are means of losses. */
export const lossMetrics: Record<string, (config: Config) => Metric> = /* @__PURE__ */ (() => ({
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
    -1, // 1 for the same direction
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
}))()

// ---- Squared errors -----------------------------------------------------------------------------------------------

/** The square root of the mean of (yTrue − yPred)² over all numbers. */
export class RootMeanSquaredError extends RowMetric {
  constructor(options: MetricOptions = {}) {
    super('RootMeanSquaredError', 'root_mean_squared_error', options)
  }

  protected rowCount(shape: Shape): number {
    return sizeOf(shape)
  }

  protected measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const n = sizeOf(shape)
    for (let i = 0; i < n; i++) {
      const e = Math.fround(yPred[i] - yTrue[i])
      values[i] = e * e
    }
  }

  override result(): number {
    return Math.sqrt(super.result())
  }
}
