// What differs between Node and a browser, as the browser has it. `#platform` in package.json picks this file or
// node/platform.ts, so that the main entry stays free of Node.
const { console, performance, setTimeout } = globalThis
/** The data format of layers that name none. */
export const imageDataFormat = () => 'channels_last'
export const print = line => console.log(line)
/** Milliseconds from some fixed moment. */
export const now = () => performance.now()
/** Resolves after everything that waits for the event loop had its turn. */
export const nextTurn = () => new Promise(resolve => setTimeout(resolve, 0))
/** How many threads a model uses where none are named. */
export const defaultThreads = () => 1
/** More than one thread is for Node. */
export const mostThreads = 1
export function startThread(_start) {
  throw new Error('a page has one thread')
}
