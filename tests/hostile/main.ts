// `npm run test:hostile [COUNT [FORMAT …]]`: corrupt files of every format, 5,000 of each, loaded in a process that may die.

import { fork } from 'node:child_process'
import { makeFormats } from './formats.ts'
import { limits, type Outcome, trial } from './trial.ts'

const longestSilence = 30_000

/** The process that loads: from mutation `first` to `count`. */
async function work(name: string, first: number, count: number): Promise<void> {
  const { [name]: format } = await makeFormats()
  await trial(name, format, count).catch(() => {}) // the first load pays for the libraries
  for (let number = first; number < count; number++) {
    let outcome = await trial(name, format, number)
    // A busy machine is not the file's fault: what was slow is tried again.
    for (let again = 0; again < 3 && outcome.milliseconds > limits.milliseconds; again++)
      outcome = await trial(name, format, number)
    await new Promise(resolve => process.send?.(outcome, resolve))
  }
  process.disconnect()
}

/** All mutations of a format. A process that dies or hangs is one outcome; another goes on after it. */
async function tryFormat(name: string, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  while (outcomes.length < count) {
    const child = fork(process.argv[1], ['--work', name, String(outcomes.length), String(count)], { silent: true })
    let why = ''
    let timer: NodeJS.Timeout | undefined
    const watch = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        why = 'the process hung'
        child.kill('SIGKILL')
      }, longestSilence)
    }
    watch()
    child.on('message', outcome => {
      outcomes.push(outcome as Outcome)
      watch()
    })
    let said = ''
    child.stderr?.on('data', text => {
      said = `${said}${text}`.slice(-300)
    })
    await new Promise(resolve => child.on('close', resolve))
    clearTimeout(timer)
    if (outcomes.length < count)
      outcomes.push({
        number: outcomes.length,
        what: 'see the number',
        end: 'other',
        milliseconds: longestSilence,
        megabytes: null,
        message: why || `the process died: ${said}`,
      })
  }
  return outcomes
}

async function main([count = '5000', ...only]: string[]): Promise<void> {
  const names = Object.keys(await makeFormats()).filter(name => only.length === 0 || only.includes(name))
  console.log(
    `A corrupt file ends in a named error or a model that runs, within ${limits.milliseconds} ms and ${limits.megabytes} MB`,
  )
  const columns = ['mutations', 'named errors', 'loads', 'others', 'slowest', 'most memory']
  console.log(['format'.padEnd(24), ...columns.map(title => title.padStart(13))].join(''))
  let [passed, failed] = [0, 0]
  const notes: string[] = []
  for (const name of names) {
    const outcomes = await tryFormat(name, Number(count))
    const of = (end: Outcome['end']) => outcomes.filter(outcome => outcome.end === end)
    const most = (numbers: (number | null)[]) => Math.round(numbers.reduce<number>((a, b) => Math.max(a, b ?? 0), 0))
    const cells = [
      ...[outcomes.length, of('named error').length, of('load').length, of('other').length],
      `${most(outcomes.map(({ milliseconds }) => milliseconds))} ms`,
      `${most(outcomes.map(({ megabytes }) => megabytes))} MB`,
    ]
    console.log([name.padEnd(24), ...cells.map(cell => String(cell).padStart(13))].join(''))
    for (const { number, what, message } of of('other')) notes.push(`${name} ${number} (${what}): ${message}`)
    failed += of('other').length
    passed += outcomes.length - of('other').length
  }
  for (const note of notes.slice(0, 40)) console.log(note.slice(0, 400))
  console.log(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}

const [first, ...others] = process.argv.slice(2)
if (first === '--work') await work(others[0], Number(others[1]), Number(others[2]))
else await main(process.argv.slice(2))
