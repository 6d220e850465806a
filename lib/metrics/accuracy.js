// How often outputs are right.
import { finite, positiveInteger, sizeOf } from '../check.ts'
import { rowCount } from '../losses/rows.ts'
import { RowMetric } from './metric.ts'

/** A share of the output's numbers. */
class ElementMetric extends RowMetric {
  rowCount(shape) {
    return sizeOf(shape)
  }
}
/** How often an output equals its target. */
export class Accuracy extends ElementMetric {
  constructor(options = {}) {
    super('Accuracy', 'accuracy', options)
  }
  measure(values, yTrue, yPred, shape) {
    const n = sizeOf(shape)
    for (let i = 0; i < n; i++) values[i] = yTrue[i] === yPred[i] ? 1 : 0
  }
}
/** How often an output is above the threshold where the target is 1, and not above where it is 0. */
export class BinaryAccuracy extends ElementMetric {
  #threshold
  constructor(options = {}) {
    const threshold = finite('threshold', options.threshold ?? 0.5)
    super('BinaryAccuracy', 'binary_accuracy', options, { threshold })
    this.#threshold = Math.fround(threshold)
  }
  measure(values, yTrue, yPred, shape) {
    const [n, threshold] = [sizeOf(shape), this.#threshold]
    for (let i = 0; i < n; i++) values[i] = yTrue[i] === (yPred[i] > threshold ? 1 : 0) ? 1 : 0
  }
}
/** A share of the rows, by the class that is meant. */
class ClassMetric extends RowMetric {
  /** How many of the best classes count as a hit; 0: exactly the first of the largest outputs does. */
  #k
  constructor(className, defaultName, options, config = {}, k = 0) {
    super(className, defaultName, options, config)
    this.#k = k
  }
  rowCount(shape) {
    return rowCount(shape)
  }
  measure(values, yTrue, yPred, shape) {
    const length = shape[shape.length - 1]
    const rows = rowCount(shape)
    for (let r = 0; r < rows; r++) {
      const target = this.targets === 'sparse' ? yTrue[r] : argmax(yTrue, r * length, length)
      values[r] = this.#isHit(yPred, r * length, length, target) ? 1 : 0
    }
  }
  #isHit(yPred, first, length, target) {
    return this.#k === 0
      ? argmax(yPred, first, length) === target
      : isInTop(this.#k, yPred, first, length, target)
  }
}
/** The index of the first largest number of a row. */
export function argmax(x, first, length, step = 1) {
  let best = 0
  for (let k = 1; k < length; k++) if (x[first + k * step] > x[first + best * step]) best = k
  return best
}
/** Whether fewer than k outputs exceed the target's: ties count as hits. A row that is not finite has none. */
function isInTop(k, yPred, first, length, target) {
  const own = yPred[first + target]
  let better = 0
  for (let i = first; i < first + length; i++) {
    if (!Number.isFinite(yPred[i])) return false
    if (yPred[i] > own) better++
  }
  return target >= 0 && target < length && better < k
}
/** How often the largest output is where the largest target is. Of equal ones, the first counts. */
export class CategoricalAccuracy extends ClassMetric {
  constructor(options = {}) {
    super('CategoricalAccuracy', 'categorical_accuracy', options)
  }
}
/** How often the largest output is that of the target class. */
export class SparseCategoricalAccuracy extends ClassMetric {
  targets = 'sparse'
  constructor(options = {}) {
    super('SparseCategoricalAccuracy', 'sparse_categorical_accuracy', options)
  }
}
/** How often the target class is among the k best outputs; classes as good as the k-th are. */
export class TopKCategoricalAccuracy extends ClassMetric {
  constructor(options = {}) {
    const k = positiveInteger('k', options.k ?? 5)
    super('TopKCategoricalAccuracy', 'top_k_categorical_accuracy', options, { k }, k)
  }
}
/** The same, where targets are the numbers of classes. */
export class SparseTopKCategoricalAccuracy extends ClassMetric {
  targets = 'sparse'
  constructor(options = {}) {
    const k = positiveInteger('k', options.k ?? 5)
    super('SparseTopKCategoricalAccuracy', 'sparse_top_k_categorical_accuracy', options, { k }, k)
  }
}
