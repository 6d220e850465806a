// Learning rate schedules: each computes the rate from the number of steps done so far.
// As in Keras, all arithmetic is in float32, so that steps fall on the same side of every boundary.

import { finite, named } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { cos64, log64, pow64 } from '../core/math.ts'
import { type Checked, Configured, field, flag, number, type OptionTable, optional } from '../core/options.ts'
import { type Config, type KerasSerialized, registry, type Serializable, type Serialized } from '../core/registry.ts'

// One by one, so that a bundle has only those in use.
const ceil = Math.ceil
const floor = Math.floor
const fround = Math.fround
const min = Math.min
const PI = Math.PI

/** The learning rate of each step. Custom schedules implement this; register them with `schedules.register`. */
export interface LearningRateSchedule extends Serializable {
  /** The learning rate after `step` steps; the first update uses step 0. */
  at(step: number): number
}

/** A schedule, or its config. */
export type ScheduleIdentifier = LearningRateSchedule | Serialized | KerasSerialized

interface NamedOptions {
  /** For compatibility with Keras; has no effect. */
  readonly name?: string | null
}

abstract class Schedule<F extends OptionTable['fields']> extends Configured implements LearningRateSchedule {
  abstract readonly className: string
  abstract at(step: number): number

  protected get config(): Checked<F> {
    return this as unknown as Checked<F>
  }

  override getConfig(): Config & Checked<F> {
    return super.getConfig() as Config & Checked<F>
  }
}

interface DecayOptions extends NamedOptions {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number
  /** The number of steps that the decay takes: the unit in which steps count. */
  readonly decaySteps: number
}

/** The options of ExponentialDecay and InverseTimeDecay. */
export interface RateDecayOptions extends DecayOptions {
  /** The strength of the decay over `decaySteps`; see the class's formula. */
  readonly decayRate: number
  /** Whether to count only full multiples of `decaySteps`. Default false. */
  readonly staircase?: boolean
}

const name = /* @__PURE__ */ optional(named)

const above0 = /* @__PURE__ */ field((name, given) => {
  if (Math.fround(finite(name, given, 0)) > 0) return given as number
  throw new ArgumentError(name, given, 'a positive number')
})

function numbers(name: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw new ArgumentError(name, value, 'a list of numbers')
  return value.map(item => finite(name, item))
}

function ascending(name: string, value: unknown): number[] {
  const list = numbers(name, value)
  if (list.every((n, i) => i === 0 || n > list[i - 1])) return list
  throw new ArgumentError(name, value, 'ascending numbers')
}

// ---- Steps ------------------------------------------------------------------------------------------------------

/** The options of PiecewiseConstantDecay. */
export interface PiecewiseConstantDecayOptions extends NamedOptions {
  /** The last step of each value except the final one, ascending. */
  readonly boundaries: readonly number[]
  /** The learning rates: one more than there are boundaries. */
  readonly values: readonly number[]
}

const piecewise = /* @__PURE__ */ (() => ({
  boundaries: field(ascending),
  values: field((given, value) => {
    const values = numbers(given, value)
    for (const one of values) finite(given, one, 0)
    return values
  }),
  name,
}))()

/** `values[0]` up to step `boundaries[0]`, `values[1]` up to `boundaries[1]`, and so on. */
export class PiecewiseConstantDecay extends Schedule<typeof piecewise> {
  declare readonly className: 'PiecewiseConstantDecay'

  /** @throws ArgumentError unless there is one more value than boundaries */
  constructor(options: PiecewiseConstantDecayOptions) {
    super('PiecewiseConstantDecay', options, piecewise)
    const { boundaries, values } = this.config
    if (values.length !== boundaries.length + 1)
      throw new ArgumentError('values', values, `${boundaries.length + 1} numbers, one more than boundaries`)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { boundaries, values } = this.config
    let piece = 0
    while (step > boundaries[piece]) piece++
    return fround(values[piece])
  }
}

// ---- Hyperbolas, exponentials, powers ---------------------------------------------------------------------------

const decay = /* @__PURE__ */ (() => ({ initialLearningRate: number(undefined, 0), decaySteps: above0 }))()
const rateDecay = /* @__PURE__ */ (() => ({
  ...decay,
  decayRate: number(undefined, 0),
  staircase: flag(false),
  name,
}))()

/** lr = initialLearningRate / (1 + decayRate·step / decaySteps) */
export class InverseTimeDecay extends Schedule<typeof rateDecay> {
  declare readonly className: 'InverseTimeDecay'

  constructor(options: RateDecayOptions) {
    super('InverseTimeDecay', options, rateDecay)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { initialLearningRate, decayRate } = this.config
    const p = progress(step, this.config)
    return fround(fround(initialLearningRate) / fround(1 + fround(fround(decayRate) * p)))
  }
}

/** lr = initialLearningRate·decayRate^(step / decaySteps) */
export class ExponentialDecay extends Schedule<typeof rateDecay> {
  declare readonly className: 'ExponentialDecay'

  constructor(options: RateDecayOptions) {
    super('ExponentialDecay', options, rateDecay)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { initialLearningRate, decayRate } = this.config
    return fround(fround(initialLearningRate) * power(fround(decayRate), progress(step, this.config)))
  }
}

function progress(step: number, { decaySteps, staircase }: { decaySteps: number; staircase: boolean }): number {
  const p = fround(fround(step) / fround(decaySteps))
  return staircase ? floor(p) : p
}

/** The options of PolynomialDecay. */
export interface PolynomialDecayOptions extends DecayOptions {
  /** Default 0.0001. */
  readonly endLearningRate?: number
  /** Default 1: a straight line. */
  readonly power?: number
  /** Whether to restart with a longer decay when the end is reached. Default false: the rate stays at the end. */
  readonly cycle?: boolean
}

