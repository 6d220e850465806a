// Relatives of Dropout: other noise that there is in training, and not in prediction.
import { finite, integer, knownOptions, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { normal, stream } from '../random.ts'
import { Layer, layerOptionNames } from './layer.ts'

const seedOf = seed => (seed === undefined || seed === null ? null : integer('seed', seed, 0))
function rateOf({ rate, seed }) {
  if (finite('rate', rate, 0, 1) === 1) throw new ArgumentError('rate', rate, 'a number less than 1')
  return { rate, seed: seedOf(seed) }
}
/** A layer that adds and multiplies: y = x · factor + term, both drawn anew for every number of a batch. */
class Noise extends Layer {
  #size = 0
  #random
  #factor
  #term
  #y
  #dx
  #noisy = false // in the last run
  /** For the draws of one pass. */
  get isLinear() {
    return true
  }
  get randomStreams() {
    return [this]
  }
  /** The stream of draws, so that training can be taken up again where it stopped. */
  get random() {
    return this.#random
  }
  set random(value) {
    this.#random = value
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape, context) {
    this.#size = sizeOf(inputShape)
    this.#random = this.seed === null ? context.stream('dropout') : stream(this.seed, 'dropout')
    this.#factor = this.buffer(this.#size)
    this.#term = this.buffer(this.#size)
    this.#y = this.buffer(this.#size)
    this.#dx = this.gradientBuffer(this.#size)
  }
  propagate(x, { batch, training }) {
    this.#noisy = training && this.isNoisy
    if (!this.#noisy) return x
    const n = batch * this.#size
    const [y, factor, term] = [this.#y.array, this.#factor.array, this.#term.array]
    this.draw(factor, term, n, this.#random)
    for (let i = 0; i < n; i++) y[i] = Math.fround(x[i] * factor[i]) + term[i]
    return y
  }
  backpropagate(dy, { batch }) {
    if (!this.#noisy) return dy
    const [dx, factor] = [this.#dx.array, this.#factor.array]
    for (let i = 0; i < batch * this.#size; i++) dx[i] = dy[i] * factor[i]
    return dx
  }
}
/** x + normal noise. */
export class GaussianNoise extends Noise {
  className = 'GaussianNoise'
  constructor(options) {
    knownOptions('GaussianNoise', options, [...layerOptionNames, 'stddev', 'seed'])
    super(options)
    const check = ({ stddev, seed }) => ({
      stddev: finite('stddev', stddev, 0),
      seed: seedOf(seed),
    })
    this.defineAttributes(check(options), check)
  }
  get isNoisy() {
    return this.stddev > 0
  }
  draw(factor, term, n, random) {
    for (let i = 0; i < n; i++) {
      factor[i] = 1
      term[i] = this.stddev * normal(random)
    }
  }
  ownConfig() {
    return { stddev: this.stddev, seed: this.seed }
  }
}
/** x · normal noise of mean 1 and standard deviation √(rate / (1 − rate)). */
export class GaussianDropout extends Noise {
  className = 'GaussianDropout'
  constructor(options) {
    knownOptions('GaussianDropout', options, [...layerOptionNames, 'rate', 'seed'])
    super(options)
    this.defineAttributes(rateOf(options), rateOf)
  }
  get isNoisy() {
    return this.rate > 0
  }
  draw(factor, term, n, random) {
    const stddev = Math.sqrt(this.rate / (1 - this.rate))
    for (let i = 0; i < n; i++) {
      factor[i] = 1 + stddev * normal(random)
      term[i] = 0
    }
  }
  ownConfig() {
    return { rate: this.rate, seed: this.seed }
  }
}
/** What selu gives for −∞. */
const SELU_FLOOR = -1.7580993408473766
/**
 * Dropout for selu: what is dropped becomes selu's floor, and all is scaled so that mean and variance stay.
 *
 * @see Klambauer et al. 2017, arXiv:1706.02515
 */
export class AlphaDropout extends Noise {
  className = 'AlphaDropout'
  constructor(options) {
    knownOptions('AlphaDropout', options, [...layerOptionNames, 'rate', 'noiseShape', 'seed'])
    super(options)
    if (options.noiseShape) throw new ArgumentError('noiseShape', options.noiseShape, 'null')
    this.defineAttributes(rateOf(options), rateOf)
  }
  get isNoisy() {
    return this.rate > 0
  }
  draw(factor, term, n, random) {
    const { rate } = this
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR * SELU_FLOOR))
    const b = -a * SELU_FLOOR * rate
    for (let i = 0; i < n; i++) {
      const isKept = random() >= rate
      factor[i] = isKept ? a : 0
      term[i] = isKept ? b : a * SELU_FLOOR + b
    }
  }
  ownConfig() {
    return { rate: this.rate, seed: this.seed }
  }
}
