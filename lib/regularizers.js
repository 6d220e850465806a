// Penalties that keep weights, or outputs, small.
import { finite, knownOptions, oneOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import { addCosineGradient, addL1Gradient, addL2Gradient, sumOfCosines } from './kernels/penalties.ts'
import { sumOfAbsolutes, sumOfSquares } from './kernels/sums.ts'
import { registry } from './registry.ts'

const { fround } = Math
const factor = (name, value) => fround(finite(name, value, 0))
/**
 * l1 · Σ|w| + l2 · Σw². Both default to 0; the name 'l1_l2' means 0.01 each.
 * @throws ArgumentError for factors that are negative or not finite
 * @see https://keras.io/2/api/layers/regularizers/
 */
export class L1L2 {
  className = 'L1L2'
  l1
  l2
  constructor(options = {}) {
    knownOptions('L1L2', options, ['l1', 'l2'])
    this.l1 = factor('l1', options.l1 ?? 0)
    this.l2 = factor('l2', options.l2 ?? 0)
  }
  penalty(w, n) {
    const { l1, l2 } = this
    return (l1 === 0 ? 0 : l1 * sumOfAbsolutes(w, n)) + (l2 === 0 ? 0 : l2 * sumOfSquares(w, n))
  }
  /** The slope of |w| at 0 is taken as 0. */
  addGradient(dw, w, scale, n) {
    const step = fround(this.l1 * scale)
    const slope = fround(2 * this.l2 * scale)
    if (step !== 0) addL1Gradient(dw, w, step, n)
    if (slope !== 0) addL2Gradient(dw, w, slope, n)
  }
  getConfig() {
    return { l1: this.l1, l2: this.l2 }
  }
}
/** l1 · Σ|w|. Default 0.01. */
export class L1 extends L1L2 {
  className = 'L1'
  constructor(options = {}) {
    knownOptions('L1', options, ['l1'])
    super({ l1: options.l1 ?? 0.01 })
  }
  getConfig() {
    return { l1: this.l1 }
  }
}
/** l2 · Σw², without ½. Default 0.01. */
export class L2 extends L1L2 {
  className = 'L2'
  constructor(options = {}) {
    knownOptions('L2', options, ['l2'])
    super({ l2: options.l2 ?? 0.01 })
  }
  getConfig() {
    return { l2: this.l2 }
  }
}
/**
 * factor · mean over all pairs of rows (or of columns) of |cos of their angle|. Defaults: 0.01, rows.
 * @throws ArgumentError at use, for a weight that is no matrix, or has fewer than two rows (columns)
 * @see https://keras.io/2/api/layers/regularizers/#orthogonalregularizer-class
 */
export class OrthogonalRegularizer {
  className = 'OrthogonalRegularizer'
  factor
  mode
  #norms = new Float64Array(0)
  #direction = new Float64Array(0)
  constructor(options = {}) {
    knownOptions('OrthogonalRegularizer', options, ['factor', 'mode'])
    this.factor = factor('factor', options.factor ?? 0.01)
    this.mode = oneOf('mode', options.mode ?? 'rows', ['rows', 'columns'])
  }
  penalty(w, _n, shape) {
    const vectors = this.#vectors(shape)
    return (this.factor * sumOfCosines(w, this.#norms, vectors)) / pairs(vectors)
  }
  addGradient(dw, w, scale, _n, shape) {
    const vectors = this.#vectors(shape)
    const share = (this.factor * scale) / pairs(vectors)
    addCosineGradient(dw, w, share, this.#norms, this.#direction, vectors)
  }
  getConfig() {
    return { factor: this.factor, mode: this.mode }
  }
  #vectors(shape) {
    if (shape.length !== 2)
      throw new ArgumentError('shape', shape, 'two axes: OrthogonalRegularizer is for matrices')
    const [rows, columns] = shape
    const vectors =
      this.mode === 'rows'
        ? { count: rows, length: columns, stride: columns, step: 1 }
        : { count: columns, length: rows, stride: 1, step: columns }
    if (vectors.count < 2)
      throw new ArgumentError('shape', shape, `at least two ${this.mode}, for a mean of pairs`)
    if (this.#norms.length !== vectors.count) this.#norms = new Float64Array(vectors.count)
    if (this.#direction.length !== vectors.length) this.#direction = new Float64Array(vectors.length)
    return vectors
  }
}
const pairs = ({ count }) => (count * (count - 1)) / 2
/** Regularizers by name. */
export const regularizers = registry(
  'regularizer',
  {
    L1: config => new L1(config),
    L2: config => new L2(config),
    L1L2: config => new L1L2(config),
    OrthogonalRegularizer: config => new OrthogonalRegularizer(config),
  },
  {
    l1: 'L1',
    l2: 'L2',
    l1_l2: () => new L1L2({ l1: 0.01, l2: 0.01 }),
    orthogonal_regularizer: 'OrthogonalRegularizer',
  },
  value => typeof value.penalty === 'function' && 'addGradient' in value,
)
