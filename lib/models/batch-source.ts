// Batches that come one after the other: from generators, streams, files. They need not fit into memory together.

import { ArgumentError, StateError } from '../core/errors.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'

/** Samples, targets, and perhaps how much each sample counts: one batch. */
export type SampleBatch = readonly [TensorLike, TensorLike, TensorLike?] | readonly Tensor[]

/** Anything that `for await` can walk. */
export type Batches<T> = AsyncIterable<T> | Iterable<T>

/**
 * Where batches come from. An iterable that can be walked again and again (a class with `[Symbol.iterator]`) begins
 * anew with every epoch, and so does a function, which is called for every epoch. A generator can be walked only once.
 * Iterators are closed (`return`) when no more is needed.
 */
export type BatchSource<T> = Batches<T> | (() => Batches<T> | Promise<Batches<T>>)

/** Tells a source from samples: arrays, typed arrays, ndarrays and tensors are samples. */
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

/** A source on its way: one batch at a time, each read by `read`. */
export class BatchReader<T> {
  readonly #name: string
  readonly #source: BatchSource<unknown>
  readonly #read: (batch: unknown) => T
  readonly #goesOn: boolean
  #walk: Walk | null = null
  #walked: Batches<unknown> | null = null
  #first: T | null = null // pulled and not used yet
  #taken = 0 // of this walk

  /**
   * @param name of the argument, for messages
   * @param goesOn whether an epoch goes on where the one before stopped, as with `stepsPerEpoch`
   */
  constructor(
    name: string,
    source: BatchSource<unknown>,
    read: (batch: unknown) => T,
    options: { goesOn: boolean },
  ) {
    this.#name = name
    this.#source = source
    this.#read = read
    this.#goesOn = options.goesOn
  }

  /** The first batch, which stays the next one. @throws ArgumentError when there is none */
  async peek(): Promise<T> {
    this.#first ??= await this.#pull()
    if (this.#first === null) {
      const hint = 'A generator can be walked only once; a function that makes one is called for every epoch'
      throw new ArgumentError(this.#name, this.#source, 'at least one batch', hint)
    }
    return this.#first
  }

  /** The next batch, `null` after the last. */
  async next(): Promise<T | null> {
    const batch = this.#first ?? (await this.#pull())
    this.#first = null
    if (batch !== null) this.#taken++
    return batch
  }

  /** Begins anew if the source can, and should. @returns whether the next batch is the first one of a walk */
  async rewind(): Promise<boolean> {
    if (this.#taken === 0) return true
    if (!this.startsAnew) return false
    await this.close()
    return true
  }

  /** Whether every epoch begins with the source's first batch. */
  get startsAnew(): boolean {
    return typeof this.#source === 'function' || !(this.#goesOn || this.#isOneWay())
  }

  /** Takes as many batches as were used before. @throws StateError when there are fewer */
  async skip(count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      if ((await this.next()) === null)
        throw new StateError(`${this.#name}: ${count} batches were used before, and there are only ${i} now`)
  }

  /** Tells the iterator that no more is needed. */
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

/** After the end: asking again gives nothing, and there is nothing to close. */
const ended: Walk = { next: () => ({ done: true, value: undefined }) }

/** `[x, y]` or `[x, y, sampleWeight]`. */
export function readSampleBatch(batch: unknown): readonly [TensorLike, TensorLike, TensorLike?] {
  if (Array.isArray(batch) && (batch.length === 2 || batch.length === 3))
    return batch as unknown as [TensorLike, TensorLike, TensorLike?]
  throw new ArgumentError('a batch of the source', batch, '[x, y] or [x, y, sampleWeight]')
}

/** Samples alone, or `[x, y]`, of which `y` is not needed: a list of tensors is no tensor. */
export function readInputBatch(batch: unknown): TensorLike {
  const first: unknown = Array.isArray(batch) ? batch[0] : undefined
  const isList = first instanceof Tensor || ArrayBuffer.isView(first)
  return (isList ? first : batch) as TensorLike
}

/** What is said when a source ends before the steps that were asked for. */
export const ranOut = (name: string, batches: number, needed: string) =>
  `${name}: the source ran out of batches after ${batches}; ${needed}`
