// Functions that make a layer from another one work with `unshared/core` alone, which knows no names. The tests' own setup
// makes all names known, so this is a bundle of its own.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import type { Callback, TrainingState } from '../../lib/callbacks/index.ts'

mkdirSync('out', { recursive: true })
const folder = mkdtempSync(resolve('out/without-names-'))
const outfile = resolve(folder, 'core.mjs')
await build({
  entryPoints: ['lib/entries/core.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  alias: { '#platform': './lib/core/platform.ts' },
})
const core: typeof import('unshared/core') = await import(pathToFileURL(outfile).href)
const { benchmarkImplementations, Conv2D, Dense, LocallyConnected2D, MaxNorm, Model, relu, Sequential, Tensor } = core
const { MeanSquaredError, SGD, toConv, toDense, toLocal } = core
afterAll(() => rmSync(folder, { recursive: true }))

const options = { filters: 2, kernelSize: 2, activation: relu() }
const shape = [null, 4, 4, 1]

test('names are not known here', () => {
  expect(() => new Conv2D({ ...options, kernelInitializer: 'zeros' })).toThrow("import 'unshared/names'")
})

test('configs and summaries of models come with their imports', () => {
  const model = new Sequential([new Dense({ units: 1, inputShape: [2] })])
  const config = model.getConfig()
  const missing = (what: string, entry: string) => `${what}: the program does not include it: import '${entry}' before`
  expect(() => Sequential.fromConfig(config)).toThrow(missing('Sequential.fromConfig', 'unshared/names'))
  expect(() => Model.fromConfig(config)).toThrow(missing('Model.fromConfig', 'unshared/names'))
  expect(() => model.summary()).toThrow(missing('summary', 'unshared/summary'))
  expect(() => new Sequential([], { memoryLimit: 1 })).toThrow(missing('memoryLimit', 'unshared/summary'))
})

test('so does the state of a training', async () => {
  const model = new Sequential([new Dense({ units: 1, inputShape: [2] })])
  model.compile({ optimizer: new SGD(), loss: new MeanSquaredError() })
  const missing = "the program does not include it: import 'unshared/resume' before"
  const trainWith = (callback: Callback) => model.fit([[1, 2]], [[3]], { callbacks: [callback], verbose: 0 })
  await expect(trainWith({ onProgress: progress => void progress.state() })).rejects.toThrow(`state: ${missing}`)
  await expect(trainWith({ resumeFrom: () => ({}) as TrainingState })).rejects.toThrow(`resumeFrom: ${missing}`)
})

test('a convolution becomes locally connected and comes back', () => {
  const conv = new Conv2D(options)
  conv.build(shape)
  const local = toLocal(conv)
  const x = Tensor.from(Float32Array.from({ length: 16 }, (_, i) => i / 16)).reshape([1, 4, 4, 1])
  expect(local.forward(x).data).toEqual(conv.forward(x).data)
  const { layer } = toConv(local)
  expect(layer.getWeights().map(({ data }) => data)).toEqual(conv.getWeights().map(({ data }) => data))
  expect(toDense(local).parameters[0].shape).toEqual([16, 18])
  expect(local.withImplementation(3).forward(x).data).toEqual(local.forward(x).data)
})

test('the objects are those of the layer', () => {
  const local = new LocallyConnected2D({ ...options, kernelConstraint: new MaxNorm({ maxValue: 1 }) })
  local.build(shape)
  const other = local.withImplementation(2)
  expect(other.kernelConstraint).toBe(local.kernelConstraint)
  expect(other.activation).toBe(local.activation)
  expect(other.getConfig()).toEqual({ ...local.getConfig(), name: other.name, implementation: 2 })
})

test('implementations are measured', async () => {
  const local = new LocallyConnected2D(options)
  const { measurements } = await benchmarkImplementations(local, [4, 4, 1], { batchSize: 1, timeBudget: 0 })
  expect(measurements.map(({ skipped }) => skipped)).toEqual([null, null, null])
})
