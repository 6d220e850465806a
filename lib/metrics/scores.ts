// Scores per column: F-beta for classification, R² for regression.

import { finite, integer, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { Tensor } from '../core/tensor.ts'
import { ratio } from './confusion.ts'
import { itemsPerWeight, Metric, type MetricOptions } from './metric.ts'

/** A metric that keeps sums for each column of outputs `[batch, columns]`. */
abstract class ColumnMetric extends Metric {
  readonly #sumsPerColumn: number

  constructor(className: string, defaultName: string, options: MetricOptions, config: Config, sumsPerColumn: number) {
    super(className, defaultName, options, config)
    this.#sumsPerColumn = sumsPerColumn
  }

  update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    _targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount = shape[0],
  ): void {
    const [rows, columns] = shape
    const size = this.#sumsPerColumn * columns
    if (this.sums.length === 0) this.sums = new Float64Array(size)
    const share = sampleWeight ? itemsPerWeight(rows * columns, weightCount) : 1
    for (let r = 0; r < rows; r++) {
      const limit = this.rowLimit(yPred, r * columns, columns)
      for (let c = 0; c < columns; c++) {
        const i = r * columns + c
        const weight = sampleWeight ? sampleWeight[Math.floor(i / share)] : 1
        this.add(this.sums, columns, c, yTrue[i], yPred[i], weight, limit)
      }
    }
  }

  /** The limit to which `add` compares the outputs of a row. */
  protected rowLimit(_yPred: Float32Array, _first: number, _columns: number): number {
    return 0
  }

  /** Adds one target and output to the sums. Sum s of column c is `sums[s * columns + c]`. */
  protected abstract add(
    sums: Float64Array,
    columns: number,
    c: number,
    t: number,
    p: number,
    weight: number,
    limit: number,
  ): void

  protected get columns(): number {
    return this.sums.length / this.#sumsPerColumn
  }

  /** Sum s of every column. */
  protected sum(s: number): Float64Array {
    return this.sums.subarray(s * this.columns, (s + 1) * this.columns)
  }

  override checkShapes(shape: Shape, targetShape: Shape): void {
    super.checkShapes(shape, targetShape)
    const fits = shape.length === 2 && (this.sums.length === 0 || shape[1] === this.columns)
    const expected = this.sums.length === 0 ? 'columns' : `${this.columns}, as before`
    if (!fits) throw new ArgumentError('yPred', shape, `outputs of shape [batch, ${expected}] for ${this.name}`)
  }
}

const total = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value, 0)

// ---- F-beta -----------------------------------------------------------------------------------------------------------

/** The options of F1Score. */
export interface F1ScoreOptions extends MetricOptions {
  /** 'micro': all columns together; 'macro': mean; 'weighted': mean weighted by targets; null (default): each one. */
  readonly average?: 'micro' | 'macro' | 'weighted' | null
  /** Outputs above this threshold are positive. Default null: the largest output of each row is. */
  readonly threshold?: number | null
}

/** The options of FBetaScore. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** The weight of recall relative to precision. Default 1. */
  readonly beta?: number
}

/** (1 + beta²) · precision · recall / (beta² · precision + recall), for outputs `[batch, classes]`. */
export class FBetaScore extends ColumnMetric {
  readonly #average: 'micro' | 'macro' | 'weighted' | null
  readonly #threshold: number | null
  readonly #beta: number

  constructor(options?: FBetaScoreOptions)
  /** @internal */
  constructor(options: FBetaScoreOptions, names: readonly string[])
  constructor(options: FBetaScoreOptions = {}, [className, name]: readonly string[] = ['FBetaScore', 'fbeta_score']) {
    const { average = null, beta = 1, threshold = null } = options ?? {}
    if (average !== null) oneOf('average', average, ['micro', 'macro', 'weighted'])
    if (finite('beta', beta) <= 0) throw new ArgumentError('beta', beta, 'a positive number')
    if (threshold !== null && finite('threshold', threshold, 0, 1) === 0)
      throw new ArgumentError('threshold', threshold, 'a positive number up to 1')
    super(className, name, options, { average, beta, threshold }, 4)
    this.#average = average
    this.#threshold = threshold === null ? null : Math.fround(threshold)
    this.#beta = beta
  }

  protected override rowLimit(yPred: Float32Array, first: number, columns: number): number {
    let top = -Infinity
    for (let i = first; i < first + columns; i++) if (yPred[i] > top) top = yPred[i]
    return top
  }

