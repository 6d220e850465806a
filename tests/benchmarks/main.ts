// npm run bench: this library beside what else its users could take.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, type as systemName, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cases, goals } from './cases.ts'
import { field } from './field.ts'
import { measureCase } from './measure.ts'
import { type Options, readOptions, usage } from './options.ts'
import { measureLimits } from './peak.ts'
import { makeNodePeers, makePythonEnvironment } from './python.ts'
import { tables } from './report/table.ts'
import { writePage } from './report/write.ts'
import type { CaseResult, Machine, Results } from './results.ts'
import { sweepCases } from './sweep.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'tests/benchmarks')

function machine(): Machine {
  const [{ model }] = cpus()
  const system = `${systemName()} ${process.arch}`
  return { cpu: model.trim(), cores: cpus().length, memoryBytes: totalmem(), system, node: process.version }
}

async function measure(options: Options, command: string): Promise<Results> {
  const { engine, threads, peers, contenders, only, rounds, turn } = options
  makeNodePeers(folder)
  if (peers) makePythonEnvironment(folder)
  const log = (line: string) => console.log(line)
  const entrants = field({ root, engine, threads, peers })
  const chosen = entrants.filter(({ id }) => contenders.length === 0 || contenders.includes(id))
  if (chosen.length === 0)
    throw new Error(`--contenders: expected some of ${entrants.map(({ id }) => id).join(', ')}`)
  const limits = await measureLimits(root, threads)
  const measured: CaseResult[] = []
  for (const given of cases.filter(({ id }) => only.length === 0 || only.includes(id)))
    measured.push(await measureCase(given, chosen, { rounds, turn, log }))
  const sweep: CaseResult[] = []
  if (options.sweep)
    for (const given of sweepCases)
      sweep.push(
        await measureCase(
          given,
          chosen.filter(({ isOurs }) => isOurs),
          { rounds: 3, turn, log },
        ),
      )
  return {
    ...{ format: 1, date: new Date().toISOString(), command, machine: machine(), threads },
    ...{ engine: engine ?? 'default', rounds, limits, cases: measured, sweep },
  }
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args, cpus().length)
  if (options.help) {
    console.log(usage)
    return
  }
  const results: Results = options.from
    ? JSON.parse(readFileSync(options.from, 'utf8'))
    : await measure(options, ['npm run bench --', ...args].join(' '))
  for (const line of tables(results, goals)) console.log(line)
  const json = `${JSON.stringify(results, null, 1)}\n`
  if (!options.from) {
    mkdirSync(dirname(options.json), { recursive: true })
    writeFileSync(options.json, json)
    console.log(`\nthe numbers are in ${options.json}`)
  }
  if (options.write) {
    writeFileSync(join(folder, 'results.json'), json)
    for (const path of writePage(root, results, goals)) console.log(`written: ${path}`)
  }
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
