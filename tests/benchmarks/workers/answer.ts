// The contenders' side of the protocol: one JSON object a line in, one out; see ../contender.ts.

import { createInterface } from 'node:readline'
import type { LayerCase, ModelCase } from '../cases.ts'
import { sample } from '../data.ts'

export interface Prepared {
  /** From nothing to the first output, all weights initialized, in milliseconds. */
  readonly firstMs: number
  /** What can be timed. */
  readonly runs: Readonly<Record<string, () => unknown>>
  /** What was computed; called once, before anything is timed. */
  results(): Record<string, Float32Array> | Promise<Record<string, Float32Array>>
  /** What ran where, in words. */
  note?(): string
}

export interface Loaded {
  readonly version: string
  prepare(given: LayerCase | ModelCase): Prepared | Promise<Prepared>
}

const memory = () => {
  ;(globalThis as { gc?: () => void }).gc?.()
  const { maxRSS } = process.resourceUsage()
  return { resident: process.memoryUsage().rss, peak: maxRSS * 1024 }
}

export async function serve(load: () => Promise<Loaded>): Promise<void> {
  const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)
  console.log = console.info = console.error // what libraries print must not meet the answers
  const start = performance.now()
  const { version, prepare } = await load()
  answer({ version, importMs: performance.now() - start, memory: memory() })
  let prepared: Prepared | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line)
    try {
      if (command.do === 'prepare') {
        prepared = await prepare(command.case)
        answer({ firstMs: prepared.firstMs, quantities: Object.keys(prepared.runs) })
      } else if (command.do === 'run' && prepared) {
        const ms = await timed(prepared.runs[command.what], command.times, command.warm)
        answer({ ms })
      } else if (command.do === 'results' && prepared) {
        const results = Object.entries(await prepared.results())
        answer({ results: Object.fromEntries(results.map(([name, values]) => [name, sample(values)])) })
      } else if (command.do === 'memory') answer({ memory: memory(), note: prepared?.note?.() })
      else answer({ error: `unknown command ${command.do}` })
    } catch (error) {
      answer({ error: String(error) })
    }
  }
}

async function timed(run: () => unknown, times: number, warm: number): Promise<number[]> {
  for (let i = 0; i < warm; i++) await run()
  const taken: number[] = []
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    const result = run()
    if (result instanceof Promise) await result
    taken.push(performance.now() - start)
  }
  return taken
}
