// Helper threads, shared by all models in a process. The caller works too and takes the chunks that no helper has
// taken, so a helper that has not started yet, or has died, costs only time.

import { now, startThread } from '#platform'
import { StateError } from '../core/errors.ts'
import { at, CONTROL_LENGTH, MOST_CHUNKS } from './control.ts'
import { Gain } from './gain.ts'
import type { Helper } from './helper.ts'
import { MOST_BALLAST, type SimdMemory } from './memory.ts'
import type { Stretches } from './sparing.ts'
import { areDone } from './waiting.ts'
import { type Instance, type Kernel, moduleFor } from './wasm.ts'

/** The maximum number of chunks per thread: more chunks balance threads of different speed better, but cost more. */
const CHUNKS_PER_THREAD = 4
/** If no chunk completes for this many milliseconds, a thread is presumed dead. */
const PATIENCE = 60_000

/**
 * The maximum number of memories that a helper keeps. Helpers forget garbage-collected memories only in a turn of the
 * event loop; the limit also holds for programs that never yield to it.
 */
const MOST_KNOWN = 8

/** Pages without cross-origin isolation have no shared memory, and so no threads. */
const shared = typeof SharedArrayBuffer === 'function'
const control = new Int32Array(new (shared ? SharedArrayBuffer : ArrayBuffer)(4 * CONTROL_LENGTH))
/** The threads, and the memories that each knows, oldest first. */
const helpers: { readonly thread: Helper; readonly known: Set<number> }[] = []
let memories = 0
/** Whether the caller works alone from now on, because threads cannot start or one has failed. */
let alone = false

/** Starts helpers up to number `count`. Dead helpers are not replaced: a new one would probably die too. */
function assureHelpers(count: number): void {
  const module = moduleFor(true)
  try {
    while (module && helpers.length < count) {
      const thread = startThread()
      helpers.push({ thread, known: new Set() })
      thread.send({ control, at, module, thread: helpers.length, mostBallast: MOST_BALLAST })
    }
  } catch {
    alone = true // for example, Node's permissions forbid threads
  }
}

function forget({ thread, known }: (typeof helpers)[number], id: number): void {
  if (known.delete(id)) thread.send({ id, memory: null })
}

const collected = new FinalizationRegistry<number>(id => {
  for (const helper of helpers) forget(helper, id)
})

/** Runs the kernels of one memory, on one or more threads. */
export class Runner {
  readonly threads: number
  readonly #memory: SimdMemory
  readonly #kernels: readonly Kernel[]
  readonly #gain: Gain
  readonly #patience: number
  readonly #id = ++memories
  readonly #scratch: number
  readonly #scratchStep: number

  /**
   * @param worth the number of multiply-adds that justify a thread; null: what gains time, see gain.ts
   * @param patience in milliseconds, see `PATIENCE`
   */
  constructor(
    memory: SimdMemory,
    instance: Instance,
    threads: number,
    worth: number | null = null,
    patience = PATIENCE,
  ) {
    this.threads = threads
    this.#memory = memory
    this.#kernels = Object.values(instance.exports)
    this.#gain = new Gain(worth)
    this.#patience = patience
    this.#scratch = memory.scratchOf(0)
    this.#scratchStep = memory.scratchOf(1) - this.#scratch
    if (threads > 1) collected.register(this, this.#id)
  }

  /**
   * Runs kernel number `kernel` on the index 0 … `length` − 1.
   * @param cost the number of multiply-adds per element of the index
   * @param mostChunks the maximum number of chunks per thread
   * @throws StateError when a thread fails or dies while it runs
   */
  run(kernel: number, length: number, cost: number, mostChunks = CHUNKS_PER_THREAD): void {
    const work = length * cost
    const gain = this.#gain
    if (alone || this.threads === 1 || length < 2 || work < 2 * gain.least) this.#runAlone(kernel, length)
    else if (!gain.begin()) this.#runShared(kernel, length, work, mostChunks)
    else {
      const start = now()
      this.#runShared(kernel, length, work, mostChunks)
      gain.end(work, now() - start)
    }
  }

  #runAlone(kernel: number, length: number): void {
    this.#kernels[kernel](0, length, this.#scratch)
  }

