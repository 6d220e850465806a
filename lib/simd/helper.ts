// A thread that helps: its whole life, as the text that it is started with.

import type * as control from './control.ts'
import type { Memory } from './wasm.ts'

/** What a thread is told first. */
export interface Start {
  readonly control: Int32Array
  /** The indices of `control`. */
  readonly at: typeof control
  readonly module: object
  readonly kernels: readonly string[]
  /** Its number, from 1. */
  readonly thread: number
  /** As in memory.ts: so that this thread, too, collects what it has forgotten. */
  readonly mostBallast: number
}

/** What it is told later: a memory that jobs will name, or to forget it (null). */
export interface MemoryMessage {
  readonly id: number
  readonly memory: Memory | null
}

/** A thread, as others see it. */
export interface Helper {
  alive: boolean
  send(message: Start | MemoryMessage): void
}

interface Port {
  onmessage: (event: { data: Start | MemoryMessage }) => void
}

/**
 * Helps with one job after the other and sleeps in between. Messages it hears only when it isn't in `help`: at first, and
 * when a job names a memory that it doesn't know; the caller has told it by then.
 *
 * It is sent as text, so it may use nothing but its parameter.
 */
function live(port: Port): void {
  type Run = (from: number, to: number, scratch: number) => void
  const { Instance } = (
    globalThis as unknown as { WebAssembly: { Instance: new (...args: object[]) => object } }
  ).WebAssembly
  const spins = 20000 // some 50 microseconds: a training has its next job by then
  const runs = new Map<number, { kernels: Run[]; ballast: ArrayBuffer }>()
  let start: Start
  let seen = 0 // the last job that there is nothing to do for

  port.onmessage = ({ data }) => {
    if ('control' in data) start = data
    else if (data.memory === null) runs.delete(data.id)
    else {
      const { exports } = new Instance(start.module, { env: { memory: data.memory } }) as {
        exports: Record<string, Run>
      }
      const kernels = start.kernels.map(name => exports[name])
      const size = Math.min(data.memory.buffer.byteLength, start.mostBallast)
      runs.set(data.id, { kernels, ballast: new ArrayBuffer(size) })
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

/** The text of a thread's program. @param port the expression by which it finds what it gets messages from */
export const helperText = (port: string): string => `
  const __name = f => f // some bundlers wrap functions in it
  ;(${live})(${port})`
