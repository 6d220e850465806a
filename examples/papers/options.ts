// The command line.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Experiment, Size } from './experiment.ts'
import { experiments } from './experiments.ts'

const list = experiments.map(({ name, title, isDefault }) => `  ${isDefault ? ' ' : '*'} ${name.padEnd(14)} ${title}`)

export const usage = `npm run papers -- [options]

  --quick        fewer seeds and less training, under two minutes: whether it works, not what comes out
  --all          also the experiments with a star below; writes docs/papers.md and its figures
  --only NAME,…  these experiments alone
  --threads N    how many runs at a time (default: as many as the machine has cores)
  --out FOLDER   for results, page and figures (default out/papers)
  --mini         the size of the tests

${list.join('\n')}

Results are kept in the folder: the command continues after an interruption, and repeats only what has changed.`

export interface Options {
  readonly chosen: readonly Experiment[]
  readonly size: Size
  /** Whether to write docs/papers.md. */
  readonly writesPage: boolean
  readonly threads: number
  readonly out: string
  readonly help: boolean
}

/** @throws Error that tells which option is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      mini: { type: 'boolean', default: false },
      only: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: 'out/papers' },
      help: { type: 'boolean', default: false },
    },
  })
  const { all, quick, mini, only, out, help } = values
  const names = only?.split(',')
  for (const name of names ?? [])
    if (!experiments.some(experiment => experiment.name === name))
      throw new Error(`--only: expected some of ${experiments.map(({ name }) => name).join(', ')}, received ${name}`)
  const threads = Number(values.threads)
  if (!Number.isSafeInteger(threads) || threads < 1)
    throw new Error(`--threads: expected a positive integer, received ${values.threads}`)
  return {
    chosen: experiments.filter(({ name, isDefault }) => (names ? names.includes(name) : all || isDefault)),
    size: mini ? 'mini' : quick ? 'quick' : 'full',
    writesPage: all && !names && !mini && !quick,
    threads,
    out,
    help,
  }
}
