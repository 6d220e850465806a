// Intersection over union of predicted and true classes.

import { boolean, boundedSize, finite, integer, positiveInteger, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { axisOf, sizeAfter } from '../kernels/losses/index.ts'
import { anyAxis } from '../losses/regression.ts'
import { fitsOutput, fitsRows, rowCount } from '../losses/row-shapes.ts'
import { argmax } from './accuracy.ts'
import { ratio } from './confusion.ts'
import { itemsPerWeight, Metric, type MetricOptions } from './metric.ts'

/** The options of MeanIoU. */
export interface MeanIoUOptions extends MetricOptions {
  /** The number of classes. */
  readonly numClasses: number
  /** Entries with this target are ignored. Default null: no entry is. */
  readonly ignoreClass?: number | null
  /** Whether targets are class indices, instead of one number for each class along `axis`. Default true. */
  readonly sparseYTrue?: boolean
  /** Whether outputs are class indices, instead of one number for each class along `axis`. Default true. */
  readonly sparseYPred?: boolean
  /** The class axis of non-sparse targets and outputs. Default −1. */
  readonly axis?: number
}

/** The options of IoU. */
export interface IoUOptions extends MeanIoUOptions {
  /** The classes to average over. */
  readonly targetClassIds: readonly number[]
}

/**
 * The mean, over some classes, of intersection / union. `sums` holds the confusion matrix: entry t · classes + p counts
 * how often target t was predicted as p.
 */
export class IoU extends Metric {
  override readonly axis: number
  readonly #classes: number
  readonly #chosen: readonly number[]
  readonly #ignored: number | null
  readonly #sparse: { readonly yTrue: boolean; readonly yPred: boolean }

  constructor(options: IoUOptions)
  /** @internal */
  constructor(options: IoUOptions, classNames: readonly string[], names: string[])
  constructor(
    options: IoUOptions,
    [className, defaultName]: readonly string[] = ['IoU', 'io_u'],
    names = ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis'],
  ) {
    const { ignoreClass = null, sparseYTrue = true, sparseYPred = true, axis, targetClassIds } = options ?? {}
    const numClasses = positiveInteger('numClasses', options?.numClasses)
    const isClass = (id: unknown) => Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < numClasses
    if (!Array.isArray(targetClassIds) || targetClassIds.length === 0 || !targetClassIds.every(isClass))
      throw new ArgumentError('targetClassIds', targetClassIds, `classes from 0 to ${numClasses - 1}`)
    if (ignoreClass !== null) integer('ignoreClass', ignoreClass, -Infinity)
    const all: Config = {
      numClasses,
      targetClassIds: [...targetClassIds],
      ignoreClass,
      sparseYTrue: boolean('sparseYTrue', sparseYTrue),
      sparseYPred: boolean('sparseYPred', sparseYPred),
      axis: anyAxis(axis),
    }
    const config = Object.fromEntries(names.map(name => [name, all[name]]))
    const hidden = Object.keys(all).filter(name => !names.includes(name))
    const given = Object.entries(options).filter(([name]) => !hidden.includes(name))
    super(className, defaultName, Object.fromEntries(given), config, numClasses * numClasses)
    this.axis = anyAxis(axis)
    this.#classes = numClasses
    this.#chosen = targetClassIds
    this.#ignored = ignoreClass
    this.#sparse = { yTrue: sparseYTrue, yPred: sparseYPred }
  }

  update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    targetShape: Shape,
    sampleWeight: Float32Array | null,
    weightCount = shape[0],
  ): void {
    const { yPred: sparseYPred } = this.#sparse
    const n = sparseYPred ? sizeOf(shape) : rowCount(shape, this.axis)
    const share = sampleWeight ? itemsPerWeight(n, weightCount) : 1
    const sums = this.sums.slice() // so that a wrong label changes nothing
    for (let i = 0; i < n; i++) {
      const t = this.#label(yTrue, targetShape, i)
      if (t === this.#ignored) continue
      const p = sparseYPred ? this.output(yPred[i]) : this.#best(yPred, shape, i)
      const at = t * this.#classes + this.#checked('yPred', p)
      sums[at] += sampleWeight ? sampleWeight[Math.floor(i / share)] : 1
    }
    this.sums.set(sums)
  }

  override checkLabels(yTrue: Float32Array, targetShape: Shape): void {
    const n = this.#sparse.yTrue ? yTrue.length : rowCount(targetShape, this.axis)
    for (let i = 0; i < n; i++) this.#label(yTrue, targetShape, i)
  }

  /** The class of a row's target. */
  #label(yTrue: Float32Array, targetShape: Shape, row: number): number {
    const label = this.#sparse.yTrue ? yTrue[row] : this.#best(yTrue, targetShape, row)
    return label === this.#ignored ? label : this.#checked('y', label)
  }

  /** Converts an output to a class. */
  protected output(p: number): number {
    return p
  }

  #best(x: Float32Array, shape: Shape, row: number): number {
    const at = axisOf(shape, this.axis)
    const inner = sizeAfter(shape, at)
    return argmax(x, (row - (row % inner)) * shape[at] + (row % inner), shape[at], inner)
  }

  #checked(name: string, id: number): number {
    if (Number.isInteger(id) && id >= 0 && id < this.#classes) return id
    throw new ArgumentError(name, id, `a class number from 0 to ${this.#classes - 1} for ${this.name}`)
  }

  override checkShapes(shape: Shape, targetShape: Shape): void {
    const { yTrue, yPred } = this.#sparse
    const fits =
      yTrue === yPred
        ? fitsOutput(targetShape, shape)
        : yPred
          ? fitsRows(shape, targetShape, this.axis)
          : fitsRows(targetShape, shape, this.axis)
    if (!fits) throw new ArgumentError('y', targetShape, `targets that fit outputs of shape [${shape.join(', ')}]`)
  }

  /** The mean over the chosen classes that occur; 0 if none do. */
  result(): number {
    const n = this.#classes
    let sum = 0
    let occurring = 0
    for (const id of this.#chosen) {
      const both = this.sums[id * n + id]
      let either = -both
      for (let k = 0; k < n; k++) either += this.sums[id * n + k] + this.sums[k * n + id]
      if (either === 0) continue
      occurring++
      sum += both / either
    }
    return ratio(sum, occurring)
  }
}