  /** Runs a kernel on as many threads as its work justifies. */
  #runShared(kernel: number, length: number, work: number, mostChunks: number): void {
    const worthy = Math.min(length, Math.floor(work / this.#gain.worth), MOST_CHUNKS)
    const threads = Math.min(this.threads, worthy)
    if (threads > 1 && this.#mayShare(threads))
      this.#share(kernel, length, threads, Math.min(mostChunks, Math.floor(worthy / threads)))
    else this.#runAlone(kernel, length)
  }

  /** Runs kernel number `kernel` on stretches of its index, on one thread: there is little work. */
  runWithin(kernel: number, stretches: Stretches): void {
    const run = this.#kernels[kernel]
    for (let i = 0; i < stretches.length; i += 2) run(stretches[i], stretches[i + 1], this.#scratch)
  }

  /** Whether a helper is alive. Introduces this memory to the helpers. */
  #mayShare(threads: number): boolean {
    assureHelpers(threads - 1)
    let anyone = false
    for (let i = 0; i < Math.min(threads - 1, helpers.length); i++) {
      const helper = helpers[i]
      anyone ||= helper.thread.alive
      this.#introduceTo(helper)
    }
    return anyone
  }

  /** Sends the memory to a helper that does not know it; the helper forgets its oldest one if it knows too many. */
  #introduceTo(helper: (typeof helpers)[number]): void {
    const { thread, known } = helper
    if (known.has(this.#id)) return
    const [oldest] = known
    if (known.size >= MOST_KNOWN) forget(helper, oldest)
    known.add(this.#id)
    thread.send({ id: this.#id, memory: this.#memory.memory })
  }

  #share(kernel: number, length: number, threads: number, chunksPerThread: number): void {
    const run = this.#kernels[kernel]
    const chunk = Math.ceil(length / (threads * chunksPerThread))
    const own = chunk * Math.max(1, chunksPerThread - 1) // the caller may be the last to finish, so it takes less
    const chunks = Math.ceil((length - own) / chunk)
    this.#open(kernel, length, own, chunk, threads, chunks)
    let taken = chunks
    let failure: unknown = null
    for (let from = 0, to = own; ; ) {
      try {
        run(from, to, this.#scratch)
      } catch (error) {
        failure ??= error // helpers may still be working
      }
      const left = takeChunk()
      if (left === 0) break
      taken--
      from = own + (left - 1) * chunk
      to = Math.min(from + chunk, length)
    }
    this.#close(taken, failure)
  }

  /** Opens a job to helpers. */
  #open(kernel: number, length: number, own: number, chunk: number, threads: number, chunks: number): void {
    control[at.KERNEL] = kernel
    control[at.MEMORY] = this.#id
    control[at.LENGTH] = length
    control[at.OWN] = own
    control[at.CHUNK] = chunk
    control[at.THREADS] = threads
    control[at.SCRATCH] = this.#scratch
    control[at.SCRATCH_STEP] = this.#scratchStep
    control[at.FAILED] = 0
    control[at.DONE] = 0
    Atomics.store(control, at.JOB, (((control[at.JOB] >>> 8) + 1) << 8) + chunks)
    if (Atomics.load(control, at.ASLEEP) > 0) Atomics.notify(control, at.JOB)
  }

  /** Waits for the chunks that helpers have taken. @param failure the caller's error */
  #close(taken: number, failure: unknown): void {
    const ended = taken === 0 || areDone(taken, control, this.#patience)
    if (ended && failure === null && Atomics.load(control, at.FAILED) === 0) return
    alone = true
    throw halfWay(ended ? 'has failed' : 'has died', failure)
  }
}

/** Takes a chunk of the current job. Returns how many were left with it, or 0. */
function takeChunk(): number {
  for (;;) {
    const state = Atomics.load(control, at.JOB)
    const left = state & 255
    if (left === 0 || Atomics.compareExchange(control, at.JOB, state, state - 1) === state) return left
  }
}

function halfWay(what: string, cause: unknown): StateError {
  const error = new StateError(
    `an engine thread ${what} in the middle of a step: weights may be partly updated; load saved ones. One thread is used from now on`,
  )
  if (cause !== null) error.cause = cause
  return error
}
