// Relatives of Dropout: other noise that there is in training, and not in prediction.

import { type BatchShape, finite, integer, knownOptions, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { normal, type Random, stream } from '../random.ts'
import { type BuildContext, Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'

interface SeedOption extends LayerOptions {
  /** A stream of the layer's own; default: the model's seed decides. */
  readonly seed?: number | null
}
export interface NoiseRateOptions extends SeedOption {
  /** At least 0 and less than 1. */
  readonly rate: number
}

const seedOf = (seed: number | null | undefined) =>
  seed === undefined || seed === null ? null : integer('seed', seed, 0)

function rateOf({ rate, seed }: NoiseRateOptions) {
  if (finite('rate', rate, 0, 1) === 1) throw new ArgumentError('rate', rate, 'a number less than 1')
  return { rate, seed: seedOf(seed) }
}

/** A layer that adds and multiplies: y = x · factor + term, both drawn anew for every number of a batch. */
abstract class Noise extends Layer {
  declare readonly seed: number | null
  #size = 0
  #random!: Random
  #factor!: Block
  #term!: Block
  #y!: Block
  #dx!: Block
  #noisy = false // in the last run

  /** Whether there is anything to draw. */
  protected abstract readonly isNoisy: boolean
  /** Draws factor and term for `n` numbers. */
  protected abstract draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void

  /** For the draws of one pass. */
  override get isLinear(): boolean {
    return true
  }

  override get randomStreams() {
    return [this]
  }

  /** The stream of draws, so that training can be taken up again where it stopped. */
  get random(): Random {
    return this.#random
  }

  set random(value: Random) {
    this.#random = value
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape, context: BuildContext): void {
    this.#size = sizeOf(inputShape)
    this.#random = this.seed === null ? context.stream('dropout') : stream(this.seed, 'dropout')
    this.#factor = this.buffer(this.#size)
    this.#term = this.buffer(this.#size)
    this.#y = this.buffer(this.#size)
    this.#dx = this.gradientBuffer(this.#size)
  }

  propagate(x: Float32Array, { batch, training }: Pass): Float32Array {
    this.#noisy = training && this.isNoisy
    if (!this.#noisy) return x
    const n = batch * this.#size
    const [y, factor, term] = [this.#y.array, this.#factor.array, this.#term.array]
    this.draw(factor, term, n, this.#random)
    for (let i = 0; i < n; i++) y[i] = Math.fround(x[i] * factor[i]) + term[i]
    return y
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    if (!this.#noisy) return dy
    const [dx, factor] = [this.#dx.array, this.#factor.array]
    for (let i = 0; i < batch * this.#size; i++) dx[i] = dy[i] * factor[i]
    return dx
  }
}

export interface GaussianNoiseOptions extends SeedOption {
  /** The standard deviation of what is added. */
  readonly stddev: number
}

/** x + normal noise. */
export class GaussianNoise extends Noise {
  readonly className = 'GaussianNoise'
  declare readonly stddev: number

  constructor(options: GaussianNoiseOptions) {
    knownOptions('GaussianNoise', options, [...layerOptionNames, 'stddev', 'seed'])
    super(options)
    const check = ({ stddev, seed }: GaussianNoiseOptions) => ({
      stddev: finite('stddev', stddev, 0),
      seed: seedOf(seed),
    })
    this.defineAttributes(check(options), check)
  }

  protected get isNoisy(): boolean {
    return this.stddev > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    for (let i = 0; i < n; i++) {
      factor[i] = 1
      term[i] = this.stddev * normal(random)
    }
  }

  protected ownConfig() {
    return { stddev: this.stddev, seed: this.seed }
  }
}

/** x · normal noise of mean 1 and standard deviation √(rate / (1 − rate)). */
export class GaussianDropout extends Noise {
  readonly className = 'GaussianDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions) {
    knownOptions('GaussianDropout', options, [...layerOptionNames, 'rate', 'seed'])
    super(options)
    this.defineAttributes(rateOf(options), rateOf)
  }

  protected get isNoisy(): boolean {
    return this.rate > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    const stddev = Math.sqrt(this.rate / (1 - this.rate))
    for (let i = 0; i < n; i++) {
      factor[i] = 1 + stddev * normal(random)
      term[i] = 0
    }
  }

  protected ownConfig() {
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
  readonly className = 'AlphaDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions & { readonly noiseShape?: null }) {
    knownOptions('AlphaDropout', options, [...layerOptionNames, 'rate', 'noiseShape', 'seed'])
    super(options)
    if (options.noiseShape) throw new ArgumentError('noiseShape', options.noiseShape, 'null')
    this.defineAttributes(rateOf(options), rateOf)
  }

  protected get isNoisy(): boolean {
    return this.rate > 0
  }

  protected draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void {
    const { rate } = this
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SELU_FLOOR * SELU_FLOOR))
    const b = -a * SELU_FLOOR * rate
    for (let i = 0; i < n; i++) {
      const isKept = random() >= rate
      factor[i] = isKept ? a : 0
      term[i] = isKept ? b : a * SELU_FLOOR + b
    }
  }

  protected ownConfig() {
    return { rate: this.rate, seed: this.seed }
  }
}
