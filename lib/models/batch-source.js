// Batches that come one after the other: from generators, streams, files. They need not fit into memory together.
import { ArgumentError, StateError } from '../errors.ts'
import { Tensor } from '../tensor.ts'
/** Tells a source from samples: arrays, typed arrays, ndarrays and tensors are samples. */
export function isBatchSource(value) {
  if (typeof value === 'function') return true
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && isWalkable(value)
}
const isWalkable = value =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Tensor) &&
  (Symbol.asyncIterator in value || Symbol.iterator in value)
/** A source on its way: one batch at a time, each read by `read`. */
export class BatchReader {
  #name
  #source
  #read
  #goesOn
  #walk = null
  #walked = null
  #first = null // pulled and not used yet
  #taken = 0 // of this walk
  /**
   * @param name of the argument, for messages
   * @param goesOn whether an epoch goes on where the one before stopped, as with `stepsPerEpoch`
   */
  constructor(name, source, read, options) {
    this.#name = name
    this.#source = source
    this.#read = read
    this.#goesOn = options.goesOn
  }
  /** The first batch, which stays the next one. @throws ArgumentError when there is none */
  async peek() {
    this.#first ??= await this.#pull()
    if (this.#first === null) {
      const hint = 'A generator can be walked only once; a function that makes one is called for every epoch'
      throw new ArgumentError(this.#name, this.#source, 'at least one batch', hint)
    }
    return this.#first
  }
  /** The next batch, `null` after the last. */
  async next() {
    const batch = this.#first ?? (await this.#pull())
    this.#first = null
    if (batch !== null) this.#taken++
    return batch
  }
  /** Begins anew if the source can, and should. @returns whether the next batch is the first one of a walk */
  async rewind() {
    if (this.#taken === 0) return true
    if (!this.startsAnew) return false
    await this.close()
    return true
  }
  /** Whether every epoch begins with the source's first batch. */
  get startsAnew() {
    return typeof this.#source === 'function' || !(this.#goesOn || this.#isOneWay())
  }
  /** Takes as many batches as were used before. @throws StateError when there are fewer */
  async skip(count) {
    for (let i = 0; i < count; i++)
      if ((await this.next()) === null)
        throw new StateError(`${this.#name}: ${count} batches were used before, and there are only ${i} now`)
  }
  /** Tells the iterator that no more is needed. */
  async close() {
    const walk = this.#walk
    this.#walk = null
    this.#first = null
    this.#taken = 0
    await walk?.return?.()
  }
  async #pull() {
    this.#walk ??= await this.#begin()
    const { done, value } = await this.#walk.next()
    if (done) {
      if (!this.#isOneWay()) this.#walk = ended
      return null
    }
    return this.#read(value)
  }
  async #begin() {
    const source = typeof this.#source === 'function' ? await this.#source() : this.#source
    if (!isWalkable(source))
      throw new ArgumentError(this.#name, source, 'a function that returns an iterable of batches')
    this.#walked = source
    return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  }
  /** Whether the iterable is its own iterator, as a generator is. */
  #isOneWay() {
    return this.#walk === this.#walked
  }
}
/** After the end: asking again gives nothing, and there is nothing to close. */
const ended = { next: () => ({ done: true, value: undefined }) }
/** `[x, y]` or `[x, y, sampleWeight]`. */
export function readSampleBatch(batch) {
  if (Array.isArray(batch) && (batch.length === 2 || batch.length === 3)) return batch
  throw new ArgumentError('a batch of the source', batch, '[x, y] or [x, y, sampleWeight]')
}
/** Samples alone, or `[x, y]`, of which `y` is not needed: a list of tensors is no tensor. */
export function readInputBatch(batch) {
  const first = Array.isArray(batch) ? batch[0] : undefined
  const isList = first instanceof Tensor || ArrayBuffer.isView(first)
  return isList ? first : batch
}
/** What is said when a source ends before the steps that were asked for. */
export const ranOut = (name, batches, needed) =>
  `${name}: the source ran out of batches after ${batches}; ${needed}`
