import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, jest, test } from '@jest/globals'
import { zipSync } from 'fflate'
import {
  BatchNormalization,
  type BatchShape,
  Dense,
  Dropout,
  Flatten,
  input,
  Layer,
  LocallyConnected1D,
  LocallyConnected2D,
  Model,
  Sequential,
  type SymbolicTensor,
  stream,
  Tensor,
} from 'unshared'
import { fromSafetensors, loadModel, loadWeights, type SavedTfjs, saveModel, saveWeights } from 'unshared/keras'
import { openArchive } from '../../lib/files/archive.ts'
import { bytesOf } from '../../lib/files/bytes.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-files-'))
jest.setTimeout(60_000) // every load starts a worker
afterAll(() => rmSync(folder, { recursive: true }))

const random = stream(3, 'files')
const draw = (...shape: number[]) => {
  const tensor = Tensor.zeros(shape)
  for (let i = 0; i < tensor.size; i++) tensor.data[i] = 2 * random() - 1
  return tensor
}

const local = (implementation: 1 | 2 | 3 = 1, padding: 'valid' | 'same' = 'valid') =>
  new LocallyConnected2D({ filters: 2, kernelSize: [2, 3], padding, implementation, inputShape: [5, 6, 2] })
const newModel = (first: Layer = local(), options: object = { optimizer: 'adam', metrics: ['mae'] }) => {
  const model = new Sequential([first, new BatchNormalization(), new Flatten(), new Dense({ units: 3, name: 'end' })], {
    seed: 4,
  })
  model.compile({ loss: 'mse', ...options })
  return model
}
const x = draw(8, 5, 6, 2)
const y = draw(8, 3)
const learn = (model: Model, epochs = 1) => model.fit(x, y, { epochs, batchSize: 3, shuffle: false, verbose: 0 })
const bits = (model: Model) => model.getWeights().map(({ data }) => [...new Uint32Array(data.buffer)])

