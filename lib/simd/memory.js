// The memory of a model: one WebAssembly memory, which grows and is collected with the model. It begins with the
// arguments of calls and the scratch of each thread; the rest is given out in blocks.
import { StateError } from '../errors.ts'
import { createMemory, MOST_PAGES, PAGE } from './wasm.ts'

/** Where lib/simd/assembly/scratch.ts has the geometry and the arguments of a call. */
const CALL = 64
const ARGUMENTS = 256
/** Where scratches begin, and how large one is: SCRATCH_SIZE there. */
const SCRATCH = 1024
const SCRATCH_SIZE = 2 ** 21
/** Vectors may read this far past the end of a block. */
const SLACK = 64
/** Blocks begin at the beginning of a cache line. */
const LINE = 64
const roundUp = (n, to) => Math.ceil(n / to) * to
export class SimdMemory {
  memory
  #shared
  #free = []
  #top // what lies below is given out, or in `free`
  #buffer
  #integers
  #floats
  /** @throws StateError where the machine has no room */
  constructor(shared, threads) {
    this.#shared = shared
    this.#top = SCRATCH + threads * SCRATCH_SIZE
    try {
      this.memory = createMemory(Math.ceil((this.#top + SLACK) / PAGE), shared)
    } catch (error) {
      throw noRoom(this.#top, error)
    }
    this.#buffer = this.memory.buffer
    this.#integers = new Int32Array(this.#buffer, 0, SCRATCH / 4)
    this.#floats = new Float32Array(this.#buffer, 0, SCRATCH / 4)
  }
  /** The bytes in use, scratches included. */
  get byteLength() {
    return this.#top - this.#free.reduce((sum, { size }) => sum + size, 0)
  }
  // ---- Calls --------------------------------------------------------------------------------------------------
  scratchOf(thread) {
    return SCRATCH + thread * SCRATCH_SIZE
  }
  /** Whether the array lies in this memory, so that the module can work on it. */
  holds(array) {
    return array.buffer === this.#buffer
  }
  /** The arguments of the next call are set one by one. */
  setArray(index, array) {
    this.#integers[ARGUMENTS / 4 + index] = array === null ? 0 : array.byteOffset
  }
  setInteger(index, value) {
    this.#integers[ARGUMENTS / 4 + index] = value
  }
  setFloat(index, value) {
    this.#floats[ARGUMENTS / 4 + index] = value
  }
  setGeometry(index, value) {
    this.#integers[CALL / 4 + index] = value
  }
  // ---- Blocks -------------------------------------------------------------------------------------------------
  region() {
    const blocks = []
    return {
      alloc: length => {
        const block = new MemoryBlock(this, this.#take(length * 4), length)
        blocks.push(block)
        return block
      },
      release: () => {
        for (const { stretch } of blocks) this.#give(stretch)
        blocks.length = 0
      },
    }
  }
  /** The present buffer. A block whose view is of another one makes a new view. */
  get buffer() {
    return this.#buffer
  }
  #take(bytes) {
    const size = Math.max(roundUp(bytes, LINE), LINE)
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
  #give(stretch) {
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
  #growTo(bytes) {
    const missing = bytes - this.memory.buffer.byteLength
    if (missing <= 0) return
    if (bytes > MOST_PAGES * PAGE) throw noRoom(bytes)
    // By a quarter more than is needed, so that many small blocks don't grow it many times.
    const present = this.memory.buffer.byteLength / PAGE
    const pages = Math.ceil(missing / PAGE)
    const more = Math.min(Math.max(pages, Math.floor(present / 4)), MOST_PAGES - present)
    try {
      this.memory.grow(more)
    } catch (error) {
      throw noRoom(bytes, error)
    }
    this.#buffer = this.memory.buffer
    this.#integers = new Int32Array(this.#buffer, 0, SCRATCH / 4)
    this.#floats = new Float32Array(this.#buffer, 0, SCRATCH / 4)
  }
  get shared() {
    return this.#shared
  }
}
/** A view that is made anew when the memory has grown: an unshared memory's old views have lost their numbers. */
class MemoryBlock {
  stretch
  #memory
  #length
  #view
  constructor(memory, stretch, length) {
    this.stretch = stretch
    this.#memory = memory
    this.#length = length
    this.#view = new Float32Array(memory.buffer, stretch.offset, length)
  }
  get array() {
    const { buffer } = this.#memory
    if (this.#view.buffer !== buffer) this.#view = new Float32Array(buffer, this.stretch.offset, this.#length)
    return this.#view
  }
}
function noRoom(bytes, cause) {
  const size = `${Math.ceil(bytes / 2 ** 20)} MiB`
  const advice =
    'the fast engine addresses 4 GiB at most. Use a smaller model or batch, or { engine: "reference" }'
  const error = new StateError(`a memory of ${size} can't be had: ${advice}`)
  if (cause !== undefined) error.cause = cause
  return error
}
