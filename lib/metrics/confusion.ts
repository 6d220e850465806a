// What is counted right and wrong at thresholds: true and false positives, true and false negatives.

import { finite, integer, positiveInteger, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { Tensor } from '../core/tensor.ts'
import { itemsPerWeight, Metric, type MetricOptions } from './metric.ts'

const { ceil, fround } = Math
const EPSILON = 1e-7
/** The output of what is not among the best k. */
const NEVER = -1e10

/** What an output must exceed to count as positive. */
export interface Thresholds {
  readonly values: readonly number[]
  /** Whether they divide 0 to 1 evenly: then an output's place is worked out instead of searched for, as in Keras. */
  readonly even: boolean
  /** Whether the first is a little below 0, so that outputs of 0 exceed it. */
  readonly belowZero: boolean
}

/** What a metric counts, besides its thresholds. */
export interface Counting {
  readonly topK?: number | null
  readonly classId?: number | null
  /** Columns that are counted apart. Default 1: all are counted together. */
  readonly labels?: number
  /** How much each column counts. */
  readonly labelWeights?: Float32Array | null
}

/** `sums` holds four tables, `[thresholds, labels]` each: true positives, false positives, true and false negatives. */
export abstract class ConfusionMetric extends Metric {
  protected readonly thresholds: Thresholds
  readonly #counting: Counting
  readonly #limits: Float32Array
  // Of one batch: at each threshold and label, true positives, then false ones; the targets of each label.
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

  /** Adds the weight at each threshold that the output exceeds; at the last of them, where thresholds are even. */
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

  /** How many columns are counted apart. */
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

  /** True positives, false positives, true negatives or false negatives, at each threshold. */
  protected table(which: 0 | 1 | 2 | 3): Float64Array {
    const size = this.sums.length / 4
    return this.sums.subarray(which * size, (which + 1) * size)
  }

  /** One number if there is one threshold, else one for each. */
  protected atThresholds(of: (tp: number, fp: number, tn: number, fn: number) => number): number | Tensor {
    const [tp, fp, tn, fn] = [this.table(0), this.table(1), this.table(2), this.table(3)]
    if (tp.length === 1) return of(tp[0], fp[0], tn[0], fn[0])
    return Tensor.from(Array.from(tp, (_, i) => of(tp[i], fp[i], tn[i], fn[i])))
  }
}

/** From what ends at each threshold to what reaches it: sums from the last on. */
function accumulate(counts: Float64Array, first: number, size: number, step: number): void {
  for (let i = first + size - step - 1; i >= first; i--) counts[i] += counts[i + step]
}

/** Whether fewer than k outputs of the row come before this one: larger ones, and equal ones on its left. */
function isAmongBest(k: number, yPred: Float32Array, i: number, columns: number): boolean {
  const first = i - (i % columns)
  let before = 0
  for (let j = first; j < first + columns; j++)
    if (yPred[j] > yPred[i] || (yPred[j] === yPred[i] && j < i)) before++
  return before < k
}

/** a / b, and 0 where b is 0. */
export const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b)

/** Thresholds that divide 0 to 1 evenly. */
export function evenThresholds(count: number): number[] {
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
  const values = (typeof given === 'number' ? [given] : given).map(value => finite('thresholds', value, 0, 1))
  if (values.length === 0) throw new ArgumentError('thresholds', given, 'a number, or several')
  return { values, even: isEven(values), belowZero: false }
}

// ---- The counts -----------------------------------------------------------------------------------------------------

/** The options of counts of hits and misses. */
export interface ThresholdOptions extends MetricOptions {
  /** What an output must exceed to be positive; a list gives a result for each. Default null, which is 0.5. */
  readonly thresholds?: number | readonly number[] | null
}

abstract class Count extends ConfusionMetric {
  readonly #which: 0 | 1 | 2 | 3

  constructor(className: string, defaultName: string, options: ThresholdOptions, which: 0 | 1 | 2 | 3) {
    const { thresholds = null } = options
    super(className, defaultName, options, { thresholds }, readThresholds(thresholds, 0.5))
    this.#which = which
  }