describe('whole models', () => {
  test.each(['h5', 'keras'] as const)('%s: a training goes on to the bit where it stopped', async format => {
    for (const optimizer of [
      'adam',
      'sgd',
      { className: 'SGD', config: { momentum: 0.5 } },
      { className: 'Adam', config: { amsgrad: true } },
      {
        className: 'RMSprop',
        config: {
          momentum: 0.3,
          learningRate: {
            className: 'ExponentialDecay',
            config: { initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 },
          },
        },
      },
    ]) {
      const model = newModel(local(), { optimizer, metrics: ['mae'] })
      await learn(model, 2)
      const loaded = await loadModel(await saveModel(model, { format }))
      expect(bits(loaded)).toEqual(bits(model))
      const [ours, theirs] = [await learn(model), await learn(loaded)]
      expect(theirs.history).toEqual(ours.history)
      expect(bits(loaded)).toEqual(bits(model))
      expect(loaded.getConfig()).toEqual(model.getConfig())
    }
  })

  test('the same model gives the same bytes, but for the time that HDF5 notes', async () => {
    const save = async (milliseconds: number) => {
      jest.spyOn(Date, 'now').mockReturnValue(milliseconds)
      return saveModel(newModel(), { format: 'keras' })
    }
    try {
      const [a, b, later] = [await save(1e12), await save(1e12), await save(2e12)]
      expect(a).toEqual(b)
      expect(a).not.toEqual(later)
    } finally {
      jest.restoreAllMocks()
    }
  })

  test('a kernel of one implementation is loaded, and written, as another: the predictions stay', async () => {
    for (const make of [
      (i: 1 | 2 | 3) => local(i),
      (i: 1 | 2 | 3) =>
        new LocallyConnected1D({
          filters: 2,
          kernelSize: 3,
          strides: 2,
          dataFormat: 'channels_first',
          implementation: i,
          inputShape: [2, 9],
        }),
    ])
      for (const from of [1, 2, 3] as const)
        for (const to of [1, 2, 3] as const) {
          const model = new Sequential([make(from)], { seed: 1 })
          const samples = draw(2, ...(model.inputShape as number[]).slice(1))
          const expected = await model.predict(samples)
          const onLoad = await loadModel(await saveModel(model, { format: 'h5' }), { implementation: to })
          const onSave = await loadModel(await saveModel(model, { format: 'keras', implementation: to }))
          for (const loaded of [onLoad, onSave]) {
            expect((loaded.layers[0] as LocallyConnected2D).implementation).toBe(to)
            expect(await loaded.predict(samples)).toEqual(expected)
          }
        }
  })

  test("padding 'same' with implementation 1 is written as another implementation", async () => {
    const model = newModel(local(1, 'same'))
    await expect(saveModel(model, { format: 'h5' })).rejects.toThrow(/implementation: 2/)
    const loaded = await loadModel(await saveModel(model, { format: 'h5', implementation: 3 }))
    expect(await loaded.predict(x)).toEqual(await model.predict(x))
    const again = await loadModel(await saveModel(model, { format: 'keras', implementation: 2 }), { implementation: 1 })
    expect(await again.predict(x)).toEqual(await model.predict(x))
  })

  test('model.json and its shard, in memory and in files', async () => {
    const model = newModel()
    const parts = await saveModel(model, { format: 'tfjs' })
    await saveModel(model, join(folder, 'model.json'))
    for (const source of [parts, join(folder, 'model.json')]) {
      const loaded = await loadModel(source)
      expect(bits(loaded)).toEqual(bits(model))
      expect(loaded.optimizer).toBeNull()
    }
    const cut: SavedTfjs = { ...parts, weights: parts.weights.subarray(4) }
    await expect(loadModel(cut)).rejects.toThrow(/^weights: expected the \d+ bytes/)
    await expect(loadModel(new TextEncoder().encode(JSON.stringify(parts.modelJson)))).rejects.toThrow(
      /with the shards/,
    )
  })

  test('two TensorFlow.js models in one folder each have their own weights file', async () => {
    const [a, b] = [newModel(), newModel()]
    b.setWeights(b.getWeights().map(weight => Tensor.zeros(weight.shape)))
    await saveModel(a, join(folder, 'a.json'))
    await saveModel(b, join(folder, 'B.2.JSON'), { format: 'tfjs' })
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['a.weights.bin', 'B.2.weights.bin']))
    expect(bits(await loadModel(join(folder, 'a.json')))).toEqual(bits(a))
    expect(bits(await loadModel(join(folder, 'B.2.JSON')))).toEqual(bits(b))
    rmSync(join(folder, 'a.weights.bin'))
    await expect(loadModel(join(folder, 'a.json'))).rejects.toThrow(
      /^source: expected the weights file that .*a\.json names, next to it, received "ENOENT: .*a\.weights\.bin"/,
    )
  })

  test.each([
    ...['../secret.bin', 'sub/../../secret.bin', '/etc/passwd', '..\\secret.bin', '\\secret.bin', 'C:\\secret.bin'],
    ...[
      '%2e%2e/secret.bin',
      '.%2E/secret.bin',
      '..%2fsecret.bin',
      'file:///etc/passwd',
      'https://example.org/a',
      '//b/c',
    ],
    ...['.\n./secret.bin', ' /etc/passwd', 'a\0b', 'data:,a'],
  ])('a model.json cannot choose files outside its folder: %j', async path => {
    const { modelJson, weights } = await saveModel(newModel(), { format: 'tfjs' })
    const [group] = modelJson.weightsManifest as unknown as [object]
    const hostile = { ...modelJson, weightsManifest: [{ ...group, paths: [path] }] }
    const file = join(folder, 'hostile.json')
    writeFileSync(file, JSON.stringify(hostile))
    for (const source of [file, { modelJson: hostile, weights }])
      await expect(loadModel(source as string)).rejects.toThrow(/^weightsManifest\[0\]: expected paths within/)
  })

  test('shards may lie in folders below', async () => {
    const { modelJson, weights } = await saveModel(newModel(), { format: 'tfjs' })
    const [group] = modelJson.weightsManifest as unknown as [object]
    const nested = { ...modelJson, weightsManifest: [{ ...group, paths: ['shards/..a/group1-shard1of1.bin'] }] }
    mkdirSync(join(folder, 'shards', '..a'), { recursive: true })
    writeFileSync(join(folder, 'shards', '..a', 'group1-shard1of1.bin'), weights)
    writeFileSync(join(folder, 'nested.json'), JSON.stringify(nested))
    expect(bits(await loadModel(join(folder, 'nested.json')))).toEqual(bits(newModel()))
  })

  test('initializers with a dtype, as tf.keras 1.13 to 2.1 stored them', async () => {
    const { modelJson, weights } = await saveModel(newModel(), { format: 'tfjs' })
    const text = JSON.stringify(modelJson)
    const old = text.replace(
      /("class_name":"(?:GlorotUniform|Zeros)","config":\{)("?)/g,
      (_, head, rest) => `${head}"dtype":"float32"${rest === '' ? '' : ','}${rest}`,
    )
    expect(old.match(/"dtype":"float32"/g)?.length).toBeGreaterThan((text.match(/"dtype":"float32"/g)?.length ?? 0) + 1)
    expect(bits(await loadModel({ modelJson: old, weights }))).toEqual(bits(newModel()))
  })

  test('paths, URLs of files, bytes, buffers and blobs', async () => {
    const model = newModel()
    const path = join(folder, 'sources.keras')
    await saveModel(model, pathToFileURL(path))
    const bytes = new Uint8Array(readFileSync(path))
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, bytes, bytes.buffer, new Blob([bytes])])
      expect(bits(await loadModel(source))).toEqual(bits(model))
    await expect(loadModel(join(folder, 'nothing.h5'))).rejects.toThrow(/ENOENT/)
    await expect(loadModel(folder)).rejects.toThrow(/^source: expected a readable file/)
    await expect(loadModel(new Uint8Array(0))).rejects.toThrow(/an empty file/)
    await expect(loadModel(5 as never)).rejects.toThrow(/^source: expected a path, a URL/)
    await expect(loadModel(Uint8Array.of(1, 2, 3))).rejects.toThrow(/begins with 01 02 03/)
  })

  test('layers of your own, and the name of one that is not known', async () => {
    class Twice extends Layer {
      readonly className = 'Twice'
      computeOutputShape(shape: BatchShape) {
        return shape
      }
      forwardInto(y: Float32Array, x: Float32Array) {
        for (let i = 0; i < x.length; i++) y[i] = 2 * x[i]
      }
      backwardInto(dx: Float32Array, dy: Float32Array) {
        for (let i = 0; i < dy.length; i++) dx[i] = 2 * dy[i]
      }
    }
    const model = new Sequential([new Dense({ units: 2, inputShape: [3] }), new Twice()])
    const bytes = await saveModel(model, { format: 'h5' })
    await expect(loadModel(bytes)).rejects.toThrow(/^layer 1 \(twice\): expected .* "Twice".*customObjects/)
    for (const customObjects of [{ Twice }, { Twice: (config: object) => new Twice(config) }]) {
      const loaded = await loadModel(bytes, { customObjects })
      expect(await loaded.predict([[1, 2, 3]])).toEqual(await model.predict([[1, 2, 3]]))
    }
  })
})

