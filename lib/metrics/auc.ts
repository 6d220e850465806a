// The area under a curve of points, one for each threshold.

import { boolean, finite, integer, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { log64, sigmoid } from '../core/math.ts'
import { combine } from '../kernels/sums.ts'
import { ConfusionMetric, evenThresholds, isEven, ratio, type Thresholds } from './confusion.ts'
import type { MetricOptions } from './metric.ts'

const EPSILON = 1e-7

/** The options of AUC. */
export interface AUCOptions extends MetricOptions {
  /** The number of thresholds on the curve. Default 200. */
  readonly numThresholds?: number
  /** Custom thresholds between 0 and 1, which replace `numThresholds`. Default null. */
  readonly thresholds?: readonly number[] | null
  /** 'ROC': recall over the false-positive rate; 'PR': precision over recall; 'PR_GAIN': their gains. Default 'ROC'. */
  readonly curve?: 'ROC' | 'PR' | 'PR_GAIN' | 'roc' | 'pr' | 'pr_gain'
  /** Between two points: 'interpolation' (default) takes a line, 'minoring' the lower height, 'majoring' the higher. */
  readonly summationMethod?: 'interpolation' | 'minoring' | 'majoring'
  /** Whether to compute the area of each column and average them. Default false: all columns together. */
  readonly multiLabel?: boolean
  /** The number of columns, with `multiLabel`. Default null: that of the first batch. */
  readonly numLabels?: number | null
  /** The weight of each column. Default null: all equal. */
  readonly labelWeights?: readonly number[] | null
  /** Whether outputs are logits instead of probabilities. Default false. */
  readonly fromLogits?: boolean
}

/**
 * The area under the curve of recall against false-positive rate ('ROC'), or of precision against recall ('PR'), for
 * thresholds from 0 to 1.
 * @see Davis and Goadrich 2006, for the interpolation of 'PR'; Flach and Kull 2015, for 'PR_GAIN'
 */
export class AUC extends ConfusionMetric {
  readonly #curve: 'ROC' | 'PR' | 'PR_GAIN'
  readonly #summation: 'interpolation' | 'minoring' | 'majoring'
  readonly #multiLabel: boolean
  readonly #labelWeights: Float32Array | null
  readonly #fromLogits: boolean
  #labels: number // 0: not known yet
  #probabilities = new Float32Array(0)

  constructor(options: AUCOptions = {}) {
    const { numThresholds = 200, thresholds = null, curve = 'ROC', multiLabel = false } = options ?? {}
    const { summationMethod = 'interpolation', numLabels = null, labelWeights = null } = options ?? {}
    const limits = readThresholds(thresholds, numThresholds)
    const config = {
      numThresholds: limits.values.length,
      curve: oneOf('curve', typeof curve === 'string' ? curve.toUpperCase() : curve, ['ROC', 'PR', 'PR_GAIN'] as const),
      summationMethod: oneOf('summationMethod', summationMethod, ['interpolation', 'minoring', 'majoring'] as const),
      multiLabel: boolean('multiLabel', multiLabel),
      numLabels: numLabels === null ? null : integer('numLabels', numLabels, 1),
      labelWeights: labelWeights && [labelWeights].flat().map(weight => finite('labelWeights', weight, 0)),
      fromLogits: boolean('fromLogits', options?.fromLogits ?? false),
      ...(thresholds ? { thresholds: limits.values.slice(1, -1) } : {}),
    }
    if (numLabels !== null && !multiLabel)
      throw new ArgumentError('numLabels', numLabels, 'null, unless multiLabel is true')
    const weights = config.labelWeights && Float32Array.from(config.labelWeights)
    const known = multiLabel ? (numLabels ?? 0) : 1
    const counting = { labels: known, labelWeights: multiLabel ? null : weights }
    const { thresholds: _, ...rest } = options ?? {} // a valid option even if null
    super('AUC', 'auc', thresholds || !options ? options : rest, config, limits, counting)
    this.#curve = config.curve
    this.#summation = config.summationMethod
    this.#multiLabel = config.multiLabel
    this.#labelWeights = weights
    this.#fromLogits = config.fromLogits
    this.#labels = known
  }

  override update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount = shape[0],
  ): void {
    const labels = this.labels(shape)
    if (this.#labels === 0) this.#labels = labels
    if (this.sums.length === 0) this.sums = new Float64Array(4 * this.thresholds.values.length * labels)
    const outputs = this.#fromLogits ? this.#sigmoid(yPred) : yPred
    super.update(yTrue, outputs, shape, targetShape, sampleWeight, weightCount)
  }

  #sigmoid(logits: Float32Array): Float32Array {
    if (this.#probabilities.length < logits.length) this.#probabilities = new Float32Array(logits.length)
    for (let i = 0; i < logits.length; i++) this.#probabilities[i] = sigmoid(logits[i])
    return this.#probabilities
  }

  protected override labels(shape: Shape): number {
    return this.#multiLabel ? shape[shape.length - 1] : 1
  }

  override checkShapes(shape: Shape, targetShape: Shape): void {
    super.checkShapes(shape, targetShape)
    if (!this.#multiLabel) return
    if (shape.length !== 2) throw new ArgumentError('yPred', shape, 'the shape [batch, labels], for multiLabel')
    if (this.#labels !== 0 && shape[1] !== this.#labels)
      throw new ArgumentError('yPred', shape, `outputs for ${this.#labels} labels`)
    if (this.#labelWeights && this.#labelWeights.length !== shape[1])
      throw new ArgumentError('labelWeights', this.#labelWeights, `a number for each of ${shape[1]} labels`)
  }

  result(): number {
    if (!this.#multiLabel) return this.#area(0, 1)
    const weights = this.#labelWeights
    let sum = 0
    let total = 0
    for (let label = 0; label < this.#labels; label++) {
      const weight = weights ? weights[label] : 1
      sum += weight * this.#area(label, this.#labels)
      total += weight
    }
    return ratio(sum, total)
  }

  /** The area of one column: the sum of strips between thresholds. */
  #area(label: number, labels: number): number {
    const n = this.sums.length / 4 / labels
    const counts = (j: number): Counts => {
      const i = j * labels + label
      return [this.table(0)[i], this.table(1)[i], this.table(2)[i], this.table(3)[i]]
    }
    const p = new Float64Array(8)
    for (let j = 0; j < n - 1; j++) p[j & 7] += this.#strip(counts(j), counts(j + 1))
    return combine(p)
  }

  #strip(low: Counts, high: Counts): number {
    if (this.#curve === 'PR' && this.#summation === 'interpolation') return precisionRecallStrip(low, high)
    const [x0, y0] = points[this.#curve](...low)
    const [x1, y1] = points[this.#curve](...high)
    const heights = { interpolation: (y0 + y1) / 2, minoring: Math.min(y0, y1), majoring: Math.max(y0, y1) }
    return (x0 - x1) * heights[this.#summation]
  }
}

/** True positives, false positives, true negatives, false negatives. */
type Counts = [number, number, number, number]

/** The point of a threshold on each curve, [x, y]. */
const points = {
  ROC: (tp: number, fp: number, tn: number, fn: number) => [ratio(fp, fp + tn), ratio(tp, tp + fn)],
  PR: (tp: number, fp: number, _tn: number, fn: number) => [ratio(tp, tp + fn), ratio(tp, tp + fp)],
  PR_GAIN(tp: number, fp: number, tn: number, fn: number) {
    if (tp === 0) return [0, 1]
    const factor = ratio(tp + fn, fp + tn)
    return [Math.max(0, 1 - factor * ratio(fn, tp)), 1 - factor * ratio(fp, tp)]
  },
}

/** Between two thresholds, true positives are assumed linear in positives; precision then is not. */
function precisionRecallStrip([tp0, fp0]: Counts, [tp1, fp1, , fn1]: Counts): number {
  const [p0, p1] = [tp0 + fp0, tp1 + fp1]
  const slope = ratio(tp0 - tp1, Math.max(p0 - p1, 0))
  const intercept = tp1 - slope * p1
  const growth = p0 > 0 && p1 > 0 ? log64(p0 / p1) : 0
  return ratio(slope * (tp0 - tp1 + intercept * growth), Math.max(tp1 + fn1, 0))
}

/** The first is slightly below 0 and the last slightly above 1: all outputs exceed the first, none exceed the last. */
function readThresholds(given: readonly number[] | null, count: number): Thresholds {
  const inner = given
    ? [given]
        .flat()
        .map(value => finite('thresholds', value))
        .sort((a, b) => a - b)
    : evenThresholds(integer('numThresholds', count, 2)).slice(1, -1)
  return { values: [-EPSILON, ...inner, 1 + EPSILON], even: given ? isEven([0, ...inner, 1]) : true, belowZero: true }
}
