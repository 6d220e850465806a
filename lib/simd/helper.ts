// The program of a helper thread, which is started from its source text.

import type { at } from './control.ts'
import type { Memory } from './wasm.ts'

/** The first message to a thread. */
export interface Start {
  readonly control: Int32Array
  /** The indices of `control`. */
  readonly at: typeof at
  readonly module: object
  /** The thread's number, from 1. */
  readonly thread: number
  /** As in memory.ts: makes this thread, too, collect the memories that it has forgotten. */
  readonly mostBallast: number
}

/** A later message: a memory that jobs will refer to, or null to forget it. */
export interface MemoryMessage {
  readonly id: number
  readonly memory: Memory | null
}

/** A thread, as seen by the others. */
export interface Helper {
  alive: boolean
  send(message: Start | MemoryMessage): void
}

interface Port {
  onmessage: (event: { data: Start | MemoryMessage }) => void
}

/**
 * Helps with one job after another and sleeps in between. It receives messages only outside of `help`: at the start,
 * and when a job names an unknown memory, which the caller has already sent.
 *
 * The function is sent as text, so it can use nothing but its parameter and globals.
 */
function live(port: Port): void {
  type Run = (from: number, to: number, scratch: number) => void
  const { Instance } = (globalThis as unknown as { WebAssembly: { Instance: new (...args: object[]) => object } })
    .WebAssembly
  const { performance } = globalThis as unknown as { performance: { now(): number } }
  const awake = 0.2 // milliseconds, in which training usually starts its next job
  const looks = 100 // at the state, between two looks at the clock
  const runs = new Map<number, { kernels: Run[]; ballast: ArrayBuffer }>()
  let start: Start
  let declined = 0 // the number of a job that has enough threads

  port.onmessage = ({ data }) => {
    if ('control' in data) start = data
    else if (data.memory === null) runs.delete(data.id)
    else {
      const { exports } = new Instance(start.module, { env: { memory: data.memory } }) as {
        exports: Record<number, Run>
      }
      const size = Math.min(data.memory.buffer.byteLength, start.mostBallast)
      runs.set(data.id, { kernels: Object.values(exports), ballast: new ArrayBuffer(size) })
    }
    help()
  }

  function help(): void {
    const { control, at, thread } = start
    for (;;) {
      const state = nextChunk()
      // If the chunk can be taken, these belong to its job.
      const isMine = thread < control[at.THREADS]
      const known = runs.get(control[at.MEMORY])
      const kernel = control[at.KERNEL]
      const from = control[at.OWN] + ((state & 255) - 1) * control[at.CHUNK]
      const to = Math.min(from + control[at.CHUNK], control[at.LENGTH])
      const scratch = control[at.SCRATCH] + thread * control[at.SCRATCH_STEP]
      if (isMine && known) {
        if (Atomics.compareExchange(control, at.JOB, state, state - 1) === state)
          runChunk(known.kernels[kernel], from, to, scratch)
      } else if (Atomics.load(control, at.JOB) >>> 8 === state >>> 8) {
        if (isMine) return
        declined = state >>> 8
      }
    }
  }

  /** Waits for a job with a chunk left, and returns its state. */
  function nextChunk(): number {
    const { control, at } = start
    for (let end = 0; ; ) {
      let state = 0
      for (let i = 0; i < looks; i++) {
        state = Atomics.load(control, at.JOB)
        if ((state & 255) > 0 && state >>> 8 !== declined) return state
      }
      const now = performance.now()
      if (end === 0) end = now + awake
      if (now < end) continue
      Atomics.add(control, at.ASLEEP, 1)
      Atomics.wait(control, at.JOB, state)
      Atomics.sub(control, at.ASLEEP, 1)
      end = 0
    }
  }

  function runChunk(run: Run, from: number, to: number, scratch: number): void {
    const { control, at } = start
    try {
      run(from, to, scratch)
    } catch {
      Atomics.add(control, at.FAILED, 1)
    }
    Atomics.add(control, at.DONE, 1)
    if (Atomics.load(control, at.WAITING) === 1) Atomics.notify(control, at.DONE)
  }
}

/** The source text of a thread's program. @param port the expression for the object that receives messages */
export const helperText = (port: string): string => `
  const __name = f => f // some bundlers wrap functions in it
  ;(${live})(${port})`
