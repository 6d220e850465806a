// Shared by all optimizers: the order of operations in a step, gradient clipping, weight decay, moving averages, and the
// learning rate. Optimizers deal with parameters only, not with layers.

import { finite, isObject, knownOptions, named, positiveInteger, type Shape } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import {
  checkOptions,
  field,
  flag,
  type Given,
  number,
  type OptionTable,
  only,
  optional,
  shownOptions,
} from '../core/options.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { type Block, type Engine, regionOf } from '../engine/engine.ts'
import { commonSteps } from '../kernels/optimizers.ts'
import { Parameter } from '../weights/parameter.ts'
import { type LearningRateSchedule, type ScheduleIdentifier, schedules } from './schedules.ts'

const { fround, sqrt } = Math

/** The options of every optimizer. */
export interface OptimizerOptions {
  /** The step size: a number, or a schedule that gives one for each step. */
  readonly learningRate?: number | ScheduleIdentifier
  /** Default: the class name. */
  readonly name?: string
  /** Before every step, subtracts weightDecay · learningRate · w from each weight w, biases too. Default null: none. */
  readonly weightDecay?: number | null
  /**
   * The largest norm of one weight's gradient. Default null: no limit. Of this, `globalClipnorm` and `clipvalue`, only the
   * first one given applies.
   */
  readonly clipnorm?: number | null
  /** The largest norm of all gradients together. Default null: no limit. Cannot be combined with `clipnorm`. */
  readonly globalClipnorm?: number | null
  /** The largest absolute value in a gradient. Default null: no limit. */
  readonly clipvalue?: number | null
  /** Whether to keep a moving average of the weights, and assign it to them when training ends. Default false. */
  readonly useEma?: boolean
  /** The share of the moving average kept in each step. Default 0.99. */
  readonly emaMomentum?: number
  /** Every this many steps, the weights are set to their average. Default null: never (RMSprop: 100). */
  readonly emaOverwriteFrequency?: number | null
  /** For compatibility with Keras; has no effect. */
  readonly jitCompile?: boolean
  /** Only false: `legacyOptimizers` of `unshared/keras` have the arithmetic of before TensorFlow 2.11. */
  readonly isLegacyOptimizer?: false
}

const limit = optional((name, value) => finite(name, value, 0))

/** In Keras' order; a class's own options follow. */
const commonFields = {
  name: field(named),
  weightDecay: limit,
  clipnorm: limit,
  globalClipnorm: limit,
  clipvalue: limit,
  useEma: flag(false),
  emaMomentum: number(0.99, 0, 1),
  emaOverwriteFrequency: optional(positiveInteger),
  jitCompile: field(() => false),
  isLegacyOptimizer: only(false, "false: use legacyOptimizers of 'unshared/keras'"),
  learningRate: field((_, given) => given as number),
}

/** Options of the optimizers before TensorFlow 2.11, and their replacements. */
const replaced: Readonly<Record<string, string>> = {
  lr: 'learningRate',
  decay: 'learningRate: new InverseTimeDecay({ initialLearningRate, decaySteps: 1, decayRate: decay }), a schedule',
}

/** The defaults that a class sets. */
export interface OptimizerDefaults extends OptimizerOptions {
  /** The name in files. */
  readonly name: string
  /** The learning rate. */
  readonly learningRate: number
}

/** Slots that are created together for each parameter: Keras' names, and the initial values. */
export type SlotGroup = Readonly<Record<string, number>>

/**
 * The blocks kept for one parameter, in the order of the optimizer's `slots`. Use `array` in kernels and for reading, and
 * `open()` for any other writing.
 */
export type Slots = readonly Block[]

type CommonSteps = typeof commonSteps

/** A variable of an optimizer. */
export class OptimizerVariable {
  /** The name, as in Keras' files: `Adam/m/kernel`. */
  readonly name: string
  /** The shape of the variable. */
  readonly shape: Shape
  readonly #block: Block

  constructor(name: string, shape: Shape, block: Block) {
    this.name = name
    this.shape = shape
    this.#block = block
  }

  /** The live values. As they may change at any time, every step from then on processes all of them. */
  get value(): Float32Array {
    return this.#block.open()
  }

  /** Copies the values. */
  read(): Float32Array {
    return this.#block.array.slice()
  }

  /** Overwrites the values. */
  write(values: Float32Array): void {
    this.#block.set(values)
  }
}

interface Trained {
  parameter: Parameter
  /** The blocks kept for the parameter, in the order of `slots`. */
  readonly slots: Block[]
  readonly average: Block | null
  readonly decays: boolean
}

/**
 * Moves weights along their gradients.
 *
 * To write a custom optimizer, define `slots` and `update`, and register the class with `optimizers.register`.
 */
export abstract class Optimizer implements Serializable {
  /** The name of the class, as configs and files have it. */
  abstract readonly className: string
  declare readonly name: string
  declare readonly weightDecay: number | null
  declare readonly clipnorm: number | null
  declare readonly globalClipnorm: number | null
  declare readonly clipvalue: number | null
  declare readonly useEma: boolean
  declare readonly emaMomentum: number
  declare readonly emaOverwriteFrequency: number | null
  /** The number of steps done. To resume training, set it together with the values of `variables()`. */
  iterations = 0

