// Keras' optimizers from before TensorFlow 2.11, `tf.keras.optimizers.legacy`, for models whose files hold one. They share
// the kernels of today's optimizers where the formulas are the same up to rounding.

import { finite, knownOptions } from '../core/check.ts'
import { field, flag, number, type OptionTable } from '../core/options.ts'
import { type Config, type Registry, registry } from '../core/registry.ts'
import type { Engine } from '../engine/engine.ts'
import { adagrad, rmsprop } from '../kernels/legacy-optimizers.ts'
import {
  adadeltaSteps,
  adamaxSteps,
  adamSteps,
  ftrlSteps,
  nadamSteps,
  rmspropSteps,
  sgdSteps,
} from '../kernels/optimizers.ts'
import type { Parameter } from '../weights/parameter.ts'
import { Momenta, nadamMomentum, oneMinusPower } from './corrections.ts'
import { Optimizer, type OptimizerOptions, type SlotGroup, type Slots } from './optimizer.ts'

const { fround, sqrt } = Math

/** An optimizer's own options as float32 numbers, as Keras keeps them. */
type Numbers = Readonly<Record<string, number>>

interface Formula {
  readonly learningRate?: number
  readonly fields: OptionTable['fields']
  slots(own: Numbers): SlotGroup[]
  /** Updates `n` weights in step number `t`, counted from 1, with the learning rate `lr`. `momenta` are for Nadam. */
  step(
    own: Numbers,
    w: Float32Array,
    slots: Slots,
    g: Float32Array,
    n: number,
    lr: number,
    engine: Engine,
    t: number,
    momenta: Momenta,
  ): void
}

const share = (byDefault: number) => number(byDefault, 0, 1)
const strength = number(0, 0)
const initialAccumulatorValue = number(0.1, 0)
/** As in Keras, null and 0 mean the default. */
const epsilon = field((name, given) => finite(name, given || 1e-7, 0))
const betas = { beta1: share(0.9), beta2: share(0.999), epsilon }

const oneMinus = (x: number) => fround(1 - x)

const formulas: Readonly<Record<string, Formula>> = {
  SGD: {
    learningRate: 0.01,
    fields: { momentum: share(0), nesterov: flag(false) },
    slots: ({ momentum }) => (momentum > 0 ? [{ momentum: 0 }] : []),
    step({ momentum, nesterov }, w, slots, g, n, lr, engine) {
      const k = engine.kernel(sgdSteps)
      if (slots.length === 0) k.sgd(w, g, n, lr)
      else if (nesterov) k.sgdNesterov(w, slots[0].array, g, n, lr, momentum)
      else k.sgdMomentum(w, slots[0].array, g, n, lr, momentum)
    },
  },
  Adagrad: {
    fields: { initialAccumulatorValue, epsilon },
    slots: own => [{ accumulator: own.initialAccumulatorValue }],
    step: ({ epsilon }, w, slots, g, n, lr) => adagrad(w, slots[0].array, g, n, lr, epsilon),
  },
  RMSprop: {
    fields: { rho: share(0.9), momentum: share(0), epsilon, centered: flag(false) },
    slots: ({ momentum, centered }) => [
      { rms: 0 },
      ...(momentum > 0 ? [{ momentum: 0 }] : []),
      ...(centered ? [{ mg: 0 }] : []),
    ],
    step({ rho, momentum, epsilon, centered }, w, slots, g, n, lr, engine) {
      const k = engine.kernel(rmspropSteps)
      const v = slots[0].array
      const mean = centered ? slots[slots.length - 1].array : null
      if (momentum === 0) rmsprop(w, v, mean, g, n, lr, rho, oneMinus(rho), epsilon)
      else k.rmspropExtended(w, v, mean, slots[1].array, g, n, lr, rho, oneMinus(rho), momentum, epsilon)
    },
  },
  Adadelta: {
    fields: { rho: share(0.95), epsilon },
    slots: () => [{ accum_grad: 0 }, { accum_var: 0 }],
    step({ rho, epsilon }, w, slots, g, n, lr, engine) {
      const k = engine.kernel(adadeltaSteps)
      k.adadelta(w, slots[0].array, slots[1].array, g, n, lr, rho, oneMinus(rho), epsilon)
    },
  },
  Adam: {
    fields: { ...betas, amsgrad: flag(false) },
    slots: ({ amsgrad }) => [{ m: 0 }, { v: 0 }, ...(amsgrad ? [{ vhat: 0 }] : [])],
    step({ beta1, beta2, epsilon, amsgrad }, w, slots, g, n, lr, engine, t) {
      const k = engine.kernel(adamSteps)
      const root = fround(sqrt(oneMinusPower(beta2, t)))
      const alpha = fround(fround(lr * root) / oneMinusPower(beta1, t))
      const [m, v] = [slots[0].array, slots[1].array]
      if (amsgrad) k.amsgrad(w, m, v, slots[2].array, g, n, alpha, oneMinus(beta1), oneMinus(beta2), epsilon)
      else k.adam(w, m, v, g, n, alpha, oneMinus(beta1), oneMinus(beta2), epsilon)
    },
  },
  Adamax: {
    fields: betas,
    slots: () => [{ m: 0 }, { v: 0 }],
    step({ beta1, beta2, epsilon }, w, slots, g, n, lr, engine, t) {
      const rest = oneMinusPower(beta1, t)
      const k = engine.kernel(adamaxSteps)
      k.adamax(w, slots[0].array, slots[1].array, g, n, lr, oneMinus(beta1), rest, beta2, epsilon)
    },
  },
  Nadam: {
    fields: { ...betas, scheduleDecay: number(0.004, 0) },
    slots: () => [{ m: 0 }, { v: 0 }],
    step({ beta1, beta2, epsilon }, w, slots, g, n, lr, engine, t, { at, product }) {
      const [m, v] = [slots[0].array, slots[1].array]
      const next = at(t + 1)
      const rests = [oneMinus(fround(product * next)), oneMinus(at(t)), oneMinus(product)] as const
      const vRest = oneMinusPower(beta2, t)
      const k = engine.kernel(nadamSteps)
      k.nadam(w, m, v, g, n, lr, oneMinus(beta1), oneMinus(beta2), next, ...rests, vRest, epsilon)
    },
  },
  Ftrl: {
    fields: {
      initialAccumulatorValue,
      learningRatePower: number(-0.5, -Infinity, 0),
      l1RegularizationStrength: strength,
      l2RegularizationStrength: strength,
      beta: strength,
      l2ShrinkageRegularizationStrength: strength,
    },
    slots: own => [{ accumulator: own.initialAccumulatorValue, linear: 0 }],
    step(own, w, slots, g, n, lr, engine) {
      const l2 = fround(own.l2RegularizationStrength + fround(own.beta / fround(2 * lr)))
      const shrinkage = fround(2 * own.l2ShrinkageRegularizationStrength)
      const [a, z] = [slots[0].array, slots[1].array]
      const k = engine.kernel(ftrlSteps)
      k.ftrl(w, a, z, g, n, lr, -own.learningRatePower, own.l1RegularizationStrength, fround(2 * l2), shrinkage)
    },
  },
}

