// Regularizers: penalties on weights or outputs.

import { oneOf, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { CamelCase } from '../core/names.ts'
import { Configured, field, float32, type OptionTable } from '../core/options.ts'
import { type KerasSerialized, registry, type Serializable, type Serialized } from '../core/registry.ts'
import {
  addCosineGradient,
  addL1Gradient,
  addL2Gradient,
  type MatrixVectors,
  sumOfCosines,
} from '../kernels/penalties.ts'
import { sumOfAbsolutes, sumOfSquares } from '../kernels/sums.ts'

const fround = Math.fround

/** A penalty on weights or outputs. Any object with this interface can serve as a regularizer. */
export interface Regularizer extends Serializable {
  /** The penalty on the first `n` numbers of `w`, which have this shape, in float64. */
  penalty(w: Float32Array, n: number, shape: Shape): number
  /** Adds scale · gradient of the penalty to `dw`. */
  addGradient(dw: Float32Array, w: Float32Array, scale: number, n: number, shape: Shape): void
}

type KerasName = 'l1' | 'l2' | 'l1_l2' | 'orthogonal_regularizer'
/** The names of regularizers, as in Keras or in camelCase. */
export type RegularizerName = KerasName | CamelCase<KerasName> | 'L1' | 'L2' | 'L1L2' | 'OrthogonalRegularizer'

/** A name, a serialized regularizer, or a regularizer; `null` means none. */
export type RegularizerIdentifier = RegularizerName | Serialized | KerasSerialized | Regularizer | null

const factor = (byDefault: number) => float32(byDefault, 0)

/**
 * l1 · Σ|w| + l2 · Σw². Both factors default to 0; the name 'l1_l2' sets both to 0.01.
 * @throws ArgumentError for negative or non-finite factors
 * @see https://keras.io/2/api/layers/regularizers/
 */
export class L1L2 extends Configured implements Regularizer {
  declare readonly className: string
  /** The factor of the sum of absolute values. */
  declare readonly l1: number
  /** The factor of the sum of squares. */
  declare readonly l2: number

  constructor(options?: { readonly l1?: number; readonly l2?: number })
  /** @internal */
  constructor(options: object, name: string, fields: OptionTable['fields'])
  constructor(options: object = {}, name = 'L1L2', fields: OptionTable['fields'] = { l1: factor(0), l2: factor(0) }) {
    super(name, options, fields)
    Object.assign(this, { l1: 0, l2: 0, ...this.getConfig() })
  }

  penalty(w: Float32Array, n: number): number {
    const { l1, l2 } = this
    return (l1 === 0 ? 0 : l1 * sumOfAbsolutes(w, n)) + (l2 === 0 ? 0 : l2 * sumOfSquares(w, n))
  }

  /** The slope of |w| at 0 is 0. */
  addGradient(dw: Float32Array, w: Float32Array, scale: number, n: number): void {
    const step = fround(this.l1 * scale)
    const slope = fround(2 * this.l2 * scale)
    if (step !== 0) addL1Gradient(dw, w, step, n)
    if (slope !== 0) addL2Gradient(dw, w, slope, n)
  }
}

/** l1 · Σ|w|. Default 0.01. */
export class L1 extends L1L2 {
  constructor(options: { readonly l1?: number } = {}) {
    super(options, 'L1', { l1: factor(0.01) })
  }
}

/** l2 · Σw², without ½. Default 0.01. */
export class L2 extends L1L2 {
  constructor(options: { readonly l2?: number } = {}) {
    super(options, 'L2', { l2: factor(0.01) })
  }
}

type Mode = 'rows' | 'columns'
const mode = /* @__PURE__ */ field((name, given) => oneOf(name, given, ['rows', 'columns'] as const), 'rows')

/**
 * factor · mean of |cos(angle)| over all pairs of rows (or columns). Defaults: factor 0.01, mode 'rows'.
 * @throws ArgumentError on use, for a weight that is not a matrix or has fewer than two rows (columns)
 * @see https://keras.io/2/api/layers/regularizers/#orthogonalregularizer-class
 */
export class OrthogonalRegularizer extends Configured implements Regularizer {
  declare readonly className: 'OrthogonalRegularizer'
  /** The factor of the penalty. */
  declare readonly factor: number
  /** Which vectors should be orthogonal: the rows or the columns. */
  declare readonly mode: Mode
  #norms = new Float64Array(0)
  #direction = new Float64Array(0)

  constructor(options: { readonly factor?: number; readonly mode?: Mode } = {}) {
    super('OrthogonalRegularizer', options, { factor: float32(0.01, 0), mode })
  }

  penalty(w: Float32Array, _n: number, shape: Shape): number {
    const vectors = this.#vectors(shape)
    return (this.factor * sumOfCosines(w, this.#norms, vectors)) / pairs(vectors)
  }

  addGradient(dw: Float32Array, w: Float32Array, scale: number, _n: number, shape: Shape): void {
    const vectors = this.#vectors(shape)
    const share = (this.factor * scale) / pairs(vectors)
    addCosineGradient(dw, w, share, this.#norms, this.#direction, vectors)
  }

  #vectors(shape: Shape): MatrixVectors {
    if (shape.length !== 2) throw new ArgumentError('shape', shape, 'two axes: OrthogonalRegularizer is for matrices')
    const [rows, columns] = shape
    const vectors =
      this.mode === 'rows'
        ? { count: rows, length: columns, stride: columns, step: 1 }
        : { count: columns, length: rows, stride: 1, step: columns }
    if (vectors.count < 2) throw new ArgumentError('shape', shape, `at least two ${this.mode}, to form a pair`)
    if (this.#norms.length !== vectors.count) this.#norms = new Float64Array(vectors.count)
    if (this.#direction.length !== vectors.length) this.#direction = new Float64Array(vectors.length)
    return vectors
  }
}

const pairs = ({ count }: MatrixVectors) => (count * (count - 1)) / 2

/** The regularizers, without names: see registry.ts. */
export const regularizers = /* @__PURE__ */ registry<Regularizer>(
  'regularizer',
  value => typeof (value as Partial<Regularizer>).penalty === 'function' && 'addGradient' in value,
)
