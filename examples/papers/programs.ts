// The program that a thread runs: `train` of one experiment, bundled with the library. Its hash names the results, so
// that a run repeats what another program, or the same with other settings, has computed, and nothing else. Text and
// comments of an experiment are not part of it.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { aliases } from '../../scripts/aliases.js'

export interface Program {
  readonly path: string
  readonly hash: string
}

const thread = (name: string) => `
  import { parentPort } from 'node:worker_threads'
  import { setEngineDefaults } from 'unshared'
  import { train } from './${name}.ts'
  setEngineDefaults({ threads: 1 })
  parentPort.on('message', async ({ model, seed, settings }) => {
    const start = process.threadCpuUsage?.()
    const since = performance.now()
    const numbers = await train(model, seed, settings)
    const used = start && process.threadCpuUsage(start)
    const seconds = used ? (used.user + used.system) / 1e6 : (performance.now() - since) / 1e3
    parentPort.postMessage({ model, seed, numbers, seconds })
  })
`

/** Bundles the program of an experiment into a folder. */
export async function bundleProgram(name: string, folder: string): Promise<Program> {
  const { outputFiles } = await build({
    stdin: { contents: thread(name), resolveDir: 'examples/papers', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    alias: aliases,
  })
  const [{ contents }] = outputFiles
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12)
  const path = resolve(folder, `${name}-${hash}.mjs`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, contents)
  return { path, hash }
}
