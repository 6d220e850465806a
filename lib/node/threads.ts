// Threads of Node for the fast engine.

import { Worker } from 'node:worker_threads'
import { type Helper, helperText } from '../simd/helper.ts'

/** The process' options decide whether it runs as CommonJS or as a module; in both this finds Node's modules. */
const text = helperText("process.getBuiltinModule('node:worker_threads').parentPort")

/**
 * Starts a thread that doesn't keep the process alive. What the process loads before its program is not for threads.
 * @throws Error where the process may have none
 */
export function startThread(): Helper {
  const worker = new Worker(text, { eval: true, execArgv: [] })
  worker.unref()
  const helper: Helper = { alive: true, send: message => worker.postMessage(message) }
  const end = () => {
    helper.alive = false
  }
  worker.on('error', end)
  worker.on('exit', end)
  return helper
}
