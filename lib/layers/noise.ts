// What the relatives of Dropout share: noise that there is in training, and not in prediction.

import { type BatchShape, finite, integer, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { type Random, stream } from '../random.ts'
import { type BuildContext, Layer, type LayerOptions, type Pass } from './layer.ts'

export interface SeedOption extends LayerOptions {
  /** A stream of the layer's own; default: the model's seed decides. */
  readonly seed?: number | null
}
/** The options of noise with a rate. */
export interface NoiseRateOptions extends SeedOption {
  /** At least 0 and less than 1. */
  readonly rate: number
}

export const seedOf = (seed: number | null | undefined) =>
  seed === undefined || seed === null ? null : integer('seed', seed, 0)

export function rateOf({ rate, seed }: NoiseRateOptions) {
  if (finite('rate', rate, 0, 1) === 1) throw new ArgumentError('rate', rate, 'a number less than 1')
  return { rate, seed: seedOf(seed) }
}

/** A layer that adds and multiplies: y = x · factor + term, both drawn anew for every number of a batch. */
export abstract class Noise extends Layer {
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
