// npm run bench: this library beside what else its users could take.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, type as systemName, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Case, cases, goals, oddCases } from './cases.ts'
import { type Entrant, field } from './field.ts'
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

/** Those that take part, their packages installed. */
function contenders({ engine, threads, peers, contenders }: Options): Entrant[] {
  makeNodePeers(folder)
  if (peers) makePythonEnvironment(folder)
  const entrants = field({ root, engine, threads, peers })
  for (const id of contenders)
    if (!entrants.some(entrant => entrant.id === id))
      throw new Error(`--contenders: expected some of ${entrants.map(({ id }) => id).join(', ')}, received ${id}`)
  return entrants.filter(({ id }) => contenders.length === 0 || contenders.includes(id))
}

const log = (line: string) => console.log(line)

async function measureAll(
  given: readonly Case[],
  entrants: readonly Entrant[],
  rounds: number,
  { turn, patience }: Pick<Options, 'turn' | 'patience'>,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const one of given)
    results.push(await measureCase(one, entrants, { rounds, turn, patience: 1000 * patience, log }))
  return results
}

async function measure(options: Options, command: string): Promise<Results> {
  const { engine, threads, only, rounds } = options
  const entrants = contenders(options)
  const limits = await measureLimits(root, threads)
  const limitsOfOne = await measureLimits(root, 1)
  const chosen = cases.filter(({ id }) => only.length === 0 || only.includes(id))
  const ours = entrants.filter(({ isOurs }) => isOurs)
  return {
    format: 1,
    date: new Date().toISOString(),
    command,
    machine: machine(),
    threads,
    engine: engine ?? 'default',
    rounds,
    limits,
    limitsOfOne,
    cases: await measureAll(chosen, entrants, rounds, options),
    sweep: options.sweep ? await measureAll(sweepCases, ours, Math.ceil(rounds / 3), options) : [],
  }
}

/** Whether something went wrong; says what. */
function failed(results: readonly CaseResult[]): boolean {
  const errors = results.flatMap(({ case: { title }, entries }) =>
    entries.flatMap(({ id, error }) => (error === undefined ? [] : [`${title}: ${id}: ${error}`])),
  )
  for (const error of errors) console.error(`FAILED ${error}`)
  return errors.length > 0
}

async function main(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args, cpus().length)
  if (options.help) {
    console.log(usage)
    return true
  }
  if (options.agree) return !failed(await measureAll(oddCases, contenders(options), 0, options))
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
  return !failed([...results.cases, ...results.sweep])
}

try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
