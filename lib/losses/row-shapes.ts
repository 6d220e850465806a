// How the shapes of outputs, targets and weights correspond. A row is the unit of one loss: the numbers along an axis,
// by default the last.

import { type Shape, sameShape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { axisOf } from '../kernels/losses/index.ts'

/** The shape of the rows: the output's shape without the axis. */
export function rowShape(shape: Shape, axis = -1): number[] {
  const at = axisOf(shape, axis)
  return shape.filter((_, i) => i !== at)
}

/** The number of rows in an output of this shape. */
export const rowCount = (shape: Shape, axis = -1): number => sizeOf(rowShape(shape, axis))

/** The properties of a loss that `checkTargets` needs. */
interface ReadsTargets {
  readonly name: string
  readonly targets: 'same' | 'sparse'
  readonly axis: number
  readonly ignoreClass: number | null
}

/** Whether there is one target for each output number. Either shape may omit a last axis of size 1. */
export function fitsOutput(target: Shape, output: Shape): boolean {
  if (sameShape(target, output)) return true
  const [long, short] = target.length > output.length ? [target, output] : [output, target]
  return long[long.length - 1] === 1 && sameShape(long.slice(0, -1), short)
}

/** Whether there is one target for each row of the output. The targets may have an extra last axis of size 1. */
export function fitsRows(target: Shape, output: Shape, axis = -1): boolean {
  const rows = rowShape(output, axis)
  return sameShape(target, rows) || sameShape(target, [...rows, 1])
}

/**
 * Checks the targets that the user passes.
 * @param shape the output's shape, including the batch
 * @throws ArgumentError when targets do not fit the output, or sparse targets are not valid classes
 */
export function checkTargets(loss: ReadsTargets, yTrue: Tensor, shape: Shape): void {
  const { name, axis, targets } = loss
  const fits = targets === 'same' ? fitsOutput(yTrue.shape, shape) : fitsRows(yTrue.shape, shape, axis)
  if (!fits) {
    const expected =
      targets === 'same'
        ? `targets of the output's shape [${shape.join(', ')}]`
        : `class numbers of shape [${rowShape(shape, axis).join(', ')}]`
    throw new ArgumentError('y', yTrue, `${expected} for ${name}`, hint(loss, yTrue.shape, shape))
  }
  if (targets === 'sparse') checkClasses(yTrue.data, shape[axisOf(shape, axis)], loss.ignoreClass)
}

function hint({ targets, name, axis }: ReadsTargets, target: Shape, shape: Shape): string {
  if (targets === 'sparse' && fitsOutput(target, shape) && name === 'sparse_categorical_crossentropy')
    return 'For one-hot targets use categoricalCrossentropy'
  if (targets === 'same' && fitsRows(target, shape, axis) && name === 'categorical_crossentropy')
    return 'For class numbers use sparseCategoricalCrossentropy'
  return ''
}

function checkClasses(labels: Float32Array, classes: number, ignored: number | null): void {
  const isClass = (label: number) => Number.isInteger(label) && label >= 0 && label < classes
  const at = labels.findIndex(label => !isClass(label) && label !== ignored)
  if (at < 0) return
  const expected = `a class number from 0 to ${classes - 1}${ignored === null ? '' : `, or ${ignored}`}`
  throw new ArgumentError(`y[${at}]`, labels[at], expected)
}

/** @throws ArgumentError unless all weights are finite */
export function finiteWeights(sampleWeight: TensorLike): Tensor {
  const given = toTensor('sampleWeight', sampleWeight)
  const at = given.data.findIndex(weight => !Number.isFinite(weight))
  if (at >= 0) throw new ArgumentError(`sampleWeight[${at}]`, given.data[at], 'a finite number')
  return given
}

/**
 * Broadcasts sample weights to rows: one weight for all, one for each sample, or one for each index of further axes of
 * `shape`. Axes of size 1 are repeated; extra ones at the end are ignored.
 * @returns one weight for each number in `shape`
 */
export function weightsOf(sampleWeight: TensorLike, shape: Shape): Float32Array {
  const given = finiteWeights(sampleWeight)
  let rank = given.shape.length
  while (rank > 0 && given.shape[rank - 1] === 1) rank--
  const axes = given.shape.slice(0, rank)
  if (!axes.every((n, i) => n === 1 || n === shape[i]))
    throw new ArgumentError('sampleWeight', given, `one for each sample, or weights for [${shape.join(', ')}]`)
  const weights = new Float32Array(sizeOf(shape))
  const [steps, givenSteps] = [stridesOf(shape), stridesOf(given.shape)]
  for (let r = 0; r < weights.length; r++) {
    let at = 0
    for (let i = 0; i < rank; i++) at += (Math.floor(r / steps[i]) % axes[i]) * givenSteps[i]
    weights[r] = given.data[at]
  }
  return weights
}
