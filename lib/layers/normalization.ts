// What BatchNormalization and LayerNormalization share: numbers of mean 0 and variance 1, then scale and shift.

import { type BatchShape, boolean, finite, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Groups } from '../kernels/normalization.ts'
import type { Parameter } from '../parameter.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { indexAlong } from './axes.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'

export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number
  /** Whether `beta` is added. Default true. */
  readonly center?: boolean
  /** Whether `gamma` multiplies. Default true. */
  readonly scale?: boolean
  /** Default 'zeros'. */
  readonly betaInitializer?: InitializerIdentifier
  /** Default 'ones'. */
  readonly gammaInitializer?: InitializerIdentifier
  readonly betaRegularizer?: RegularizerIdentifier
  readonly gammaRegularizer?: RegularizerIdentifier
  readonly betaConstraint?: ConstraintIdentifier
  readonly gammaConstraint?: ConstraintIdentifier
}

export const normalizationOptionNames = [
  ...layerOptionNames,
  ...['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'],
  ...['betaRegularizer', 'gammaRegularizer', 'betaConstraint', 'gammaConstraint'],
]

/** The checked form of the options. */
export interface NormalizationAttributes {
  epsilon: number
  center: boolean
  scale: boolean
  betaInitializer: Initializer
  gammaInitializer: Initializer
  betaRegularizer: Regularizer | null
  gammaRegularizer: Regularizer | null
  betaConstraint: Constraint | null
  gammaConstraint: Constraint | null
}

export const normalizationAttributes = (options: NormalizationOptions): NormalizationAttributes => ({
  epsilon: finite('epsilon', options.epsilon ?? 0.001, 0),
  center: boolean('center', options.center ?? true),
  scale: boolean('scale', options.scale ?? true),
  betaInitializer: initializers.get(options.betaInitializer ?? 'zeros'),
  gammaInitializer: initializers.get(options.gammaInitializer ?? 'ones'),
  betaRegularizer: regularizers.getOptional(options.betaRegularizer),
  gammaRegularizer: regularizers.getOptional(options.gammaRegularizer),
  betaConstraint: constraints.getOptional(options.betaConstraint),
  gammaConstraint: constraints.getOptional(options.gammaConstraint),
})

/** y = (x − mean) / √(variance + epsilon), group by group; then z = y · gamma + beta. */
export abstract class Normalization extends Layer implements NormalizationAttributes {
  declare readonly epsilon: number
  declare readonly center: boolean
  declare readonly scale: boolean
  declare readonly betaInitializer: Initializer
  declare readonly gammaInitializer: Initializer
  declare readonly betaRegularizer: Regularizer | null
  declare readonly gammaRegularizer: Regularizer | null
  declare readonly betaConstraint: Constraint | null
  declare readonly gammaConstraint: Constraint | null

  /** The gamma and beta of each number of a sample. */
  protected index!: Int32Array
  #gamma: Parameter | null = null
  #beta: Parameter | null = null
  #y!: Block
  #z!: Block
  #dx!: Block

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  /** To be called first in `create`: gamma and beta have the shape of these axes. */
  protected createScaleAndShift(axes: readonly number[], inputShape: Shape): void {
    const size = sizeOf(inputShape)
    const shape = axes.map(axis => inputShape[axis])
    const [regularizer, constraint] = [this.gammaRegularizer, this.gammaConstraint]
    this.index = indexAlong(axes, inputShape)
    this.#gamma = null
    this.#beta = null
    if (this.scale)
      this.#gamma = this.addWeight('gamma', shape, this.gammaInitializer, { regularizer, constraint })
    if (this.center)
      this.#beta = this.addWeight('beta', shape, this.betaInitializer, {
        regularizer: this.betaRegularizer,
        constraint: this.betaConstraint,
      })
    this.#y = this.buffer(size)
    this.#z = this.buffer(size)
    this.#dx = this.gradientBuffer(size)
  }

  /** @param count how many numbers each group has */
  protected normalize(
    x: Float32Array,
    mean: Float32Array,
    variance: Float32Array,
    groups: Groups,
    count: number,
    batch: number,
  ): Float32Array {
    const { normalization } = this.engine.kernels
    const [y, z] = [this.#y.array, this.#z.array]
    normalization.forward(y, x, mean, variance, groups, count, Math.fround(this.epsilon))
    normalization.affine(z, y, this.#gamma?.value ?? null, this.#beta?.value ?? null, this.index, batch)
    return z
  }

  /** @param fixed whether mean and variance were not those of `x` */
  protected normalizeBackward(
    dy: Float32Array,
    variance: Float32Array,
    groups: Groups,
    count: number,
    batch: number,
    fixed: boolean,
  ): Float32Array {
    const { normalization } = this.engine.kernels
    const [dx, y, gamma] = [this.#dx.array, this.#y.array, this.#gamma]
    const gradients = [gamma?.grad ?? null, this.#beta?.grad ?? null] as const
    normalization.affineBackward(dy, ...gradients, dy, y, gamma?.value ?? null, this.index, batch)
    normalization.backward(dx, dy, y, variance, groups, count, Math.fround(this.epsilon), fixed)
    return dx
  }

  protected scaleAndShiftConfig() {
    return {
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializers.serialize(this.betaInitializer),
      gammaInitializer: initializers.serialize(this.gammaInitializer),
    }
  }

  protected penaltyConfig() {
    return {
      betaRegularizer: serializeOptional(regularizers.serialize, this.betaRegularizer),
      gammaRegularizer: serializeOptional(regularizers.serialize, this.gammaRegularizer),
      betaConstraint: serializeOptional(constraints.serialize, this.betaConstraint),
      gammaConstraint: serializeOptional(constraints.serialize, this.gammaConstraint),
    }
  }
}
