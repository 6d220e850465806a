// Helper threads, shared by all models in a process. The caller works too and takes the chunks that no helper has
// taken, so a helper that has not started yet, or has died, costs only time.

import { startThread } from '#platform'
import { StateError } from '../core/errors.ts'
import { at, CONTROL_LENGTH, MOST_CHUNKS } from './control.ts'
import type { Helper } from './helper.ts'
import { MOST_BALLAST, type SimdMemory } from './memory.ts'
import type { Stretches } from './sparing.ts'
import { areDone } from './waiting.ts'
import { type Instance, type Kernel, moduleFor } from './wasm.ts'

/** Chunks per thread: more chunks balance threads of different speed better, but cost more. */
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
  readonly #patience: number
  readonly #id = ++memories
  readonly #scratch: number
  readonly #scratchStep: number

  constructor(memory: SimdMemory, instance: Instance, threads: number, patience = PATIENCE) {
    this.threads = threads
    this.#memory = memory
    this.#kernels = Object.values(instance.exports)
    this.#patience = patience
    this.#scratch = memory.scratchOf(0)
    this.#scratchStep = memory.scratchOf(1) - this.#scratch
    if (threads > 1) collected.register(this, this.#id)
  }

  /**
   * Runs kernel number `kernel` on the index 0 … `length` − 1.
   * @param least the minimum length per thread
   * @throws StateError when a thread fails or dies while it runs
   */
  run(kernel: number, length: number, least: number): void {
    const threads = alone ? 1 : Math.min(this.threads, Math.floor(length / Math.max(least, 1)))
    if (threads > 1 && this.#mayShare(threads)) this.#share(kernel, length, least, threads)
    else this.#kernels[kernel](0, length, this.#scratch)
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

  #share(kernel: number, length: number, least: number, threads: number): void {
    const most = Math.min(threads * CHUNKS_PER_THREAD, MOST_CHUNKS)
    const chunk = Math.ceil(length / Math.min(most, Math.floor(length / Math.max(least, 1))))
    const job = (control[at.JOB] + 1) | 0
    Atomics.store(control, at.NEXT, job << 8) // from here on, no chunk of the previous job can be taken
    Atomics.store(control, at.KERNEL, kernel)
    Atomics.store(control, at.MEMORY, this.#id)
    Atomics.store(control, at.LENGTH, length)
    Atomics.store(control, at.CHUNK, chunk)
    Atomics.store(control, at.HELPERS, threads - 1)
    Atomics.store(control, at.SCRATCH, this.#scratch)
    Atomics.store(control, at.SCRATCH_STEP, this.#scratchStep)
    Atomics.store(control, at.FAILED, 0)
    Atomics.store(control, at.DONE, 0)
    Atomics.store(control, at.JOB, job)
    Atomics.notify(control, at.JOB)
    const failure = this.#takeChunks(kernel, length, chunk, job)
    const ended = areDone(Math.ceil(length / chunk), control, this.#patience)
    if (ended && failure === null && Atomics.load(control, at.FAILED) === 0) return
    alone = true
    throw halfWay(ended ? 'has failed' : 'has died', failure)
  }

  /** Runs chunks until none is left. Returns the first error or null; throws none, as helpers may still be working. */
  #takeChunks(kernel: number, length: number, chunk: number, job: number): unknown {
    const run = this.#kernels[kernel]
    let failure: unknown = null
    for (;;) {
      const next = Atomics.load(control, at.NEXT)
      const from = (next - (job << 8)) * chunk
      if (from >= length) return failure
      if (Atomics.compareExchange(control, at.NEXT, next, next + 1) !== next) continue
      try {
        run(from, Math.min(from + chunk, length), this.#scratch)
      } catch (error) {
        failure ??= error
      }
      Atomics.add(control, at.DONE, 1)
    }
  }
}

function halfWay(what: string, cause: unknown): StateError {
  const error = new StateError(
    `an engine thread ${what} in the middle of a step: weights may be partly updated; load saved ones. One thread is used from now on`,
  )
  if (cause !== null) error.cause = cause
  return error
}
