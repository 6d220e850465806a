// How the learning rate changes from step to step: a schedule is one formula of the steps done so far.
// Each is computed in float32, as in Keras, so that steps fall on the same side of every boundary.

import { boolean, finite, knownOptions } from './check.ts'
import { ArgumentError } from './errors.ts'
import { cos64, log64, pow64 } from './math.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'

const { ceil, floor, fround, min, PI } = Math

/** The learning rate of each step. Write your own: implement this, and make it known by `schedules.register`. */
export interface LearningRateSchedule extends Serializable {
  /** The learning rate after `step` steps; the first update uses step 0. */
  at(step: number): number
}

/** A schedule, or its config. */
export type ScheduleIdentifier = LearningRateSchedule | Serialized | KerasSerialized

interface NamedOptions {
  /** Kept for Keras; nothing depends on it. */
  readonly name?: string | null
}

interface DecayOptions extends NamedOptions {
  /** The learning rate of the first step. */
  readonly initialLearningRate: number
  /** The unit in which steps are counted. */
  readonly decaySteps: number
}

/** The options of ExponentialDecay and InverseTimeDecay. */
export interface RateDecayOptions extends DecayOptions {
  /** How much is lost in `decaySteps`. */
  readonly decayRate: number
  /** Whether only full `decaySteps` count. Default false. */
  readonly staircase?: boolean
}

// ---- Steps ------------------------------------------------------------------------------------------------------

/** The options of PiecewiseConstantDecay. */
export interface PiecewiseConstantDecayOptions extends NamedOptions {
  /** The last step of each value but the last one; ascending. */
  readonly boundaries: readonly number[]
  /** One more than there are boundaries. */
  readonly values: readonly number[]
}

/** `values[0]` up to step `boundaries[0]`, `values[1]` up to `boundaries[1]`, and so on. */
export class PiecewiseConstantDecay implements LearningRateSchedule {
  readonly className = 'PiecewiseConstantDecay'
  readonly #config: Config & { boundaries: number[]; values: number[] }

  /** @throws ArgumentError when there isn't one value more than boundaries */
  constructor(options: PiecewiseConstantDecayOptions) {
    knownOptions('PiecewiseConstantDecay', options, ['boundaries', 'values', 'name'])
    const boundaries = ascending('boundaries', options.boundaries)
    const values = numbers('values', options.values)
    for (const value of values) rate('values', value)
    if (values.length !== boundaries.length + 1)
      throw new ArgumentError('values', values, `${boundaries.length + 1} numbers, one more than boundaries`)
    this.#config = { boundaries, values, name: options.name ?? null }
  }

  at(step: number): number {
    const { boundaries, values } = this.#config
    let piece = 0
    while (step > boundaries[piece]) piece++
    return fround(values[piece])
  }

  getConfig() {
    return { ...this.#config, boundaries: [...this.#config.boundaries], values: [...this.#config.values] }
  }
}

// ---- Hyperbolas, exponentials, powers ---------------------------------------------------------------------------

/** lr = initialLearningRate / (1 + decayRate·step / decaySteps) */
export class InverseTimeDecay implements LearningRateSchedule {
  readonly className = 'InverseTimeDecay'
  readonly #config: ReturnType<typeof rateDecay>

  constructor(options: RateDecayOptions) {
    this.#config = rateDecay('InverseTimeDecay', options)
  }

