// A bundle holds what it uses: with one layer, no kernel of another one.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { nameOf } from '../../lib/callbacks/callback-list.ts'

/** The files of lib/ in a page's bundle of these names of an entry. */
async function filesWith(names: readonly string[], entry: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from '${entry}'`, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    alias: { '#platform': './lib/core/platform.ts' },
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
}

const kernelsIn = (files: readonly string[]) =>
  files.flatMap(path => /^lib\/kernels\/(.*)\.ts$/.exec(path)?.[1] ?? []).sort()

/** Every layer may have an activation, an initializer, a regularizer and a constraint, by their names. */
const ofEveryLayer = ['activations', 'draws', 'norms', 'orthonormal', 'penalties', 'sums']

test.each([
  ['Flatten', ['permute']],
  ['Dense', ['matmul']],
  ['MaxPooling2D', ['pool2d']],
  ['Conv2D', ['local2d-loop']],
  ['LocallyConnected2D', ['local2d', 'local2d-dense', 'local2d-layouts', 'local2d-loop', 'local2d-sparse']],
])('%s', async (name, own) => {
  const found = kernelsIn(await filesWith([name], './lib/index.ts'))
  expect(found.filter(kernel => !ofEveryLayer.includes(kernel))).toEqual(own)
})

test('a model of unshared/core: no names, summary, branches, resuming or fast engine, no kernel of another layer or loss', async () => {
  const files = await filesWith(['Sequential', 'Dense', 'Adam', 'MeanSquaredError'], './lib/entries/core.ts')
  expect(kernelsIn(files).filter(kernel => !/^losses\//.test(kernel))).toEqual([
    ...['draws', 'matmul', 'optimizers', 'sums'],
  ])
  expect(kernelsIn(files)).not.toContain('losses/focal')
  const others = files.filter(path =>
    /registry\.ts$|-names\.ts$|models\/(costs|from-config|network|network-config|resume|summary)\.ts$|simd\/(engine|module|wasm|fast)\.ts$/.test(
      path,
    ),
  )
  expect(others).toEqual(['lib/core/registry.ts'])
})

describe('classes keep their names', () => {
  /** Bases of classes, and classes of which users see no objects. */
  const bases = ['Module', 'Layer', 'Loss', 'Metric', 'Optimizer', 'OptimizerVariable', 'ReferenceEngine']
  const folders = ['data', 'keras', 'ndarray', 'node', 'onnx', 'plot', 'research', 'teaching']
  const entries = ['index', ...folders.map(name => `${name}/index`)]

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
          '#parse-worker': './tests/support/parse-worker-text.ts',
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
