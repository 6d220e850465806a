// `node scripts/run-ts.js tests/fuzz/main.ts [COUNT [WORD]]`: calls of the public surface with wrong values, 20,000 unless
// told otherwise, in a process that may die. WORD: only of targets whose name contains it.

import { fork } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { machineLoad } from '../../lib/node/parse-in-worker.ts'
import { restartPeak, usedMemory } from '../support/memory.ts'
import { surface, type Target } from './surface.ts'
import { isForUsers, type Outcome, trial } from './trial.ts'
import { type Call, calls, nameOf } from './values.ts'

const limits = { milliseconds: 2000, megabytes: 256 }
const longestSilence = 30_000
const longestStart = 300_000 // the compiler reads all types first
const seed = Number(process.env.FUZZ_SEED ?? 1)

interface Report extends Outcome {
  readonly number: number
  readonly call: string
  readonly milliseconds: number
}

/** All calls: for each target some, and more for those with options. */
function plan(count: number, word: string): Call[] {
  const targets = surface()
    .filter(isForUsers)
    .filter(target => nameOf(target).includes(word))
  const share = (target: Target) =>
    target.how === 'construct' || target.how === 'call' || target.name === 'Sequential' ? 4 : 1
  const shares = targets.reduce((sum, target) => sum + share(target), 0)
  return targets.flatMap((target, i) =>
    fc.sample(calls(target), { seed: seed + i, numRuns: Math.ceil((count * share(target)) / shares) }),
  )
}

/** The process that calls: from call `first` on. */
async function work(count: number, word: string, first: number): Promise<void> {
  const all = plan(count, word)
  process.chdir(process.env.FUZZ_FOLDER as string) // what a call writes, it writes here
  process.send?.(all.length)
  console.log = () => {}
  for (let number = first; number < all.length; number++) {
    const files = readdirSync('.')
    process.send?.({ number, call: all[number].text })
    const before = restartPeak()
    const start = performance.now()
    let { end, message } = await trial(all[number])
    const milliseconds = performance.now() - start
    const after = usedMemory('VmHWM')
    const megabytes = before === null || after === null ? 0 : after - before
    if (milliseconds > 2 * limits.milliseconds * machineLoad() || megabytes > limits.megabytes)
      // twice: two engines
      [end, message] = ['fault', `${Math.round(milliseconds)} ms, ${Math.round(megabytes)} MB; ${message}`]
    if (end === 'named error') {
      const left = readdirSync('.').filter(name => !files.includes(name))
      if (left.length > 0) [end, message] = ['fault', `left ${left.join(', ')} behind; ${message}`]
    }
    await new Promise(resolve =>
      process.send?.({ number, call: all[number].text, end, message, milliseconds }, resolve),
    )
  }
  process.disconnect()
}

async function runAll(count: number, word: string): Promise<Report[]> {
  const reports: Report[] = []
  let total = Infinity
  let first = 0
  while (first < total) {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'))
    const child = fork(process.argv[1], ['--work', String(count), word, String(first)], {
      cwd: process.cwd(),
      silent: true,
      env: { ...process.env, FUZZ_FOLDER: folder },
    })
    let timer: NodeJS.Timeout | undefined
    let current = ''
    let started = false
    const watch = () => {
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), started ? longestSilence : longestStart)
    }
    watch()
    let said = ''
    child.stderr?.on('data', text => {
      said = `${said}${text}`.slice(-300)
    })
    child.on('message', (message: number | Report) => {
      started = true
      watch()
      if (typeof message === 'number') total = message
      else if (message.end === undefined) current = message.call
      else reports.push(message)
    })
    await new Promise(resolve => child.on('close', resolve))
    clearTimeout(timer)
    rmSync(folder, { recursive: true, force: true })
    first = (reports.at(-1)?.number ?? first - 1) + 1
    if (total === Infinity) throw new Error(`no call was made: ${said}`)
    if (first < total) {
      const message = `the process died or hung; ${said}`
      reports.push({ number: first, call: current, end: 'fault', message, milliseconds: longestSilence })
      first++
    }
  }
  return reports
}

async function main(count: number, word: string): Promise<void> {
  const reports = await runAll(count, word)
  const of = (end: Outcome['end']) => reports.filter(report => report.end === end)
  const kinds = new Set(
    of('fault').map(({ call, message }) => `${call.slice(0, call.indexOf('('))} ${message.slice(0, 60)}`),
  )
  for (const { number, call, message } of of('fault'))
    console.log(`${number} ${call.slice(0, 400)}\n    ${message.slice(0, 300)}`)
  const slowest = Math.round(reports.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0))
  console.log(
    `${reports.length} calls: ${of('named error').length} named errors, ${of('result').length} results, ${of('fault').length} faults (${kinds.size} different); slowest ${slowest} ms`,
  )
  if (of('fault').length > 0) process.exitCode = 1
}

const [first = '20000', ...others] = process.argv.slice(2)
if (first === '--work') await work(Number(others[0]), others[1], Number(others[2]))
else await main(Number(first), others[0] ?? '')
