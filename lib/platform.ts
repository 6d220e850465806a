// What differs between Node and a browser, as the browser has it. `#platform` in package.json picks this file or
// node/platform.ts, so that the main entry stays free of Node.

import type { DataFormat } from './geometry.ts'
import type { Helper } from './simd/control.ts'

interface BrowserGlobals {
  console: { log(line: string): void; warn(line: string): void }
  performance: { now(): number }
  setTimeout(run: () => void, milliseconds: number): unknown
}
const { console, performance, setTimeout } = globalThis as unknown as BrowserGlobals

/** The data format of layers that name none. */
export const imageDataFormat = (): DataFormat => 'channels_last'

export const print = (line: string): void => console.log(line)

/** Milliseconds from some fixed moment. */
export const now = (): number => performance.now()

/** Resolves after everything that waits for the event loop had its turn. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 0))

/** How many threads a model uses where none are named. */
export const defaultThreads = (): number => 1

/** More than one thread is for Node. */
export const mostThreads = 1
export function startThread(_start: object): Helper {
  throw new Error('a page has one thread')
}
