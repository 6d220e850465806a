// What the relatives of Dropout share: noise that there is in training, and not in prediction.

import { type BatchShape, finite, integer, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { BatchBuffer } from './batch-buffer.ts'
import type { Call, RandomStream } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'

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

/** What was drawn, and what draws. */
interface Draws {
  readonly factor: BatchBuffer
  readonly term: BatchBuffer
  readonly stream: RandomStream
}

/** A layer that adds and multiplies: y = x · factor + term, both drawn anew for every number of a batch. */
export abstract class Noise extends Layer<Draws> {
  declare readonly seed: number | null

  /** Whether there is anything to draw. */
  protected abstract readonly isNoisy: boolean
  /** Draws factor and term for `n` numbers. */
  protected abstract draw(factor: Float32Array, term: Float32Array, n: number, random: Random): void

  /** For the draws of one pass. */
  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
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