const polynomial = /* @__PURE__ */ (() => ({
  ...decay,
  endLearningRate: number(0.0001, 0),
  power: number(1, 0),
  cycle: flag(false),
  name,
}))()

/** lr = (initial − end)·(1 − step / decaySteps)^power + end */
export class PolynomialDecay extends Schedule<typeof polynomial> {
  declare readonly className: 'PolynomialDecay'

  constructor(options: PolynomialDecayOptions) {
    super('PolynomialDecay', options, polynomial)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { initialLearningRate, decaySteps, endLearningRate, power: exponent, cycle } = this.config
    const end = fround(endLearningRate)
    let way = fround(decaySteps)
    let done = fround(step)
    if (!cycle) done = min(done, way)
    else if (done > 0) way = fround(way * ceil(fround(done / way)))
    const rest = fround(1 - fround(done / way))
    return fround(fround(fround(fround(initialLearningRate) - end) * power(rest, fround(exponent))) + end)
  }
}

// ---- Cosines ----------------------------------------------------------------------------------------------------

/** The options of CosineDecay. */
export interface CosineDecayOptions extends DecayOptions {
  /** The final rate, as a share of the rate at which the decay starts. Default 0. */
  readonly alpha?: number
  /** The target of a linear warmup from `initialLearningRate`, before the decay. Default null: no warmup. */
  readonly warmupTarget?: number | null
  /** The number of warmup steps. Default 0. */
  readonly warmupSteps?: number
}

const cosine = /* @__PURE__ */ (() => ({
  ...decay,
  alpha: number(0, 0),
  name,
  warmupTarget: optional((name, given) => finite(name, given, 0)),
  warmupSteps: number(0, 0),
}))()

/**
 * lr = start·((1 − α)·½(1 + cos(π·step / decaySteps)) + α)
 * @see Loshchilov and Hutter 2016, arXiv:1608.03983
 */
export class CosineDecay extends Schedule<typeof cosine> {
  declare readonly className: 'CosineDecay'

  constructor(options: CosineDecayOptions) {
    super('CosineDecay', options, cosine)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { initialLearningRate, warmupTarget, warmupSteps } = this.config
    const start = fround(initialLearningRate)
    if (warmupTarget === null) return this.#decay(fround(step), start)
    const [target, rise] = [fround(warmupTarget), fround(warmupSteps)]
    if (step >= rise) return this.#decay(fround(step - rise), target)
    return fround(fround(fround(target - start) * fround(step / rise)) + start)
  }

  #decay(step: number, start: number): number {
    const way = fround(this.config.decaySteps)
    return fround(start * above(this.config.alpha, halfWave(fround(min(step, way) / way))))
  }
}

/** The options of CosineDecayRestarts. */
export interface CosineDecayRestartsOptions extends NamedOptions {
  /** The learning rate at step 0. */
  readonly initialLearningRate: number
  /** The number of steps in the first wave. */
  readonly firstDecaySteps: number
  /** The factor by which each wave is longer than the last. Default 2. */
  readonly tMul?: number
  /** The factor by which each wave starts higher than the last. Default 1. */
  readonly mMul?: number
  /** The end of each wave, as a share of `initialLearningRate`. Default 0. */
  readonly alpha?: number
}

const restarts = /* @__PURE__ */ (() => ({
  initialLearningRate: number(undefined, 0),
  firstDecaySteps: above0,
  tMul: number(2, 1),
  mMul: number(1, 0),
  alpha: number(0, 0),
  name,
}))()

/** A cosine decay that restarts, wave after wave. @see Loshchilov and Hutter 2016, arXiv:1608.03983 */
export class CosineDecayRestarts extends Schedule<typeof restarts> {
  declare readonly className: 'CosineDecayRestarts'

  constructor(options: CosineDecayRestartsOptions) {
    super('CosineDecayRestarts', options, restarts)
  }

  at(step: number): number {
    finite('step', step, 0)
    const { initialLearningRate, firstDecaySteps, mMul, alpha } = this.config
    const [restarts, done] = this.#wave(fround(fround(step) / fround(firstDecaySteps)))
    const height = power(fround(mMul), restarts)
    return fround(fround(initialLearningRate) * above(alpha, halfWave(done, height)))
  }

  /** The number of the wave, and the share of it that is done. `x` is the step in units of the first wave. */
  #wave(x: number): [number, number] {
    const t = fround(this.config.tMul)
    if (t === 1) return [floor(x), fround(x - floor(x))]
    const restarts = floor(fround(ln(fround(1 - fround(x * fround(1 - t)))) / ln(t)))
    const length = power(t, restarts)
    const before = fround(fround(1 - length) / fround(1 - t))
    return [restarts, fround(fround(x - before) / length)]
  }
}

/** Falls from `height` to 0 as x goes from 0 to 1: ½·height·(1 + cos πx) */
const halfWave = (x: number, height = 1) =>
  fround(fround(0.5 * height) * fround(1 + fround(cos64(fround(fround(PI) * x)))))

/** (1 − α)·wave + α */
const above = (alpha: number, wave: number) => fround(fround(fround(1 - alpha) * wave) + fround(alpha))

const power = (base: number, exponent: number) => fround(pow64(base, exponent))
const ln = (x: number) => fround(log64(x))

/** The schedules, without names: see registry.ts. */
export const schedules = /* @__PURE__ */ registry<LearningRateSchedule>(
  'learning rate schedule',
  value =>
    typeof (value as Partial<LearningRateSchedule>).at === 'function' &&
    typeof (value as Partial<LearningRateSchedule>).getConfig === 'function',
)
