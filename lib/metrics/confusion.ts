// Metrics that count true and false positives and negatives at thresholds.

import { boundedSize, finite, integer, positiveInteger, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { Tensor } from '../core/tensor.ts'
import { itemsPerWeight, Metric, type MetricOptions } from './metric.ts'

const { ceil, fround } = Math
const EPSILON = 1e-7
/** The value assigned to outputs that are not among the k largest. */
const NEVER = -1e10

/** Thresholds that an output must exceed to count as positive. */
export interface Thresholds {
  readonly values: readonly number[]
  /** Whether they are evenly spaced from 0 to 1: an output's position is then computed, not searched, as in Keras. */
  readonly even: boolean
  /** Whether the first is slightly below 0, so that outputs of 0 exceed it. */
  readonly belowZero: boolean
}

/** How a metric counts, apart from its thresholds. */
export interface Counting {
  readonly topK?: number | null
  readonly classId?: number | null
  /** The number of columns to count separately. Default 1: all are counted together. */
  readonly labels?: number
  /** The weight of each column. */
  readonly labelWeights?: Float32Array | null
}

/** `sums` holds four tables `[thresholds, labels]`: true and false positives, then true and false negatives. */
export abstract class ConfusionMetric extends Metric {
  protected readonly thresholds: Thresholds
  readonly #counting: Counting
  readonly #limits: Float32Array
  // For one batch: true, then false positives at each threshold and label; positive, then negative targets of each
  // label.
  #counts = new Float64Array(0)
  #totals = new Float64Array(0)

  constructor(
    className: string,
    defaultName: string,
    options: MetricOptions,
    config: Config,
    thresholds: Thresholds,
    counting: Counting = {},
  ) {
    super(className, defaultName, options, config, 4 * thresholds.values.length * (counting.labels ?? 1))
    this.thresholds = thresholds
    this.#counting = counting
    this.#limits = Float32Array.from(thresholds.values)
  }

  update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    _targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount = shape[0],
  ): void {
    const { topK, classId, labelWeights } = this.#counting
    const n = sizeOf(shape)
    const columns = shape[shape.length - 1]
    const labels = this.labels(shape)
    const size = this.#limits.length * labels
    const share = sampleWeight ? itemsPerWeight(n, weightCount) : 1
    if (this.#counts.length !== 2 * size) this.#counts = new Float64Array(2 * size)
    if (this.#totals.length !== 2 * labels) this.#totals = new Float64Array(2 * labels)
    const [counts, totals] = [this.#counts.fill(0), this.#totals.fill(0)]
    for (let i = 0; i < n; i++) {
      const column = i % columns
      if (classId !== null && classId !== undefined && column !== classId) continue
      const output = topK && !isAmongBest(topK, yPred, i, columns) ? NEVER : yPred[i]
      const weight = (sampleWeight ? sampleWeight[Math.floor(i / share)] : 1) * (labelWeights?.[column] ?? 1)
      const label = labels === 1 ? 0 : column
      const kind = yTrue[i] === 0 ? 1 : 0
      totals[kind * labels + label] += weight
      this.#count(counts, kind * size + label, labels, output, weight)
    }
    for (let kind = 0; kind < 2; kind++) {
      if (this.thresholds.even) accumulate(counts, kind * size, size, labels)
      for (let i = 0; i < size; i++) {
        const positives = counts[kind * size + i]
        this.sums[kind * size + i] += positives
        this.sums[(3 - kind) * size + i] += totals[kind * labels + (i % labels)] - positives
      }
    }
  }

  /** Adds the weight at each threshold that the output exceeds; if thresholds are even, only at the last of these. */
  #count(counts: Float64Array, first: number, step: number, output: number, weight: number): void {
    const limits = this.#limits
    if (!this.thresholds.even) {
      for (let j = 0; j < limits.length; j++) if (output > limits[j]) counts[first + j * step] += weight
      return
    }
    const inside = output < 0 ? 0 : output > 1 ? 1 : output
    let last = ceil(fround(inside * (limits.length - 1))) - 1
    if (last < 0 && this.thresholds.belowZero) last = 0
    if (last >= 0) counts[first + last * step] += weight
  }

  /** The number of columns counted separately. */
  protected labels(_shape: Shape): number {
    return this.#counting.labels ?? 1
  }

  override checkShapes(shape: Shape, targetShape: Shape): void {
    super.checkShapes(shape, targetShape)
    const { classId, labelWeights } = this.#counting
    const columns = shape[shape.length - 1]
    if (classId !== null && classId !== undefined && classId >= columns)
      throw new ArgumentError('classId', classId, `one of ${columns} classes`)
    if (labelWeights && labelWeights.length !== columns)
      throw new ArgumentError('labelWeights', labelWeights, `a number for each of ${columns} labels`)
  }

  /** The table of true positives (0), false positives (1), true negatives (2) or false negatives (3). */
  protected table(which: 0 | 1 | 2 | 3): Float64Array {
    const size = this.sums.length / 4
    return this.sums.subarray(which * size, (which + 1) * size)
  }

  /** One number if there is one entry per table, else one for each entry. */
  protected atThresholds(of: (tp: number, fp: number, tn: number, fn: number) => number): number | Tensor {
    const [tp, fp, tn, fn] = [this.table(0), this.table(1), this.table(2), this.table(3)]
    if (tp.length === 1) return of(tp[0], fp[0], tn[0], fn[0])
    return Tensor.from(Array.from(tp, (_, i) => of(tp[i], fp[i], tn[i], fn[i])))
  }
}

/** Sums from the last threshold down: counts by last exceeded threshold become counts at every exceeded threshold. */
function accumulate(counts: Float64Array, first: number, size: number, step: number): void {
  for (let i = first + size - step - 1; i >= first; i--) counts[i] += counts[i + step]
}

/** Whether fewer than k outputs of the row rank before this one: larger ones, and equal ones to its left. */
function isAmongBest(k: number, yPred: Float32Array, i: number, columns: number): boolean {
  const first = i - (i % columns)
  let before = 0
  for (let j = first; j < first + columns; j++) if (yPred[j] > yPred[i] || (yPred[j] === yPred[i] && j < i)) before++
  return before < k
}

/** a / b, or 0 if b is 0. */
export const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b)

/** Evenly spaced thresholds from 0 to 1. */
export function evenThresholds(count: number): number[] {
  boundedSize('numThresholds', [8, count])
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : i / (count - 1)))
}