const clips = ['clipnorm', 'globalClipnorm', 'clipvalue']
const common = ['name', ...clips, 'learningRate']

/**
 * A legacy optimizer: the formula of its class, and `decay`, which divides the learning rate of step t, counted from 0,
 * by 1 + decay · t.
 */
export class LegacyOptimizer extends Optimizer {
  /** Keras' name after `legacy.`: 'legacy.Adam'. */
  declare readonly className: string
  readonly #formula: Formula
  readonly #options: readonly string[]
  readonly #own: Numbers
  protected readonly slots: readonly SlotGroup[]
  protected override readonly clipsBoth = true
  #rate = 0
  #t = 0
  readonly #momenta = new Momenta(t => nadamMomentum(this.#own.beta1, fround(this.#own.scheduleDecay * t)))

  /** @param name Keras' name: 'Adam' */
  constructor(name: string, options: Config) {
    const formula = formulas[name]
    const isNadam = name === 'Nadam' // it takes its decay under another name, and doesn't decay the learning rate
    const fields = isNadam ? formula.fields : { decay: strength, ...formula.fields }
    const known = [...common, ...Object.keys(fields)]
    knownOptions(`legacy.${name}`, options, known)
    super(options as OptimizerOptions, { name, learningRate: formula.learningRate ?? 0.001 }, fields)
    Object.assign(this, { className: `legacy.${name}` })
    this.#formula = formula
    this.#options = known
    const config = this.getConfig()
    this.#own = Object.fromEntries(Object.keys(fields).map(key => [key, fround(Number(config[key]))]))
    this.slots = formula.slots(this.#own)
  }

  protected override prepare(lr: number, t: number): void {
    const { decay = 0 } = this.#own
    this.#rate = decay > 0 ? fround(lr / fround(1 + fround(decay * (t - 1)))) : lr
    this.#t = t
    if (this.#hasMomenta) this.#momenta.advance(t)
  }

  /** The product of the momenta of all steps so far, which files of Nadam hold; 1 for the others. */
  get momentumCache(): number {
    if (this.#hasMomenta) this.#momenta.advance(this.iterations)
    return this.#momenta.product
  }

  set momentumCache(product: number) {
    this.#momenta.restore(product, this.iterations)
  }

  get #hasMomenta(): boolean {
    return this.#own.scheduleDecay !== undefined
  }

  protected update({ value, gradient, size }: Parameter, slots: Slots, _: number, engine: Engine) {
    this.#formula.step(this.#own, value, slots, gradient.array, size, this.#rate, engine, this.#t, this.#momenta)
  }

  /** The options as Keras' legacy classes have them. */
  override getConfig(): Config {
    const config = super.getConfig()
    const shown = this.#options.filter(key => !clips.includes(key) || config[key] !== null)
    return Object.fromEntries(shown.map(key => [key, config[key]]))
  }
}

/**
 * The registry of legacy optimizers, by Keras' class names: `get({ className: 'legacy.Adam', config: { decay: 0.01 } })`.
 * Options are those of Keras in camelCase: `learningRate`, `decay`, `clipnorm` …
 */
export const legacyOptimizers: Registry<Optimizer> = /* @__PURE__ */ (() =>
  registry<Optimizer>('legacy optimizer', value => value instanceof LegacyOptimizer).fill(
    Object.fromEntries(
      Object.keys(formulas).map(name => [`legacy.${name}`, config => new LegacyOptimizer(name, config)]),
    ),
  ))()
