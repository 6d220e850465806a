// Threads that help with a job. They are shared by all models of a process. The caller works too, and takes what no
// helper has taken: a helper that is not there yet, or has died, costs time but nothing else.
import { startThread } from '#platform'
import { StateError } from '../errors.ts'
import {
  CHUNK,
  CONTROL_LENGTH,
  DONE,
  FAILED,
  HELPERS,
  JOB,
  KERNEL,
  LENGTH,
  MEMORY,
  MOST_CHUNKS,
  NEXT,
  SCRATCH,
  SCRATCH_STEP,
} from './control.ts'
import { kernelNames, moduleFor } from './wasm.ts'

/** Chunks for each thread: more even out threads of different speed, fewer cost less. */
const CHUNKS_PER_THREAD = 4
/** A chunk that takes longer belongs to a thread that is dead: milliseconds. */
const PATIENCE = 60000
const SPINS = 10000
/** A page has no shared memory unless it is isolated, and no threads here. */
const shared = typeof SharedArrayBuffer === 'function'
const control = new Int32Array(new (shared ? SharedArrayBuffer : ArrayBuffer)(4 * CONTROL_LENGTH))
const helpers = []
let memories = 0
let broken = false
/** Helpers 1 … `count`, started when they are first needed. */
function assureHelpers(count) {
  const module = moduleFor(true)
  while (module && helpers.length < count)
    helpers.push(startThread({ control, module, kernels: kernelNames, thread: helpers.length + 1 }))
}
const forgotten = new FinalizationRegistry(({ id, told }) => {
  for (const helper of told) helper.send({ id, memory: null })
})
/** Runs the kernels of one memory, on one thread or more. */
export class Runner {
  threads
  #memory
  #kernels
  #id = ++memories
  #told = new Set()
  #scratch
  #scratchStep
  constructor(memory, instance, threads) {
    this.threads = threads
    this.#memory = memory
    this.#kernels = kernelNames.map(name => instance.exports[name])
    this.#scratch = memory.scratchOf(0)
    this.#scratchStep = memory.scratchOf(1) - this.#scratch
    if (threads > 1) forgotten.register(this, { id: this.#id, told: this.#told })
  }
  /** Runs kernel number `kernel` on 0 … `length` − 1. @param least the length that is worth a thread's while */
  run(kernel, length, least) {
    const threads = broken ? 1 : Math.min(this.threads, Math.floor(length / Math.max(least, 1)))
    if (threads > 1) this.#share(kernel, length, least, threads)
    else this.#kernels[kernel](0, length, this.#scratch)
  }
  #share(kernel, length, least, threads) {
    assureHelpers(threads - 1)
    for (let i = 0; i < threads - 1; i++) {
      const helper = helpers[i]
      if (this.#told.has(helper)) continue
      this.#told.add(helper)
      helper.send({ id: this.#id, memory: this.#memory.memory })
    }
    const most = Math.min(threads * CHUNKS_PER_THREAD, MOST_CHUNKS)
    const chunk = Math.max(Math.ceil(length / most), Math.min(least, Math.ceil(length / threads)))
    const chunks = Math.ceil(length / chunk)
    const job = (control[JOB] + 1) | 0
    Atomics.store(control, NEXT, job << 8) // from here on, no chunk of the job before can be taken
    control[KERNEL] = kernel
    control[MEMORY] = this.#id
    control[LENGTH] = length
    control[CHUNK] = chunk
    control[HELPERS] = threads - 1
    control[SCRATCH] = this.#scratch
    control[SCRATCH_STEP] = this.#scratchStep
    control[FAILED] = 0
    control[DONE] = 0
    Atomics.store(control, JOB, job) // everything above is seen by whoever sees this
    Atomics.notify(control, JOB)
    this.#takeChunks(kernel, length, chunk, job)
    waitFor(chunks)
  }
  #takeChunks(kernel, length, chunk, job) {
    const run = this.#kernels[kernel]
    for (;;) {
      const next = Atomics.load(control, NEXT)
      const from = (next - (job << 8)) * chunk
      if (from >= length) return
      if (Atomics.compareExchange(control, NEXT, next, next + 1) !== next) continue
      run(from, Math.min(from + chunk, length), this.#scratch)
      Atomics.add(control, DONE, 1)
    }
  }
}
/** Until all chunks are done. @throws StateError when a thread died with one of them */
function waitFor(chunks) {
  for (let i = 0; i < SPINS && Atomics.load(control, DONE) < chunks; i++);
  for (;;) {
    const done = Atomics.load(control, DONE)
    if (done >= chunks) break
    if (Atomics.wait(control, DONE, done, PATIENCE) !== 'timed-out') continue
    broken = true
    throw new StateError(
      'a thread of the engine has died in the middle of a step; the weights may be half-way. Set UNSHARED_THREADS=1',
    )
  }
  if (control[FAILED] === 0) return
  broken = true
  throw new StateError(
    'a thread of the engine failed in the middle of a step; the weights may be half-way. Set UNSHARED_THREADS=1',
  )
}