export function isEven(values: readonly number[]): boolean {
  if (values.length < 3) return false
  const even = (value: number, i: number) => {
    const expected = fround(i / (values.length - 1))
    return Math.abs(value - expected) <= EPSILON + 1e-5 * Math.abs(expected)
  }
  return values.every(even)
}

function readThresholds(given: number | readonly number[] | null, otherwise: number): Thresholds {
  if (given === null) return { values: [otherwise], even: false, belowZero: false }
  const values = [given].flat().map(value => finite('thresholds', value, 0, 1))
  if (values.length === 0) throw new ArgumentError('thresholds', given, 'a number, or several')
  return { values, even: isEven(values), belowZero: false }
}

// ---- The counts -----------------------------------------------------------------------------------------------------

/** The options of TruePositives, FalsePositives, TrueNegatives and FalseNegatives. */
export interface ThresholdOptions extends MetricOptions {
  /** Outputs above the threshold are positive; a list gives a result for each threshold. Default null: 0.5. */
  readonly thresholds?: number | readonly number[] | null
}

abstract class Count extends ConfusionMetric {
  readonly #which: 0 | 1 | 2 | 3

  constructor(className: string, defaultName: string, options: ThresholdOptions, which: 0 | 1 | 2 | 3) {
    const { thresholds = null } = options ?? {}
    super(className, defaultName, options, { thresholds }, readThresholds(thresholds, 0.5))
    this.#which = which
  }

  result(): number | Tensor {
    return this.atThresholds((...counts) => counts[this.#which])
  }
}

/** The number of positive outputs with a positive target. */
export class TruePositives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('TruePositives', 'true_positives', options, 0)
  }
}

/** The number of positive outputs with a negative target. */
export class FalsePositives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('FalsePositives', 'false_positives', options, 1)
  }
}

/** The number of negative outputs with a negative target. */
export class TrueNegatives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('TrueNegatives', 'true_negatives', options, 2)
  }
}

/** The number of negative outputs with a positive target. */
export class FalseNegatives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('FalseNegatives', 'false_negatives', options, 3)
  }
}

// ---- Precision and recall ---------------------------------------------------------------------------------------------

/** The options of Precision and Recall. */
export interface PrecisionOptions extends ThresholdOptions {
  /** Only the k largest outputs of a row can be positive; without `thresholds`, all k are. Default null: no limit. */
  readonly topK?: number | null
  /** The only class to count. Default null: all classes. */
  readonly classId?: number | null
}

