// GaussianNoise, GaussianDropout and AlphaDropout: noise that acts in training, but not in prediction.

import { type BatchShape, inputBatch, type Shape, sizeOf } from '../core/check.ts'
import { number, only } from '../core/options.ts'
import { normal, type Random } from '../core/random.ts'
import type { BatchBuffer, Call, RandomStream } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { rate, seed } from './options.ts'

interface SeedOption extends LayerOptions {
  /** The seed of the layer's own stream. Default: derived from the model's seed. */
  readonly seed?: number | null
}
/** The options of GaussianDropout and AlphaDropout. */
export interface NoiseRateOptions extends SeedOption {
  /** At least 0 and less than 1. */
  readonly rate: number
}

/** The last draws, and the stream that they come from. */
interface Draws {
  readonly factor: BatchBuffer
  readonly term: BatchBuffer
  readonly stream: RandomStream
}

/** y = x · factor + term, with both drawn for every element of every batch. */
abstract class Noise extends Layer<Draws> {
  declare readonly seed: number | null

  /** Whether the options produce any noise. */
  protected abstract readonly isNoisy: boolean
  /** Draws factor and term for `n` elements. */
  protected abstract draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void

  /** Linear for fixed draws. */
  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  override passesThrough(_inputShape: Shape, training: boolean): boolean {
    return !training || !this.isNoisy
  }

  override prepare(call: Call): Draws {
    const size = sizeOf(call.inputShape)
    return { factor: call.buffer(size), term: call.buffer(size), stream: call.stream('dropout', this.seed) }
  }

  forwardInto(y: Float32Array, x: Float32Array, { state }: Call<Draws>): void {
    const [factor, term] = [state.factor.array, state.term.array]
    this.draw(factor, term, y.length, state.stream.random)
    for (let i = 0; i < y.length; i++) y[i] = Math.fround(x[i] * factor[i]) + term[i]
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { state }: Call<Draws>): void {
    const factor = state.factor.array
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * factor[i]
  }
}

/** The options of GaussianNoise. */
export interface GaussianNoiseOptions extends SeedOption {
  /** The standard deviation of the noise. */
  readonly stddev: number
}

/** x + normal noise. */
export class GaussianNoise extends Noise {
  declare readonly className: 'GaussianNoise'
  declare readonly stddev: number

  constructor(options: GaussianNoiseOptions) {
    super(options, { className: 'GaussianNoise', fields: { stddev: number(undefined, 0), seed } })
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
}

/** x · normal noise of mean 1 and standard deviation √(rate / (1 − rate)). */
export class GaussianDropout extends Noise {
  declare readonly className: 'GaussianDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions) {
    super(options, { className: 'GaussianDropout', fields: { rate, seed } })
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
}

/** selu(−∞). */
const SELU_FLOOR = -1.7580993408473766

/**
 * Dropout for selu: sets dropped values to selu(−∞), then scales and shifts all values to preserve mean and variance.
 *
 * @see Klambauer et al. 2017, arXiv:1706.02515
 */
export class AlphaDropout extends Noise {
  declare readonly className: 'AlphaDropout'
  declare readonly rate: number

  constructor(options: NoiseRateOptions & { readonly noiseShape?: null }) {
    const noiseShape = { ...only(null), isHidden: true }
    super(options, { className: 'AlphaDropout', fields: { rate, noiseShape, seed } })
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
}
