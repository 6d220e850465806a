// Platform functions, in their browser version. `#platform` in package.json selects this file or node/platform.ts, so
// that the main entry does not depend on Node.

import { type Helper, helperText } from '../simd/helper.ts'
import type { DataFormat } from './geometry.ts'

interface BrowserGlobals {
  console: { log(line: string): void; warn(line: string): void }
  performance: { now(): number }
  setTimeout(run: () => void, milliseconds: number): unknown
  crossOriginIsolated?: boolean
  navigator?: { hardwareConcurrency?: number }
  Blob: new (parts: readonly string[], options: { type: string }) => object
  URL: { createObjectURL(blob: object): string }
  Worker: new (
    url: string,
  ) => { onerror: (event: { preventDefault(): void }) => void; postMessage(message: object): void }
}
const globals = globalThis as unknown as BrowserGlobals

/** The default data format of layers. */
export const imageDataFormat = (): DataFormat => 'channels_last'

export const print = (line: string): void => globals.console.log(line)

/** Milliseconds since an arbitrary fixed time. */
export const now = (): number => globals.performance.now()

/** Resolves after the tasks already queued in the event loop have run. */
export const nextTurn = (): Promise<void> => new Promise(resolve => globals.setTimeout(resolve, 0))

/** The maximum number of threads. Only cross-origin isolated pages have shared memory, and so more than one thread. */
export const mostThreads = globals.crossOriginIsolated ? 64 : 1

/** The default number of threads of a model. */
export const defaultThreads = (): number => Math.min(globals.navigator?.hardwareConcurrency ?? 1, mostThreads, 8)

let script: string | null = null

/**
 * Starts a thread, which ends when its page or worker does.
 * @throws Error where workers are unavailable. If a policy forbids them, `alive` becomes false later instead.
 */
export function startThread(): Helper {
  const { Blob, URL, Worker } = globals
  script ??= URL.createObjectURL(new Blob([helperText('globalThis')], { type: 'text/javascript' }))
  const worker = new Worker(script)
  const helper: Helper = { alive: true, send: message => worker.postMessage(message) }
  worker.onerror = event => {
    event.preventDefault()
    helper.alive = false
  }
  return helper
}
