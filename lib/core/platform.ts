// What differs between Node and a browser, as the browser has it. `#platform` in package.json picks this file or
// node/platform.ts, so that the main entry stays free of Node.

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
  ) => {
    onerror: (event: { preventDefault(): void }) => void
    postMessage(message: object): void
  }
}
const globals = globalThis as unknown as BrowserGlobals
const { console, performance, setTimeout, navigator } = globals

/** The data format of layers that name none. */
export const imageDataFormat = (): DataFormat => 'channels_last'

export const print = (line: string): void => console.log(line)

/** Milliseconds from some fixed moment. */
export const now = (): number => performance.now()

/** Resolves after everything that waits for the event loop had its turn. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0))

/** Only an isolated page has memory that threads share. */
export const mostThreads = globals.crossOriginIsolated ? 64 : 1

/** How many threads a model uses where none are named. */
export const defaultThreads = (): number => Math.min(navigator?.hardwareConcurrency ?? 1, mostThreads, 8)

let script: string | null = null

/**
 * Starts a thread, which ends with the page or worker that it serves.
 * @throws Error where there are no workers. A policy against it shows later, and then it isn't alive.
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
