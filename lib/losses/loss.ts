// The base class of losses: a loss for each row of the output, its gradient, and the reduction to one number.

import { knownOptions, named, oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import { axisOf, type LossKernel, sizeAfter, sizeBefore } from '../kernels/losses/index.ts'
import { dot, sum } from '../kernels/sums.ts'
import { checkTargets, rowCount, rowShape, weightsOf } from './row-shapes.ts'

/** How the losses of rows are reduced to one number: 'auto' and 'sum_over_batch_size' take their mean. */
export type Reduction = 'auto' | 'sum_over_batch_size' | 'sum' | 'none'

/** An engine, of which losses use the kernels. */
export type KernelSource = Pick<Engine, 'kernel'>

const reference: KernelSource = { kernel: kernel => kernel }

/** The options of Loss. */
export interface LossOptions {
  /**
   * How the losses of rows are reduced to one number. Default 'auto', the same as 'sum_over_batch_size': the sum of
   * weighted losses divided by the number of rows, not by the sum of weights. 'none' keeps one loss per row; `fit` then
   * reports their mean and minimizes their sum.
   */
  readonly reduction?: Reduction
  /** Default: Keras' name for the class. */
  readonly name?: string
}

/**
 * A loss. For a custom loss, extend this class and implement `forward` and `backward`, which work on flat arrays; their
 * arguments are already checked.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/losses/Loss
 */
export abstract class Loss implements Serializable {
  /** The name of the class, as configs and files have it. */
  readonly className: string
  /** The name in logs. */
  readonly name: string
  /** How the losses of the rows become one number. */
  readonly reduction: Reduction
  /** 'same': targets have the output's shape; 'sparse': targets are class indices along the axis. */
  readonly targets: 'same' | 'sparse' = 'same'
  /** The axis along which a row extends. */
  readonly axis: number = -1
  /** With sparse targets: rows of this class are ignored. */
  readonly ignoreClass: number | null = null
  readonly #config: Config

  /** @param config all further options, as `getConfig` returns them */
  constructor(className: string, defaultName: string, options: LossOptions = {}, config: Config = {}) {
    knownOptions(className, options, ['reduction', 'name', ...Object.keys(config)])
    this.className = className
    this.name = named('name', options.name ?? defaultName)
    this.reduction = oneOf('reduction', options.reduction ?? 'auto', reductions)
    this.#config = config
  }

  /**
   * Writes the loss of each row.
   * @param shape the shape of `yPred`, including the batch
   * @param engine the model's, which may have its own version of a kernel; default: the reference
   */
  abstract forward(
    values: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    engine?: KernelSource,
  ): void

  /** Writes the gradient of Σ scale[row] · loss[row] with respect to `yPred`. */
  abstract backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
    engine?: KernelSource,
  ): void

  /**
   * The equivalent loss on logits, the inputs of this activation, in the cases where Keras uses them (a crossentropy
   * after softmax or sigmoid; this avoids clipping of probabilities); else `null`.
   */
  afterActivation(_activation: string): Loss | null {
    return null
  }

  /**
   * Computes the loss.
   * @param yTrue targets of the shape of `yPred`, or, if sparse, of that shape without the axis
   * @param sampleWeight a weight for each sample, `[batch]`, or for each row
   * @returns one number, or one for each row if `reduction` is 'none'
   * @throws ArgumentError when shapes do not fit, or a label is not a valid class
   */
  compute(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, shape, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const values = Tensor.zeros(shape)
    this.forward(values.data, t.data, p.data, p.shape)
    if (this.reduction !== 'none') return Tensor.from(this.reduce(values.data, weights, values.size))
    if (weights) for (let r = 0; r < values.size; r++) values.data[r] *= weights[r]
    return values
  }

  /** The gradient of `compute` with respect to `yPred`; if `reduction` is 'none', that of the sum over the rows. */
  gradient(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): Tensor {
    const { t, p, weights } = this.#checked(yTrue, yPred, sampleWeight)
    const rows = rowCount(p.shape, this.axis)
    const scale = new Float32Array(rows)
    this.scaleRows(scale, weights, rows)
    const dPred = Tensor.zeros(p.shape)
    this.backward(dPred.data, t.data, p.data, scale, p.shape)
    return dPred
  }

  /** The rows' losses, each multiplied by its weight, as one number: their sum, or the sum divided by `rows`. @internal */
  reduce(values: Float32Array, weights: Float32Array | null, rows: number): number {
    const total = weights ? dot(values, weights, rows) : sum(values, rows)
    return this.reduction === 'sum' ? total : total / rows
  }

  /** Writes the factor by which each row's gradient is multiplied. @internal */
  scaleRows(scale: Float32Array, weights: Float32Array | null, rows: number): void {
    const divisor = this.reduction === 'sum' || this.reduction === 'none' ? 1 : rows
    for (let r = 0; r < rows; r++) scale[r] = (weights ? weights[r] : 1) / divisor
  }

  /** Checks targets for outputs of this shape, including the batch. @throws ArgumentError where they do not fit @internal */
  checkTargets(yTrue: Tensor, shape: Shape): void {
    checkTargets(this, yTrue, shape)
  }

  /** The options, from which the loss can be made again. */
  getConfig(): Config {
    return { reduction: this.reduction, name: this.name, ...this.#config }
  }

  #checked(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike) {
    const [t, p] = [toTensor('yTrue', yTrue), toTensor('yPred', yPred)]
    if (p.shape.length === 0) throw new ArgumentError('yPred', p, 'at least one axis')
    const shape = rowShape(p.shape, this.axis)
    this.checkTargets(t, p.shape)
    return { t, p, shape, weights: sampleWeight === undefined ? null : weightsOf(sampleWeight, shape) }
  }
}

const reductions = ['auto', 'sum_over_batch_size', 'sum', 'none'] as const

/** A loss computed by a kernel with up to four numeric options. */
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

  /** The kernel's first option, which may depend on the targets. */
  protected first(_yTrue: Float32Array, _shape: Shape): number {
    return this.#numbers[0]
  }

  forward(
    values: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    engine: KernelSource = reference,
  ): void {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    engine.kernel(this.#kernel).forward(values, yTrue, yPred, outer, shape[at], inner, a, b, c, d)
  }

  backward(
    dPred: Float32Array,
    yTrue: Float32Array,
    yPred: Float32Array,
    scale: Float32Array,
    shape: Shape,
    engine: KernelSource = reference,
  ): void {
    const at = axisOf(shape, this.axis)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    const a = this.first(yTrue, shape)
    const [, b, c, d] = this.#numbers
    engine.kernel(this.#kernel).backward(dPred, yTrue, yPred, scale, outer, shape[at], inner, a, b, c, d)
  }
}