  result(): number | Tensor {
    return this.atThresholds((...counts) => counts[this.#which])
  }
}

/** How many outputs are positive and should be. */
export class TruePositives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('TruePositives', 'true_positives', options, 0)
  }
}

/** How many outputs are positive and should not be. */
export class FalsePositives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('FalsePositives', 'false_positives', options, 1)
  }
}

/** How many outputs are not positive and should not be. */
export class TrueNegatives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('TrueNegatives', 'true_negatives', options, 2)
  }
}

/** How many outputs are not positive and should be. */
export class FalseNegatives extends Count {
  constructor(options: ThresholdOptions = {}) {
    super('FalseNegatives', 'false_negatives', options, 3)
  }
}

// ---- Precision and recall ---------------------------------------------------------------------------------------------

/** The options of Precision and Recall. */
export interface PrecisionOptions extends ThresholdOptions {
  /** Only the k best outputs of a row can be positive; without `thresholds` all of them are. Default null. */
  readonly topK?: number | null
  /** Only this class is counted. Default null: all are. */
  readonly classId?: number | null
}

function precisionArguments(options: PrecisionOptions): [Config, Thresholds, Counting] {
  const { thresholds = null, topK = null, classId = null } = options
  const counting = {
    topK: topK === null ? null : positiveInteger('topK', topK),
    classId: classId === null ? null : integer('classId', classId, 0),
  }
  return [{ thresholds, ...counting }, readThresholds(thresholds, topK === null ? 0.5 : NEVER), counting]
}

/** The share of true ones among the positive outputs. */
export class Precision extends ConfusionMetric {
  constructor(options: PrecisionOptions = {}) {
    super('Precision', 'precision', options, ...precisionArguments(options))
  }

  result(): number | Tensor {
    return this.atThresholds((tp, fp) => ratio(tp, tp + fp))
  }
}

/** The share of positive outputs among those that should be. */
export class Recall extends ConfusionMetric {
  constructor(options: PrecisionOptions = {}) {
    super('Recall', 'recall', options, ...precisionArguments(options))
  }

  result(): number | Tensor {
    return this.atThresholds((tp, _fp, _tn, fn) => ratio(tp, tp + fn))
  }
}

// ---- The best of one where another is good enough ---------------------------------------------------------------------

/** The options of one value at a given other one. */
export interface AtOptions extends MetricOptions {
  /** How many thresholds are tried, from 0 to 1. Default 200. */
  readonly numThresholds?: number
  /** Only this class is counted. Default null: all are. */
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
    { numThresholds = 200, classId = null, ...options }: AtOptions,
    value: unknown,
    constrained: OfCounts,
    wanted: OfCounts,
  ) {
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

/** The best recall among thresholds where at least this share of negatives is found. */
export class SensitivityAtSpecificity extends BestAt {
  constructor(options: AtOptions & { readonly specificity: number }) {
    const names = ['SensitivityAtSpecificity', 'sensitivity_at_specificity', 'specificity'] as const
    super(names, options, options.specificity, specificity, sensitivity)
  }
}

/** The best share of negatives found among thresholds with at least this recall. */
export class SpecificityAtSensitivity extends BestAt {
  constructor(options: AtOptions & { readonly sensitivity: number }) {
    const names = ['SpecificityAtSensitivity', 'specificity_at_sensitivity', 'sensitivity'] as const
    super(names, options, options.sensitivity, sensitivity, specificity)
  }
}

/** The best precision among thresholds with at least this recall. */
export class PrecisionAtRecall extends BestAt {
  constructor(options: AtOptions & { readonly recall: number }) {
    const names = ['PrecisionAtRecall', 'precision_at_recall', 'recall'] as const
    super(names, options, options.recall, sensitivity, precision)
  }
}

/** The best recall among thresholds with at least this precision. */
export class RecallAtPrecision extends BestAt {
  constructor(options: AtOptions & { readonly precision: number }) {
    const names = ['RecallAtPrecision', 'recall_at_precision', 'precision'] as const
    super(names, options, options.precision, precision, sensitivity)
  }
}
