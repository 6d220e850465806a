// Threads of Node for the fast engine: what one does, and how it is started.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Helper } from '../simd/control.ts'

/** What a thread is told when it starts. */
interface Start {
  readonly control: Int32Array
  readonly module: object
  readonly kernels: readonly string[]
  readonly thread: number
  readonly port: MessagePort
}

/**
 * The whole life of a thread. It is sent as text, so it may use nothing but what it is given.
 *
 * The indices of `control` are those of lib/simd/control.ts.
 */
function live(
  { control, module, kernels, thread, port }: Start,
  receive: (port: MessagePort) => { message: { id: number; memory: object | null } } | undefined,
): never {
  type Run = (from: number, to: number, scratch: number) => void
  const { Instance } = (
    globalThis as unknown as { WebAssembly: { Instance: new (...args: object[]) => object } }
  ).WebAssembly
  const runs = new Map<number, Run[]>()
  const [JOB, NEXT, DONE, FAILED, KERNEL, MEMORY, LENGTH, CHUNK, HELPERS, SCRATCH, STEP] = Array(11).keys()
  const spins = 20000 // some 50 microseconds: a training has its next job by then
  let job = 0

  const readMessages = () => {
    for (let next = receive(port); next; next = receive(port)) {
      const { id, memory } = next.message
      if (memory === null) runs.delete(id)
      else {
        const { exports } = new Instance(module, { env: { memory } }) as { exports: Record<string, Run> }
        runs.set(
          id,
          kernels.map(name => exports[name]),
        )
      }
    }
  }

  for (;;) {
    for (let i = 0; i < spins && Atomics.load(control, JOB) === job; i++);
    if (Atomics.load(control, JOB) === job) Atomics.wait(control, JOB, job)
    job = Atomics.load(control, JOB)
    if (Atomics.load(control, HELPERS) < thread) continue
    const memory = Atomics.load(control, MEMORY)
    const [kernel, length, chunk] = [KERNEL, LENGTH, CHUNK].map(i => Atomics.load(control, i))
    const scratch = Atomics.load(control, SCRATCH) + thread * Atomics.load(control, STEP)
    if (!runs.has(memory)) readMessages()
    const run = runs.get(memory)?.[kernel]
    while (run) {
      const next = Atomics.load(control, NEXT)
      if (next >>> 8 !== (job & 0xffffff)) break
      const from = (next & 0xff) * chunk
      if (from >= length) break
      if (Atomics.compareExchange(control, NEXT, next, next + 1) !== next) continue
      try {
        run(from, Math.min(from + chunk, length), scratch)
      } catch {
        Atomics.add(control, FAILED, 1)
      }
      Atomics.add(control, DONE, 1)
      Atomics.notify(control, DONE)
    }
  }
}

/** Starts a thread that doesn't keep the process alive. */
export function startThread(start: Omit<Start, 'port'>): Helper {
  const { port1: ours, port2: port } = new MessageChannel()
  const text = `
    const { receiveMessageOnPort, workerData } = require('node:worker_threads')
    const __name = f => f // some bundlers wrap functions in it
    ;(${live})(workerData, receiveMessageOnPort)`
  const worker = new Worker(text, { eval: true, workerData: { ...start, port }, transferList: [port] })
  worker.unref()
  ours.unref()
  const helper: Helper = { alive: true, send: message => ours.postMessage(message) }
  worker.on('error', () => {
    helper.alive = false
  })
  worker.on('exit', () => {
    helper.alive = false
  })
  return helper
}