describe('weights', () => {
  test.each(['h5', 'weights.h5', 'safetensors'] as const)('%s: all come back to the bit', async format => {
    const model = newModel()
    await learn(model)
    const other = newModel()
    const bytes = await saveWeights(model, { format })
    expect(await loadWeights(other, bytes)).toEqual({
      loaded: ['locally_connected2d', 'batch_normalization', 'end'],
      skipped: [],
    })
    expect(bits(other)).toEqual(bits(model))
  })

  test('weights are taken from whole models, and converted to the implementation that is wanted', async () => {
    const model = newModel(local(2))
    for (const format of ['h5', 'keras'] as const) {
      const other = newModel(local(3))
      await loadWeights(other, await saveModel(model, { format }))
      expect(await other.predict(x)).toEqual(await model.predict(x))
    }
  })

  test('nothing changes when a layer does not fit; skipMismatch and byName take what fits', async () => {
    const wider = new Sequential([
      local(),
      new BatchNormalization(),
      new Flatten(),
      new Dense({ units: 4, name: 'end' }),
    ])
    const bytes = await saveWeights(wider, { format: 'h5' })
    const model = newModel()
    const before = bits(model)
    await expect(loadWeights(model, bytes)).rejects.toThrow(/shape of end\/kernel:0: expected \[\d+, 3\].*layer end/)
    expect(bits(model)).toEqual(before)
    expect(await loadWeights(model, bytes, { skipMismatch: true })).toMatchObject({ skipped: ['end'] })
    const [kernel] = model.getWeights()
    expect(kernel).toEqual(wider.getWeights()[0])
    const other = new Sequential([
      new Dropout({ rate: 0.5, inputShape: [5, 6, 2] }),
      new LocallyConnected2D({ filters: 2, kernelSize: [2, 3], name: 'elsewhere' }),
      new Flatten(),
      new Dense({ units: 4, name: 'end' }),
    ])
    await expect(loadWeights(other, bytes)).rejects.toThrow(/weights of 3 layers/)
    expect(await loadWeights(other, bytes, { byName: true })).toEqual({ loaded: ['end'], skipped: ['elsewhere'] })
  })

  test('a file of weights alone is no model', async () => {
    for (const format of ['h5', 'weights.h5', 'safetensors'] as const)
      await expect(loadModel(await saveWeights(newModel(), { format }))).rejects.toThrow(/loadWeights/)
    await expect(loadWeights(new Sequential([new Dense({ units: 1 })]), folder)).rejects.toThrow(/build the model/)
  })

  test('safetensors are named layer/weight', async () => {
    const bytes = await saveWeights(newModel(), { format: 'safetensors' })
    expect(Object.keys(fromSafetensors(bytes))).toContain('locally_connected2d/kernel')
  })
})

