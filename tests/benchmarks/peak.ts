// The machine's own limits, measured: a loop of multiplications and additions that never leaves the registers, and a
// copy that no cache holds. Both with the instructions that WebAssembly has, all threads at the same time.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { MachineLimits } from './limits.ts'

/** Of the loop in assembly/multiply-add.ts: 12 sums of 4 lanes, a multiplication and an addition each. */
const operationsPerRound = 12 * 4 * 2

/** Compiles the loop. */
export function multiplyAddModule(root: string): Buffer {
  const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
  const source = join(root, 'tests/benchmarks/assembly/multiply-add.ts')
  const outFile = join(root, 'out/multiply-add.wasm')
  const flags = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--outFile', outFile]
  execFileSync(process.execPath, [compiler, source, ...flags])
  return readFileSync(outFile)
}

const body = `
const { parentPort, workerData } = require('node:worker_threads')
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(workerData.module))
const from = new Float32Array(workerData.copied / 4).fill(1)
const to = new Float32Array(from.length).fill(2)
const best = (run, times) => {
  let least = Infinity
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least / 1e3
}
parentPort.on('message', what => {
  const run = what === 'arithmetic' ? () => exports.multiplyAdd(workerData.rounds) : () => to.set(from)
  parentPort.postMessage(best(run, what === 'arithmetic' ? 60 : 10))
})
parentPort.postMessage('ready')`

/** @param threads how many work at the same time */
export async function measureLimits(root: string, threads: number): Promise<MachineLimits> {
  const rounds = 5e5
  const copied = 256 * 2 ** 20
  const workerData = { module: multiplyAddModule(root), rounds, copied }
  const workers = Array.from({ length: threads }, () => new Worker(body, { eval: true, workerData }))
  const next = (worker: Worker) =>
    new Promise<number>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  await Promise.all(workers.map(next))
  const measure = async (what: 'arithmetic' | 'copy') => {
    const answers = workers.map(next)
    for (const worker of workers) worker.postMessage(what)
    return await Promise.all(answers)
  }
  const perSecond = (amount: number, seconds: number[]) => seconds.reduce((sum, s) => sum + amount / s, 0)
  const operationsPerSecond = perSecond(rounds * operationsPerRound, await measure('arithmetic'))
  const bytesPerSecond = perSecond(2 * copied, await measure('copy'))
  await Promise.all(workers.map(worker => worker.terminate()))
  return { operationsPerSecond, bytesPerSecond }
}
