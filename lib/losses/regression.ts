// Losses for regression, for margins (hinge), and for distributions (KL divergence).

import { finite, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import * as kernels from '../kernels/losses/index.ts'
import { KernelLoss, type LossOptions } from './loss.ts'

/** Mean of (yTrue − yPred)² along the last axis. */
export class MeanSquaredError extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('MeanSquaredError', 'mean_squared_error', options, {}, kernels.meanSquaredError)
  }
}

/** Mean of |yTrue − yPred| along the last axis; its slope at 0 is 0. */
export class MeanAbsoluteError extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('MeanAbsoluteError', 'mean_absolute_error', options, {}, kernels.meanAbsoluteError)
  }
}

/** 100 · mean of |yTrue − yPred| / |yTrue| along the last axis, with |yTrue| raised to at least 1e-7. */
export class MeanAbsolutePercentageError extends KernelLoss {
  constructor(options: LossOptions = {}) {
    const [className, name] = ['MeanAbsolutePercentageError', 'mean_absolute_percentage_error']
    super(className, name, options, {}, kernels.meanAbsolutePercentageError)
  }
}

/** Mean of (log(1 + yTrue) − log(1 + yPred))² along the last axis, with both raised to at least 1e-7. */
export class MeanSquaredLogarithmicError extends KernelLoss {
  constructor(options: LossOptions = {}) {
    const [className, name] = ['MeanSquaredLogarithmicError', 'mean_squared_logarithmic_error']
    super(className, name, options, {}, kernels.meanSquaredLogarithmicError)
  }
}

/** The options of Huber. */
export interface HuberOptions extends LossOptions {
  /** The error at which the loss changes from quadratic to linear. Default 1. */
  readonly delta?: number
}

/** With e = yTrue − yPred: mean of e²/2 if |e| ≤ delta, else delta·|e| − delta²/2, along the last axis. */
export class Huber extends KernelLoss {
  constructor(options: HuberOptions = {}) {
    const delta = finite('delta', options?.delta ?? 1)
    super('Huber', 'huber_loss', options, { delta }, kernels.huber, [delta])
  }
}

/** Mean of log cosh(yPred − yTrue) along the last axis. */
export class LogCosh extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('LogCosh', 'log_cosh', options, {}, kernels.logCosh)
  }
}

/** Mean of yPred − yTrue · log(yPred + 1e-7) along the last axis; `yPred` must not be negative. */
export class Poisson extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('Poisson', 'poisson', options, {}, kernels.poisson)
  }
}

/** The options of a loss with an axis. */
export interface AxisOptions extends LossOptions {
  /** The axis along which a row extends. Default −1, the last. */
  readonly axis?: number
}

/** Minus the cosine of the angle between target and output: −1 for the same direction, 0 if either is a zero vector. */
export class CosineSimilarity extends KernelLoss {
  override readonly axis: number

  constructor(options: AxisOptions = {}) {
    const axis = anyAxis(options?.axis)
    super('CosineSimilarity', 'cosine_similarity', options, { axis }, kernels.cosineSimilarity)
    this.axis = axis
  }
}

export function anyAxis(axis: unknown = -1): number {
  if (typeof axis === 'number' && Number.isSafeInteger(axis)) return axis
  throw new ArgumentError('axis', axis, 'an integer')
}

/** A hinge loss. If all targets of a batch are 0 or 1, they are converted to −1 and 1. */
abstract class MarginLoss extends KernelLoss {
  protected override first(yTrue: Float32Array, shape: Shape): number {
    const n = sizeOf(shape)
    for (let i = 0; i < n; i++) if (yTrue[i] !== 0 && yTrue[i] !== 1) return 0
    return 1
  }
}

/** Mean of max(1 − yTrue · yPred, 0) along the last axis; targets are −1 and 1, or 0 and 1. */
export class Hinge extends MarginLoss {
  constructor(options: LossOptions = {}) {
    super('Hinge', 'hinge', options, {}, kernels.hinge)
  }
}

/** Mean of max(1 − yTrue · yPred, 0)² along the last axis; targets are −1 and 1, or 0 and 1. */
export class SquaredHinge extends MarginLoss {
  constructor(options: LossOptions = {}) {
    super('SquaredHinge', 'squared_hinge', options, {}, kernels.squaredHinge)
  }
}

/** max(1 + the largest output of any other class − the output of the target class, 0), with one-hot targets. */
export class CategoricalHinge extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('CategoricalHinge', 'categorical_hinge', options, {}, kernels.categoricalHinge)
  }
}

/** Σ yTrue · log(yTrue / yPred) along the last axis, with both clipped to [1e-7, 1]. */
export class KLDivergence extends KernelLoss {
  constructor(options: LossOptions = {}) {
    super('KLDivergence', 'kl_divergence', options, {}, kernels.klDivergence)
  }
}
