// Scores of columns: F-beta of classes, R² of quantities.
import { finite, integer, oneOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Tensor } from '../tensor.ts'
import { ratio } from './confusion.ts'
import { itemsPerWeight, Metric } from './metric.ts'

/** A metric with some sums for each column of `[batch, columns]`. */
class ColumnMetric extends Metric {
  #sumsPerColumn
  constructor(className, defaultName, options, config, sumsPerColumn) {
    super(className, defaultName, options, config)
    this.#sumsPerColumn = sumsPerColumn
  }
  update(yTrue, yPred, shape, _targetShape, sampleWeight, weightCount = shape[0]) {
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
  /** What the outputs of a row are compared with. */
  rowLimit(_yPred, _first, _columns) {
    return 0
  }
  get columns() {
    return this.sums.length / this.#sumsPerColumn
  }
  /** Sum s of every column. */
  sum(s) {
    return this.sums.subarray(s * this.columns, (s + 1) * this.columns)
  }
  checkShapes(shape, targetShape) {
    super.checkShapes(shape, targetShape)
    const fits = shape.length === 2 && (this.sums.length === 0 || shape[1] === this.columns)
    const expected = this.sums.length === 0 ? 'columns' : `${this.columns}, as before`
    if (!fits)
      throw new ArgumentError('yPred', shape, `outputs of shape [batch, ${expected}] for ${this.name}`)
  }
}
const total = x => Array.from(x).reduce((sum, value) => sum + value, 0)
/** (1 + beta²) · precision · recall / (beta² · precision + recall), of outputs `[batch, classes]`. */
export class FBetaScore extends ColumnMetric {
  #average
  #threshold
  #beta
  constructor(options = {}, [className, name] = ['FBetaScore', 'fbeta_score']) {
    const { average = null, beta = 1, threshold = null } = options
    if (average !== null) oneOf('average', average, ['micro', 'macro', 'weighted'])
    if (finite('beta', beta) <= 0) throw new ArgumentError('beta', beta, 'a positive number')
    if (threshold !== null && finite('threshold', threshold, 0, 1) === 0)
      throw new ArgumentError('threshold', threshold, 'a positive number up to 1')
    super(className, name, options, { average, beta, threshold }, 4)
    this.#average = average
    this.#threshold = threshold === null ? null : Math.fround(threshold)
    this.#beta = beta
  }
  rowLimit(yPred, first, columns) {
    let top = -Infinity
    for (let i = first; i < first + columns; i++) if (yPred[i] > top) top = yPred[i]
    return top
  }
  /** Sums: true positives, false positives, false negatives, targets. */
  add(sums, columns, c, t, p, weight, limit) {
    const positive = this.#threshold === null ? p >= limit && Math.abs(p) > 1e-9 : p > this.#threshold
    if (positive) {
      sums[c] += weight * t
      sums[columns + c] += weight * (1 - t)
    } else sums[2 * columns + c] += weight * t
    sums[3 * columns + c] += weight * t
  }
  result() {
    const [tp, fp, fn, weights] = [this.sum(0), this.sum(1), this.sum(2), this.sum(3)]
    if (this.#average === 'micro') return this.#score(total(tp), total(fp), total(fn))
    const scores = Array.from(tp, (_, c) => this.#score(tp[c], fp[c], fn[c]))
    if (this.#average === 'macro') return ratio(total(scores), scores.length)
    if (this.#average === null) return Tensor.from(scores)
    return ratio(total(scores.map((score, c) => score * weights[c])), total(weights))
  }
  #score(tp, fp, fn) {
    const [precision, recall, square] = [ratio(tp, tp + fp), ratio(tp, tp + fn), this.#beta * this.#beta]
    return ratio(precision * recall, square * precision + recall) * (1 + square)
  }
}
/** FBetaScore with beta 1: the harmonic mean of precision and recall. */
export class F1Score extends FBetaScore {
  constructor(options = {}) {
    if ('beta' in options)
      throw new ArgumentError('F1Score, option', 'beta', 'one of name, average, threshold')
    super(options, ['F1Score', 'f1_score'])
  }
  getConfig() {
    const { beta: _, ...config } = super.getConfig()
    return config
  }
}
/** 1 − Σ (yTrue − yPred)² / Σ (yTrue − mean)², of outputs `[batch, columns]`. Without samples: NaN. */
export class R2Score extends ColumnMetric {
  #aggregation
  #regressors
  constructor(options = {}) {
    const { classAggregation = 'uniform_average', numRegressors = 0 } = options
    if (classAggregation !== null)
      oneOf('classAggregation', classAggregation, ['uniform_average', 'variance_weighted_average'])
    integer('numRegressors', numRegressors, 0)
    super('R2Score', 'r2_score', options, { classAggregation, numRegressors }, 5)
    this.#aggregation = classAggregation
    this.#regressors = numRegressors
  }
  /** Sums: targets, their squares, squared errors, weights, samples. */
  add(sums, columns, c, t, p, weight) {
    sums[c] += t * weight
    sums[columns + c] += t * t * weight
    sums[2 * columns + c] += (t - p) * (t - p) * weight
    sums[3 * columns + c] += weight
    sums[4 * columns + c] += 1
  }
  result() {
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
  /** As Keras counts: a sample once for each column. Without enough samples R² stays as it is. */
  #adjusted(score) {
    const n = total(this.sum(4))
    if (this.#regressors === 0 || this.#regressors >= n - 1) return score
    return 1 - ((1 - score) * (n - 1)) / (n - this.#regressors - 1)
  }
}
