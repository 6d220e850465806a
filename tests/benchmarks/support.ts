// Contenders that do nothing, quickly: to test the harness without measuring anything.

import { type Case, layerCase } from './cases.ts'
import { sample } from './data.ts'
import type { Entrant } from './field.ts'
import type { Entry, Results } from './results.ts'

export const smallCase = layerCase('small', 2, { inputShape: [4, 4, 1], filters: 2, window: 3 })

/** What a fake contender answers; times are taken from `ms`, in turn. */
export interface Script {
  readonly results?: readonly number[]
  readonly ms?: number
  readonly quantities?: readonly string[]
  /** Ends the process when it is told to do this. */
  readonly diesAt?: string
  /** Where it writes down, in one file with the others, what it was told to do. */
  readonly diary?: string
}

const program = `
const { createInterface } = require('node:readline')
const { appendFileSync } = require('node:fs')
const [id, script] = [process.argv[1], JSON.parse(process.argv[2])]
const answer = value => console.log(JSON.stringify(value))
const memory = { resident: 100e6, peak: 200e6 }
answer({ version: 'fake ' + id, importMs: 12, memory })
createInterface({ input: process.stdin }).on('line', line => {
  const command = JSON.parse(line)
  if (script.diary) appendFileSync(script.diary, id + ' ' + command.do + ' ' + (command.what ?? '') + '\\n')
  if (command.do === script.diesAt) {
    console.error('out of memory, say')
    process.exit(3)
  }
  if (command.do === 'prepare') answer({ firstMs: 5, quantities: script.quantities ?? ['forward'] })
  else if (command.do === 'results') answer({ results: { y: script.results } })
  else if (command.do === 'run') answer({ ms: Array(command.times).fill(script.ms ?? 1000) })
  else if (command.do === 'memory') answer({ memory: { resident: 150e6, peak: 300e6 }, note: 'a note' })
  else answer({ error: 'what is ' + command.do + '?' })
})`

export function fake(id: string, script: Script = {}, excuse: (given: Case) => string | null = () => null): Entrant {
  const told = { ...script, results: sample(Float32Array.from(script.results ?? [1, 2, 3])) }
  return {
    id,
    isOurs: id.startsWith('unshared/'),
    implementation: 1,
    excuse,
    command: { file: process.execPath, args: ['-e', program, id, JSON.stringify(told)] },
  }
}

export function entry(id: string, times: Entry['times']): Entry {
  const memory = { resident: 1e8, peak: 2e8 }
  return {
    id,
    isOurs: id.startsWith('unshared/'),
    version: `${id.split('/')[0]} 1.0`,
    importMs: 10,
    times,
    difference: 1e-7,
    memory: { before: memory, after: { resident: 3e8, peak: 4e8 } },
  }
}

export const once = (median: number) => ({ median, min: median, count: 1 })

export const sampleResults: Results = {
  format: 1,
  date: '2026-01-02T03:04:05.000Z',
  command: 'npm run bench -- --peers',
  threads: 2,
  machine: { cpu: 'A Processor', cores: 2, memoryBytes: 16e9, system: 'Linux x64', node: 'v20.19.0' },
  engine: 'default',
  rounds: 15,
  limits: { operationsPerSecond: 1e11, bytesPerSecond: 2e10 },
  cases: [
    {
      case: layerCase('first-32', 32, { inputShape: [32, 32, 3], filters: 64, window: 3 }),
      entries: [
        entry('unshared/1', { forward: { median: 2, min: 1.5, count: 30 }, step: once(8) }),
        entry('jax', { forward: once(3), step: once(13.7) }),
        entry('torch', { forward: once(3.6), step: once(12.1) }),
        {
          id: 'tf-keras/2',
          isOurs: false,
          version: '',
          excuse: 'would need 9 GB',
          importMs: 0,
          times: {},
          difference: 0,
        },
        { id: 'tfjs-cpu', isOurs: false, version: '', error: 'it died', importMs: 0, times: {}, difference: 0 },
      ],
    },
  ],
  sweep: [1, 2].map(value => ({
    case: layerCase(`batch-${value}`, value, { inputShape: [16, 16, 8], filters: 16, window: 3 }),
    entries: [entry('unshared/1', { forward: once(value), step: once(3 * value) })],
  })),
}