  /** Sums: true positives, false positives, false negatives, targets. */
  protected add(
    sums: Float64Array,
    columns: number,
    c: number,
    t: number,
    p: number,
    weight: number,
    limit: number,
  ): void {
    const positive = this.#threshold === null ? p >= limit && Math.abs(p) > 1e-9 : p > this.#threshold
    if (positive) {
      sums[c] += weight * t
      sums[columns + c] += weight * (1 - t)
    } else sums[2 * columns + c] += weight * t
    sums[3 * columns + c] += weight * t
  }

  result(): number | Tensor {
    const [tp, fp, fn, weights] = [this.sum(0), this.sum(1), this.sum(2), this.sum(3)]
    if (this.#average === 'micro') return this.#score(total(tp), total(fp), total(fn))
    const scores = Array.from(tp, (_, c) => this.#score(tp[c], fp[c], fn[c]))
    if (this.#average === 'macro') return ratio(total(scores), scores.length)
    if (this.#average === null) return Tensor.from(scores)
    return ratio(total(scores.map((score, c) => score * weights[c])), total(weights))
  }

  #score(tp: number, fp: number, fn: number): number {
    const [precision, recall, square] = [ratio(tp, tp + fp), ratio(tp, tp + fn), this.#beta * this.#beta]
    return ratio(precision * recall, square * precision + recall) * (1 + square)
  }
}

/** FBetaScore with beta 1: the harmonic mean of precision and recall. */
export class F1Score extends FBetaScore {
  constructor(options: F1ScoreOptions = {}) {
    if (Object.hasOwn(options ?? {}, 'beta'))
      throw new ArgumentError('F1Score, option', 'beta', 'one of name, average, threshold')
    super(options, ['F1Score', 'f1_score'])
  }

  override getConfig(): Config {
    const { beta: _, ...config } = super.getConfig()
    return config
  }
}

// ---- R² ---------------------------------------------------------------------------------------------------------------

/** The options of R2Score. */
export interface R2ScoreOptions extends MetricOptions {
  /** 'uniform_average' (default): the mean; 'variance_weighted_average': weighted by variance; null: each column. */
  readonly classAggregation?: 'uniform_average' | 'variance_weighted_average' | null
  /** For the adjusted R²: the number of independent variables. Default 0: not adjusted. */
  readonly numRegressors?: number
}

/** 1 − Σ (yTrue − yPred)² / Σ (yTrue − mean)², for outputs `[batch, columns]`. NaN without samples. */
export class R2Score extends ColumnMetric {
  readonly #aggregation: 'uniform_average' | 'variance_weighted_average' | null
  readonly #regressors: number

  constructor(options: R2ScoreOptions = {}) {
    const { classAggregation = 'uniform_average', numRegressors = 0 } = options ?? {}
    if (classAggregation !== null)
      oneOf('classAggregation', classAggregation, ['uniform_average', 'variance_weighted_average'])
    integer('numRegressors', numRegressors, 0)
    super('R2Score', 'r2_score', options, { classAggregation, numRegressors }, 5)
    this.#aggregation = classAggregation
    this.#regressors = numRegressors
  }

  /** Sums: targets, their squares, squared errors, weights, samples. */
  protected add(sums: Float64Array, columns: number, c: number, t: number, p: number, weight: number): void {
    sums[c] += t * weight
    sums[columns + c] += t * t * weight
    sums[2 * columns + c] += (t - p) * (t - p) * weight
    sums[3 * columns + c] += weight
    sums[4 * columns + c] += 1
  }

  result(): number | Tensor {
    const [sum, squares, errors, count] = [this.sum(0), this.sum(1), this.sum(2), this.sum(3)]
    const variances = Array.from(sum, (s, c) => squares[c] - (s * s) / count[c])
    const scores = variances.map((variance, c) => {
      const score = 1 - errors[c] / variance
      return score === -Infinity || score === Infinity ? 0 : score
    })
    if (this.#aggregation === null) return Tensor.from(scores.map(score => this.#adjusted(score)))
    if (this.#aggregation === 'uniform_average') return this.#adjusted(total(scores) / scores.length)
    const weighted = scores.map((score, c) => score * variances[c])
    return this.#adjusted(total(weighted) / total(variances))
  }

  /** The adjusted R². Counts each sample once per column, as Keras does. With too few samples, R² is not adjusted. */
  #adjusted(score: number): number {
    const n = total(this.sum(4))
    if (this.#regressors === 0 || this.#regressors >= n - 1) return score
    return 1 - ((1 - score) * (n - 1)) / (n - this.#regressors - 1)
  }
}
