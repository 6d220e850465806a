// How the learning rate changes from step to step: a schedule is one formula of the steps done so far.
// Each is computed in float32, as in Keras, so that steps fall on the same side of every boundary.
import { boolean, finite, knownOptions } from './check.ts'
import { ArgumentError } from './errors.ts'
import { cos64, log64, pow64 } from './math.ts'
import { registry } from './registry.ts'

const { ceil, floor, fround, min, PI } = Math
/** `values[0]` up to step `boundaries[0]`, `values[1]` up to `boundaries[1]`, and so on. */
export class PiecewiseConstantDecay {
  className = 'PiecewiseConstantDecay'
  #config
  /** @throws ArgumentError when there isn't one value more than boundaries */
  constructor(options) {
    knownOptions('PiecewiseConstantDecay', options, ['boundaries', 'values', 'name'])
    const boundaries = ascending('boundaries', options.boundaries)
    const values = numbers('values', options.values)
    for (const value of values) rate('values', value)
    if (values.length !== boundaries.length + 1)
      throw new ArgumentError('values', values, `${boundaries.length + 1} numbers, one more than boundaries`)
    this.#config = { boundaries, values, name: options.name ?? null }
  }
  at(step) {
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
export class InverseTimeDecay {
  className = 'InverseTimeDecay'
  #config
  constructor(options) {
    this.#config = rateDecay('InverseTimeDecay', options)
  }
  at(step) {
    const { initialLearningRate, decayRate } = this.#config
    const p = progress(step, this.#config)
    return fround(fround(initialLearningRate) / fround(1 + fround(fround(decayRate) * p)))
  }
  getConfig() {
    return { ...this.#config }
  }
}
/** lr = initialLearningRate·decayRate^(step / decaySteps) */
export class ExponentialDecay {
  className = 'ExponentialDecay'
  #config
  constructor(options) {
    this.#config = rateDecay('ExponentialDecay', options)
  }
  at(step) {
    const { initialLearningRate, decayRate } = this.#config
    return fround(fround(initialLearningRate) * power(fround(decayRate), progress(step, this.#config)))
  }
  getConfig() {
    return { ...this.#config }
  }
}
function rateDecay(where, options) {
  knownOptions(where, options, ['initialLearningRate', 'decaySteps', 'decayRate', 'staircase', 'name'])
  return {
    initialLearningRate: rate('initialLearningRate', options.initialLearningRate),
    decaySteps: positive('decaySteps', options.decaySteps),
    decayRate: finite('decayRate', options.decayRate, 0),
    staircase: boolean('staircase', options.staircase ?? false),
    name: options.name ?? null,
  }
}
function progress(step, { decaySteps, staircase }) {
  const p = fround(fround(step) / fround(decaySteps))
  return staircase ? floor(p) : p
}
/** lr = (initial − end)·(1 − step / decaySteps)^power + end */
export class PolynomialDecay {
  className = 'PolynomialDecay'
  #config
  constructor(options) {
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
  at(step) {
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
/**
 * lr = start·((1 − α)·½(1 + cos(π·step / decaySteps)) + α)
 * @see Loshchilov and Hutter 2016, arXiv:1608.03983
 */
export class CosineDecay {
  className = 'CosineDecay'
  #config
  constructor(options) {
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
  at(step) {
    const { initialLearningRate, warmupTarget, warmupSteps } = this.#config
    const start = fround(initialLearningRate)
    if (warmupTarget === null) return this.#decay(fround(step), start)
    const [target, rise] = [fround(warmupTarget), fround(warmupSteps)]
    if (step >= rise) return this.#decay(fround(step - rise), target)
    return fround(fround(fround(target - start) * fround(step / rise)) + start)
  }
  #decay(step, start) {
    const way = fround(this.#config.decaySteps)
    return fround(start * above(this.#config.alpha, halfWave(fround(min(step, way) / way))))
  }
  getConfig() {
    return { ...this.#config }
  }
}
/** Cosine waves, one after the other. @see Loshchilov and Hutter 2016, arXiv:1608.03983 */
export class CosineDecayRestarts {
  className = 'CosineDecayRestarts'
  #config
  constructor(options) {
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
  at(step) {
    const { initialLearningRate, firstDecaySteps, mMul, alpha } = this.#config
    const [restarts, done] = this.#wave(fround(fround(step) / fround(firstDecaySteps)))
    const height = power(fround(mMul), restarts)
    return fround(fround(initialLearningRate) * above(alpha, halfWave(done, height)))
  }
  /** The number of the wave, and the share of it that is done; `x` counts in first waves. */
  #wave(x) {
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
const halfWave = (x, height = 1) =>
  fround(fround(0.5 * height) * fround(1 + fround(cos64(fround(fround(PI) * x)))))
/** (1 − α)·wave + α */
const above = (alpha, wave) => fround(fround(fround(1 - alpha) * wave) + fround(alpha))
const power = (base, exponent) => fround(pow64(base, exponent))
const ln = x => fround(log64(x))
// ---- Checks -----------------------------------------------------------------------------------------------------
const rate = (name, value) => finite(name, value, 0)
function positive(name, value) {
  if (finite(name, value, 0) > 0) return value
  throw new ArgumentError(name, value, 'a positive number')
}
function numbers(name, value) {
  if (!Array.isArray(value)) throw new ArgumentError(name, value, 'a list of numbers')
  return value.map(item => finite(name, item))
}
function ascending(name, value) {
  const list = numbers(name, value)
  if (list.every((n, i) => i === 0 || n > list[i - 1])) return list
  throw new ArgumentError(name, value, 'ascending numbers')
}
const as = config => config
/** Schedules by class name. */
export const schedules = registry(
  'learning rate schedule',
  {
    ExponentialDecay: config => new ExponentialDecay(as(config)),
    PiecewiseConstantDecay: config => new PiecewiseConstantDecay(as(config)),
    CosineDecay: config => new CosineDecay(as(config)),
    CosineDecayRestarts: config => new CosineDecayRestarts(as(config)),
    PolynomialDecay: config => new PolynomialDecay(as(config)),
    InverseTimeDecay: config => new InverseTimeDecay(as(config)),
  },
  {},
  value => typeof value.at === 'function' && typeof value.getConfig === 'function',
)
