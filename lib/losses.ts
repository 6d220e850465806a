// What training makes small: a number for each row of the output, and its gradient.

import { boolean, knownOptions, oneOf, type Shape, sameShape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import { lossKernels } from './kernels/losses.ts'
import { combine } from './kernels/sums.ts'
import type { CamelCase } from './names.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'
import { Tensor, type TensorLike } from './tensor.ts'

export type Reduction = 'auto' | 'sum_over_batch_size' | 'sum' | 'none'

type KerasName = 'mse' | 'mean_squared_error' | 'categorical_crossentropy' | 'sparse_categorical_crossentropy'
type ClassName = 'MeanSquaredError' | 'CategoricalCrossentropy' | 'SparseCategoricalCrossentropy'
export type LossName = KerasName | CamelCase<KerasName> | ClassName | 'MSE'

/** A name, a config or a loss. */
export type LossIdentifier = LossName | Serialized | KerasSerialized | Loss

export interface LossOptions {
  /** How the rows' losses become one number. Default 'auto', which is 'sum_over_batch_size': their mean. */
  readonly reduction?: Reduction
  /** Default: the class's name in snake_case. */
  readonly name?: string
}

/** A row is what one loss is taken of: all axes of the output but the last. */
export const rowCount = (shape: Shape) => sizeOf(shape.slice(0, -1))

export abstract class Loss implements Serializable {
  abstract readonly className: string
  readonly name: string
  readonly reduction: Reduction
  /** 'same': a target has the output's shape; 'sparse': it is the number of a class, along the last axis. */
  readonly targets: 'same' | 'sparse' = 'same'

  constructor(defaultName: string, options: LossOptions) {
    this.name = options.name ?? defaultName
    this.reduction = oneOf('reduction', options.reduction ?? 'auto', [
      'auto',
      'sum_over_batch_size',
      'sum',
      'none',
    ])
  }

  /** Writes the loss of each row. @param shape that of `yPred`, the batch first */
  abstract forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void

  /** Writes the gradient of Σ scale[row] · loss[row] in `yPred`. */
  abstract backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
  ): void

  /** The same loss of the numbers that this activation was applied to, where Keras remembers them; else `null`. */
  afterActivation(_activation: string): Loss | null {
    return null
  }

  /** The loss, reduced. @param sampleWeight how much each sample, or each row, counts */
  compute(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, weights } = this.#arguments(yTrue, yPred, sampleWeight)
    const rows = rowCount(p.shape)
    const values = new Float32Array(rows)
    this.forward(values, t.data, p.data, p.shape)
    if (this.reduction !== 'none') return Tensor.from(reduceRows(values, weights, rows, this.reduction))
    return new Tensor(p.shape.slice(0, -1), weights ? values.map((value, r) => value * weights[r]) : values)
  }

  /** The gradient of `compute` in `yPred`. */
  gradient(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, weights } = this.#arguments(yTrue, yPred, sampleWeight)
    const rows = rowCount(p.shape)
    const scale = new Float32Array(rows)
    rowScale(scale, weights, rows, this.reduction)
    const dPred = Tensor.zeros(p.shape)
    this.backward(dPred.data, t.data, p.data, scale, p.shape)
    return dPred
  }

  getConfig(): Config {
    return { reduction: this.reduction, name: this.name }
  }

  #arguments(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike) {
    const [t, p] = [Tensor.from(yTrue), Tensor.from(yPred)]
    checkTargets(this, t, p.shape)
    if (sampleWeight === undefined) return { t, p, weights: null }
    const given = Tensor.from(sampleWeight)
    const rows = rowCount(p.shape)
    if (rows % given.size !== 0)
      throw new ArgumentError('sampleWeight', given, `one for each of ${rows} rows, or fewer`)
    const repeat = rows / given.size
    return {
      t,
      p,
      weights: Float32Array.from({ length: rows }, (_, r) => given.data[Math.floor(r / repeat)]),
    }
  }
}

/** One number from the rows' losses: their mean, or sum, each times its weight. */
export function reduceRows(
  values: Float32Array,
  weights: Float32Array | null,
  rows: number,
  by: Reduction,
): number {
  const p = new Float64Array(8)
  for (let r = 0; r < rows; r++) p[r & 7] += weights ? values[r] * weights[r] : values[r]
  return by === 'sum' ? combine(p) : combine(p) / rows
}

/** What each row's gradient is multiplied with. */
export function rowScale(
  scale: Float32Array,
  weights: Float32Array | null,
  rows: number,
  by: Reduction,
): void {
  const divisor = by === 'sum' ? 1 : rows
  for (let r = 0; r < rows; r++) scale[r] = (weights ? weights[r] : 1) / divisor
}

