// Shared by BatchNormalization and LayerNormalization: normalizing to mean 0 and variance 1, then scaling and shifting.

import { type BatchShape, inputBatch, type Shape } from '../core/check.ts'
import { flag, number } from '../core/options.ts'
import { type Groups, normalization } from '../kernels/normalization.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { type Initializer, type InitializerIdentifier, Ones, Zeros } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import type { BatchBuffer, Call } from './call.ts'
import { Layer, type LayerOptions, type WeightSpec } from './layer.ts'
import { constraint, initializer, regularizer } from './options.ts'

export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number
  /** Whether to add `beta`. Default true. */
  readonly center?: boolean
  /** Whether to multiply by `gamma`. Default true. */
  readonly scale?: boolean
  /** Default 'zeros'. */
  readonly betaInitializer?: InitializerIdentifier
  /** Default 'ones'. */
  readonly gammaInitializer?: InitializerIdentifier
  /** A penalty on `beta`. Default none. */
  readonly betaRegularizer?: RegularizerIdentifier
  /** A penalty on `gamma`. Default none. */
  readonly gammaRegularizer?: RegularizerIdentifier
  /** What is done to `beta` after every step. Default none. */
  readonly betaConstraint?: ConstraintIdentifier
  /** What is done to `gamma` after every step. Default none. */
  readonly gammaConstraint?: ConstraintIdentifier
}

/** In Keras' order: a layer's own options go before, between and after these two groups. */
export const scaleAndShiftFields = {
  epsilon: number(0.001, 0),
  center: flag(true),
  scale: flag(true),
  betaInitializer: initializer(Zeros),
  gammaInitializer: initializer(Ones),
}
export const penaltyFields = {
  betaRegularizer: regularizer,
  gammaRegularizer: regularizer,
  betaConstraint: constraint,
  gammaConstraint: constraint,
}

/** The state of a call: the groups to normalize, their moments, and the normalized input. */
export interface Moments {
  /** The positions of each group's values in the current batch. */
  groups: Groups
  /** The number of values in each group. */
  count: number
  /** The index of the gamma and beta for each value of a sample. */
  readonly index: Int32Array
  /** The mean of each group. */
  readonly mean: { readonly array: Float32Array }
  readonly variance: { readonly array: Float32Array }
  /** x, normalized to mean 0 and variance 1. */
  readonly normal: BatchBuffer
}

/** y = (x − mean) / √(variance + epsilon), group by group; then z = y · gamma + beta. */
export abstract class Normalization<S extends Moments> extends Layer<S> {
  declare readonly epsilon: number
  declare readonly center: boolean
  declare readonly scale: boolean
  declare readonly betaInitializer: Initializer
  declare readonly gammaInitializer: Initializer
  declare readonly betaRegularizer: Regularizer | null
  declare readonly gammaRegularizer: Regularizer | null
  declare readonly betaConstraint: Constraint | null
  declare readonly gammaConstraint: Constraint | null

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  /** Once the layer is built, its axes count from the front, so the rank of a sample is fixed. */
  protected override suits(inputShape: Shape, built: Shape): boolean {
    return inputShape.length === built.length
  }

  /** The specs of gamma and beta, shaped like these axes of a sample. */
  protected scaleAndShift(axes: readonly number[], inputShape: Shape): Record<string, WeightSpec | null> {
    const shape = axes.map(axis => inputShape[axis])
    return {
      gamma: this.scale ? this.weightSpec('gamma', shape) : null,
      beta: this.center ? this.weightSpec('beta', shape) : null,
    }
  }

  /** Writes the output, using the moments in `call.state`. */
  protected normalize(y: Float32Array, x: Float32Array, call: Call<S>): void {
    const { state, weights, batch } = call
    const { groups, count, index } = state
    const { forward, affine } = call.kernel(normalization)
    const [normal, mean, variance] = [state.normal.array, state.mean.array, state.variance.array]
    const { gamma, beta } = weights
    forward(normal, x, mean, variance, groups, count, Math.fround(this.epsilon))
    affine(y, normal, gamma?.value ?? null, beta?.value ?? null, index, batch)
  }

  /** @param fixed whether mean and variance are constants, not computed from `x` */
  protected normalizeBackward(dx: Float32Array, dy: Float32Array, call: Call<S>, fixed: boolean): void {
    const { backward, affineBackward } = call.kernel(normalization)
    const { groups, count, index } = call.state
    const [normal, variance] = [call.state.normal.array, call.state.variance.array]
    const { gamma, beta } = call.weights
    const gradients = [gamma?.grad ?? null, beta?.grad ?? null] as const
    affineBackward(dx, ...gradients, dy, normal, gamma?.value ?? null, index, call.batch)
    backward(dx, dx, normal, variance, groups, count, Math.fround(this.epsilon), fixed)
  }
}
