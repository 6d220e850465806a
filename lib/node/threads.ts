// Node's threads for the fast engine.

import { Worker } from 'node:worker_threads'
import { type Helper, helperText } from '../simd/helper.ts'

/** The thread runs as CommonJS or as a module, depending on the process' options; this finds Node's modules in both. */
const text = helperText("process.getBuiltinModule('node:worker_threads').parentPort")

/**
 * Starts a thread that does not keep the process alive. It does not inherit the process' preloaded modules (`execArgv`).
 * @throws Error if the process is not allowed to start threads
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