describe('broken files', () => {
  const refused = /^(source|config\.json|model_config)/

  test('a .keras file whose bytes changed is told by its checksum, packed or not', async () => {
    const bytes = await saveModel(newModel(), { format: 'keras' })
    const archive = openArchive(bytesOf(bytes))
    const parts: Record<string, Uint8Array> = {}
    for (const name of archive.names) {
      const part = await archive.part(name)
      parts[name] = part.read(0, part.size).slice()
    }
    expect(bits(await loadModel(zipSync(parts, { level: 6 })))).toEqual(bits(newModel()))
    const at = bytes.length - 3000 // within the weights
    const changed = bytes.slice()
    changed[at] ^= 1
    await expect(loadModel(changed)).rejects.toThrow(/a wrong checksum/)
  })

  test('a file that was cut off anywhere is refused, or gives the same numbers', async () => {
    const model = newModel()
    const expected = bits(model)
    for (const format of ['h5', 'keras'] as const) {
      const bytes = await saveModel(model, { format })
      for (let part = 1; part < 12; part++) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 12))
        const loaded = await loadModel(cut).catch((error: Error) => {
          expect(error.name).toBe('ArgumentError')
          expect(error.message).toMatch(refused)
          return null
        })
        if (loaded) expect(bits(loaded)).toEqual(expected)
      }
    }
  })

  test('a reader that hangs, dies or says nonsense ends in an error with a name', async () => {
    const { openInWorker } = await import('../../lib/node/parse-in-worker.ts')
    const ready = "process.getBuiltinModule('node:worker_threads').parentPort.postMessage({ ready: true });"
    const programs = {
      hangs: `${ready} for (;;);`,
      dies: `${ready} process.exit(3)`,
      throws: `${ready} throw new Error('Aborted()')`,
    }
    for (const [name, program] of Object.entries(programs)) {
      const path = join(folder, `${name}.h5`)
      writeFileSync(path, '')
      const opened = openInWorker({ path, bytes: null }, 10, program)
      await expect(opened).rejects.toThrow(/^source: expected a readable file, received "a file of 10 bytes/)
    }
  })
})

test('endings and formats that are not known', async () => {
  const model = newModel()
  await expect(saveModel(model, 'model.bin')).rejects.toThrow(/^target: expected a path ending in \.h5/)
  await expect(saveModel(model, 'model.safetensors')).rejects.toThrow(/saveWeights/)
  await expect(saveWeights(model, 'model.keras')).rejects.toThrow(/saveModel/)
  await expect(saveModel(model, {} as never)).rejects.toThrow(/^format: expected one of h5, keras, tfjs/)
  await expect(saveModel(model, { format: 'zip' as never })).rejects.toThrow(/^format/)
})

describe('optimizers of models whose weights do not all train', () => {
  const x = [[1, 2]]
  const twoEnds = (optimizer: 'adam' | 'sgd' | 'adagrad') => {
    const a = input({ shape: [2] })
    const outputs = ['a', 'b'].map(name => new Dense({ units: 1, name }).apply(a))
    const model = new Model({ inputs: a, outputs, seed: 1 })
    model.compile({ optimizer, loss: { a: 'mse' } })
    return model
  }

  test.each(['adam', 'sgd', 'adagrad'] as const)('an output without a loss, %s', async optimizer => {
    const model = twoEnds(optimizer)
    model.trainOnBatch(x, { a: [[1]] })
    const files = await Promise.all((['h5', 'keras'] as const).map(format => saveModel(model, { format })))
    const expected = model.trainOnBatch(x, { a: [[1]] })
    for (const file of files) {
      const loaded = await loadModel<SymbolicTensor[]>(file)
      expect(loaded.trainOnBatch(x, { a: [[1]] })).toEqual(expected)
      expect(loaded.getWeights()).toEqual(model.getWeights())
    }
  })

  test('a model that was frozen after compile', async () => {
    const critic = new Sequential([new Dense({ units: 1, inputShape: [2] })], { seed: 1 })
    critic.compile({ optimizer: 'adam', loss: 'mse' })
    critic.trainOnBatch(x, [[1]])
    critic.trainable = false
    const files = await Promise.all((['h5', 'keras'] as const).map(format => saveModel(critic, { format })))
    const expected = critic.trainOnBatch(x, [[1]])
    for (const file of files) expect((await loadModel(file)).trainOnBatch(x, [[1]])).toEqual(expected)
  })

  test.each([[[2]], [{ a: 2 }], [2]])('a loss weight of one output: %j', async lossWeights => {
    const model = new Sequential([new Dense({ units: 1, inputShape: [2], name: 'a' })], { seed: 1 })
    model.compile({ loss: 'mse', lossWeights } as never)
    const expected = model.testOnBatch(x, [[1]])
    for (const format of ['h5', 'keras'] as const)
      expect((await loadModel(await saveModel(model, { format }))).testOnBatch(x, [[1]])).toEqual(expected)
  })
})