  at(step: number): number {
    const { initialLearningRate, decayRate } = this.#config
    const p = progress(step, this.#config)
    return fround(fround(initialLearningRate) / fround(1 + fround(fround(decayRate) * p)))
  }

  getConfig() {
    return { ...this.#config }
  }
}

/** lr = initialLearningRate·decayRate^(step / decaySteps) */
export class ExponentialDecay implements LearningRateSchedule {
  readonly className = 'ExponentialDecay'
  readonly #config: ReturnType<typeof rateDecay>

  constructor(options: RateDecayOptions) {
    this.#config = rateDecay('ExponentialDecay', options)
  }

  at(step: number): number {
    const { initialLearningRate, decayRate } = this.#config
    return fround(fround(initialLearningRate) * power(fround(decayRate), progress(step, this.#config)))
  }

  getConfig() {
    return { ...this.#config }
  }
}

function rateDecay(where: string, options: RateDecayOptions) {
  knownOptions(where, options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase', 'name'])
  return {
    initialLearningRate: rate('initialLearningRate', options.initialLearningRate),
    decaySteps: positive('decaySteps', options.decaySteps),
    decayRate: finite('decayRate', options.decayRate, 0),
    staircase: boolean('staircase', options.staircase ?? false),
    name: options.name ?? null,
  }
}

function progress(
  step: number,
  { decaySteps, staircase }: { decaySteps: number; staircase: boolean },
): number {
  const p = fround(fround(step) / fround(decaySteps))
  return staircase ? floor(p) : p
}

/** The options of PolynomialDecay. */
export interface PolynomialDecayOptions extends DecayOptions {
  /** Default 0.0001. */
  readonly endLearningRate?: number
  /** Default 1: a straight line. */
  readonly power?: number
  /** Whether it starts anew, over a longer way, once the end is reached. Default false: it stays at the end. */
  readonly cycle?: boolean
}

/** lr = (initial − end)·(1 − step / decaySteps)^power + end */
export class PolynomialDecay implements LearningRateSchedule {
  readonly className = 'PolynomialDecay'
  readonly #config

  constructor(options: PolynomialDecayOptions) {
    const known = ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power', 'cycle', 'name']
    knownOptions('PolynomialDecay', options, known)
    this.#config = {
      initialLearningRate: rate('initialLearningRate', options.initialLearningRate),
      decaySteps: positive('decaySteps', options.decaySteps),
      endLearningRate: rate('endLearningRate', options.endLearningRate ?? 0.0001),
      power: finite('power', options.power ?? 1, 0),
      cycle: boolean('cycle', options.cycle ?? false),
      name: options.name ?? null,
    }
  }

  at(step: number): number {
    const { initialLearningRate, decaySteps, endLearningRate, power: exponent, cycle } = this.#config
    const end = fround(endLearningRate)
    let way = fround(decaySteps)
    let done = fround(step)
    if (!cycle) done = min(done, way)
    else if (done > 0) way = fround(way * ceil(fround(done / way)))
    const rest = fround(1 - fround(done / way))
    return fround(fround(fround(fround(initialLearningRate) - end) * power(rest, fround(exponent))) + end)
  }

  getConfig() {
    return { ...this.#config }
  }
}

// ---- Cosines ----------------------------------------------------------------------------------------------------

/** The options of CosineDecay. */
export interface CosineDecayOptions extends DecayOptions {
  /** The end, as a share of the start. Default 0. */
  readonly alpha?: number
  /** Where a straight rise from `initialLearningRate` leads before the decay. Default null: no rise. */
  readonly warmupTarget?: number | null
  /** The length of that rise. Default 0. */
  readonly warmupSteps?: number
}

/**
 * lr = start·((1 − α)·½(1 + cos(π·step / decaySteps)) + α)
 * @see Loshchilov and Hutter 2016, arXiv:1608.03983
 */
export class CosineDecay implements LearningRateSchedule {
  readonly className = 'CosineDecay'
  readonly #config

  constructor(options: CosineDecayOptions) {
    const known = ['initialLearningRate', 'decaySteps', 'alpha', 'name', 'warmupTarget', 'warmupSteps']
    knownOptions('CosineDecay', options, known)
    const { warmupTarget = null } = options
    this.#config = {
      initialLearningRate: rate('initialLearningRate', options.initialLearningRate),
      decaySteps: positive('decaySteps', options.decaySteps),
      alpha: finite('alpha', options.alpha ?? 0, 0),
      name: options.name ?? null,
      warmupTarget: warmupTarget === null ? null : rate('warmupTarget', warmupTarget),
      warmupSteps: finite('warmupSteps', options.warmupSteps ?? 0, 0),
    }
  }

  at(step: number): number {
    const { initialLearningRate, warmupTarget, warmupSteps } = this.#config
    const start = fround(initialLearningRate)
    if (warmupTarget === null) return this.#decay(fround(step), start)
    const [target, rise] = [fround(warmupTarget), fround(warmupSteps)]
    if (step >= rise) return this.#decay(fround(step - rise), target)
    return fround(fround(fround(target - start) * fround(step / rise)) + start)
  }

  #decay(step: number, start: number): number {
    const way = fround(this.#config.decaySteps)
    return fround(start * above(this.#config.alpha, halfWave(fround(min(step, way) / way))))
  }

  getConfig() {
    return { ...this.#config }
  }
}

/** The options of CosineDecayRestarts. */
export interface CosineDecayRestartsOptions extends NamedOptions {
  readonly initialLearningRate: number
  /** The length of the first wave. */
  readonly firstDecaySteps: number
  /** How much longer every wave is than the one before. Default 2. */
  readonly tMul?: number
  /** How much higher every wave begins than the one before. Default 1. */
  readonly mMul?: number
  /** The end of each wave, as a share of `initialLearningRate`. Default 0. */
  readonly alpha?: number
}

/** Cosine waves, one after the other. @see Loshchilov and Hutter 2016, arXiv:1608.03983 */
export class CosineDecayRestarts implements LearningRateSchedule {
  readonly className = 'CosineDecayRestarts'
  readonly #config

  constructor(options: CosineDecayRestartsOptions) {
    const known = ['initialLearningRate', 'firstDecaySteps', 'tMul', 'mMul', 'alpha', 'name']
    knownOptions('CosineDecayRestarts', options, known)
    this.#config = {
      initialLearningRate: rate('initialLearningRate', options.initialLearningRate),
      firstDecaySteps: positive('firstDecaySteps', options.firstDecaySteps),
      tMul: finite('tMul', options.tMul ?? 2, 1),
      mMul: finite('mMul', options.mMul ?? 1, 0),
      alpha: finite('alpha', options.alpha ?? 0, 0),
      name: options.name ?? null,
    }
  }

  at(step: number): number {
    const { initialLearningRate, firstDecaySteps, mMul, alpha } = this.#config
    const [restarts, done] = this.#wave(fround(fround(step) / fround(firstDecaySteps)))
    const height = power(fround(mMul), restarts)
    return fround(fround(initialLearningRate) * above(alpha, halfWave(done, height)))
  }

  /** The number of the wave, and the share of it that is done; `x` counts in first waves. */
  #wave(x: number): [number, number] {
    const t = fround(this.#config.tMul)
    if (t === 1) return [floor(x), fround(x - floor(x))]
    const restarts = floor(fround(ln(fround(1 - fround(x * fround(1 - t)))) / ln(t)))
    const length = power(t, restarts)
    const before = fround(fround(1 - length) / fround(1 - t))
    return [restarts, fround(fround(x - before) / length)]
  }

  getConfig() {
    return { ...this.#config }
  }
}

/** From `height` to 0 while x goes from 0 to 1: ½·height·(1 + cos πx) */
const halfWave = (x: number, height = 1) =>
  fround(fround(0.5 * height) * fround(1 + fround(cos64(fround(fround(PI) * x)))))

/** (1 − α)·wave + α */
const above = (alpha: number, wave: number) => fround(fround(fround(1 - alpha) * wave) + fround(alpha))

const power = (base: number, exponent: number) => fround(pow64(base, exponent))
const ln = (x: number) => fround(log64(x))

// ---- Checks -----------------------------------------------------------------------------------------------------

const rate = (name: string, value: unknown) => finite(name, value, 0)

function positive(name: string, value: unknown): number {
  if (finite(name, value, 0) > 0) return value as number
  throw new ArgumentError(name, value, 'a positive number')
}

function numbers(name: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw new ArgumentError(name, value, 'a list of numbers')
  return value.map(item => finite(name, item))
}

function ascending(name: string, value: unknown): number[] {
  const list = numbers(name, value)
  if (list.every((n, i) => i === 0 || n > list[i - 1])) return list
  throw new ArgumentError(name, value, 'ascending numbers')
}

const as = <T>(config: Config) => config as unknown as T

/** Schedules by class name. */
export const schedules = registry<LearningRateSchedule>(
  'learning rate schedule',
  {
    ExponentialDecay: config => new ExponentialDecay(as<RateDecayOptions>(config)),
    PiecewiseConstantDecay: config => new PiecewiseConstantDecay(as<PiecewiseConstantDecayOptions>(config)),
    CosineDecay: config => new CosineDecay(as<CosineDecayOptions>(config)),
    CosineDecayRestarts: config => new CosineDecayRestarts(as<CosineDecayRestartsOptions>(config)),
    PolynomialDecay: config => new PolynomialDecay(as<PolynomialDecayOptions>(config)),
    InverseTimeDecay: config => new InverseTimeDecay(as<RateDecayOptions>(config)),
  },
  {},
  value =>
    typeof (value as Partial<LearningRateSchedule>).at === 'function' &&
    typeof (value as Partial<LearningRateSchedule>).getConfig === 'function',
)
