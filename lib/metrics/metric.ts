// What every metric offers: it takes batches in, tells what it has seen, and forgets.

import { knownOptions, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import { combine } from '../kernels/sums.ts'
import { fitsOutput, fitsRows, rowShape, weightsOf } from '../losses/rows.ts'

/** The options of Metric. */
export interface MetricOptions {
  /** The key in `history`. Default: Keras' name of the class. */
  readonly name?: string
  /** The only type there is. */
  readonly dtype?: 'float32' | null
}

/**
 * A measure of how well outputs fit targets, over all batches since the last reset. For one of your own, extend this
 * class with `update` and `result`, and keep what is summed up in `sums`.
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
  readonly className: string
  readonly name: string
  /** 'same': a target has the output's shape; 'sparse': it is the number of a class, along the axis. */
  readonly targets: 'same' | 'sparse' = 'same'
  readonly axis: number = -1
  /** All that is remembered of the batches. `fit` and `evaluate` put sums of their own here, and leave them. */
  sums: Float64Array
  readonly #config: Config

  /**
   * @param config the further options, all of them, as `getConfig` gives them
   * @param size how many sums are kept
   */
  constructor(
    className: string,
    defaultName: string,
    options: MetricOptions = {},
    config: Config = {},
    size = 0,
  ) {
    knownOptions(className, options, ['name', 'dtype', ...Object.keys(config)])
    oneOf('dtype', options.dtype ?? 'float32', ['float32'])
    this.className = className
    this.name = options.name ?? defaultName
    this.#config = config
    this.sums = new Float64Array(size)
  }

  /**
   * Takes a batch in, without copies: what is given has been checked.
   * @param shape that of `yPred`, the batch first
   * @param sampleWeight as many numbers as `weightCount` says, or `null`
   * @param weightCount by default one a sample; else the product of more of the first axes of `shape`
   */
  abstract update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount?: number,
  ): void

  /** What was measured since the last reset. */
  abstract result(): number | Tensor

  resetState(): void {
    this.sums.fill(0)
  }

  /** What is remembered, to go on from later. */
  state(): number[] {
    return Array.from(this.sums)
  }

  /** @throws ArgumentError when this is not the state of a metric like this one */
  setState(state: readonly number[]): void {
    if (this.sums.length > 0 && state.length !== this.sums.length)
      throw new ArgumentError('state', state, `${this.sums.length} numbers, as state() gives`)
    if (this.sums.length === 0) this.sums = new Float64Array(state.length)
    this.sums.set(state)
  }

  /**
   * Takes a batch in.
   * @param sampleWeight how much each sample counts, `[batch]`, or each index of further axes
   * @throws ArgumentError when shapes do not fit
   */
  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): void {
    const [t, p] = [Tensor.from(yTrue), Tensor.from(yPred)]
    if (p.shape.length === 0) throw new ArgumentError('yPred', p, 'at least one axis')
    this.checkShapes(p.shape, t.shape)
    if (sampleWeight === undefined) {
      this.update(t.data, p.data, p.shape, t.shape, null)
      return
    }
    const given = Tensor.from(sampleWeight)
    let rank = given.shape.length
    while (rank > 1 && given.shape[rank - 1] === 1) rank--
    const weights = weightsOf(given, p.shape.slice(0, rank || 1))
    this.update(t.data, p.data, p.shape, t.shape, weights, weights.length)
  }

  /** @throws ArgumentError when such outputs and targets can't be measured */
  checkShapes(shape: Shape, targetShape: Shape): void {
    const same = this.targets === 'same'
    if (same ? fitsOutput(targetShape, shape) : fitsRows(targetShape, shape, this.axis)) return
    const expected = same ? shape : rowShape(shape, this.axis)
    throw new ArgumentError('y', targetShape, `targets of shape [${expected.join(', ')}] for ${this.name}`)
  }

  /**
   * The same metric, with the same sums, of the numbers that this activation was applied to, where Keras remembers
   * them (see `Loss.afterActivation`); else `null`.
   */
  afterActivation(_activation: string): Metric | null {
    return null
  }

  getConfig(): Config {
    return { name: this.name, dtype: 'float32', ...this.#config }
  }
}

/** How many of `items` share a weight. @throws ArgumentError when they can't be shared out */
export function itemsPerWeight(items: number, weightCount: number): number {
  if (items % weightCount === 0) return items / weightCount
  throw new ArgumentError('sampleWeight', `${weightCount} weights`, `one for each of ${items}, or fewer`)
}

/** A weighted mean. Its sums are that of the values times their weights, and that of the weights. */
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

  /** @param labels where given, values whose label is `ignored` do not count */
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

/** A mean over the rows of the output, or over its numbers. */
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

  /** How many values an output of this shape has. */
  protected abstract rowCount(shape: Shape): number

  /** Writes them. */
  protected abstract measure(
    values: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
  ): void
}
