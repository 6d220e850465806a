// The memory of a model: one WebAssembly memory, which grows and is collected with the model. It begins with the
// arguments of calls and the scratch of each thread; the rest is given out in blocks.

import { StateError } from '../core/errors.ts'
import type { Block, Region } from '../engine/engine.ts'
import { CALL, LINE, SCRATCH_SIZE } from './layout.ts'
import { Sparing } from './sparing.ts'
import { createMemory, type Memory, MOST_PAGES, PAGE } from './wasm.ts'

/** Where scratches begin; before them are the arguments and the geometry of a call. */
const SCRATCH = 1024
/** Vectors may read this far past the end of a block. */
const SLACK = 64
/** Blocks begin at the beginning of a cache line. */
const LINE_BYTES = 4 * LINE

/**
 * Engines of JavaScript collect garbage when much was allocated, and count no WebAssembly memory in that: models would be
 * made and dropped until the address space is full. So each memory holds a buffer that is counted, up to this size. It is
 * never touched, and takes no room on any machine that maps pages when they are first used.
 */
export const MOST_BALLAST = 2 ** 25
export const ballastFor = (bytes: number) => new ArrayBuffer(Math.min(bytes, MOST_BALLAST))

const roundUp = (n: number, to: number) => Math.ceil(n / to) * to

export class SimdMemory {
  readonly memory: Memory
  /** What kernels need not do on the blocks. */
  readonly sparing = new Sparing()
  readonly #free: Stretch[] = []
  #top: number // what lies below is given out, or in `free`
  #buffer: ArrayBufferLike
  #integers: Int32Array
  #floats: Float32Array
  #ballast: ArrayBuffer

  /** @throws StateError where the machine has no room */
  constructor(shared: boolean, threads: number) {
    this.#top = SCRATCH + threads * SCRATCH_SIZE
    try {
      const pages = Math.ceil((this.#top + SLACK) / PAGE)
      this.#ballast = ballastFor(pages * PAGE)
      this.memory = createMemory(pages, shared)
    } catch (error) {
      throw noRoom(this.#top, error)
    }
    this.#buffer = this.memory.buffer
    this.#integers = new Int32Array(this.#buffer, 0, SCRATCH / 4)
    this.#floats = new Float32Array(this.#buffer, 0, SCRATCH / 4)
  }

  /** The bytes in use, scratches included. */
  get byteLength(): number {
    return this.#top - this.#free.reduce((sum, { size }) => sum + size, 0)
  }

  // ---- Calls --------------------------------------------------------------------------------------------------

  scratchOf(thread: number): number {
    return SCRATCH + thread * SCRATCH_SIZE
  }

  /** Whether the array lies in this memory, so that the module can work on it. */
  holds(array: Float32Array | Int32Array): boolean {
    return array.buffer === this.#buffer
  }

  /** The arguments of the next call are set one by one. */
  setArray(index: number, array: Float32Array | Int32Array | null): void {
    this.#integers[index] = array === null ? 0 : array.byteOffset
  }

  setInteger(index: number, value: number): void {
    this.#integers[index] = value
  }

  setFloat(index: number, value: number): void {
    this.#floats[index] = value
  }

  setGeometry(words: Int32Array): void {
    this.#integers.set(words, CALL / 4)
  }

  // ---- Blocks -------------------------------------------------------------------------------------------------

  region(): Region {
    const blocks: MemoryBlock[] = []
    return {
      alloc: length => {
        const block = new MemoryBlock(this, this.#take(length * 4), length)
        blocks.push(block)
        return block
      },
      release: () => {
        for (const { stretch } of blocks) {
          this.sparing.forget(stretch.offset)
          this.#give(stretch)
        }
        blocks.length = 0
      },
    }
  }

  /** The present buffer. A block whose view is of another one makes a new view. */
  get buffer(): ArrayBufferLike {
    return this.#buffer
  }

  #take(bytes: number): Stretch {
    const size = Math.max(roundUp(bytes, LINE_BYTES), LINE_BYTES)
    const i = this.#free.findIndex(stretch => stretch.size >= size)
    if (i >= 0) {
      const { offset, size: all } = this.#free[i]
      if (all === size) this.#free.splice(i, 1)
      else this.#free[i] = { offset: offset + size, size: all - size }
      new Uint8Array(this.#buffer, offset, size).fill(0)
      return { offset, size }
    }
    const offset = this.#top
    this.#growTo(offset + size + SLACK)
    this.#top = offset + size
    return { offset, size }
  }

  /** Neighbours among what is free are joined. */
  #give(stretch: Stretch): void {
    const free = this.#free
    let i = free.findIndex(({ offset }) => offset > stretch.offset)
    if (i < 0) i = free.length
    free.splice(i, 0, stretch)
    for (let j = Math.min(i + 1, free.length - 1); j >= Math.max(i, 1); j--) {
      const [before, after] = [free[j - 1], free[j]]
      if (before.offset + before.size !== after.offset) continue
      free.splice(j - 1, 2, { offset: before.offset, size: before.size + after.size })
    }
  }

  #growTo(bytes: number): void {
    const missing = bytes - this.memory.buffer.byteLength
    if (missing <= 0) return
    if (bytes > MOST_PAGES * PAGE) throw noRoom(bytes)
    // By a quarter more than is needed, so that many small blocks don't grow it many times.
    const present = this.memory.buffer.byteLength / PAGE
    const pages = Math.ceil(missing / PAGE)
    const more = Math.min(Math.max(pages, Math.floor(present / 4)), MOST_PAGES - present)
    try {
      if (this.#ballast.byteLength < MOST_BALLAST) this.#ballast = ballastFor((present + more) * PAGE)
      this.memory.grow(more)
    } catch (error) {
      throw noRoom(bytes, error)
    }
    this.#buffer = this.memory.buffer
    this.#integers = new Int32Array(this.#buffer, 0, SCRATCH / 4)
    this.#floats = new Float32Array(this.#buffer, 0, SCRATCH / 4)
  }
}

interface Stretch {
  readonly offset: number
  readonly size: number
}

/** A view that is made anew when the memory has grown: an unshared memory's old views have lost their numbers. */
class MemoryBlock implements Block {
  readonly stretch: Stretch
  readonly #memory: SimdMemory
  readonly #length: number
  #view: Float32Array

  constructor(memory: SimdMemory, stretch: Stretch, length: number) {
    this.stretch = stretch
    this.#memory = memory
    this.#length = length
    this.#view = new Float32Array(memory.buffer, stretch.offset, length)
  }

  get array(): Float32Array {
    const { buffer } = this.#memory
    if (this.#view.buffer !== buffer) this.#view = new Float32Array(buffer, this.stretch.offset, this.#length)
    return this.#view
  }

  open(): Float32Array {
    this.#memory.sparing.open(this.stretch.offset)
    return this.array
  }

  set(values: Float32Array): void {
    this.#memory.sparing.changed(this.stretch.offset)
    this.array.set(values)
  }
}

function noRoom(bytes: number, cause?: unknown): StateError {
  const advice = 'the fast engine addresses 4 GiB. Use a smaller model or batch, or { engine: "reference" }'
  const error = new StateError(`cannot allocate ${Math.ceil(bytes / 2 ** 20)} MiB: ${advice}`)
  if (cause !== undefined) error.cause = cause
  return error
}
