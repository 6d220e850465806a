// A bundle holds what it uses: with one layer, no kernel of another one.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { nameOf } from '../../lib/callbacks/callback-list.ts'

/** The files of lib/kernels in a page's bundle of these names of the main entry. */
async function kernelsWith(...names: string[]): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from './lib/index.ts'`, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    alias: { '#platform': './lib/core/platform.ts' },
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.entries(inputs)
    .filter(([path, { bytesInOutput }]) => path.startsWith('lib/kernels/') && bytesInOutput > 0)
    .map(([path]) => path.replace(/^lib\/kernels\/|\.ts$/g, ''))
    .sort()
}

/** Every layer may have an activation, an initializer, a regularizer and a constraint, by their names. */
const ofEveryLayer = ['activations', 'draws', 'norms', 'orthonormal', 'penalties', 'sums']

test.each([
  ['Flatten', ['permute']],
  ['Dense', ['matmul']],
  ['MaxPooling2D', ['pool2d']],
  ['Conv2D', ['local2d-loop']],
  ['LocallyConnected2D', ['local2d', 'local2d-dense', 'local2d-layouts', 'local2d-loop', 'local2d-sparse']],
])('%s', async (name, own) => {
  const found = await kernelsWith(name)
  expect(found.filter(kernel => !ofEveryLayer.includes(kernel))).toEqual(own)
})

describe('classes keep their names', () => {
  /** Bases of classes, and classes of which users see no objects. */
  const bases = ['Module', 'Layer', 'Loss', 'Metric', 'Optimizer', 'OptimizerVariable', 'ReferenceEngine']
  const entries = ['index', 'data/index', 'keras/index', 'node/index', 'plot/index', 'research/index', 'teaching/index']

  /** The entries as one program of a user, with the names as the bundler leaves them. */
  async function bundled(minify: boolean): Promise<Record<string, unknown>> {
    mkdirSync('out', { recursive: true })
    const folder = mkdtempSync(resolve('out/names-'))
    try {
      const exported = entries.map(entry => `export * as ${entry.replace('/', '_')} from './lib/${entry}.ts'`)
      await build({
        stdin: { contents: exported.join('\n'), resolveDir: process.cwd() },
        outfile: `${folder}/all.mjs`,
        bundle: true,
        minify,
        format: 'esm',
        target: 'es2022',
        platform: 'node',
        packages: 'external',
        alias: {
          '#platform': './lib/node/platform.ts',
          '#parse-worker': './tests/support/parse-worker-path.ts',
          '#model-files': './lib/node/model-files.ts',
        },
      })
      return await import(pathToFileURL(`${folder}/all.mjs`).href)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test.each([
    ['as the library is bundled', false],
    ['minified', true],
  ])('%s: in consoles, messages and backups', async (_what, minify) => {
    const modules = await bundled(minify)
    const names: [string, string][] = []
    for (const module of Object.values(modules))
      for (const [name, value] of Object.entries(module as object))
        if (/^class\b/.test(String(value)) && !bases.includes(name)) names.push([name, value.name])
    expect(names.length).toBeGreaterThan(130)
    expect(names.filter(([name, own]) => name !== own)).toEqual([])
    const { Tensor, Dense, Sequential, EarlyStopping } = modules.index as typeof import('unshared')
    expect(inspect(Tensor.from([1]))).toMatch(/^Tensor \{/)
    expect(inspect(new Sequential())).toMatch(/^Sequential \{/)
    expect(inspect(new Dense({ units: 1 }))).toMatch(/^Dense \{/)
    expect(() => new Sequential(Tensor.from([1]) as never)).toThrow(/received Tensor of shape \[1\]/)
    expect(() => Tensor.from(new EarlyStopping() as never)).toThrow(/received an object of class EarlyStopping/)
    expect(nameOf(new EarlyStopping())).toBe('EarlyStopping')
  })
})
