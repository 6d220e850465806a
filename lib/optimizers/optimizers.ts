// The optimizers, one formula each, from the simplest up. optimizer.ts holds their common base class.

import { finite } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field, flag, number, type OptionTable } from '../core/options.ts'
import type { KerasSerialized, Serialized } from '../core/registry.ts'
import type { Engine } from '../engine/engine.ts'
import {
  adadeltaSteps,
  adagradSteps,
  adamaxSteps,
  adamSteps,
  ftrlSteps,
  lionSteps,
  nadamSteps,
  rmspropSteps,
  sgdSteps,
} from '../kernels/optimizers.ts'
import type { Parameter } from '../weights/parameter.ts'
import { Momenta, nadamMomentum, oneMinusPower } from './corrections.ts'
import { Optimizer, type OptimizerDefaults, type OptimizerOptions, type SlotGroup, type Slots } from './optimizer.ts'

const { fround, sqrt } = Math

type ClassName = ('SGD' | 'RMSprop' | 'Adam' | 'AdamW' | 'Adagrad' | 'Adadelta' | 'Adamax' | 'Nadam' | 'Ftrl') | 'Lion'
/** The name of an optimizer. Case does not matter, as in Keras. */
export type OptimizerName = ClassName | Lowercase<ClassName>

/** A name, a config or an optimizer. */
export type OptimizerIdentifier = OptimizerName | Serialized | KerasSerialized | Optimizer

// ---- Gradient and sign ------------------------------------------------------------------------------------------

/** The options of SGD. */
export interface SGDOptions extends OptimizerOptions {
  /** The share of the last step carried over, from 0 to 1. Default 0. */
  readonly momentum?: number
  /** Whether to use Nesterov momentum, which looks ahead along the momentum. Default false. */
  readonly nesterov?: boolean
}

/** Gradient descent. Default learning rate 0.01. As in Keras, the velocity includes the learning rate. */
export class SGD extends Optimizer {
  declare readonly className: 'SGD'
  declare readonly momentum: number
  declare readonly nesterov: boolean

  constructor(options: SGDOptions = {}) {
    super(options, { name: 'SGD', learningRate: 0.01 }, { momentum: number(0, 0, 1), nesterov: flag(false) })
  }

  protected get slots(): readonly SlotGroup[] {
    return this.momentum > 0 ? [{ m: 0 }] : []
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const k = engine.kernel(sgdSteps)
    const momentum = fround(this.momentum)
    if (momentum === 0) k.sgd(value, gradient.array, size, lr)
    else if (this.nesterov) k.sgdNesterov(value, slots[0].array, gradient.array, size, lr, momentum)
    else k.sgdMomentum(value, slots[0].array, gradient.array, size, lr, momentum)
  }
}

/** The options of Lion. */
export interface LionOptions extends OptimizerOptions {
  /** The weight of the mean gradient in a step, above 0 and up to 1. Default 0.9. */
  readonly beta1?: number
  /** The share of the mean gradient kept in each step. Default 0.99. */
  readonly beta2?: number
}

/** Steps of a fixed size along the sign of the mean gradient. Default learning rate 0.0001. @see Chen et al. 2023, arXiv:2302.06675 */
export class Lion extends Optimizer {
  declare readonly className: 'Lion'
  declare readonly beta1: number
  declare readonly beta2: number
  protected readonly slots: readonly SlotGroup[] = [{ m: 0 }]

  constructor(options: LionOptions = {}) {
    super(options, { name: 'Lion', learningRate: 0.0001 }, { beta1: number(0.9, 0, 1), beta2: number(0.99, 0, 1) })
    if (this.beta1 === 0) throw new ArgumentError('beta1', 0, 'a number above 0')
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const k = engine.kernel(lionSteps)
    k.lion(value, slots[0].array, gradient.array, size, lr, fround(this.beta1), fround(this.beta2))
  }
}

// ---- Adaptive step sizes ----------------------------------------------------------------------------------------

const epsilon = number(1e-7, 0)
const initialAccumulatorValue = /* @__PURE__ */ number(0.1, 0)

interface EpsilonOption {
  /** Added to the denominator. Default 1e-7. */
  readonly epsilon?: number
}