  readonly #table: OptionTable
  #learningRate = 0
  #schedule: LearningRateSchedule | null = null
  #engine: Engine | null = null
  #trained: Trained[] = []
  #parameters: readonly Parameter[] | null = null // the argument of the last `build`
  #variables: readonly OptimizerVariable[] = []
  #decays: (parameter: Parameter, name: string) => boolean = () => true

  /**
   * @param own the class's own options: a table, whose options become properties, or a list of names, if the class reads
   * the options itself
   * @throws ArgumentError for unknown options, numbers out of range, and `clipnorm` together with `globalClipnorm`
   */
  constructor(
    options: OptimizerOptions,
    defaults: OptimizerDefaults,
    own: OptionTable['fields'] | readonly string[] = {},
  ) {
    for (const [old, now] of Object.entries(replaced))
      if (Object.hasOwn(options ?? {}, old) && !Object.hasOwn(own, old))
        throw new ArgumentError(`${defaults.name}, option`, old, now)
    const [fields, names] = isNames(own) ? [{}, own] : [own, []]
    this.#table = { className: defaults.name, fields: { ...commonFields, ...fields } }
    const known = ['learningRate', ...names]
    const checked = checkOptions(this.#table, options as Given, known, defaults as unknown as Given)
    Object.assign(this, { className: defaults.name }, checked)
    if (this.clipnorm !== null && this.globalClipnorm !== null)
      throw new ArgumentError('globalClipnorm', this.globalClipnorm, 'none with clipnorm')
  }

  /**
   * The current learning rate; with a schedule, that of the last step. A new value applies from the next step on.
   * @throws StateError if set to a number while a schedule controls it
   */
  get learningRate(): number {
    return this.#learningRate
  }

  set learningRate(value: number | ScheduleIdentifier) {
    if (isObject(value)) {
      this.#schedule = schedules.get(value)
      this.#learningRate = scheduled(this.#schedule, this.iterations)
      return
    }
    if (this.#schedule)
      throw new StateError('learningRate: a schedule controls it; create the optimizer with a number instead')
    this.#learningRate = finite('learningRate', value, 0)
  }

  /** The schedule of the learning rate; null if it is a number. */
  get schedule(): LearningRateSchedule | null {
    return this.#schedule
  }

  /**
   * Excludes weights from weight decay: those in `varList`, or else those whose name, such as `dense_1/bias:0`, matches one of
   * the regular expressions in `varNames`.
   * @throws StateError once training has started
   */
  excludeFromWeightDecay(weights: {
    varList?: readonly Parameter[] | null
    varNames?: readonly string[] | null
  }): void {
    knownOptions('excludeFromWeightDecay', weights, ['varList', 'varNames'])
    if (this.#engine) throw new StateError('excludeFromWeightDecay: call it before training starts')
    const [list, names] = [weights.varList ?? [], weights.varNames ?? []]
    if (!Array.isArray(list) || !list.every(each => each instanceof Parameter))
      throw new ArgumentError('varList', list, 'a list of parameters')
    if (!Array.isArray(names)) throw new ArgumentError('varNames', names, 'a list of regular expressions')
    const patterns = names.map(patternOf)
    this.#decays = (parameter, name) =>
      !list.some(each => each.isTwinOf(parameter)) && !patterns.some(pattern => pattern.test(name))
  }

  /**
   * Sets the parameters to train, and allocates their slots.
   * @param names the parameters' full names, for `excludeFromWeightDecay`; default: their own
   * @throws StateError if already built for other parameters
   */
  build(
    parameters: readonly Parameter[],
    engine: Engine,
    names: readonly string[] = parameters.map(({ name }) => name),
  ): void {
    if (parameters === this.#parameters) return
    if (this.#engine) {
      const trained = this.#trained
      if (parameters.length !== trained.length || !trained.every((t, i) => t.parameter.isTwinOf(parameters[i])))
        throw new StateError(
          'the optimizer was built for other weights; compile the model again after changing trainable',
        )
      this.#parameters = parameters
      trained.forEach((each, i) => {
        each.parameter = parameters[i] // with the gradient of the model that trains now
      })
      return
    }
    const variables: OptimizerVariable[] = []
    let trained: Trained[] = []
    regionOf(engine, region => {
      const alloc = (slot: string, { name, shape, size }: Parameter) => {
        const block = region.alloc(size)
        variables.push(new OptimizerVariable(`${this.name}/${slot}/${name}`, shape, block))
        return block
      }
      trained = parameters.map((parameter, i) => {
        const average = this.useEma ? alloc('average', parameter) : null
        average?.array.set(parameter.value)
        return { parameter, slots: [], average, decays: this.#decays(parameter, names[i]) }
      })
      for (const group of this.slots)
        for (const { parameter, slots } of trained)
          for (const [name, start] of Object.entries(group)) {
            const block = alloc(name, parameter)
            if (start !== 0) block.array.fill(start) // fresh memory is 0, and not committed until touched
            slots.push(block)
          }
    })
    this.#engine = engine
    this.#parameters = parameters
    this.#trained = trained
    this.#variables = variables
  }

  /** The number of values kept for each trained one. */
  get numbersPerWeight(): number {
    const kept = this.slots.reduce((sum, group) => sum + Object.keys(group).length, 0)
    return kept + (this.useEma ? 1 : 0)
  }

  /** Moves all parameters along their gradients. Allocates no memory. Clipping modifies the gradients in place. */
  step(): void {
    const engine = this.#engine
    if (!engine) throw new StateError('the optimizer is not built yet: call build, or fit the model')
    if (this.#schedule) this.#learningRate = scheduled(this.#schedule, this.iterations)
    const k = engine.kernel(commonSteps)
    const lr = fround(this.#learningRate)
    this.prepare(lr, this.iterations + 1)
    this.#clip(k)
    if (this.weightDecay !== null)
      for (const { parameter, decays } of this.#trained)
        if (decays) k.decay(parameter.value, parameter.size, fround(this.weightDecay), lr)
    for (const { parameter, slots } of this.#trained) this.update(parameter, slots, lr, engine)
    this.iterations++
    if (this.useEma) this.#moveAverages(k)
    for (const { parameter } of this.#trained) parameter.constraint?.apply(parameter.value, parameter.shape)
  }

  /**
   * The slots kept for each parameter, by Keras' names, with their initial values: `[{ m: 0, v: 0 }]`.
   * Files store the groups in order, and within a group, the parameters in order.
   */
  protected abstract readonly slots: readonly SlotGroup[]

  /** Whether `clipvalue` applies before another limit, instead of never. */
  protected readonly clipsBoth: boolean = false

  /** Computes values shared by all parameters, before step number `t`, counted from 1. */
  protected prepare(_lr: number, _t: number): void {}

  /** Updates one parameter. `lr` is a float32 number; `slots` are in the order of the groups. */
  protected abstract update(parameter: Parameter, slots: Slots, lr: number, engine: Engine): void

  #clip(k: CommonSteps): void {
    const { clipvalue, clipnorm, globalClipnorm } = this
    if (clipvalue && (this.clipsBoth || !(clipnorm || globalClipnorm)))
      for (const { parameter } of this.#trained) k.clipValue(parameter.grad, parameter.size, fround(clipvalue))
    if (clipnorm)
      for (const { parameter } of this.#trained) {
        const { grad, size } = parameter
        k.clipNorm(grad, size, fround(sqrt(k.sumOfSquares(grad, size))), fround(clipnorm))
      }
    else if (globalClipnorm) this.#clipTogether(k, fround(globalClipnorm))
  }

  /** As in Keras, an infinite or NaN norm makes all gradients NaN. */
  #clipTogether(k: CommonSteps, most: number): void {
    let sum = 0
    for (const { parameter } of this.#trained) sum += k.sumOfSquares(parameter.grad, parameter.size)
    const norm = fround(sqrt(sum))
    const factor = norm < Infinity ? fround(most * Math.min(fround(1 / norm), fround(1 / most))) : Number.NaN
    for (const { parameter } of this.#trained) k.scale(parameter.grad, parameter.size, factor)
  }

  #moveAverages(k: CommonSteps): void {
    const { emaMomentum, emaOverwriteFrequency: every } = this
    for (const { parameter, average } of this.#trained)
      if (average)
        k.average(average.array, parameter.value, parameter.size, fround(emaMomentum), fround(1 - emaMomentum))
    if (every !== null && this.iterations % every === 0) this.finalizeVariableValues()
  }

  /** Sets the weights to their moving averages, if any. Called at the end of training. */
  finalizeVariableValues(): void {
    for (const { parameter, average } of this.#trained) if (average) parameter.value.set(average.array)
  }

  /** The state that resuming needs besides `iterations`, in the order of Keras' files. Empty before `build`. */
  variables(): OptimizerVariable[] {
    return [...this.#variables]
  }

  /** The options, from which the optimizer can be made again. */
  getConfig(): Config {
    const shown = shownOptions(this.#table, this as unknown as Given)
    return this.#schedule ? { ...shown, learningRate: schedules.serialize(this.#schedule) } : shown
  }
}

function patternOf(name: unknown): RegExp {
  try {
    if (typeof name === 'string') return new RegExp(name)
  } catch {}
  throw new ArgumentError('varNames', name, 'a regular expression')
}

const isNames = (own: OptionTable['fields'] | readonly string[]): own is readonly string[] => Array.isArray(own)

function scheduled(schedule: LearningRateSchedule, step: number): number {
  const lr = schedule.at(step)
  if (lr >= 0 && lr < Infinity) return fround(lr)
  throw new ArgumentError(`${schedule.className}.at(${step})`, lr, 'a finite number of at least 0')
}
