// Who takes part: this library in each implementation, and the peers that are installed here.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case, Implementation, LayerCase } from './cases.ts'
import type { Command } from './contender.ts'
import { sizesOf } from './limits.ts'
import { python } from './python.ts'

export interface Entrant {
  /** Such as `unshared/1` or `jax`. */
  readonly id: string
  readonly isOurs: boolean
  readonly implementation: Implementation
  readonly command: Command
  /** Why it sits a case out, or null. */
  excuse(given: Case): string | null
}

export interface FieldOptions {
  readonly root: string
  readonly engine: string | undefined
  readonly threads: number
  /** Whether the Python peers take part. */
  readonly peers: boolean
}

/** A process that holds more than this may not fit beside the others. */
const mostBytes = 6e9
/** What an engine of ours addresses. */
const mostAddressed = 4e9
/** Building its sparse matrix, tf-keras makes a Python tuple for every connection. */
const mostTuples = 2e7

const implementations = [1, 2, 3] as const

export function field(options: FieldOptions): Entrant[] {
  const { root, engine, threads, peers } = options
  const folder = join(root, 'tests/benchmarks')
  const compiled = join(root, 'out/benchmarks')
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const node = (args: readonly string[]) => pinned({ file: process.execPath, args: ['--expose-gc', ...args] }, threads)
  const pythonPeer = (file: string) =>
    pinned({ file: python(folder), args: [join(folder, 'workers', file)], env: pythonEnv(threads) }, threads)

  const ours = implementations.map((implementation): Entrant => {
    const settings = JSON.stringify({ implementation, threads, ...(engine && { engine }) })
    return {
      id: `unshared/${implementation}`,
      isOurs: true,
      implementation,
      command: node([join(compiled, 'workers/unshared.js'), settings, version]),
      excuse: given => denseExcuse(given, implementation, 2, mostAddressed),
    }
  })
  const tfjs = ['wasm', 'cpu'].map((backend): Entrant => {
    return {
      id: `tfjs-${backend}`,
      isOurs: false,
      implementation: 1,
      command: node([join(folder, 'workers/tfjs.js'), compiled, backend, String(threads)]),
      excuse: onlyLayers,
    }
  })
  if (!peers) return [...ours, ...tfjs]
  const keras = implementations.map((implementation): Entrant => {
    return {
      id: `tf-keras/${implementation}`,
      isOurs: false,
      implementation,
      command: pythonPeer('peer_keras.py'),
      excuse: given => denseExcuse(given, implementation, 6) ?? tuplesExcuse(given, implementation),
    }
  })
  const others = ['jax', 'torch'].map((id): Entrant => {
    return { id, isOurs: false, implementation: 1, command: pythonPeer(`peer_${id}.py`), excuse: onlyStacks }
  })
  return [...ours, ...tfjs, ...keras, ...others]
}

const pythonEnv = (threads: number) => ({
  BENCH_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  TF_CPP_MIN_LOG_LEVEL: '3',
  TF_USE_LEGACY_KERAS: '1',
  PYTHONDONTWRITEBYTECODE: '1',
})

/** The same cores for everyone, and not more than there are threads: XLA counts the cores it may use. */
function pinned(command: Command, threads: number): Command {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/taskset')) return command
  return { ...command, file: '/usr/bin/taskset', args: ['-c', `0-${threads - 1}`, command.file, ...command.args] }
}

const onlyLayers = ({ kind }: Case) => (kind === 'layer' ? null : 'measured with single layers only')

/** @param copies how many arrays of the dense kernel's size there are */
/** JAX and PyTorch train stacks of locally connected and dense layers. */
const onlyStacks = (given: Case) =>
  given.kind === 'layer' || (given.kind === 'fit' && given.layers.every(([, , reads]) => !reads))
    ? null
    : 'measured with layers and with the training of stacks only'

function denseExcuse(given: Case, implementation: Implementation, copies: number, most = mostBytes): string | null {
  if (implementation !== 2) return null
  if (given.kind !== 'layer') return given.kind === 'prediction' ? 'the dense kernels would not fit in memory' : null
  const bytes = copies * denseBytes(given)
  return bytes > most ? `would need ${(bytes / 1e9).toFixed(0)} GB` : null
}

function tuplesExcuse(given: Case, implementation: Implementation): string | null {
  if (implementation !== 3) return null
  if (given.kind !== 'layer') return given.kind === 'prediction' ? 'would make 73 million Python tuples to build' : null
  const { weights } = sizesOf(given)
  return weights > mostTuples ? `would make ${(weights / 1e6).toFixed(0)} million Python tuples to build` : null
}

function denseBytes(given: LayerCase): number {
  const { places } = sizesOf(given)
  return 4 * given.inputShape.reduce((a, b) => a * b, 1) * places * given.filters
}
