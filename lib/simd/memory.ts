// The memory of a model: one WebAssembly memory, which grows as needed and is garbage-collected with the model. Call
// arguments and the scratch of each thread come first; the rest is allocated in blocks.

import { StateError } from '../core/errors.ts'
import type { Block, Region } from '../engine/engine.ts'
import { CALL, LINE, SCRATCH_SIZE } from './layout.ts'
import { Sparing } from './sparing.ts'
import { createMemory, type Memory, MOST_PAGES, PAGE } from './wasm.ts'

/** The start of the scratches; before them are the arguments and the geometry of a call. */
const SCRATCH = 1024
/** The number of bytes that vector instructions may read past the end of a block. */
const SLACK = 64
/** Blocks are aligned to cache lines. */
const LINE_BYTES = 4 * LINE

/**
 * The maximum size of a memory's ballast. JavaScript engines start garbage collection according to the amount
 * allocated, but do not count WebAssembly memory: dropped models would accumulate until the address space is full. So
 * each memory holds an ordinary buffer, which is counted. It is never accessed, and uses no physical memory where pages
 * are mapped on first use.
 */
export const MOST_BALLAST = 2 ** 25
export const ballastFor = (bytes: number) => new ArrayBuffer(Math.min(bytes, MOST_BALLAST))

/** An array in the memory; null for none, whose address is 0. */
type ArrayArgument = Float32Array | Int32Array | null

const roundUp = (n: number, to: number) => Math.ceil(n / to) * to

export class SimdMemory {
  readonly memory: Memory
  /** Tracks the work that kernels can skip on the blocks. */
  readonly sparing = new Sparing()
  readonly #free: Extent[] = []
  #top: number // everything below is allocated or in `free`
  #buffer: ArrayBufferLike
  /** The addresses of the blocks' views; V8 is slow to give the buffer and the offset of an array. */
  #addresses = new WeakMap<object, number>()
  #integers: Int32Array
  #floats: Float32Array
  #ballast: ArrayBuffer
  #growths = 0

  /** @throws StateError when memory cannot be allocated */
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

  /** The number of bytes in use, including scratches. */
  get byteLength(): number {
    return this.#top - this.#free.reduce((sum, { size }) => sum + size, 0)
  }

  // ---- Calls --------------------------------------------------------------------------------------------------

  scratchOf(thread: number): number {
    return SCRATCH + thread * SCRATCH_SIZE
  }

  /** Whether the module can access all arrays: they are in this memory. */
  holds(...arrays: ArrayArgument[]): boolean {
    for (const array of arrays) if (array !== null && !this.has(array)) return false
    return true
  }

  /** Whether the array is in this memory. */
  has(array: Float32Array | Int32Array): boolean {
    return this.#addresses.has(array) || array.buffer === this.#buffer
  }

  /** Whether the array is a whole block, so that nothing else lies in its last vector. */
  isBlock(array: Float32Array): boolean {
    return this.#addresses.has(array)
  }

  /** The address of an array that is in this memory. */
  addressOf(array: Float32Array | Int32Array): number {
    return this.#addresses.get(array) ?? array.byteOffset
  }

  /** Sets the first arguments of the next call: arrays, which are passed as addresses, and integers. */
  pass(args: readonly (ArrayArgument | number)[]): void {
    const integers = this.#integers
    for (let i = 0; i < args.length; i++) {
      const each = args[i]
      integers[i] = typeof each === 'number' ? each : each === null ? 0 : this.addressOf(each)
    }
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
        for (const { extent } of blocks) {
          this.sparing.forget(extent.offset)
          this.#give(extent)
        }
        blocks.length = 0
      },
    }
  }

  /** The number of times that the memory has grown. Blocks recreate older views. */
  get growths(): number {
    return this.#growths
  }

  /** A view of the current memory. */
  view(address: number, length: number): Float32Array {
    const view = new Float32Array(this.#buffer, address, length)
    this.#addresses.set(view, address)
    return view
  }

  #take(bytes: number): Extent {
    const size = Math.max(roundUp(bytes, LINE_BYTES), LINE_BYTES)
    const i = this.#free.findIndex(extent => extent.size >= size)
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

  /** Frees an extent and merges it with adjacent free ones. */
  #give(extent: Extent): void {
    const free = this.#free
    let i = free.findIndex(({ offset }) => offset > extent.offset)
    if (i < 0) i = free.length
    free.splice(i, 0, extent)
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
    // Grow by at least a quarter, so that many small blocks do not cause many small steps.
    const present = this.memory.buffer.byteLength / PAGE
    const pages = Math.ceil(missing / PAGE)
    const more = Math.min(Math.max(pages, Math.floor(present / 4)), MOST_PAGES - present)
    try {
      if (this.#ballast.byteLength < MOST_BALLAST) this.#ballast = ballastFor((present + more) * PAGE)
      this.memory.grow(more)
    } catch (error) {
      throw noRoom(bytes, error)
    }
    this.#growths++
    this.#buffer = this.memory.buffer
    this.#addresses = new WeakMap()
    this.#integers = new Int32Array(this.#buffer, 0, SCRATCH / 4)
    this.#floats = new Float32Array(this.#buffer, 0, SCRATCH / 4)
  }
}

interface Extent {
  readonly offset: number
  readonly size: number
}

/** A block whose view is recreated after the memory has grown: growing detaches the views of an unshared memory. */
class MemoryBlock implements Block {
  readonly extent: Extent
  readonly #memory: SimdMemory
  readonly #length: number
  #view: Float32Array
  #growths: number

  constructor(memory: SimdMemory, extent: Extent, length: number) {
    this.extent = extent
    this.#memory = memory
    this.#length = length
    this.#view = memory.view(extent.offset, length)
    this.#growths = memory.growths
  }

  get array(): Float32Array {
    const { growths } = this.#memory
    if (this.#growths !== growths) {
      this.#growths = growths
      this.#view = this.#memory.view(this.extent.offset, this.#length)
    }
    return this.#view
  }

  open(): Float32Array {
    this.#memory.sparing.open(this.extent.offset)
    return this.array
  }

  set(values: Float32Array): void {
    this.#memory.sparing.changed(this.extent.offset)
    this.array.set(values)
  }
}

function noRoom(bytes: number, cause?: unknown): StateError {
  const advice = 'the limit of the fast engine is 4 GiB. Use a smaller model or batch, or { engine: "reference" }'
  const error = new StateError(`cannot allocate ${Math.ceil(bytes / 2 ** 20)} MiB: ${advice}`)
  if (cause !== undefined) error.cause = cause
  return error
}
