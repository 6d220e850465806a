// Constraints on weights, enforced in place after every update.

import { finite, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { CamelCase } from '../core/names.ts'
import { Configured, field, number } from '../core/options.ts'
import { type Config, type KerasSerialized, registry, type Serializable, type Serialized } from '../core/registry.ts'
import { scaleByNorm, type Vectors } from '../kernels/norms.ts'

const fround = Math.fround

/** A constraint applied to weights after every optimizer step. Any object with this interface can serve as one. */
export interface Constraint extends Serializable {
  /** Applies the constraint to weights of this shape, in place. */
  apply(w: Float32Array, shape: Shape): void
}

type KerasName = 'max_norm' | 'non_neg' | 'unit_norm' | 'min_max_norm' | 'radial_constraint'
type ClassName = 'MaxNorm' | 'NonNeg' | 'UnitNorm' | 'MinMaxNorm' | 'RadialConstraint'
/** The names of constraints, as in Keras or in camelCase. */
export type ConstraintName = KerasName | CamelCase<KerasName> | ClassName | 'maxnorm' | 'nonneg' | 'unitnorm'

/** A name, a serialized constraint, or a constraint; `null` means none. */
export type ConstraintIdentifier = ConstraintName | Serialized | KerasSerialized | Constraint | null

/** The axis or axes along which norms are computed; `null` means all. Negative axes count from the end. */
export type Axes = number | readonly number[] | null

/** Added to every norm, as in Keras, to avoid division by 0. */
const EPSILON = /* @__PURE__ */ fround(1e-7)

/** Sets negative weights to −0: like Keras, it multiplies them by 0. */
export class NonNeg extends Configured implements Constraint {
  declare readonly className: 'NonNeg'

  constructor(options: Config = {}) {
    super('NonNeg', options, {})
  }

  apply(w: Float32Array): void {
    for (let i = 0; i < w.length; i++) w[i] *= w[i] >= 0 ? 1 : 0
  }
}

const axis = /* @__PURE__ */ field<Axes>((name, given) => {
  const axes = Array.isArray(given) ? given : [given]
  if (given !== null && !axes.every(Number.isSafeInteger))
    throw new ArgumentError(name, given, 'an integer, a list of integers, or null')
  return Array.isArray(given) ? [...given] : (given as Axes)
}, 0)

/** Constrains the norms of the vectors along some axes: multiplies each vector by a function of its norm. */
abstract class NormConstraint extends Configured implements Constraint {
  abstract readonly className: string
  /** The axes along which a vector extends; null: all of them. Default 0. */
  declare readonly axis: Axes
  readonly #vectors = new WeakMap<Shape, Vectors>()
  readonly #factor = (norm: number) => this.factor(norm)

  /** The factor for a vector of this norm. */
  protected abstract factor(norm: number): number

  /**
   * Scales the vectors of a weight in place.
   * @throws ArgumentError for an axis that the weight lacks or that is listed twice
   */
  apply(w: Float32Array, shape: Shape): void {
    let vectors = this.#vectors.get(shape)
    if (!vectors) {
      vectors = vectorsAlong(this.axis, shape)
      this.#vectors.set(shape, vectors)
    }
    scaleByNorm(w, this.#factor, vectors)
  }
}

/** Limits norms to at most `maxValue`. Defaults: 2, axis 0. */
export class MaxNorm extends NormConstraint {
  declare readonly className: 'MaxNorm'
  /** The largest norm. Default 2. */
  declare readonly maxValue: number

  constructor(options: { readonly maxValue?: number; readonly axis?: Axes } = {}) {
    super('MaxNorm', options, { maxValue: number(2, 0), axis })
  }

  protected factor(norm: number): number {
    return fround(Math.min(norm, fround(this.maxValue)) / fround(EPSILON + norm))
  }
}

/** Scales vectors to norm 1. Default: axis 0. */
export class UnitNorm extends NormConstraint {
  declare readonly className: 'UnitNorm'

  constructor(options: { readonly axis?: Axes } = {}) {
    super('UnitNorm', options, { axis })
  }

  protected factor(norm: number): number {
    return fround(1 / fround(EPSILON + norm))
  }
}

/**
 * Moves norms into [`minValue`, `maxValue`]; `rate` is the fraction of the distance covered per step. Defaults: 0, 1,
 * 1, axis 0.
 */
export class MinMaxNorm extends NormConstraint {
  declare readonly className: 'MinMaxNorm'
  /** The smallest norm. Default 0. */
  declare readonly minValue: number
  /** The largest norm. Default 1. */
  declare readonly maxValue: number
  /** The share of the distance that a step covers. Default 1. */
  declare readonly rate: number

  constructor(
    options: {
      readonly minValue?: number
      readonly maxValue?: number
      readonly rate?: number
      readonly axis?: Axes
    } = {},
  ) {
    super('MinMaxNorm', options, { minValue: number(0, 0), maxValue: number(1), rate: number(1, 0, 1), axis })
    finite('maxValue', this.maxValue, this.minValue)
  }

  protected factor(norm: number): number {
    const clipped = Math.min(Math.max(norm, fround(this.minValue)), fround(this.maxValue))
    const desired = fround(fround(fround(this.rate) * clipped) + fround(fround(1 - this.rate) * norm))
    return fround(desired / fround(EPSILON + norm))
  }
}

/**
 * Makes the weights of a Conv2D kernel, [rows, columns, channels, filters], depend only on their distance from the
 * centre, counted in square rings. As in Keras (contrary to its documentation), each ring takes the value of a weight
 * on the diagonal: in a 4 × 4 kernel, w[1,1] for the centre and w[3,3] for the outer ring; in a 3 × 3 kernel, w[0,0]
 * for the centre and w[1,1] for the outer ring.
 */
export class RadialConstraint extends Configured implements Constraint {
  declare readonly className: 'RadialConstraint'

  constructor(options: Config = {}) {
    super('RadialConstraint', options, {})
  }

  /** @throws ArgumentError unless the weight has four axes, the first two of equal size and at least 2 */
  apply(w: Float32Array, shape: Shape): void {
    if (shape.length !== 4) throw new ArgumentError('shape', shape, 'four axes: RadialConstraint is for Conv2D')
    const [size, columns, channels, filters] = shape
    if (size !== columns || size < 2) throw new ArgumentError('shape', shape, 'as many rows as columns, at least 2')
    const slices = channels * filters
    const half = Math.floor(size / 2)
    const odd = size % 2
    const step = (size + 1) * slices // along the diagonal
    for (let s = 0; s < slices; s++) {
      const middle = w[(half - 1) * step + s]
      for (let ring = half - 1 + odd; ring >= 0; ring--) {
        const value = ring === 0 ? middle : w[(half + ring - odd) * step + s]
        fillRing(w, value, size, half - 1 + odd - ring, slices, s)
      }
    }
  }
}

/** Fills the border of the square that leaves out `margin` rows and columns on each side. */
function fillRing(w: Float32Array, value: number, size: number, margin: number, slices: number, slice: number): void {
  const last = size - 1 - margin
  for (let i = margin; i <= last; i++) {
    w[(margin * size + i) * slices + slice] = value
    w[(last * size + i) * slices + slice] = value
    w[(i * size + margin) * slices + slice] = value
    w[(i * size + last) * slices + slice] = value
  }
}

/** The vectors of a tensor along some axes: the offsets within a vector, and the start of each. */
function vectorsAlong(axis: Axes, shape: Shape): Vectors {
  const given = axis === null ? shape.map((_, a) => a) : typeof axis === 'number' ? [axis] : axis
  const axes = new Set(given.map(a => (a < 0 ? a + shape.length : a)))
  if (axes.size < given.length || [...axes].some(a => a < 0 || a >= shape.length))
    throw new ArgumentError('axis', axis, `distinct axes of a weight of shape [${shape.join(', ')}]`)
  return { offsets: offsetsOf(shape, a => axes.has(a)), starts: offsetsOf(shape, a => !axes.has(a)) }
}

/** The offsets of all entries whose index is 0 along every axis not chosen, in memory order. */
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

/** The constraints, without names: see registry.ts. */
export const constraints = /* @__PURE__ */ registry<Constraint>(
  'constraint',
  value => typeof (value as Partial<Constraint>).apply === 'function',
)
