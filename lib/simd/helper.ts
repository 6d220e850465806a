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
  const spins = 20000 // about 50 microseconds, in which training usually starts its next job
  const runs = new Map<number, { kernels: Run[]; ballast: ArrayBuffer }>()
  let start: Start
  let seen = 0 // the last job that needs no more help

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
      for (let i = 0; i < spins && Atomics.load(control, at.JOB) === seen; i++);
      if (Atomics.load(control, at.JOB) === seen) Atomics.wait(control, at.JOB, seen)
      const job = Atomics.load(control, at.JOB)
      const isMine = Atomics.load(control, at.HELPERS) >= thread
      const memory = Atomics.load(control, at.MEMORY)
      if (isMine && !runs.has(memory) && Atomics.load(control, at.NEXT) >>> 8 === (job & 0xffffff)) return
      seen = job
      const run = runs.get(memory)?.kernels[Atomics.load(control, at.KERNEL)]
      if (isMine && run) takeChunks(run, job)
    }
  }

  function takeChunks(run: Run, job: number): void {
    const { control, at, thread } = start
    const length = Atomics.load(control, at.LENGTH)
    const chunk = Atomics.load(control, at.CHUNK)
    const scratch = Atomics.load(control, at.SCRATCH) + thread * Atomics.load(control, at.SCRATCH_STEP)
    for (;;) {
      const next = Atomics.load(control, at.NEXT)
      const from = (next & 0xff) * chunk
      if (next >>> 8 !== (job & 0xffffff) || from >= length) return
      if (Atomics.compareExchange(control, at.NEXT, next, next + 1) !== next) continue
      try {
        run(from, Math.min(from + chunk, length), scratch)
      } catch {
        Atomics.add(control, at.FAILED, 1)
      }
      Atomics.add(control, at.DONE, 1)
      Atomics.notify(control, at.DONE)
    }
  }
}

/** The source text of a thread's program. @param port the expression for the object that receives messages */
export const helperText = (port: string): string => `
  const __name = f => f // some bundlers wrap functions in it
  ;(${live})(${port})`