/** The options of Adagrad. */
export interface AdagradOptions extends OptimizerOptions, EpsilonOption {
  /** The initial value of the sums of squares. Default 0.1. */
  readonly initialAccumulatorValue?: number
}

/** Divides steps by the root of the sum of all squared gradients. Default learning rate 0.001. @see Duchi et al. 2011 */
export class Adagrad extends Optimizer {
  declare readonly className: 'Adagrad'
  declare readonly initialAccumulatorValue: number
  declare readonly epsilon: number

  constructor(options: AdagradOptions = {}) {
    super(options, { name: 'Adagrad', learningRate: 0.001 }, { initialAccumulatorValue, epsilon })
  }

  protected get slots(): readonly SlotGroup[] {
    return [{ accumulator: this.initialAccumulatorValue }]
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const epsilon = fround(this.epsilon)
    const k = engine.kernel(adagradSteps)
    k.adagrad(value, slots[0].array, gradient.array, size, lr, epsilon)
  }
}

/** The options of RMSprop. */
export interface RMSpropOptions extends OptimizerOptions, EpsilonOption {
  /** The share of the mean square kept in each step. Default 0.9. */
  readonly rho?: number
  /** The share of the last step carried over. Default 0. */
  readonly momentum?: number
  /** Whether to divide by the root of the variance instead of the mean square. Default false. */
  readonly centered?: boolean
}

/** Divides steps by the root of the recent mean square. Default learning rate 0.001. @see Hinton's lecture 6e, 2012 */
export class RMSprop extends Optimizer {
  declare readonly className: 'RMSprop'
  declare readonly rho: number
  declare readonly momentum: number
  declare readonly epsilon: number
  declare readonly centered: boolean

  constructor(options: RMSpropOptions = {}) {
    const defaults = { name: 'RMSprop', learningRate: 0.001, emaOverwriteFrequency: 100 }
    super(options, defaults, { rho: number(0.9, 0, 1), momentum: number(0, 0, 1), epsilon, centered: flag(false) })
  }

  protected get slots(): readonly SlotGroup[] {
    const momentum = this.momentum > 0 ? [{ momentum: 0 }] : []
    return [{ velocity: 0 }, ...momentum, ...(this.centered ? [{ average_gradient: 0 }] : [])]
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const k = engine.kernel(rmspropSteps)
    const rho = fround(this.rho)
    const rest = fround(1 - this.rho)
    const epsilon = fround(this.epsilon)
    const v = slots[0].array
    if (slots.length === 1) {
      k.rmsprop(value, v, gradient.array, size, lr, rho, rest, epsilon)
      return
    }
    const m = this.momentum > 0 ? slots[1].array : null
    const mean = this.centered ? slots[slots.length - 1].array : null
    k.rmspropExtended(value, v, mean, m, gradient.array, size, lr, rho, rest, fround(this.momentum), epsilon)
  }
}

/** The options of Adadelta. */
export interface AdadeltaOptions extends OptimizerOptions, EpsilonOption {
  /** The share of the mean squares kept in each step. Default 0.95. */
  readonly rho?: number
}

/** Like RMSprop, but scales steps by the size of recent steps. Default learning rate 0.001. @see Zeiler 2012, arXiv:1212.5701 */
export class Adadelta extends Optimizer {
  declare readonly className: 'Adadelta'
  declare readonly rho: number
  declare readonly epsilon: number
  protected readonly slots: readonly SlotGroup[] = [{ accumulated_grad: 0, accumulated_delta_var: 0 }]

  constructor(options: AdadeltaOptions = {}) {
    super(options, { name: 'Adadelta', learningRate: 0.001 }, { rho: number(0.95, 0, 1), epsilon })
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const [rho, rest, epsilon] = [fround(this.rho), fround(1 - this.rho), fround(this.epsilon)]
    const a = slots[0].array
    const d = slots[1].array
    const k = engine.kernel(adadeltaSteps)
    k.adadelta(value, a, d, gradient.array, size, lr, rho, rest, epsilon)
  }
}

// ---- Adam and variants ------------------------------------------------------------------------------------------

