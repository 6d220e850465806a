// Batch sources: generators, streams, files. Batches are read one at a time and need not fit into memory together.

import { ArgumentError, StateError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { BatchStream, type Orders } from './batch-stream.ts'
import {
  allRows,
  type Data,
  isNamed,
  type ModelInput,
  type ModelTargets,
  type Rows,
  type SampleWeights,
} from './data.ts'

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

/** Batches as a source yields them, read one at a time. */
export class SourceStream extends BatchStream {
  readonly #name: string
  readonly #source: BatchSource<unknown>
  readonly #read: (batch: unknown) => Data
  readonly #continues: boolean
  #walk: Walk | null = null
  #walked: Batches<unknown> | null = null
  #first: Data | null = null // pulled but not yet used

  /**
   * @param name of the argument, for messages
   * @param read checks and converts a batch
   * @param continues whether an epoch continues where the previous one stopped, as with `stepsPerEpoch`
   */
  constructor(
    name: string,
    source: BatchSource<unknown>,
    read: (batch: unknown) => Data,
    orders: Orders,
    continues = false,
  ) {
    super(Infinity, 1, orders)
    this.#name = name
    this.#source = source
    this.#read = read
    this.#continues = continues
  }

  /** The next batch, without consuming it. @throws ArgumentError when the source is empty */
  async peek(): Promise<Data> {
    this.#first ??= await this.#pull()
    if (this.#first) return this.#first
    const hint = 'A generator runs only once; pass a function that makes one for every epoch'
    throw new ArgumentError(this.#name, this.#source, 'at least one batch', hint)
  }

  async next(): Promise<Rows | null> {
    const batch = this.#first ?? (await this.#pull())
    this.#first = null
    if (!batch) return null
    this.sample = this.sample < Infinity ? this.sample + 1 : 1
    return allRows(batch)
  }

  async rewind(): Promise<void> {
    if (this.sample < Infinity && this.#startsAnew) await this.close()
  }

  /** Whether every epoch begins with the source's first batch. */
  get #startsAnew(): boolean {
    return typeof this.#source === 'function' || !(this.#continues || this.#isOneWay())
  }

  /** @throws StateError when the source has fewer batches */
  override async skipUsed(within: boolean): Promise<void> {
    const used = this.sample < Infinity && (within || !this.#startsAnew) ? this.sample : 0
    this.sample = Infinity
    for (let i = 0; i < used; i++)
      if (!(await this.next()))
        throw new StateError(`${this.#name}: cannot skip ${used} used batches; the source has only ${i}`)
  }

  /** Closes the iterator. */
  override async close(): Promise<void> {
    const walk = this.#walk
    this.#walk = null
    this.#first = null
    this.sample = Infinity
    await walk?.return?.()
  }

  async #pull(): Promise<Data | null> {
    this.#walk ??= await this.#begin()
    const { done, value } = await this.#walk.next()
    if (!done) return this.#read(value)
    if (!this.#isOneWay()) this.#walk = ended
    return null
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

/** Checks that a batch is `[x, y]` or `[x, y, sampleWeight]`. @param name of the batch, for messages */
export function readSampleBatch(name: string, batch: unknown): readonly [ModelInput, ModelTargets, SampleWeights?] {
  if (Array.isArray(batch) && (batch.length === 2 || batch.length === 3))
    return batch as unknown as [ModelInput, ModelTargets, SampleWeights?]
  throw new ArgumentError(name, batch, '[x, y] or [x, y, sampleWeight]')
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
