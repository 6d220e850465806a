// Threads that help with a job. They are shared by all models of a process. The caller works too, and takes what no
// helper has taken: a helper that is not there yet, or has died, costs time but nothing else.

import { startThread } from '#platform'
import { StateError } from '../core/errors.ts'
import * as at from './control.ts'
import type { Helper } from './helper.ts'
import { MOST_BALLAST, type SimdMemory } from './memory.ts'
import type { Stretches } from './sparing.ts'
import { areDone } from './waiting.ts'
import { type Instance, type Kernel, kernelNames, moduleFor } from './wasm.ts'

/** Chunks for each thread: more even out threads of different speed, fewer cost less. */
const CHUNKS_PER_THREAD = 4
/** A chunk that takes longer belongs to a thread that is dead: milliseconds. */
const PATIENCE = 60_000

/**
 * As many memories a helper knows at a time, so that what it holds is bounded also where a program never gives the event
 * loop a turn, in which it would be told to forget those that are garbage.
 */
const MOST_KNOWN = 8

/** A page that isn't isolated has no shared memory, and no threads. */
const shared = typeof SharedArrayBuffer === 'function'
const control = new Int32Array(new (shared ? SharedArrayBuffer : ArrayBuffer)(4 * at.CONTROL_LENGTH))
/** Threads, and the memories that each knows: those it was told of first in front. */
const helpers: { readonly thread: Helper; readonly known: Set<number> }[] = []
let memories = 0
/** Whether from now on the caller works alone: no thread may be started, or one went wrong. */
let alone = false

/** Helpers 1 … `count`, started when they are first needed. A dead one is not replaced: the next would die too. */
function assureHelpers(count: number): void {
  const module = moduleFor(true)
  try {
    while (module && helpers.length < count) {
      const thread = startThread()
      helpers.push({ thread, known: new Set() })
      thread.send({
        control,
        at: { ...at },
        module,
        kernels: kernelNames,
        thread: helpers.length,
        mostBallast: MOST_BALLAST,
      })
    }
  } catch {
    alone = true // Node's permissions, for one
  }
}

function forget({ thread, known }: (typeof helpers)[number], id: number): void {
  if (known.delete(id)) thread.send({ id, memory: null })
}

const collected = new FinalizationRegistry<number>(id => {
  for (const helper of helpers) forget(helper, id)
})

/** Runs the kernels of one memory, on one thread or more. */
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
    this.#kernels = kernelNames.map(name => instance.exports[name])
    this.#patience = patience
    this.#scratch = memory.scratchOf(0)
    this.#scratchStep = memory.scratchOf(1) - this.#scratch
    if (threads > 1) collected.register(this, this.#id)
  }

  /**
   * Runs kernel number `kernel` on 0 … `length` − 1.
   * @param least the length that is worth a thread's while
   * @throws StateError when a thread failed or died in the middle
   */
  run(kernel: number, length: number, least: number): void {
    const threads = alone ? 1 : Math.min(this.threads, Math.floor(length / Math.max(least, 1)))
    if (threads > 1 && this.#mayShare(threads)) this.#share(kernel, length, least, threads)
    else this.#kernels[kernel](0, length, this.#scratch)
  }

  /** Runs kernel number `kernel` on stretches of its index, on one thread: they are few. */
  runWithin(kernel: number, stretches: Stretches): void {
    const run = this.#kernels[kernel]
    for (let i = 0; i < stretches.length; i += 2) run(stretches[i], stretches[i + 1], this.#scratch)
  }

  /** Whether there is anyone to share with; they know this memory then. */
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

  /** Tells a helper of the memory, if it doesn't know it. One that it knows already for the longest time makes room. */
  #introduceTo(helper: (typeof helpers)[number]): void {
    const { thread, known } = helper
    if (known.has(this.#id)) return
    const [oldest] = known
    if (known.size >= MOST_KNOWN) forget(helper, oldest)
    known.add(this.#id)
    thread.send({ id: this.#id, memory: this.#memory.memory })
  }

  #share(kernel: number, length: number, least: number, threads: number): void {
    const most = Math.min(threads * CHUNKS_PER_THREAD, at.MOST_CHUNKS)
    const chunk = Math.ceil(length / Math.min(most, Math.floor(length / Math.max(least, 1))))
    const job = (control[at.JOB] + 1) | 0
    Atomics.store(control, at.NEXT, job << 8) // from here on, no chunk of the job before can be taken
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

  /** What went wrong, if something did: others may be at work all the same. */
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
    `a thread of the engine ${what} in the middle of a step: the weights may be half-way, load the last that were saved. From now on there is one thread`,
  )
  if (cause !== null) error.cause = cause
  return error
}
