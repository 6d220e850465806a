// Batch sources: generators, streams, files. Batches are read one at a time and need not fit into memory together.

import { ArgumentError, StateError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { isNamed, type ModelInput, type ModelTargets, type SampleWeights } from './data.ts'

/** One batch: samples, targets, and optionally sample weights. */
export type SampleBatch = readonly [ModelInput, ModelTargets, SampleWeights?] | readonly Tensor[]

/** Anything that `for await` can iterate over. */
export type Batches<T> = AsyncIterable<T> | Iterable<T>

/**
 * A source of batches. A reusable iterable (a class with `[Symbol.iterator]`) is iterated again in every epoch; a
 * function is called again for every epoch. A generator can be iterated only once. When no more batches are needed,
 * the iterator's `return` is called.
 */
export type BatchSource<T> = Batches<T> | (() => Batches<T> | Promise<Batches<T>>)

/** Whether a value is a batch source, not samples: arrays, typed arrays, ndarrays and tensors are samples. */
export function isBatchSource(value: unknown): value is BatchSource<unknown> {
  if (typeof value === 'function') return true
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && isWalkable(value)
}

const isWalkable = (value: unknown): value is Batches<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Tensor) &&
  (Symbol.asyncIterator in value || Symbol.iterator in value)

type Walk = AsyncIterator<unknown> | Iterator<unknown>

/** Reads a source one batch at a time; `read` checks and converts each batch. */
export class BatchReader<T> {
  readonly #name: string
  readonly #source: BatchSource<unknown>
  readonly #read: (batch: unknown) => T
  readonly #continues: boolean
  #walk: Walk | null = null
  #walked: Batches<unknown> | null = null
  #first: T | null = null // pulled but not yet used
  #taken = 0 // batches used in the current iteration

  /**
   * @param name of the argument, for messages
   * @param options.continues whether an epoch continues where the previous one stopped, as with `stepsPerEpoch`
   */
  constructor(
    name: string,
    source: BatchSource<unknown>,
    read: (batch: unknown) => T,
    options: { continues: boolean },
  ) {
    this.#name = name
    this.#source = source
    this.#read = read
    this.#continues = options.continues
  }

  /** The next batch, without consuming it. @throws ArgumentError when the source is empty */
  async peek(): Promise<T> {
    this.#first ??= await this.#pull()
    if (this.#first === null) {
      const hint = 'A generator runs only once; pass a function that makes one for every epoch'
      throw new ArgumentError(this.#name, this.#source, 'at least one batch', hint)
    }
    return this.#first
  }

  /** The next batch; `null` after the last. */
  async next(): Promise<T | null> {
    const batch = this.#first ?? (await this.#pull())
    this.#first = null
    if (batch !== null) this.#taken++
    return batch
  }

  /** Restarts the source if possible and required. @returns whether the next batch is the source's first */
  async rewind(): Promise<boolean> {
    if (this.#taken === 0) return true
    if (!this.startsAnew) return false
    await this.close()
    return true
  }

  /** Whether every epoch begins with the source's first batch. */
  get startsAnew(): boolean {
    return typeof this.#source === 'function' || !(this.#continues || this.#isOneWay())
  }

  /** Skips batches that were used before an interruption. @throws StateError when the source has fewer */
  async skip(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      if ((await this.next()) === null)
        throw new StateError(`${this.#name}: cannot skip ${count} used batches; the source has only ${i}`)
  }

  /** Closes the iterator. */
  async close(): Promise<void> {
    const walk = this.#walk
    this.#walk = null
    this.#first = null
    this.#taken = 0
    await walk?.return?.()
  }

  async #pull(): Promise<T | null> {
    this.#walk ??= await this.#begin()
    const { done, value } = await this.#walk.next()
    if (done) {
      if (!this.#isOneWay()) this.#walk = ended
      return null
    }
    return this.#read(value)
  }

  async #begin(): Promise<Walk> {
    const source = typeof this.#source === 'function' ? await this.#source() : this.#source
    if (!isWalkable(source))
      throw new ArgumentError(this.#name, source, 'a function that returns an iterable of batches')
    this.#walked = source
    return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }

  /** Whether the iterable is its own iterator, as a generator is. */
  #isOneWay(): boolean {
    return (this.#walk as unknown) === this.#walked
  }
}

/** Replaces an exhausted iterator, so that it is neither read nor closed again. */
const ended: Walk = { next: () => ({ done: true, value: undefined }) }

/** Checks that a batch is `[x, y]` or `[x, y, sampleWeight]`. */
export function readSampleBatch(batch: unknown): readonly [ModelInput, ModelTargets, SampleWeights?] {
  if (Array.isArray(batch) && (batch.length === 2 || batch.length === 3))
    return batch as unknown as [ModelInput, ModelTargets, SampleWeights?]
  throw new ArgumentError('a batch of the source', batch, '[x, y] or [x, y, sampleWeight]')
}

/**
 * The samples of a batch: the batch itself, or the first item of `[x, y]`.
 * @param inputs the number of the model's inputs
 */
export function readInputBatch(batch: unknown, inputs: number): ModelInput {
  const first: unknown = Array.isArray(batch) ? batch[0] : undefined
  const isTensor = first instanceof Tensor || ArrayBuffer.isView(first)
  const isPair = inputs === 1 ? isTensor : isNamed(first) || (Array.isArray(first) && typeof first[0] !== 'number')
  return (isPair ? first : batch) as ModelInput
}

/** The message when a source has fewer batches than requested. */
export const ranOut = (name: string, batches: number, needed: string) =>
  `${name}: the source ran out of batches after ${batches}; ${needed}`
