// Losses for classification. After a softmax or sigmoid, they are computed from the logits, the inputs of the
// activation: probabilities then need no clipping, and the gradient does not vanish. Otherwise probabilities are
// clipped to [1e-7, 1 − 1e-7], and clipped ones have gradient 0.

import { boolean, finite, integer, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import * as kernels from '../kernels/losses/index.ts'
import { axisOf, type ClassWeightedKernel, sizeAfter, sizeBefore } from '../kernels/losses/index.ts'
import { KernelLoss, Loss, type LossOptions } from './loss.ts'
import { anyAxis } from './regression.ts'

/** Keras remembers the logits of both activations, and every crossentropy takes them, also that of the other. */
const hasLogits = (activation: string) => activation === 'softmax' || activation === 'sigmoid'

/** The options of losses that accept logits. */
export interface LogitsOptions extends LossOptions {
  /** Whether outputs are logits instead of probabilities. Default false. */
  readonly fromLogits?: boolean
}

/** The options of crossentropies. */
export interface CrossentropyOptions extends LogitsOptions {
  /** The fraction of each target to spread evenly over all classes, 0 to 1. Default 0. */
  readonly labelSmoothing?: number
  /** The class axis; for a binary loss, the axis over which to average. Default −1. */
  readonly axis?: number
}

function common(options: CrossentropyOptions) {
  const { fromLogits = false, labelSmoothing = 0, axis = -1 } = options ?? {}
  return {
    fromLogits: boolean('fromLogits', fromLogits),
    labelSmoothing: finite('labelSmoothing', labelSmoothing, 0, 1),
    axis: anyAxis(axis),
  }
}

/**
 * −Σ yTrue · log yPred along the class axis; targets are one-hot or probabilities. Unless given logits, outputs are
 * first divided by their sum.
 */
export class CategoricalCrossentropy extends KernelLoss {
  /** Whether outputs are logits. */
  readonly fromLogits: boolean
  override readonly axis: number

  constructor(options: CrossentropyOptions = {}) {
    const config = common(options)
    const kernel = config.fromLogits ? kernels.categoricalCrossentropyOfLogits : kernels.categoricalCrossentropy
    const names = ['CategoricalCrossentropy', 'categorical_crossentropy'] as const
    super(...names, options, config, kernel, [config.labelSmoothing])
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }

  override afterActivation(activation: string): Loss | null {
    if (!hasLogits(activation)) return null
    return this.fromLogits ? this : new CategoricalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}

/** The options of SparseCategoricalCrossentropy. */
export interface SparseCrossentropyOptions extends LogitsOptions {
  /** Rows with this target are ignored; a mean is that of the other rows. Default null: no row is ignored. */
  readonly ignoreClass?: number | null
}

/** Categorical crossentropy with class indices as targets: `[batch]` or `[batch, 1]` for outputs `[batch, classes]`. */
export class SparseCategoricalCrossentropy extends KernelLoss {
  override readonly targets = 'sparse'
  /** Whether outputs are logits. */
  readonly fromLogits: boolean
  override readonly ignoreClass: number | null
  override readonly axis: number

  /** @param axis the class axis; Keras has this option only for the metric */
  constructor(options: SparseCrossentropyOptions = {}, axis = -1) {
    integer('axis', axis, -Infinity)
    const fromLogits = boolean('fromLogits', options?.fromLogits ?? false)
    const ignoreClass = options?.ignoreClass ?? null
    if (ignoreClass !== null && !Number.isSafeInteger(ignoreClass))
      throw new ArgumentError('ignoreClass', ignoreClass, 'an integer, or null')
    const makesUp = options?.reduction !== 'sum' && options?.reduction !== 'none'
    const kernel = fromLogits ? kernels.sparseCategoricalCrossentropyOfLogits : kernels.sparseCategoricalCrossentropy
    const names = ['SparseCategoricalCrossentropy', 'sparse_categorical_crossentropy'] as const
    const numbers = [ignoreClass ?? NaN, Number(makesUp)]
    super(...names, options, { fromLogits, ignoreClass }, kernel, numbers)
    this.fromLogits = fromLogits
    this.ignoreClass = ignoreClass
    this.axis = axis
  }

  override afterActivation(activation: string): Loss | null {
    if (!hasLogits(activation)) return null
    return this.fromLogits
      ? this
      : new SparseCategoricalCrossentropy({ ...this.getConfig(), fromLogits: true }, this.axis)
  }
}

/** Mean of −yTrue · log yPred − (1 − yTrue) · log(1 − yPred) along an axis; each output is a separate probability. */
export class BinaryCrossentropy extends KernelLoss {
  /** Whether outputs are logits. */
  readonly fromLogits: boolean
  override readonly axis: number

  constructor(options: CrossentropyOptions = {}) {
    const config = common(options)
    const kernel = config.fromLogits ? kernels.binaryCrossentropyOfLogits : kernels.binaryCrossentropy
    const names = ['BinaryCrossentropy', 'binary_crossentropy'] as const
    super(...names, options, config, kernel, [config.labelSmoothing])
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }

  override afterActivation(activation: string): Loss | null {
    if (!hasLogits(activation)) return null
    return this.fromLogits ? this : new BinaryCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}

/** The options of BinaryFocalCrossentropy. */
export interface BinaryFocalOptions extends CrossentropyOptions {
  /** Whether to apply `alpha`. Default false. */
  readonly applyClassBalancing?: boolean
  /** The weight of class 1; that of class 0 is 1 − alpha. Default 0.25. */
  readonly alpha?: number
  /** The focusing exponent: larger values reduce the weight of well-predicted outputs. Default 2. */
  readonly gamma?: number
}

/**
 * Binary crossentropy times (1 − q)^gamma, where q is the probability predicted for the true class.
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export class BinaryFocalCrossentropy extends KernelLoss {
  /** Whether outputs are logits. */
  readonly fromLogits: boolean
  override readonly axis: number

  constructor(options: BinaryFocalOptions = {}) {
    const balanced = boolean('applyClassBalancing', options?.applyClassBalancing ?? false)
    const alpha = finite('alpha', options?.alpha ?? 0.25)
    const gamma = finite('gamma', options?.gamma ?? 2)
    const config = { applyClassBalancing: balanced, alpha, gamma, ...common(options) }
    const kernel = config.fromLogits ? kernels.binaryFocalCrossentropyOfLogits : kernels.binaryFocalCrossentropy
    const names = ['BinaryFocalCrossentropy', 'binary_focal_crossentropy'] as const
    const numbers = [config.labelSmoothing, gamma, balanced ? alpha : 1, balanced ? 1 - alpha : 1]
    super(...names, options, config, kernel, numbers)
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }

  override afterActivation(activation: string): Loss | null {
    if (activation !== 'sigmoid') return null // after softmax, Keras mixes logits and probabilities
    return this.fromLogits ? this : new BinaryFocalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}

/** The options of CategoricalFocalCrossentropy. */
export interface CategoricalFocalOptions extends CrossentropyOptions {
  /** One weight for all classes, or one for each. Default 0.25. */
  readonly alpha?: number | readonly number[]
  /** The focusing exponent: larger values reduce the weight of well-predicted outputs. Default 2. */
  readonly gamma?: number
}

/**
 * −Σ alpha · (1 − yPred)^gamma · yTrue · log yPred along the class axis. Clips probabilities even when given logits.
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export class CategoricalFocalCrossentropy extends Loss {
  /** Whether outputs are logits. */
  readonly fromLogits: boolean
  override readonly axis: number
  readonly #kernel: ClassWeightedKernel
  readonly #alpha: Float32Array
  readonly #gamma: number
  readonly #smoothing: number

  constructor(options: CategoricalFocalOptions = {}) {
    const { alpha = 0.25 } = options ?? {}
    const weights = [alpha].flat().map(weight => finite('alpha', weight))
    if (weights.length === 0) throw new ArgumentError('alpha', alpha, 'a number, or one for each class')
    const gamma = finite('gamma', options?.gamma ?? 2)
    const config = { alpha: typeof alpha === 'number' ? alpha : weights, gamma, ...common(options) }
    super('CategoricalFocalCrossentropy', 'categorical_focal_crossentropy', options, config)
    this.fromLogits = config.fromLogits
    this.axis = config.axis
    this.#kernel = config.fromLogits
      ? kernels.categoricalFocalCrossentropyOfLogits
      : kernels.categoricalFocalCrossentropy
    this.#alpha = Float32Array.from(weights)
    this.#gamma = Math.fround(gamma)
    this.#smoothing = Math.fround(config.labelSmoothing)
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const at = this.#classAxis(shape)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    this.#kernel.forward(values, yTrue, yPred, outer, shape[at], inner, this.#smoothing, this.#gamma, this.#alpha)
  }

  backward(dPred: Float32Array, yTrue: Float32Array, yPred: Float32Array, scale: Float32Array, shape: Shape): void {
    const at = this.#classAxis(shape)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    this.#kernel.backward(
      dPred,
      yTrue,
      yPred,
      scale,
      outer,
      shape[at],
      inner,
      this.#smoothing,
      this.#gamma,
      this.#alpha,
    )
  }

  #classAxis(shape: Shape): number {
    const at = axisOf(shape, this.axis)
    if (this.#alpha.length === 1 || this.#alpha.length === shape[at]) return at
    throw new ArgumentError('alpha', [...this.#alpha], `a number, or one for each of ${shape[at]} classes`)
  }

  override afterActivation(activation: string): Loss | null {
    if (!hasLogits(activation)) return null
    return this.fromLogits ? this : new CategoricalFocalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}
