// The base classes of metrics: update with batches, return the result, reset.

import { boundedSize, knownOptions, named, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { combine } from '../kernels/sums.ts'
import { fitsOutput, fitsRows, rowShape, weightsOf } from '../losses/row-shapes.ts'

/** The options of Metric. */
export interface MetricOptions {
  /** The metric's key in `history`. Default: Keras' name for the class. */
  readonly name?: string
  /** Only 'float32' is supported. */
  readonly dtype?: 'float32' | null
}

/**
 * A measure of how well outputs fit targets, over all batches since the last reset. For a custom metric, extend this
 * class, implement `update` and `result`, and keep all state in `sums`.
 *
 * ```ts
 * const metric = metrics.get('AUC')
 * metric.updateState([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
 * metric.result() // 0.75
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/metrics/Metric
 */
export abstract class Metric implements Serializable {
  /** The name of the class, as configs and files have it. */
  readonly className: string
  /** The name in logs. */
  readonly name: string
  /** 'same': targets have the output's shape; 'sparse': targets are class indices along the axis. */
  readonly targets: 'same' | 'sparse' = 'same'
  /** The axis along which a row extends. */
  readonly axis: number = -1
  /** The state accumulated from batches. `fit` and `evaluate` replace it with their own sums, which then remain. */
  sums: Float64Array
  readonly #config: Config

  /**
   * @param config all further options, as `getConfig` returns them
   * @param size the number of sums
   */
  constructor(className: string, defaultName: string, options: MetricOptions = {}, config: Config = {}, size = 0) {
    knownOptions(className, options, ['name', 'dtype', ...Object.keys(config)])
    oneOf('dtype', options.dtype ?? 'float32', ['float32'])
    this.className = className
    this.name = named('name', options.name ?? defaultName)
    this.#config = config
    this.sums = new Float64Array(boundedSize(`the state of ${className}`, [2, size]) / 2) // of 64 bits
  }

  /**
   * Updates the state with a batch, without copies; arguments are already checked.
   * @param shape the shape of `yPred`, including the batch
   * @param sampleWeight `weightCount` numbers, or `null`
   * @param weightCount one per sample (the default), or the product of further leading axes of `shape`
   */
  abstract update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount?: number,
  ): void

  /** The value of the metric since the last reset. */
  abstract result(): number | Tensor

  /** Forgets all batches. */
  resetState(): void {
    this.sums.fill(0)
  }

  /** A copy of the state, to resume from with `setState`. */
  state(): number[] {
    return Array.from(this.sums)
  }

  /** Restores a state. @throws ArgumentError when its length differs from the metric's */
  setState(state: readonly number[]): void {
    if (!Array.isArray(state) || !state.every(n => typeof n === 'number'))
      throw new ArgumentError('state', state, 'numbers from state()')
    if (this.sums.length > 0 && state.length !== this.sums.length)
      throw new ArgumentError('state', state, `${this.sums.length} numbers from state()`)
    if (this.sums.length === 0) this.sums = new Float64Array(state.length)
    this.sums.set(state)
  }

  /**
   * Updates the state with a batch.
   * @param sampleWeight a weight for each sample, `[batch]`, or for each index of further axes
   * @throws ArgumentError when shapes do not fit
   */
  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): void {
    const [t, p] = [toTensor('yTrue', yTrue), toTensor('yPred', yPred)]
    if (p.shape.length === 0) throw new ArgumentError('yPred', p, 'at least one axis')
    this.checkShapes(p.shape, t.shape)
    if (sampleWeight === undefined) {
      this.update(t.data, p.data, p.shape, t.shape, null)
      return
    }
    const given = toTensor('sampleWeight', sampleWeight)
    let rank = given.shape.length
    while (rank > 1 && given.shape[rank - 1] === 1) rank--
    const weights = weightsOf(given, p.shape.slice(0, rank || 1))
    this.update(t.data, p.data, p.shape, t.shape, weights, weights.length)
  }

  /** Checks shapes. @throws ArgumentError when outputs and targets of these shapes do not fit the metric */
  checkShapes(shape: Shape, targetShape: Shape): void {
    const same = this.targets === 'same'
    if (same ? fitsOutput(targetShape, shape) : fitsRows(targetShape, shape, this.axis)) return
    const expected = same ? shape : rowShape(shape, this.axis)
    throw new ArgumentError('y', targetShape, `targets of shape [${expected.join(', ')}] for ${this.name}`)
  }

  /** Checks targets. @throws ArgumentError for targets that `update` would refuse, whatever the outputs */
  checkLabels(_yTrue: Float32Array, _targetShape: Shape): void {}

  /**
   * The equivalent metric on logits, the inputs of this activation, with the same sums, in the cases where Keras uses
   * them (see `Loss.afterActivation`); else `null`.
   */
  afterActivation(_activation: string): Metric | null {
    return null
  }

  /** The options, from which the metric can be made again. */
  getConfig(): Config {
    return { name: this.name, dtype: 'float32', ...this.#config }
  }
}

/** How many of `items` share a weight. @throws ArgumentError unless `items` is a multiple of `weightCount` */
export function itemsPerWeight(items: number, weightCount: number): number {
  if (items % weightCount === 0) return items / weightCount
  throw new ArgumentError('sampleWeight', `${weightCount} weights`, `one for each of ${items}, or fewer`)
}

/** A weighted mean. `sums` holds the sum of weighted values, and the sum of weights. */
export abstract class MeanMetric extends Metric {
  readonly #total = new Float64Array(8) // partials of one batch
  readonly #count = new Float64Array(8)

  constructor(className: string, defaultName: string, options: MetricOptions, config: Config = {}) {
    super(className, defaultName, options, config, 2)
  }

  result(): number {
    const [total, count] = this.sums
    return count === 0 ? 0 : total / count
  }

  /** Adds values to the mean. @param labels if given, values with the label `ignored` are skipped */
  protected add(
    values: Float32Array,
    n: number,
    weights: Float32Array | null,
    weightCount: number,
    labels: Float32Array | null = null,
    ignored = NaN,
  ): void {
    const share = weights ? itemsPerWeight(n, weightCount) : 1
    const [total, count] = [this.#total.fill(0), this.#count.fill(0)]
    for (let i = 0; i < n; i++) {
      if (labels && labels[i] === ignored) continue
      const weight = weights ? weights[Math.floor(i / share)] : 1
      total[i & 7] += values[i] * weight
      count[i & 7] += weight
    }
    this.sums[0] += combine(total)
    this.sums[1] += combine(count)
  }
}

/** A mean of one value for each row, or each number, of the output. */
export abstract class RowMetric extends MeanMetric {
  #values = new Float32Array(0)

  update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    _targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount = shape[0],
  ): void {
    const rows = this.rowCount(shape)
    if (this.#values.length < rows) this.#values = new Float32Array(rows)
    this.measure(this.#values, yTrue, yPred, shape)
    this.addRows(this.#values, rows, sampleWeight, weightCount, yTrue)
  }

  protected addRows(
    values: Float32Array,
    rows: number,
    weights: Float32Array | null,
    weightCount: number,
    _yTrue: Float32Array,
  ): void {
    this.add(values, rows, weights, weightCount)
  }

  /** The number of values for an output of this shape. */
  protected abstract rowCount(shape: Shape): number

  /** Writes the values. */
  protected abstract measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void
}