function precisionArguments(options: PrecisionOptions): [Config, Thresholds, Counting] {
  const { thresholds = null, topK = null, classId = null } = options ?? {}
  const counting = {
    topK: topK === null ? null : positiveInteger('topK', topK),
    classId: classId === null ? null : integer('classId', classId, 0),
  }
  return [{ thresholds, ...counting }, readThresholds(thresholds, topK === null ? 0.5 : NEVER), counting]
}

/** The fraction of positive outputs whose target is positive. */
export class Precision extends ConfusionMetric {
  constructor(options: PrecisionOptions = {}) {
    super('Precision', 'precision', options, ...precisionArguments(options))
  }

  result(): number | Tensor {
    return this.atThresholds((tp, fp) => ratio(tp, tp + fp))
  }
}

/** The fraction of positive targets whose output is positive. */
export class Recall extends ConfusionMetric {
  constructor(options: PrecisionOptions = {}) {
    super('Recall', 'recall', options, ...precisionArguments(options))
  }

  result(): number | Tensor {
    return this.atThresholds((tp, _fp, _tn, fn) => ratio(tp, tp + fn))
  }
}

// ---- The best of one measure at a minimum of another ------------------------------------------------------------------

/** The options of metrics of the form "x at y", such as PrecisionAtRecall. */
export interface AtOptions extends MetricOptions {
  /** The number of thresholds to try, from 0 to 1. Default 200. */
  readonly numThresholds?: number
  /** The only class to count. Default null: all classes. */
  readonly classId?: number | null
}

type OfCounts = (tp: number, fp: number, tn: number, fn: number) => number
const sensitivity: OfCounts = (tp, _fp, _tn, fn) => ratio(tp, tp + fn)
const specificity: OfCounts = (_tp, fp, tn) => ratio(tn, tn + fp)
const precision: OfCounts = (tp, fp) => ratio(tp, tp + fp)

abstract class BestAt extends ConfusionMetric {
  readonly #least: number
  readonly #constrained: OfCounts
  readonly #wanted: OfCounts

  constructor(
    [className, defaultName, key]: readonly [string, string, string],
    given: AtOptions,
    value: unknown,
    constrained: OfCounts,
    wanted: OfCounts,
  ) {
    const { numThresholds = 200, classId = null, ...options } = given ?? {}
    const least = finite(key, value, 0, 1)
    const count = positiveInteger('numThresholds', numThresholds)
    const values = count === 1 ? [0.5] : evenThresholds(count)
    const counting = { classId: classId === null ? null : integer('classId', classId, 0) }
    const config = { ...counting, numThresholds, [key]: least }
    super(className, defaultName, options, config, { values, even: count > 1, belowZero: false }, counting)
    this.#least = fround(least)
    this.#constrained = constrained
    this.#wanted = wanted
  }

  result(): number {
    const [tp, fp, tn, fn] = [this.table(0), this.table(1), this.table(2), this.table(3)]
    let best = 0
    for (let i = 0; i < tp.length; i++) {
      if (fround(this.#constrained(tp[i], fp[i], tn[i], fn[i])) < this.#least) continue
      best = Math.max(best, this.#wanted(tp[i], fp[i], tn[i], fn[i]))
    }
    return best
  }
}

/** The best recall among the thresholds with at least this specificity, the fraction of negatives found. */
export class SensitivityAtSpecificity extends BestAt {
  constructor(options: AtOptions & { readonly specificity: number }) {
    const names = ['SensitivityAtSpecificity', 'sensitivity_at_specificity', 'specificity'] as const
    super(names, options, options?.specificity, specificity, sensitivity)
  }
}

/** The best specificity, the fraction of negatives found, among the thresholds with at least this recall. */
export class SpecificityAtSensitivity extends BestAt {
  constructor(options: AtOptions & { readonly sensitivity: number }) {
    const names = ['SpecificityAtSensitivity', 'specificity_at_sensitivity', 'sensitivity'] as const
    super(names, options, options?.sensitivity, sensitivity, specificity)
  }
}

/** The best precision among the thresholds with at least this recall. */
export class PrecisionAtRecall extends BestAt {
  constructor(options: AtOptions & { readonly recall: number }) {
    const names = ['PrecisionAtRecall', 'precision_at_recall', 'recall'] as const
    super(names, options, options?.recall, sensitivity, precision)
  }
}

/** The best recall among the thresholds with at least this precision. */
export class RecallAtPrecision extends BestAt {
  constructor(options: AtOptions & { readonly precision: number }) {
    const names = ['RecallAtPrecision', 'recall_at_precision', 'precision'] as const
    super(names, options, options?.precision, precision, sensitivity)
  }
}