/** @throws ArgumentError when targets do not fit the output, or are no classes where classes are meant */
export function checkTargets(loss: Loss, yTrue: Tensor, shape: Shape): void {
  const column = shape[shape.length - 1] === 1 ? shape.slice(0, -1) : null
  if (loss.targets === 'same') {
    if (sameShape(yTrue.shape, shape) || (column && sameShape(yTrue.shape, column))) return
    throw new ArgumentError(
      'y',
      yTrue,
      `targets of the output's shape [${shape.join(', ')}] for ${loss.name}`,
    )
  }
  const rows = shape.slice(0, -1)
  if (!sameShape(yTrue.shape, rows) && !sameShape(yTrue.shape, [...rows, 1]))
    throw new ArgumentError('y', yTrue, `class numbers of shape [${rows.join(', ')}] for ${loss.name}`)
  const classes = shape[shape.length - 1]
  const at = yTrue.data.findIndex(label => !(Number.isInteger(label) && label >= 0 && label < classes))
  if (at >= 0) throw new ArgumentError(`y[${at}]`, yTrue.data[at], `a class number from 0 to ${classes - 1}`)
}

/** mean of (yTrue − yPred)² over the last axis */
export class MeanSquaredError extends Loss {
  readonly className = 'MeanSquaredError'

  constructor(options: LossOptions = {}) {
    knownOptions('MeanSquaredError', options, ['reduction', 'name'])
    super('mean_squared_error', options)
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    lossKernels.meanSquaredError.forward(values, yTrue, yPred, rowCount(shape), shape[shape.length - 1])
  }

  backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
  ): void {
    lossKernels.meanSquaredError.backward(
      dPred,
      yTrue,
      yPred,
      scale,
      rowCount(shape),
      shape[shape.length - 1],
    )
  }
}

export interface CrossentropyOptions extends LossOptions {
  /** Whether outputs are logits, not probabilities. Default false. */
  readonly fromLogits?: boolean
}

/**
 * −Σ yTrue · log yPred over the last axis. After a softmax it is worked out from the softmax's input, so that no
 * probability needs clipping.
 */
export class CategoricalCrossentropy extends Loss {
  readonly className = 'CategoricalCrossentropy'
  readonly fromLogits: boolean

  constructor(options: CrossentropyOptions = {}) {
    knownOptions('CategoricalCrossentropy', options, [
      'reduction',
      'name',
      'fromLogits',
      'labelSmoothing',
      'axis',
    ])
    super('categorical_crossentropy', options)
    this.fromLogits = boolean('fromLogits', options.fromLogits ?? false)
  }

  get #kernel() {
    return this.fromLogits ? lossKernels.categoricalCrossentropyOfLogits : lossKernels.categoricalCrossentropy
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    this.#kernel.forward(values, yTrue, yPred, rowCount(shape), shape[shape.length - 1])
  }

  backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
  ): void {
    this.#kernel.backward(dPred, yTrue, yPred, scale, rowCount(shape), shape[shape.length - 1])
  }

  override afterActivation(activation: string): Loss | null {
    if (this.fromLogits || activation !== 'softmax') return null
    return new CategoricalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }

  override getConfig(): Config {
    return { ...super.getConfig(), fromLogits: this.fromLogits, labelSmoothing: 0, axis: -1 }
  }
}

/** The same, where targets are the numbers of classes. */
export class SparseCategoricalCrossentropy extends Loss {
  readonly className = 'SparseCategoricalCrossentropy'
  readonly fromLogits: boolean
  override readonly targets = 'sparse'

  constructor(options: CrossentropyOptions = {}) {
    knownOptions('SparseCategoricalCrossentropy', options, ['reduction', 'name', 'fromLogits', 'ignoreClass'])
    super('sparse_categorical_crossentropy', options)
    this.fromLogits = boolean('fromLogits', options.fromLogits ?? false)
  }

  get #kernel() {
    return this.fromLogits
      ? lossKernels.sparseCategoricalCrossentropyOfLogits
      : lossKernels.sparseCategoricalCrossentropy
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    this.#kernel.forward(values, yTrue, yPred, rowCount(shape), shape[shape.length - 1])
  }

  backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
  ): void {
    this.#kernel.backward(dPred, yTrue, yPred, scale, rowCount(shape), shape[shape.length - 1])
  }

  override afterActivation(activation: string): Loss | null {
    if (this.fromLogits || activation !== 'softmax') return null
    return new SparseCategoricalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }

  override getConfig(): Config {
    return { ...super.getConfig(), fromLogits: this.fromLogits, ignoreClass: null }
  }
}

/** Losses by name. */
export const losses = registry<Loss>(
  'loss',
  {
    MeanSquaredError: config => new MeanSquaredError(config),
    CategoricalCrossentropy: config => new CategoricalCrossentropy(config),
    SparseCategoricalCrossentropy: config => new SparseCategoricalCrossentropy(config),
  },
  {
    mse: 'MeanSquaredError',
    MSE: 'MeanSquaredError',
    mean_squared_error: 'MeanSquaredError',
    categorical_crossentropy: 'CategoricalCrossentropy',
    sparse_categorical_crossentropy: 'SparseCategoricalCrossentropy',
  },
  value => value instanceof Loss,
)
