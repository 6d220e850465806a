// What only a process of its own shows: packages that are missing, what is printed, what stays open.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { zipSync } from 'fflate'
import { Dense, Sequential } from 'unshared'
import { saveModel, saveWeights } from 'unshared/keras'
import { bundle } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-packages-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  const model = new Sequential([new Dense({ units: 2, inputShape: [3] })], { seed: 1 })
  model.build([null, 3])
  const h5 = await saveModel(model, { format: 'h5' })
  const files: Record<string, Uint8Array> = {
    'model.h5': h5,
    'model.keras': await saveModel(model, { format: 'keras' }),
    'packed.keras': zipSync({ 'config.json': new TextEncoder().encode(`{}${' '.repeat(999)}`) }),
    'model.weights.h5': await saveWeights(model, { format: 'weights.h5' }),
    'model.safetensors': await saveWeights(model, { format: 'safetensors' }),
    'cut.h5': h5.subarray(0, h5.length / 2),
    'corrupt.h5': h5.map((byte, i) => (i > 600 && i < h5.length - 600 && i % 97 === 0 ? byte ^ 255 : byte)),
    'wrong.h5': new TextEncoder().encode('no model'),
    'empty.h5': new Uint8Array(0),
  }
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
})

/** What a program prints. */
function run(program: string, cwd = '.') {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8', cwd })
  return { lines: stdout.trim().split('\n'), stderr, status }
}

test('without optional packages: what needs them says how to install them, the rest works', async () => {
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  writeFileSync(join(bare, 'package.json'), '{ "type": "module" }')
  const alias = {
    '#platform': resolve('lib/node/platform.ts'),
    '#parse-worker': resolve('lib/node/parse-worker-text.ts'),
    '#model-files': resolve('lib/node/model-files.ts'),
    'unshared/keras': resolve('lib/keras/index.ts'),
    'unshared/plot': resolve('lib/plot/index.ts'),
    unshared: resolve('lib/index.ts'),
  }
  await build({
    entryPoints: { program: 'tests/keras/programs/without-packages.ts' },
    outdir: bare,
    define: { parseWorkerText: JSON.stringify(readFileSync('out/programs/parse-worker.js', 'utf8')) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias,
    external: ['h5wasm', 'fflate', '@dagrejs/dagre'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
  })
  const { lines, stderr } = run(join(bare, 'program.js'), bare)
  const h5wasm = 'StateError: .h5 and .keras files need the package h5wasm: npm install h5wasm'
  expect(lines).toEqual([
    `model.h5: ${h5wasm}`,
    `model.keras: ${h5wasm}`,
    'packed.keras: StateError: .keras files need the package fflate: npm install fflate',
    `model.weights.h5: ${h5wasm}`,
    'model.safetensors: loaded',
    `saving h5: ${h5wasm}`,
    `saving keras: ${h5wasm}`,
    `saving weights: ${h5wasm}`,
    'saving tfjs: saved',
    'drawing: StateError: drawings need the package @dagrejs/dagre: npm install @dagrejs/dagre',
  ])
  expect(stderr).toBe('')
})

test('after every error the file is closed and can be loaded again; only a missing worker is told, once', async () => {
  const { lines, stderr, status } = run(await bundle('tests/keras/programs/refused-files.ts'))
  expect([lines.length, status]).toEqual([1, 0])
  const warnings = stderr.split('\n').filter(line => /Warning/.test(line))
  expect(warnings).toEqual([
    expect.stringMatching(
      /UNSHARED_NO_WORKER.* without limits of time and memory: .* finds no package h5wasm and fflate/,
    ),
  ])
  const { outcomes, open } = JSON.parse(lines[0])
  expect(open).toEqual([])
  expect(Object.keys(outcomes)).toHaveLength(4 * 9)
  for (const [what, ends] of Object.entries(outcomes))
    expect([what, ends]).toEqual([
      what,
      /^model\.(h5|keras),/.test(what) ? 'loaded, loaded' : 'ArgumentError, ArgumentError',
    ])
})