/** Reorders a config to match Keras' order for the class. */
function ordered(config: Config, names: readonly string[]): Config {
  return Object.fromEntries(names.map(name => [name, config[name]]))
}

function allClasses(numClasses: unknown): number[] {
  const n = positiveInteger('numClasses', numClasses)
  boundedSize('numClasses', [2 * n, n]) // the confusion matrix, in 64 bits
  return Array.from({ length: n }, (_, id) => id)
}

/** The mean IoU over all classes that occur. */
export class MeanIoU extends IoU {
  constructor(options: MeanIoUOptions) {
    const names = ['numClasses', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis']
    super({ ...options, targetClassIds: allClasses(options?.numClasses) }, ['MeanIoU', 'mean_io_u'], names)
  }

  override getConfig(): Config {
    const order = ['numClasses', 'name', 'dtype', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}

/** The options of OneHotMeanIoU. */
export interface OneHotMeanIoUOptions extends Omit<MeanIoUOptions, 'sparseYTrue'> {
  /** Default false. */
  readonly sparseYPred?: boolean
}

/** The options of OneHotIoU. */
export interface OneHotIoUOptions extends OneHotMeanIoUOptions {
  /** The classes whose mean is taken. */
  readonly targetClassIds: readonly number[]
}

/** IoU with one-hot targets. */
export class OneHotIoU extends IoU {
  constructor(options: OneHotIoUOptions) {
    const names = ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYPred', 'axis']
    super({ sparseYPred: false, ...options, sparseYTrue: false }, ['OneHotIoU', 'one_hot_io_u'], names)
  }

  override getConfig(): Config {
    const order = ['numClasses', 'targetClassIds', 'name', 'dtype', 'ignoreClass', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}

/** MeanIoU with one-hot targets. */
export class OneHotMeanIoU extends IoU {
  constructor(options: OneHotMeanIoUOptions) {
    const fixed = { sparseYTrue: false, targetClassIds: allClasses(options?.numClasses) }
    const names = ['numClasses', 'ignoreClass', 'sparseYPred', 'axis']
    super({ sparseYPred: false, ...options, ...fixed }, ['OneHotMeanIoU', 'one_hot_mean_io_u'], names)
  }

  override getConfig(): Config {
    const order = ['numClasses', 'name', 'dtype', 'ignoreClass', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}

/** The options of BinaryIoU. */
export interface BinaryIoUOptions extends MetricOptions {
  /** Default [0, 1]. */
  readonly targetClassIds?: readonly number[]
  /** Outputs at or above this threshold mean class 1. Default 0.5. */
  readonly threshold?: number
}

/** IoU for binary classification, with outputs between 0 and 1. */
export class BinaryIoU extends IoU {
  readonly #threshold: number

  constructor(options: BinaryIoUOptions = {}) {
    const { threshold = 0.5, targetClassIds = [0, 1], ...others } = options ?? {}
    const names = ['BinaryIoU', 'binary_io_u']
    super({ ...others, numClasses: 2, targetClassIds }, names, ['targetClassIds'])
    this.#threshold = finite('threshold', threshold)
  }

  protected override output(p: number): number {
    return p >= Math.fround(this.#threshold) ? 1 : 0
  }

  override getConfig(): Config {
    const { targetClassIds, ...rest } = super.getConfig()
    return { targetClassIds, threshold: this.#threshold, ...rest }
  }
}
