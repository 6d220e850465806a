// What all optimizers share: the order of a step, limits of gradients, weight decay, moving averages, the learning rate.
// They know parameters, and nothing of layers.
import { boolean, finite, knownOptions, positiveInteger } from './check.ts'
import { ArgumentError, StateError } from './errors.ts'
import { schedules } from './schedules.ts'

const { fround, sqrt } = Math
const commonOptions = [
  ...['learningRate', 'name', 'weightDecay', 'clipnorm', 'globalClipnorm', 'clipvalue'],
  ...['useEma', 'emaMomentum', 'emaOverwriteFrequency', 'jitCompile', 'isLegacyOptimizer'],
]
/** Options of the optimizers before TensorFlow 2.11, and what to write now. */
const replaced = {
  lr: 'learningRate',
  decay:
    'learningRate: new InverseTimeDecay({ initialLearningRate, decaySteps: 1, decayRate: decay }), a schedule',
}
/**
 * Moves weights along their gradients.
 *
 * Write your own: give the slots you need and the update of one parameter, and make it known by `optimizers.register`.
 */
export class Optimizer {
  name
  weightDecay
  clipnorm
  globalClipnorm
  clipvalue
  useEma
  emaMomentum
  emaOverwriteFrequency
  /** Steps done. To resume a training, set it together with the values of `variables()`. */
  iterations = 0
  #learningRate = 0
  #schedule = null
  #engine = null
  #trained = []
  #variables = []
  /** @throws ArgumentError for unknown options, numbers out of range, and both `clipnorm` and `globalClipnorm` */
  constructor(options, defaults, ownOptions) {
    for (const [old, now] of Object.entries(replaced))
      if (Object.hasOwn(options ?? {}, old)) throw new ArgumentError(`${defaults.name}, option`, old, now)
    knownOptions(defaults.name, options, [...commonOptions, ...ownOptions])
    const all = { ...defaults, ...given(options) }
    this.name = all.name
    this.weightDecay = limit('weightDecay', all.weightDecay)
    this.clipnorm = limit('clipnorm', all.clipnorm)
    this.globalClipnorm = limit('globalClipnorm', all.globalClipnorm)
    this.clipvalue = limit('clipvalue', all.clipvalue)
    if (this.clipnorm !== null && this.globalClipnorm !== null)
      throw new ArgumentError('globalClipnorm', this.globalClipnorm, 'none beside clipnorm')
    this.useEma = boolean('useEma', all.useEma ?? false)
    this.emaMomentum = finite('emaMomentum', all.emaMomentum ?? 0.99, 0, 1)
    const { emaOverwriteFrequency: every = null } = all
    this.emaOverwriteFrequency = every === null ? null : positiveInteger('emaOverwriteFrequency', every)
    if (all.isLegacyOptimizer)
      throw new ArgumentError('isLegacyOptimizer', true, 'false: those before TensorFlow 2.11 are not here')
    this.learningRate = all.learningRate
  }
  /**
   * The present learning rate; with a schedule, that of the last step. A new one acts from the next step on.
   * @throws StateError when a number is set while a schedule decides
   */
  get learningRate() {
    return this.#learningRate
  }
  set learningRate(value) {
    if (typeof value === 'object' && value !== null) {
      this.#schedule = schedules.get(value)
      this.#learningRate = scheduled(this.#schedule, this.iterations)
      return
    }
    if (this.#schedule)
      throw new StateError('learningRate: a schedule decides it; make the optimizer with a number to set it')
    this.#learningRate = finite('learningRate', value, 0)
  }
  /** What decides the learning rate; null where it is a number. */
  get schedule() {
    return this.#schedule
  }
  /**
   * Takes the parameters to train, and memory beside them.
   * @throws StateError when it was built for others before
   */
  build(parameters, engine) {
    if (this.#engine) {
      const same = (parameter, i) => parameter === this.#trained[i]?.parameter
      if (parameters.length === this.#trained.length && parameters.every(same)) return
      throw new StateError(
        'the optimizer was built for other weights; compile the model again after changing trainable',
      )
    }
    this.#engine = engine
    const region = engine.region()
    const alloc = (slot, { name, shape, size }) => {
      const block = region.alloc(size)
      this.#variables.push({ name: `${this.name}/${slot}/${name}`, shape, block })
      return block
    }
    this.#trained = parameters.map(parameter => {
      const average = this.useEma ? alloc('average', parameter) : null
      average?.array.set(parameter.value)
      return { parameter, slots: [], average }
    })
    for (const group of this.slots)
      for (const { parameter, slots } of this.#trained)
        for (const [name, start] of Object.entries(group)) {
          const block = alloc(name, parameter)
          block.array.fill(start)
          slots.push(block)
        }
  }
  /** How many numbers are kept beside each one that is trained. */
  get numbersPerWeight() {
    const kept = this.slots.reduce((sum, group) => sum + Object.keys(group).length, 0)
    return kept + (this.useEma ? 1 : 0)
  }
  /** Moves all parameters along their gradients. Allocates nothing. Clipping changes the gradients in place. */
  step() {
    if (!this.#engine) throw new StateError('the optimizer is not built yet: call build, or fit the model')
    if (this.#schedule) this.#learningRate = scheduled(this.#schedule, this.iterations)
    const k = this.#engine.kernels.optimizers
    const lr = fround(this.#learningRate)
    const trained = this.#trained
    this.prepare(lr, this.iterations + 1)
    this.#clip(k)
    if (this.weightDecay !== null)
      for (let i = 0; i < trained.length; i++) {
        const { value, size } = trained[i].parameter
        k.decay(value, size, fround(this.weightDecay), lr)
      }
    for (let i = 0; i < trained.length; i++) this.update(trained[i].parameter, trained[i].slots, lr, k)
    this.iterations++
    if (this.useEma) this.#moveAverages(k)
    for (let i = 0; i < trained.length; i++) {
      const { constraint, value, shape } = trained[i].parameter
      constraint?.apply(value, shape)
    }
  }
  /** Works out what is the same for all parameters, before step number `t`, counted from 1. */
  prepare(_lr, _t) {}
  #clip(k) {
    if (this.clipnorm) this.#clipEach(k, fround(this.clipnorm))
    else if (this.globalClipnorm) this.#clipTogether(k, fround(this.globalClipnorm))
    else if (this.clipvalue)
      for (let i = 0; i < this.#trained.length; i++) {
        const { grad, size } = this.#trained[i].parameter
        k.clipValue(grad, size, fround(this.clipvalue))
      }
  }
  #clipEach(k, most) {
    for (let i = 0; i < this.#trained.length; i++) {
      const { grad, size } = this.#trained[i].parameter
      k.clipNorm(grad, size, fround(sqrt(k.sumOfSquares(grad, size))), most)
    }
  }
  /** A norm that is infinite or NaN makes all gradients NaN, as in Keras. */
  #clipTogether(k, most) {
    let sum = 0
    for (let i = 0; i < this.#trained.length; i++) {
      const { grad, size } = this.#trained[i].parameter
      sum += k.sumOfSquares(grad, size)
    }
    const norm = fround(sqrt(sum))
    const factor = norm < Infinity ? fround(most * Math.min(fround(1 / norm), fround(1 / most))) : Number.NaN
    for (let i = 0; i < this.#trained.length; i++) {
      const { grad, size } = this.#trained[i].parameter
      k.scale(grad, size, factor)
    }
  }
  #moveAverages(k) {
    const { emaMomentum, emaOverwriteFrequency: every } = this
    for (let i = 0; i < this.#trained.length; i++) {
      const { parameter, average } = this.#trained[i]
      if (average)
        k.average(
          average.array,
          parameter.value,
          parameter.size,
          fround(emaMomentum),
          fround(1 - emaMomentum),
        )
    }
    if (every !== null && this.iterations % every === 0) this.finalizeVariableValues()
  }
  /** Gives the weights the values of their moving averages, if there are any: the end of a training. */
  finalizeVariableValues() {
    for (let i = 0; i < this.#trained.length; i++) {
      const { parameter, average } = this.#trained[i]
      if (average) parameter.value.set(average.array)
    }
  }
  /** What a resumed training needs beside `iterations`, live, in the order of Keras' files. Empty before `build`. */
  variables() {
    return this.#variables.map(({ name, shape, block }) => ({ name, shape, value: block.array }))
  }
  getConfig() {
    return {
      name: this.name,
      weightDecay: this.weightDecay,
      clipnorm: this.clipnorm,
      globalClipnorm: this.globalClipnorm,
      clipvalue: this.clipvalue,
      useEma: this.useEma,
      emaMomentum: this.emaMomentum,
      emaOverwriteFrequency: this.emaOverwriteFrequency,
      jitCompile: false,
      isLegacyOptimizer: false,
      learningRate: this.#schedule ? schedules.serialize(this.#schedule) : this.#learningRate,
    }
  }
}
function scheduled(schedule, step) {
  const lr = schedule.at(step)
  if (lr >= 0 && lr < Infinity) return fround(lr)
  throw new ArgumentError(`${schedule.className}.at(${step})`, lr, 'a finite number of at least 0')
}
/** The options that are there: `undefined` means the default. */
const given = options =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
const limit = (name, value) => (value === null || value === undefined ? null : finite(name, value, 0))
