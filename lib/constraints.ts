// What weights may be: each constraint moves them back, in place, after every update.

import { finite, knownOptions, type Shape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import type { CamelCase } from './names.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'

const { fround } = Math

export interface Constraint extends Serializable {
  /** Moves the weights, which have this shape, in place. */
  apply(w: Float32Array, shape: Shape): void
}

type KerasName = 'max_norm' | 'non_neg' | 'unit_norm' | 'min_max_norm'
type ClassName = 'MaxNorm' | 'NonNeg' | 'UnitNorm' | 'MinMaxNorm'
export type ConstraintName = KerasName | CamelCase<KerasName> | ClassName | 'maxnorm' | 'nonneg' | 'unitnorm'

/** A name, a config, a constraint; `null` means none. */
export type ConstraintIdentifier = ConstraintName | Serialized | KerasSerialized | Constraint | null

/** One axis, or several, along which a norm is taken. */
export type Axes = number | readonly number[]

/** Keras adds it to every norm, so that 0 can be divided by. */
const EPSILON = fround(1e-7)

/** No negative weights. */
export class NonNeg implements Constraint {
  readonly className = 'NonNeg'

  constructor(options: Config = {}) {
    knownOptions('NonNeg', options, [])
  }

  apply(w: Float32Array): void {
    for (let i = 0; i < w.length; i++) w[i] *= w[i] >= 0 ? 1 : 0
  }

  getConfig() {
    return {}
  }
}

/** A constraint on the norms of the vectors along some axes: each is multiplied by a factor of its norm. */
abstract class NormConstraint implements Constraint {
  abstract readonly className: string
  readonly axis: Axes

  constructor(axis: Axes) {
    const axes = Array.isArray(axis) ? axis : [axis]
    if (!axes.every(Number.isSafeInteger))
      throw new ArgumentError('axis', axis, 'an integer or a list of integers')
    this.axis = Array.isArray(axis) ? [...axis] : axis
  }

  /** What a vector of this norm is multiplied with. */
  protected abstract factor(norm: number): number
  abstract getConfig(): Config

  apply(w: Float32Array, shape: Shape): void {
    const { group, groups, offsets, starts } = vectorsAlong(this.axis, shape)
    for (let v = 0; v < groups; v++) {
      let sum = 0
      for (let j = 0; j < group; j++) sum += w[starts[v] + offsets[j]] * w[starts[v] + offsets[j]]
      const factor = this.factor(fround(Math.sqrt(fround(sum))))
      for (let j = 0; j < group; j++) w[starts[v] + offsets[j]] *= factor
    }
  }

  protected get axisConfig(): number | number[] {
    return typeof this.axis === 'number' ? this.axis : [...this.axis]
  }
}

/** Norms of at most `maxValue`. Defaults: 2, along axis 0. */
export class MaxNorm extends NormConstraint {
  readonly className = 'MaxNorm'
  readonly maxValue: number

  constructor(options: { readonly maxValue?: number; readonly axis?: Axes } = {}) {
    knownOptions('MaxNorm', options, ['maxValue', 'axis'])
    super(options.axis ?? 0)
    this.maxValue = finite('maxValue', options.maxValue ?? 2, 0)
  }

  protected factor(norm: number): number {
    return fround(Math.min(norm, fround(this.maxValue)) / fround(EPSILON + norm))
  }

  getConfig() {
    return { maxValue: this.maxValue, axis: this.axisConfig }
  }
}

/** Norms of 1. Default: along axis 0. */
export class UnitNorm extends NormConstraint {
  readonly className = 'UnitNorm'

  constructor(options: { readonly axis?: Axes } = {}) {
    knownOptions('UnitNorm', options, ['axis'])
    super(options.axis ?? 0)
  }

  protected factor(norm: number): number {
    return fround(1 / fround(EPSILON + norm))
  }

  getConfig() {
    return { axis: this.axisConfig }
  }
}

/** Norms between two values; `rate` is the share of the way that is gone at once. Defaults: 0, 1, 1, axis 0. */
export class MinMaxNorm extends NormConstraint {
  readonly className = 'MinMaxNorm'
  readonly minValue: number
  readonly maxValue: number
  readonly rate: number

  constructor(
    options: {
      readonly minValue?: number
      readonly maxValue?: number
      readonly rate?: number
      readonly axis?: Axes
    } = {},
  ) {
    knownOptions('MinMaxNorm', options, ['minValue', 'maxValue', 'rate', 'axis'])
    super(options.axis ?? 0)
    this.minValue = finite('minValue', options.minValue ?? 0, 0)
    this.maxValue = finite('maxValue', options.maxValue ?? 1, this.minValue)
    this.rate = finite('rate', options.rate ?? 1, 0, 1)
  }

  protected factor(norm: number): number {
    const clipped = Math.min(Math.max(norm, fround(this.minValue)), fround(this.maxValue))
    const desired = fround(fround(fround(this.rate) * clipped) + fround(fround(1 - this.rate) * norm))
    return fround(desired / fround(EPSILON + norm))
  }

  getConfig() {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, axis: this.axisConfig }
  }
}

interface Vectors {
  /** Offsets of a vector's entries from its start. */
  readonly offsets: Int32Array
  readonly starts: Int32Array
  readonly group: number
  readonly groups: number
}

/** The vectors of a tensor along some axes: offsets within one, and where each starts. */
function vectorsAlong(axis: Axes, shape: Shape): Vectors {
  const axes = (typeof axis === 'number' ? [axis] : axis).map(a => (a < 0 ? a + shape.length : a))
  for (const a of axes)
    if (a < 0 || a >= shape.length)
      throw new ArgumentError('axis', axis, `axes of a weight of shape [${shape.join(', ')}]`)
  const along = offsetsOf(shape, a => axes.includes(a))
  const across = offsetsOf(shape, a => !axes.includes(a))
  return { offsets: along, starts: across, group: along.length, groups: across.length }
}

/** Offsets of all entries whose index is 0 along the axes that are not chosen, in memory order. */
function offsetsOf(shape: Shape, chosen: (axis: number) => boolean): Int32Array {
  let offsets = Int32Array.of(0)
  shape.forEach((size, axis) => {
    if (!chosen(axis)) return
    const step = sizeOf(shape.slice(axis + 1))
    const before = offsets
    offsets = new Int32Array(before.length * size)
    before.forEach((offset, i) => {
      for (let n = 0; n < size; n++) offsets[i * size + n] = offset + n * step
    })
  })
  return offsets
}

/** Constraints by name. */
export const constraints = registry<Constraint>(
  'constraint',
  {
    MaxNorm: config => new MaxNorm(config),
    NonNeg: config => new NonNeg(config),
    UnitNorm: config => new UnitNorm(config),
    MinMaxNorm: config => new MinMaxNorm(config),
  },
  {
    max_norm: 'MaxNorm',
    non_neg: 'NonNeg',
    unit_norm: 'UnitNorm',
    min_max_norm: 'MinMaxNorm',
    maxnorm: 'MaxNorm',
    nonneg: 'NonNeg',
    unitnorm: 'UnitNorm',
  },
  value => typeof (value as Partial<Constraint>).apply === 'function',
)
