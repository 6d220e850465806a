// The sequence of batches for a run, from arrays; batch-source.ts has those from a source.

import { type Random, resume, shuffleInPlace } from '../core/random.ts'
import type { Data, Rows } from './data.ts'

/** The random numbers for shuffling. Resuming a training replaces `random`. */
export interface Orders {
  random: Random
}

export abstract class BatchStream {
  /** Samples per pass through the data; Infinity for a source, where each batch counts as one sample. */
  readonly samples: number
  readonly batchSize: number
  readonly shuffled: boolean
  /** The position of the next batch's first sample; `samples` or more at the end of a pass. */
  sample: number
  protected readonly orders: Orders

  constructor(samples: number, batchSize: number, orders: Orders, shuffled = false) {
    this.samples = samples
    this.batchSize = batchSize
    this.orders = orders
    this.shuffled = shuffled
    this.sample = samples
  }

  /** Steps per pass. */
  get steps(): number {
    return Math.ceil(this.samples / this.batchSize)
  }

  /** All data, or the next batch of a source, to determine the shapes of the batches. */
  abstract peek(): Data | Promise<Data>

  /** The next batch; `null` at the end of a source. */
  abstract next(): Rows | null | Promise<Rows | null>

  /** Begins an epoch, at the first batch unless epochs continue where the previous one stopped. */
  abstract rewind(): void | Promise<void>

  /** The random state from which the current order was drawn; between passes, the state for the next order. */
  orderState(): object {
    return this.orders.random.state()
  }

  /** Continues from `sample`, in the order drawn from `orderState`. */
  restore(sample: number, orderState: object): void {
    this.orders.random = resume(orderState)
    this.sample = sample
  }

  /** After `restore`: skips the batches of a source that were used. @param within whether to resume within an epoch */
  async skipUsed(_within: boolean): Promise<void> {}

  async close(): Promise<void> {}
}

export interface ArrayStreamOptions {
  readonly shuffled?: boolean
  /** Whether each epoch continues where the previous one stopped, as with `stepsPerEpoch`. */
  readonly continues?: boolean
}

/** Endless batches from arrays, pass after pass, in the given order or in a new random order for each pass. */
export class ArrayStream extends BatchStream {
  readonly #data: Data
  readonly #continues: boolean
  readonly #order: Int32Array | null
  #orderDrawnAt: object | null = null

  constructor(data: Data, batchSize: number, orders: Orders, options: ArrayStreamOptions = {}) {
    const { shuffled = false, continues = false } = options
    super(data.n, batchSize, orders, shuffled)
    this.#data = data
    this.#continues = continues
    this.#order = shuffled ? new Int32Array(data.n) : null
  }

  peek(): Data {
    return this.#data
  }

  next(): Rows {
    if (this.sample >= this.samples) {
      this.#drawOrder()
      this.sample = 0
    }
    const from = this.sample
    this.sample += this.batchSize
    const count = Math.min(this.batchSize, this.samples - from)
    return { data: this.#data, order: this.#order, from, count }
  }

  rewind(): void {
    if (!this.#continues) this.sample = this.samples
  }

  override orderState(): object {
    const isWithinPass = this.sample < this.samples
    return (isWithinPass && this.#orderDrawnAt) || super.orderState()
  }

  override restore(sample: number, orderState: object): void {
    super.restore(sample, orderState)
    if (sample < this.samples) this.#drawOrder()
  }

  /** Draws a new order, which depends only on the random numbers, not on the previous order. */
  #drawOrder(): void {
    const order = this.#order
    if (!order) return
    const { random } = this.orders
    this.#orderDrawnAt = random.state()
    for (let i = 0; i < order.length; i++) order[i] = i
    shuffleInPlace(order, random)
  }
}