/** The options of optimizers with two moving averages. */
export interface BetaOptions extends OptimizerOptions, EpsilonOption {
  /** The share of the mean gradient kept in each step, in [0, 1). Default 0.9. */
  readonly beta1?: number
  /** The share of the mean square (Adamax: of the largest absolute value) kept in each step, in [0, 1). Default 0.999. */
  readonly beta2?: number
}

/** The base of Adam and its variants: moving averages of gradients, corrected because they start from 0. */
abstract class BetaOptimizer extends Optimizer {
  declare readonly beta1: number
  declare readonly beta2: number
  declare readonly epsilon: number

  constructor(options: BetaOptions, defaults: OptimizerDefaults, fields: OptionTable['fields'] = {}) {
    super(options, defaults, { beta1: belowOne(0.9), beta2: belowOne(0.999), epsilon, ...fields })
  }
}

const belowOne = (byDefault: number) =>
  field((name, given) => {
    if (fround(finite(name, given, 0)) < 1) return given as number
    throw new ArgumentError(name, given, 'a number in [0, 1)')
  }, byDefault)

/** The options of Adam. */
export interface AdamOptions extends BetaOptions {
  /** Whether to use the largest mean square so far (AMSGrad). Default false. */
  readonly amsgrad?: boolean
}

/** The base of Adam and AdamW. */
abstract class AdamOptimizer extends BetaOptimizer {
  declare readonly amsgrad: boolean
  #alpha = 0

  constructor(options: AdamOptions, defaults: OptimizerDefaults) {
    super(options, defaults, { amsgrad: flag(false) })
  }

  protected get slots(): readonly SlotGroup[] {
    return [{ m: 0, v: 0 }, ...(this.amsgrad ? [{ vhat: 0 }] : [])]
  }

  /** α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ): as in Keras, but not in the paper, ε is added after the correction. */
  protected override prepare(lr: number, t: number): void {
    const root = fround(sqrt(oneMinusPower(this.beta2, t)))
    this.#alpha = fround(fround(lr * root) / oneMinusPower(this.beta1, t))
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, _: number, engine: Engine) {
    const k = engine.kernel(adamSteps)
    const alpha = this.#alpha
    const rest1 = fround(1 - this.beta1)
    const rest2 = fround(1 - this.beta2)
    const epsilon = fround(this.epsilon)
    const m = slots[0].array
    const v = slots[1].array
    const grad = gradient.array
    if (this.amsgrad) k.amsgrad(value, m, v, slots[2].array, grad, size, alpha, rest1, rest2, epsilon)
    else k.adam(value, m, v, grad, size, alpha, rest1, rest2, epsilon)
  }
}

/** Steps of about equal size for all weights. Default learning rate 0.001. @see Kingma and Ba 2014, arXiv:1412.6980 */
export class Adam extends AdamOptimizer {
  declare readonly className: 'Adam'

  constructor(options: AdamOptions = {}) {
    super(options, { name: 'Adam', learningRate: 0.001 })
  }
}

/** The options of AdamW. */
export interface AdamWOptions extends AdamOptions {
  /** Default 0.004. */
  readonly weightDecay?: number
}

/** Adam with weight decay. Default learning rate 0.001. @see Loshchilov and Hutter 2017, arXiv:1711.05101 */
export class AdamW extends AdamOptimizer {
  declare readonly className: 'AdamW'

  constructor(options: AdamWOptions = {}) {
    super(options, { name: 'AdamW', learningRate: 0.001, weightDecay: 0.004 })
    if (this.weightDecay === null) throw new ArgumentError('weightDecay', null, 'a number')
  }
}

/** Adam with the largest absolute gradient instead of the mean square. Default learning rate 0.001. @see arXiv:1412.6980, section 7 */
export class Adamax extends BetaOptimizer {
  declare readonly className: 'Adamax'
  protected readonly slots: readonly SlotGroup[] = [{ m: 0, u: 0 }]
  #rest1Power = 0

  constructor(options: BetaOptions = {}) {
    super(options, { name: 'Adamax', learningRate: 0.001 })
  }

