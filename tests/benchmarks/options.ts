// The command line.

import { parseArgs } from 'node:util'
import { cases } from './cases.ts'

export const usage = `npm run bench -- [options]

  --peers            also tf-keras, JAX and PyTorch, from a Python environment that is made when it is missing
  --threads N        how many threads and cores everyone may use (default 2, or all there are)
  --engine NAME      which engine of ours: reference or simd (default: the library's own choice)
  --only CASE,…      these cases alone: ${cases.map(({ id }) => id).join(', ')}
  --contenders ID,…  these contenders alone, such as unshared/1,jax
  --rounds N         how many turns each contender has (default 15)
  --patience N       leaves a contender out of a case if it isn't ready within so many seconds (default 600)
  --quick            3 short turns: whether it works, not how fast it is
  --sweep            how the cost grows with batch, image, filters, strides (ours)
  --agree            measures nothing: whether all contenders compute the same, on small odd cases
  --json FILE        where the numbers go (default out/benchmarks.json)
  --write            also makes docs/benchmarks.md and its charts, and keeps the numbers in tests/benchmarks/results.json
  --from FILE        measures nothing: table and page of the numbers in this file`

export interface Options {
  readonly peers: boolean
  readonly threads: number
  readonly engine: string | undefined
  readonly only: readonly string[]
  readonly contenders: readonly string[]
  readonly rounds: number
  readonly turn: number
  /** Seconds. */
  readonly patience: number
  readonly sweep: boolean
  readonly agree: boolean
  readonly json: string
  readonly write: boolean
  readonly from: string | undefined
  readonly help: boolean
}

/** @throws Error telling which option is wrong */
export function readOptions(args: readonly string[], cores: number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'boolean', default: false },
      threads: { type: 'string', default: String(Math.min(2, cores)) },
      engine: { type: 'string' },
      only: { type: 'string', default: '' },
      contenders: { type: 'string', default: '' },
      rounds: { type: 'string' },
      patience: { type: 'string', default: '600' },
      quick: { type: 'boolean', default: false },
      sweep: { type: 'boolean', default: false },
      agree: { type: 'boolean', default: false },
      json: { type: 'string', default: 'out/benchmarks.json' },
      write: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { engine, quick } = values
  if (engine !== undefined && engine !== 'reference' && engine !== 'simd')
    throw new Error(`--engine: expected reference or simd, received ${engine}`)
  const only = list(values.only)
  for (const id of only)
    if (!cases.some(given => given.id === id))
      throw new Error(`--only: expected some of ${cases.map(({ id }) => id).join(', ')}, received ${id}`)
  return {
    peers: values.peers,
    sweep: values.sweep,
    agree: values.agree,
    write: values.write,
    help: values.help,
    engine,
    only,
    contenders: list(values.contenders),
    json: values.json,
    from: values.from,
    threads: positive('--threads', values.threads, cores),
    rounds: positive('--rounds', values.rounds ?? (quick ? '3' : '15'), 10_000),
    patience: positive('--patience', values.patience, 10_000),
    turn: quick ? 20 : 120,
  }
}

const list = (text: string) => text.split(',').filter(item => item !== '')

function positive(name: string, text: string, most: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value
  throw new Error(`${name}: expected a whole number from 1 to ${most}, received ${text}`)
}
