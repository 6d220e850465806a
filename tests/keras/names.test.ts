// Whatever a writer accepts, the reader gives back; a name that a format can't hold is refused before anything is written.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { type BatchShape, type Call, Dense, Layer, LocallyConnected1D, Sequential, type Shape, stream } from 'unshared'
import { loadModel, loadWeights, type ModelFormat, saveModel, saveWeights, type WeightsFormat } from 'unshared/keras'
import { runs } from '../support/runs.ts'

jest.setTimeout(600_000) // every load starts a worker
const folder = mkdtempSync(join(tmpdir(), 'unshared-names-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A layer whose weights have any names. */
class Odd extends Layer {
  readonly className = 'Odd'
  readonly weightNames: readonly string[]

  constructor({
    weightNames,
    ...options
  }: { weightNames: readonly string[]; name: string; batchInputShape?: BatchShape }) {
    super(options)
    this.weightNames = weightNames
  }

  computeOutputShape = (inputShape: BatchShape) => inputShape
  override ownConfig = () => ({ weightNames: [...this.weightNames] })
  override weightsFor(inputShape: Shape) {
    const spec = { shape: inputShape, initializer: 'randomNormal' } as const
    return Object.fromEntries(this.weightNames.map(name => [name, spec]))
  }
  forwardInto(y: Float32Array, x: Float32Array) {
    y.set(x)
  }
  backwardInto(dx: Float32Array, dy: Float32Array, { weights }: Call) {
    dx.set(dy)
    for (const { grad } of Object.values(weights)) grad.fill(0.5)
  }
}

const named = [
  ...[
    'a',
    'a/kernel:0',
    'a/a',
    'a/a/kernel:0',
    '.',
    '..',
    'a/.',
    'a//b',
    '/a',
    'a/',
    '/',
    'kernel:0',
    'a.b',
    ' ',
    'a b',
  ],
  ...['top_level_model_weights', 'model_weights', 'optimizer_weights', 'layer_names', 'weight_names', 'vars', 'layers'],
  ...['__metadata__', 'größe/層', 'Ã©', '😀', 'a\0b', '\0', '\ud800', 'é'.repeat(300), 'x'.repeat(9000)],
]
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...named) },
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
)
const models = fc.record({
  names: fc.uniqueArray(name, { minLength: 3, maxLength: 3 }),
  weightNames: fc.uniqueArray(fc.oneof(fc.constantFrom('kernel', 'bias'), name), { minLength: 1, maxLength: 3 }),
  optimizer: name,
  steps: fc.integer({ min: 4, max: 7 }),
  filters: fc.integer({ min: 1, max: 3 }),
  implementation: fc.constantFrom(1, 2, 3),
})
type Named = typeof models extends fc.Arbitrary<infer T> ? T : never

function make({ names, weightNames, optimizer, steps, filters, implementation }: Named, seed: number): Sequential {
  const model = new Sequential(
    [
      new LocallyConnected1D({
        name: names[0],
        filters,
        kernelSize: 2,
        implementation: implementation as 1,
        inputShape: [steps, 2],
      }),
      new Odd({ name: names[1], weightNames }),
      new Dense({ name: names[2], units: 2 }),
    ],
    { seed },
  )
  model.compile({ optimizer: { className: 'Adam', config: { name: optimizer } }, loss: 'mse' })
  return model
}

const refusal = /^ArgumentError: (the name of |names of )/
const formats = ['h5', 'keras', 'tfjs'] as const satisfies readonly ModelFormat[]
const weightsFormats = ['h5', 'weights.h5', 'safetensors'] as const satisfies readonly WeightsFormat[]

test('names, shapes and configs of whole models, in every format', async () => {
  const counts = { back: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(models, fc.constantFrom(...formats), async (named, format) => {
      const model = make(named, 1)
      const random = stream('x')
      const [x, y] = [named.steps * 2, (named.steps - 1) * 2].map(n => [Array.from({ length: n }, random)])
      const rows = (flat: number[][], width: number) =>
        flat.map(row => Array.from({ length: row.length / width }, (_, i) => row.slice(i * width, (i + 1) * width)))
      await model.fit(rows(x, 2), rows(y, 2), { epochs: 1, verbose: 0 })
      let saved: Uint8Array | Awaited<ReturnType<typeof saveModel<'tfjs'>>>
      try {
        saved = await saveModel(model, { format })
      } catch (error) {
        expect(String(error)).toMatch(refusal)
        const path = join(folder, `refused.${format === 'tfjs' ? 'json' : format}`)
        await expect(saveModel(model, path)).rejects.toThrow()
        expect(readdirSync(folder)).toEqual([])
        counts.refused++
        return
      }
      const loaded = await loadModel(saved as Uint8Array, { customObjects: { Odd } })
      expect(loaded.getConfig()).toEqual(model.getConfig())
      expect(loaded.getWeights()).toEqual(model.getWeights())
      if (format !== 'tfjs')
        expect(loaded.optimizer?.variables().map(v => v.read())).toEqual(
          model.optimizer?.variables().map(v => v.read()),
        )
      counts.back++
    }),
    { numRuns: runs(60), seed: 18, endOnFailure: true },
  )
  expect(Math.min(counts.back, counts.refused)).toBeGreaterThan(5)
})

test('names and shapes of weights, in every format', async () => {
  const counts = { back: 0, refused: 0 }
  await fc.assert(
    fc.asyncProperty(models, fc.constantFrom(...weightsFormats), async (named, format) => {
      const [model, other] = [make(named, 1), make(named, 2)]
      let bytes: Uint8Array
      try {
        bytes = await saveWeights(model, { format })
      } catch (error) {
        expect(String(error)).toMatch(refusal)
        counts.refused++
        return
      }
      expect(await loadWeights(other, bytes)).toEqual({ loaded: named.names, skipped: [] })
      expect(other.getWeights()).toEqual(model.getWeights())
      if (format !== 'weights.h5') await loadWeights(other, bytes, { byName: true })
      counts.back++
    }),
    { numRuns: runs(60), seed: 18, endOnFailure: true },
  )
  expect(Math.min(counts.back, counts.refused)).toBeGreaterThan(5)
})

test('a model whose config is longer than an attribute of HDF5 holds', async () => {
  const layers = Array.from(
    { length: 150 },
    (_, i) => new Dense({ units: 1, name: `layer_${'x'.repeat(400)}_${i}`, ...(i === 0 && { inputShape: [1] }) }),
  )
  const model = new Sequential(layers, { seed: 1 })
  for (const format of ['h5', 'keras'] as const)
    expect((await loadModel(await saveModel(model, { format }))).getConfig()).toEqual(model.getConfig())
})
