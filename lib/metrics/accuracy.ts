// Accuracies: how often outputs are correct.

import { finite, positiveInteger, type Shape, sizeOf } from '../core/check.ts'
import type { Config } from '../core/registry.ts'
import { rowCount } from '../losses/row-shapes.ts'
import { type MetricOptions, RowMetric } from './metric.ts'

/** A fraction of the output's numbers. */
abstract class ElementMetric extends RowMetric {
  protected rowCount(shape: Shape): number {
    return sizeOf(shape)
  }
}

/** How often an output equals its target. */
export class Accuracy extends ElementMetric {
  constructor(options: MetricOptions = {}) {
    super('Accuracy', 'accuracy', options)
  }

  protected measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const n = sizeOf(shape)
    for (let i = 0; i < n; i++) values[i] = yTrue[i] === yPred[i] ? 1 : 0
  }
}

/** The options of BinaryAccuracy. */
export interface BinaryAccuracyOptions extends MetricOptions {
  /** Outputs above this threshold mean 1. Default 0.5. */
  readonly threshold?: number
}

/** How often an output is above the threshold if its target is 1, and not above it if its target is 0. */
export class BinaryAccuracy extends ElementMetric {
  readonly #threshold: number

  constructor(options: BinaryAccuracyOptions = {}) {
    const threshold = finite('threshold', options?.threshold ?? 0.5)
    super('BinaryAccuracy', 'binary_accuracy', options, { threshold })
    this.#threshold = Math.fround(threshold)
  }

  protected measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const [n, threshold] = [sizeOf(shape), this.#threshold]
    for (let i = 0; i < n; i++) values[i] = yTrue[i] === (yPred[i] > threshold ? 1 : 0) ? 1 : 0
  }
}

/** The fraction of rows whose target class is predicted. */
abstract class ClassMetric extends RowMetric {
  /** How many of the largest outputs count as hits; 0: only the largest, and for ties the first. */
  readonly #k: number

  constructor(className: string, defaultName: string, options: MetricOptions, config: Config = {}, k = 0) {
    super(className, defaultName, options, config)
    this.#k = k
  }

  protected rowCount(shape: Shape): number {
    return rowCount(shape)
  }

  protected measure(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const length = shape[shape.length - 1]
    const rows = rowCount(shape)
    for (let r = 0; r < rows; r++) {
      const target = this.targets === 'sparse' ? yTrue[r] : argmax(yTrue, r * length, length)
      values[r] = this.#isHit(yPred, r * length, length, target) ? 1 : 0
    }
  }

  #isHit(yPred: Float32Array, first: number, length: number, target: number): boolean {
    return this.#k === 0 ? argmax(yPred, first, length) === target : isInTop(this.#k, yPred, first, length, target)
  }
}

/** The index of the largest number of a row; for ties, the first. */
export function argmax(x: Float32Array, first: number, length: number, step = 1): number {
  let best = 0
  for (let k = 1; k < length; k++) if (x[first + k * step] > x[first + best * step]) best = k
  return best
}

/** Whether fewer than k outputs exceed the target's; ties count as hits. Rows with non-finite outputs never hit. */
function isInTop(k: number, yPred: Float32Array, first: number, length: number, target: number): boolean {
  const own = yPred[first + target]
  let better = 0
  for (let i = first; i < first + length; i++) {
    if (!Number.isFinite(yPred[i])) return false
    if (yPred[i] > own) better++
  }
  return target >= 0 && target < length && better < k
}

/** How often the largest output and the largest target have the same index; for ties, the first counts. */
export class CategoricalAccuracy extends ClassMetric {
  constructor(options: MetricOptions = {}) {
    super('CategoricalAccuracy', 'categorical_accuracy', options)
  }
}

/** How often the target class has the largest output. */
export class SparseCategoricalAccuracy extends ClassMetric {
  override readonly targets = 'sparse'

  constructor(options: MetricOptions = {}) {
    super('SparseCategoricalAccuracy', 'sparse_categorical_accuracy', options)
  }
}

/** The options of the top-k accuracies. */
export interface TopKOptions extends MetricOptions {
  /** How many of the largest outputs count as hits. Default 5. */
  readonly k?: number
}

/** How often the target class is among the k largest outputs, including ties with the k-th. */
export class TopKCategoricalAccuracy extends ClassMetric {
  constructor(options: TopKOptions = {}) {
    const k = positiveInteger('k', options?.k ?? 5)
    super('TopKCategoricalAccuracy', 'top_k_categorical_accuracy', options, { k }, k)
  }
}

/** TopKCategoricalAccuracy with class indices as targets. */
export class SparseTopKCategoricalAccuracy extends ClassMetric {
  override readonly targets = 'sparse'

  constructor(options: TopKOptions = {}) {
    const k = positiveInteger('k', options?.k ?? 5)
    super('SparseTopKCategoricalAccuracy', 'sparse_top_k_categorical_accuracy', options, { k }, k)
  }
}
