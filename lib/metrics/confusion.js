// What is counted right and wrong at thresholds: true and false positives, true and false negatives.
import { finite, integer, positiveInteger, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Tensor } from '../tensor.ts'
import { itemsPerWeight, Metric } from './metric.ts'

const { ceil, fround } = Math
const EPSILON = 1e-7
/** The output of what is not among the best k. */
const NEVER = -1e10
/** `sums` holds four tables, `[thresholds, labels]` each: true positives, false positives, true and false negatives. */
export class ConfusionMetric extends Metric {
  thresholds
  #counting
  #limits
  // Of one batch: at each threshold and label, true positives, then false ones; the targets of each label.
  #counts = new Float64Array(0)
  #totals = new Float64Array(0)
  constructor(className, defaultName, options, config, thresholds, counting = {}) {
    super(className, defaultName, options, config, 4 * thresholds.values.length * (counting.labels ?? 1))
    this.thresholds = thresholds
    this.#counting = counting
    this.#limits = Float32Array.from(thresholds.values)
  }
  update(yTrue, yPred, shape, _targetShape, sampleWeight, weightCount = shape[0]) {
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
  #count(counts, first, step, output, weight) {
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
  labels(_shape) {
    return this.#counting.labels ?? 1
  }
  checkShapes(shape, targetShape) {
    super.checkShapes(shape, targetShape)
    const { classId, labelWeights } = this.#counting
    const columns = shape[shape.length - 1]
    if (classId !== null && classId !== undefined && classId >= columns)
      throw new ArgumentError('classId', classId, `one of ${columns} classes`)
    if (labelWeights && labelWeights.length !== columns)
      throw new ArgumentError('labelWeights', labelWeights, `a number for each of ${columns} labels`)
  }
  /** True positives, false positives, true negatives or false negatives, at each threshold. */
  table(which) {
    const size = this.sums.length / 4
    return this.sums.subarray(which * size, (which + 1) * size)
  }
  /** One number if there is one threshold, else one for each. */
  atThresholds(of) {
    const [tp, fp, tn, fn] = [this.table(0), this.table(1), this.table(2), this.table(3)]
    if (tp.length === 1) return of(tp[0], fp[0], tn[0], fn[0])
    return Tensor.from(Array.from(tp, (_, i) => of(tp[i], fp[i], tn[i], fn[i])))
  }
}
/** From what ends at each threshold to what reaches it: sums from the last on. */
function accumulate(counts, first, size, step) {
  for (let i = first + size - step - 1; i >= first; i--) counts[i] += counts[i + step]
}
/** Whether fewer than k outputs of the row come before this one: larger ones, and equal ones on its left. */
function isAmongBest(k, yPred, i, columns) {
  const first = i - (i % columns)
  let before = 0
  for (let j = first; j < first + columns; j++)
    if (yPred[j] > yPred[i] || (yPred[j] === yPred[i] && j < i)) before++
  return before < k
}
/** a / b, and 0 where b is 0. */
export const ratio = (a, b) => (b === 0 ? 0 : a / b)
/** Thresholds that divide 0 to 1 evenly. */
export function evenThresholds(count) {
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : i / (count - 1)))
}
export function isEven(values) {
  if (values.length < 3) return false
  const even = (value, i) => {
    const expected = fround(i / (values.length - 1))
    return Math.abs(value - expected) <= EPSILON + 1e-5 * Math.abs(expected)
  }
  return values.every(even)
}
function readThresholds(given, otherwise) {
  if (given === null) return { values: [otherwise], even: false, belowZero: false }
  const values = (typeof given === 'number' ? [given] : given).map(value => finite('thresholds', value, 0, 1))
  if (values.length === 0) throw new ArgumentError('thresholds', given, 'a number, or several')
  return { values, even: isEven(values), belowZero: false }
}
class Count extends ConfusionMetric {
  #which
  constructor(className, defaultName, options, which) {
    const { thresholds = null } = options
    super(className, defaultName, options, { thresholds }, readThresholds(thresholds, 0.5))
    this.#which = which
  }
  result() {
    return this.atThresholds((...counts) => counts[this.#which])
  }
}
/** How many outputs are positive and should be. */
export class TruePositives extends Count {
  constructor(options = {}) {
    super('TruePositives', 'true_positives', options, 0)
  }
}
/** How many outputs are positive and should not be. */
export class FalsePositives extends Count {
  constructor(options = {}) {
    super('FalsePositives', 'false_positives', options, 1)
  }
}
/** How many outputs are not positive and should not be. */
export class TrueNegatives extends Count {
  constructor(options = {}) {
    super('TrueNegatives', 'true_negatives', options, 2)
  }
}
/** How many outputs are not positive and should be. */
export class FalseNegatives extends Count {
  constructor(options = {}) {
    super('FalseNegatives', 'false_negatives', options, 3)
  }
}
function precisionArguments(options) {
  const { thresholds = null, topK = null, classId = null } = options
  const counting = {
    topK: topK === null ? null : positiveInteger('topK', topK),
    classId: classId === null ? null : integer('classId', classId, 0),
  }
  return [{ thresholds, ...counting }, readThresholds(thresholds, topK === null ? 0.5 : NEVER), counting]
}
/** The share of true ones among the positive outputs. */
export class Precision extends ConfusionMetric {
  constructor(options = {}) {
    super('Precision', 'precision', options, ...precisionArguments(options))
  }
  result() {
    return this.atThresholds((tp, fp) => ratio(tp, tp + fp))
  }
}
/** The share of positive outputs among those that should be. */
export class Recall extends ConfusionMetric {
  constructor(options = {}) {
    super('Recall', 'recall', options, ...precisionArguments(options))
  }
  result() {
    return this.atThresholds((tp, _fp, _tn, fn) => ratio(tp, tp + fn))
  }
}
const sensitivity = (tp, _fp, _tn, fn) => ratio(tp, tp + fn)
const specificity = (_tp, fp, tn) => ratio(tn, tn + fp)
const precision = (tp, fp) => ratio(tp, tp + fp)
class BestAt extends ConfusionMetric {
  #least
  #constrained
  #wanted
  constructor(
    [className, defaultName, key],
    { numThresholds = 200, classId = null, ...options },
    value,
    constrained,
    wanted,
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
  result() {
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
  constructor(options) {
    const names = ['SensitivityAtSpecificity', 'sensitivity_at_specificity', 'specificity']
    super(names, options, options.specificity, specificity, sensitivity)
  }
}
/** The best share of negatives found among thresholds with at least this recall. */
export class SpecificityAtSensitivity extends BestAt {
  constructor(options) {
    const names = ['SpecificityAtSensitivity', 'specificity_at_sensitivity', 'sensitivity']
    super(names, options, options.sensitivity, sensitivity, specificity)
  }
}
/** The best precision among thresholds with at least this recall. */
export class PrecisionAtRecall extends BestAt {
  constructor(options) {
    const names = ['PrecisionAtRecall', 'precision_at_recall', 'recall']
    super(names, options, options.recall, sensitivity, precision)
  }
}
/** The best recall among thresholds with at least this precision. */
export class RecallAtPrecision extends BestAt {
  constructor(options) {
    const names = ['RecallAtPrecision', 'recall_at_precision', 'precision']
    super(names, options, options.precision, precision, sensitivity)
  }
}
