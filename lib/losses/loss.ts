// What every loss offers: a number for each row of the output, its gradient, and how rows become one number.

import { knownOptions, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import { axisOf, type LossKernel, sizeAfter, sizeBefore } from '../kernels/losses/index.ts'
import { dot, sum } from '../kernels/sums.ts'
import { checkTargets, rowCount, rowShape, weightsOf } from './rows.ts'

/** How the losses of rows become one number: 'auto' and 'sum_over_batch_size' take their mean. */
export type Reduction = 'auto' | 'sum_over_batch_size' | 'sum' | 'none'

/** The options of Loss. */
export interface LossOptions {
  /**
   * How the rows' losses become one number. Default 'auto', which is 'sum_over_batch_size': their mean, where sample
   * weights multiply but do not divide. 'none' keeps the rows; `fit` then shows their mean and follows their sum.
   */
  readonly reduction?: Reduction
  /** Default: Keras' name of the class. */
  readonly name?: string
}

/**
 * A loss. For one of your own, extend this class with `forward` and `backward`; both work on flat arrays, and what
 * they get has been checked.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/losses/Loss
 */
export abstract class Loss implements Serializable {
  readonly className: string
  readonly name: string
  readonly reduction: Reduction
  /** 'same': a target has the output's shape; 'sparse': it is the number of a class, along the axis. */
  readonly targets: 'same' | 'sparse' = 'same'
  /** The axis that a row lies along. */
  readonly axis: number = -1
  /** With sparse targets: rows of this class do not count. */
  readonly ignoreClass: number | null = null
  readonly #config: Config

  /** @param config the further options, all of them, as `getConfig` gives them */
  constructor(className: string, defaultName: string, options: LossOptions = {}, config: Config = {}) {
    knownOptions(className, options, ['reduction', 'name', ...Object.keys(config)])
    this.className = className
    this.name = options.name ?? defaultName
    this.reduction = oneOf('reduction', options.reduction ?? 'auto', reductions)
    this.#config = config
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

  /**
   * The same loss of the numbers that this activation was applied to, where Keras remembers them (a crossentropy
   * after softmax or sigmoid: no probability is clipped then); else `null`.
   */
  afterActivation(_activation: string): Loss | null {
    return null
  }

  /**
   * The loss.
   * @param yTrue of the shape of `yPred`, or, if sparse, without its axis
   * @param sampleWeight how much each sample counts, `[batch]`, or each row
   * @returns one number, or that of each row if `reduction` is 'none'
   * @throws ArgumentError when shapes do not fit, or a class is none
   */
  compute(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, shape, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const values = Tensor.zeros(shape)
    this.forward(values.data, t.data, p.data, p.shape)
    if (this.reduction !== 'none')
      return Tensor.from(reduceRows(values.data, weights, values.size, this.reduction))
    if (weights) for (let r = 0; r < values.size; r++) values.data[r] *= weights[r]
    return values
  }

  /** The gradient of `compute` in `yPred`; of the rows' sum if `reduction` is 'none'. */
  gradient(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const rows = rowCount(p.shape, this.axis)
    const scale = new Float32Array(rows)
    rowScale(scale, weights, rows, this.reduction)
    const dPred = Tensor.zeros(p.shape)
    this.backward(dPred.data, t.data, p.data, scale, p.shape)
    return dPred
  }

  getConfig(): Config {
    return { reduction: this.reduction, name: this.name, ...this.#config }
  }

  #checked(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike) {
    const [t, p] = [Tensor.from(yTrue), Tensor.from(yPred)]
    if (p.shape.length === 0) throw new ArgumentError('yPred', p, 'at least one axis')
    const shape = rowShape(p.shape, this.axis)
    checkTargets(this, t, p.shape)
    return { t, p, shape, weights: sampleWeight === undefined ? null : weightsOf(sampleWeight, shape) }
  }
}

const reductions = ['auto', 'sum_over_batch_size', 'sum', 'none'] as const

/** A loss whose arithmetic is a kernel, called with up to four numbers. */
export abstract class KernelLoss extends Loss {
  readonly #kernel: LossKernel
  readonly #numbers: readonly [number, number, number, number]

  constructor(
    className: string,
    defaultName: string,
    options: LossOptions,
    config: Config,
    kernel: LossKernel,
    [a = 0, b = 0, c = 0, d = 0]: readonly number[] = [],
  ) {
    super(className, defaultName, options, config)
    this.#kernel = kernel
    this.#numbers = [Math.fround(a), Math.fround(b), Math.fround(c), Math.fround(d)]
  }

  /** The kernel's first number for these targets. */
  protected first(_yTrue: Float32Array, _shape: Shape): number {
    return this.#numbers[0]
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    this.#kernel.forward(values, yTrue, yPred, outer, shape[at], inner, a, b, c, d)
  }

  backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
  ): void {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    this.#kernel.backward(dPred, yTrue, yPred, scale, outer, shape[at], inner, a, b, c, d)
  }
}

/** One number from the rows' losses, each times its weight: their mean, or their sum. */
export function reduceRows(
  values: Float32Array,
  weights: Float32Array | null,
  rows: number,
  by: Reduction,
): number {
  const total = weights ? dot(values, weights, rows) : sum(values, rows)
  return by === 'sum' ? total : total / rows
}

/** What each row's gradient is multiplied with. */
export function rowScale(
  scale: Float32Array,
  weights: Float32Array | null,
  rows: number,
  by: Reduction,
): void {
  const divisor = by === 'sum' || by === 'none' ? 1 : rows
  for (let r = 0; r < rows; r++) scale[r] = (weights ? weights[r] : 1) / divisor
}
