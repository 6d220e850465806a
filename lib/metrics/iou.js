// How far what was found overlaps with what is there: intersection over union, class by class.
import { boolean, finite, integer, positiveInteger, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { anyAxis } from '../losses/regression.ts'
import { axisOf, fitsOutput, fitsRows, rowCount, sizeAfter } from '../losses/rows.ts'
import { argmax } from './accuracy.ts'
import { ratio } from './confusion.ts'
import { itemsPerWeight, Metric } from './metric.ts'
/** `sums` holds the confusion matrix: how often class t was taken for class p, at t · classes + p. */
export class IoU extends Metric {
  axis
  #classes
  #chosen
  #ignored
  #sparse
  constructor(
    options,
    [className, defaultName] = ['IoU', 'io_u'],
    names = ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis'],
  ) {
    const { ignoreClass = null, sparseYTrue = true, sparseYPred = true, axis, targetClassIds } = options
    const numClasses = positiveInteger('numClasses', options.numClasses)
    const isClass = id => Number.isSafeInteger(id) && id >= 0 && id < numClasses
    if (!Array.isArray(targetClassIds) || targetClassIds.length === 0 || !targetClassIds.every(isClass))
      throw new ArgumentError('targetClassIds', targetClassIds, `classes from 0 to ${numClasses - 1}`)
    if (ignoreClass !== null) integer('ignoreClass', ignoreClass, -Infinity)
    const all = {
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
  update(yTrue, yPred, shape, targetShape, sampleWeight, weightCount = shape[0]) {
    const { yTrue: sparseYTrue, yPred: sparseYPred } = this.#sparse
    const n = sparseYPred ? sizeOf(shape) : rowCount(shape, this.axis)
    const share = sampleWeight ? itemsPerWeight(n, weightCount) : 1
    for (let i = 0; i < n; i++) {
      const t = sparseYTrue ? yTrue[i] : this.#best(yTrue, targetShape, i)
      if (t === this.#ignored) continue
      const p = sparseYPred ? this.output(yPred[i]) : this.#best(yPred, shape, i)
      const at = this.#checked('y', t) * this.#classes + this.#checked('yPred', p)
      this.sums[at] += sampleWeight ? sampleWeight[Math.floor(i / share)] : 1
    }
  }
  /** The class that an output means. */
  output(p) {
    return p
  }
  #best(x, shape, row) {
    const at = axisOf(shape, this.axis)
    const inner = sizeAfter(shape, at)
    return argmax(x, (row - (row % inner)) * shape[at] + (row % inner), shape[at], inner)
  }
  #checked(name, id) {
    if (Number.isInteger(id) && id >= 0 && id < this.#classes) return id
    throw new ArgumentError(name, id, `a class number from 0 to ${this.#classes - 1} for ${this.name}`)
  }
  checkShapes(shape, targetShape) {
    const { yTrue, yPred } = this.#sparse
    const fits =
      yTrue === yPred
        ? fitsOutput(targetShape, shape)
        : yPred
          ? fitsRows(shape, targetShape, this.axis)
          : fitsRows(targetShape, shape, this.axis)
    if (!fits)
      throw new ArgumentError('y', targetShape, `targets that fit outputs of shape [${shape.join(', ')}]`)
  }
  /** The mean over the chosen classes that occur; 0 without any. */
  result() {
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
/** Keras writes the options of these in an order of its own. */
function ordered(config, names) {
  return Object.fromEntries(names.map(name => [name, config[name]]))
}
const allClasses = numClasses =>
  Array.from({ length: positiveInteger('numClasses', numClasses) }, (_, id) => id)
/** The mean of IoU over all classes that occur. */
export class MeanIoU extends IoU {
  constructor(options) {
    const names = ['numClasses', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis']
    super({ ...options, targetClassIds: allClasses(options.numClasses) }, ['MeanIoU', 'mean_io_u'], names)
  }
  getConfig() {
    const order = ['numClasses', 'name', 'dtype', 'ignoreClass', 'sparseYTrue', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}
/** IoU of one-hot targets. */
export class OneHotIoU extends IoU {
  constructor(options) {
    const names = ['numClasses', 'targetClassIds', 'ignoreClass', 'sparseYPred', 'axis']
    super({ sparseYPred: false, ...options, sparseYTrue: false }, ['OneHotIoU', 'one_hot_io_u'], names)
  }
  getConfig() {
    const order = ['numClasses', 'targetClassIds', 'name', 'dtype', 'ignoreClass', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}
/** MeanIoU of one-hot targets. */
export class OneHotMeanIoU extends IoU {
  constructor(options) {
    const fixed = { sparseYTrue: false, targetClassIds: allClasses(options.numClasses) }
    const names = ['numClasses', 'ignoreClass', 'sparseYPred', 'axis']
    super({ sparseYPred: false, ...options, ...fixed }, ['OneHotMeanIoU', 'one_hot_mean_io_u'], names)
  }
  getConfig() {
    const order = ['numClasses', 'name', 'dtype', 'ignoreClass', 'sparseYPred', 'axis']
    return ordered(super.getConfig(), order)
  }
}
/** IoU of outputs between 0 and 1, one for each target. */
export class BinaryIoU extends IoU {
  #threshold
  constructor({ threshold = 0.5, targetClassIds = [0, 1], ...options } = {}) {
    const names = ['BinaryIoU', 'binary_io_u']
    super({ ...options, numClasses: 2, targetClassIds }, names, ['targetClassIds'])
    this.#threshold = finite('threshold', threshold)
  }
  output(p) {
    return p >= Math.fround(this.#threshold) ? 1 : 0
  }
  getConfig() {
    const { targetClassIds, ...rest } = super.getConfig()
    return { targetClassIds, threshold: this.#threshold, ...rest }
  }
}