  protected override prepare(_lr: number, t: number): void {
    this.#rest1Power = oneMinusPower(this.beta1, t)
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const rest1 = fround(1 - this.beta1)
    const [beta2, epsilon] = [fround(this.beta2), fround(this.epsilon)]
    const m = slots[0].array
    const u = slots[1].array
    const k = engine.kernel(adamaxSteps)
    k.adamax(value, m, u, gradient.array, size, lr, rest1, this.#rest1Power, beta2, epsilon)
  }
}

/** Adam with Nesterov momentum. Default learning rate 0.001. @see Dozat 2015, "Incorporating Nesterov Momentum into Adam" */
export class Nadam extends BetaOptimizer {
  declare readonly className: 'Nadam'
  protected readonly slots: readonly SlotGroup[] = [{ m: 0, v: 0 }]
  readonly #momenta = new Momenta(t => nadamMomentum(fround(this.beta1), t))
  #t = 0

  constructor(options: BetaOptions = {}) {
    super(options, { name: 'Nadam', learningRate: 0.001 })
  }

  protected override prepare(_lr: number, t: number): void {
    this.#momenta.advance(t)
    this.#t = t
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const { at, product } = this.#momenta
    const next = at(this.#t + 1)
    const epsilon = fround(this.epsilon)
    const k = engine.kernel(nadamSteps)
    k.nadam(
      value,
      slots[0].array,
      slots[1].array,
      gradient.array,
      size,
      lr,
      fround(1 - fround(this.beta1)),
      fround(1 - fround(this.beta2)),
      next,
      fround(1 - fround(product * next)),
      fround(1 - at(this.#t)),
      fround(1 - product),
      oneMinusPower(this.beta2, this.#t),
      epsilon,
    )
  }
}

// ---- Regularized ------------------------------------------------------------------------------------------------

/** The options of Ftrl. */
export interface FtrlOptions extends OptimizerOptions {
  /** The power with which steps shrink as the sum of squares grows, at most 0. Default −0.5, a square root. */
  readonly learningRatePower?: number
  /** The initial value of the sums of squares. Default 0.1. */
  readonly initialAccumulatorValue?: number
  /** Default 0. */
  readonly l1RegularizationStrength?: number
  /** Default 0. */
  readonly l2RegularizationStrength?: number
  /** Default 0. Unlike `l2RegularizationStrength`, this penalty is added to the gradient. */
  readonly l2ShrinkageRegularizationStrength?: number
  /** Default 0. */
  readonly beta?: number
}

/** "Follow the regularized leader", for sparse weights. Default learning rate 0.001. @see McMahan et al. 2013 */
export class Ftrl extends Optimizer {
  declare readonly className: 'Ftrl'
  declare readonly learningRatePower: number
  declare readonly initialAccumulatorValue: number
  declare readonly l1RegularizationStrength: number
  declare readonly l2RegularizationStrength: number
  declare readonly l2ShrinkageRegularizationStrength: number
  declare readonly beta: number

  constructor(options: FtrlOptions = {}) {
    super(
      options,
      { name: 'Ftrl', learningRate: 0.001 },
      {
        learningRatePower: number(-0.5, -Infinity, 0),
        initialAccumulatorValue,
        l1RegularizationStrength: number(0, 0),
        l2RegularizationStrength: number(0, 0),
        l2ShrinkageRegularizationStrength: number(0, 0),
        beta: number(0, 0),
      },
    )
  }

  protected get slots(): readonly SlotGroup[] {
    return [{ accumulator: this.initialAccumulatorValue, linear: 0 }]
  }

  protected override prepare(lr: number): void {
    if (lr === 0) throw new ArgumentError('learningRate', 0, 'a number above 0: Ftrl divides by it')
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, lr: number, engine: Engine) {
    const betaPart = fround(fround(this.beta) / fround(2 * lr))
    const l2 = fround(fround(this.l2RegularizationStrength) + betaPart)
    const k = engine.kernel(ftrlSteps)
    k.ftrl(
      value,
      slots[0].array,
      slots[1].array,
      gradient.array,
      size,
      lr,
      fround(-this.learningRatePower),
      fround(this.l1RegularizationStrength),
      fround(2 * l2),
      fround(2 * this.l2ShrinkageRegularizationStrength),
    )
  }
}
