// A file such as Keras 2.2 wrote them, and what people do with it, rightly and wrongly.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  Dense,
  Flatten,
  LocallyConnected1D,
  LocallyConnected2D,
  layers,
  Reshape,
  Sequential,
  stream,
  Tensor,
} from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import { addLayers, h5File } from '../support/h5-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-keras22-'))
const path = join(folder, 'model.h5')
afterAll(() => rmSync(folder, { recursive: true }))

const make = (names: readonly string[] = []) =>
  new Sequential(
    [
      new LocallyConnected2D({ filters: 2, kernelSize: 3, inputShape: [6, 6, 1], ...(names[0] && { name: names[0] }) }),
      new Reshape({ targetShape: [16, 2] }),
      new LocallyConnected1D({ filters: 3, kernelSize: 4, strides: 2, ...(names[1] && { name: names[1] }) }),
      new Flatten(),
      new Dense({ units: 2, activation: 'softmax', ...(names[2] && { name: names[2] }) }),
    ],
    { seed: 5 },
  )
const model = make()
const random = stream('keras 2.2')
const x = new Tensor([3, 6, 6, 1], new Float32Array(108).map(random))

/** Configs of Keras 2.2.2: no `implementation`, the layers of a Sequential as a list. */
const common = {
  trainable: true,
  activation: 'linear',
  use_bias: true,
  kernel_initializer: {
    class_name: 'VarianceScaling',
    config: { scale: 1.0, mode: 'fan_avg', distribution: 'uniform', seed: null },
  },
  bias_initializer: { class_name: 'Zeros', config: {} },
  kernel_regularizer: null,
  bias_regularizer: null,
  activity_regularizer: null,
  kernel_constraint: null,
  bias_constraint: null,
}
const window = { padding: 'valid', data_format: 'channels_last' }
const configs = [
  {
    class_name: 'LocallyConnected2D',
    config: {
      name: 'locally_connected2d_1',
      batch_input_shape: [null, 6, 6, 1],
      dtype: 'float32',
      ...common,
      ...window,
      filters: 2,
      kernel_size: [3, 3],
      strides: [1, 1],
    },
  },
  { class_name: 'Reshape', config: { name: 'reshape_1', trainable: true, target_shape: [16, 2] } },
  {
    class_name: 'LocallyConnected1D',
    config: { name: 'locally_connected1d_1', ...common, ...window, filters: 3, kernel_size: [4], strides: [2] },
  },
  { class_name: 'Flatten', config: { name: 'flatten_1', trainable: true, data_format: 'channels_last' } },
  { class_name: 'Dense', config: { name: 'dense_1', ...common, units: 2, activation: 'softmax' } },
]
const training = {
  optimizer_config: { class_name: 'SGD', config: { lr: 0.1, momentum: 0, decay: 0, nesterov: false } },
  loss: 'categorical_crossentropy',
  metrics: ['accuracy'],
  sample_weight_mode: null,
  loss_weights: null,
}

/** @param change what stands in the file instead */
function write(change: { config?: object; version?: string } = {}): Promise<Uint8Array> {
  const { config = configs, version = '2.2.2' } = change
  return h5File(root => {
    const text = (name: string, value: string) => root.create_attribute(name, value, [], 'S')
    text('keras_version', version)
    text('backend', 'tensorflow')
    text('model_config', JSON.stringify({ class_name: 'Sequential', config }))
    text('training_config', JSON.stringify(training))
    const stored = configs.map(({ config: { name } }, i) => [
      name,
      model.layers[i].parameters.map(({ name, shape, value }) => ({ name, shape: [...shape], data: value.slice() })),
    ])
    addLayers(root.create_group('model_weights'), Object.fromEntries(stored), 'S40')
  })
}
beforeAll(async () => {
  model.build([null, 6, 6, 1])
  writeFileSync(path, await write())
})

test('loads, predicts and learns on', async () => {
  const loaded = await loadModel(path)
  expect(loaded.layers.map(({ name }) => name)).toEqual(configs.map(({ config }) => config.name))
  expect(await loaded.predict(x)).toEqual(await model.predict(x))
  expect(loaded.optimizer?.learningRate).toBeCloseTo(0.1)
  const { history } = await loaded.fit(
    x,
    [
      [1, 0],
      [0, 1],
      [1, 0],
    ],
    { epochs: 2, verbose: 0 },
  )
  expect(Object.keys(history)).toEqual(['loss', 'accuracy'])
})

test('from a relative path, a Buffer, a File', async () => {
  const bytes = readFileSync(path)
  for (const source of [relative(process.cwd(), path), bytes, new File([bytes], 'chosen.h5')])
    expect((await loadModel(source)).getWeights()).toEqual(model.getWeights())
})

test('saved over itself, it stays loadable by the name it had, and alone in its folder', async () => {
  const own = join(mkdtempSync(join(folder, 'own-')), 'model.h5')
  writeFileSync(own, await write())
  const loaded = await loadModel(own)
  loaded.setWeights(loaded.getWeights().map(({ shape }) => Tensor.zeros(shape)))
  await saveModel(loaded, own)
  expect((await loadModel(own)).getWeights()).toEqual(loaded.getWeights())
  expect(readdirSync(join(own, '..'))).toEqual(['model.h5'])
})

describe('weights for layers of other names', () => {
  const fresh = (names: string[]) => {
    const other = make(names)
    other.build([null, 6, 6, 1])
    return other
  }
  test('go by their order', async () => {
    const other = fresh(['a', 'b', 'c'])
    other.setWeights(other.getWeights().map(({ shape }) => Tensor.zeros(shape)))
    expect((await loadWeights(other, path)).loaded).toEqual(['a', 'b', 'c'])
    expect(other.getWeights()).toEqual(model.getWeights())
  })
  test('go by their names where names are the same', async () => {
    const other = fresh(['a', 'b', 'dense_1'])
    expect(await loadWeights(other, path, { byName: true })).toEqual({ loaded: ['dense_1'], skipped: ['a', 'b'] })
  })
  test('a file of which no layer would get weights is refused', async () => {
    const other = fresh(['a', 'b', 'c'])
    const before = other.getWeights()
    await expect(loadWeights(other, path, { byName: true })).rejects.toThrow(
      /^source: expected weights that fit at least one of the layers a, b, c, received "a file with weights of locally_connected2d_1, /,
    )
    const small = new Sequential([new Dense({ units: 1, inputShape: [1] })])
    small.build([null, 1])
    await expect(loadWeights(small, path, { skipMismatch: true })).rejects.toThrow(/at least one of the layers dense/)
    expect(other.getWeights()).toEqual(before)
  })
})

describe('mistakes end in errors that name them', () => {
  test.each([
    ['a wrong name', 'modle.h5', /^source: .*"ENOENT: no such file or directory: .*modle\.h5"$/],
    ['a folder', folder, /^source: .*"a folder: /],
    ['a device', '/dev/null', /^source: .*dev.null/],
    ['a scheme that is none', 's3://bucket/model.h5', /^source: expected a URL that can be fetched.*s3:\/\/bucket/],
    ['a file on another machine', 'file://elsewhere/model.h5', /^source: expected a file: URL on this machine/],
    ['nothing', undefined, /^source: expected a path, a URL.*received undefined/],
    ['a promise', Promise.resolve(path), /^source: expected a path.*class Promise/],
    ['a pointer of Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1'), /begins with version https:/],
    [
      'the JSON alone',
      Buffer.from(JSON.stringify({ class_name: 'Sequential' })),
      /^source: .*without its weights.*\.h5/,
    ],
  ])('%s', async (_, source, message) => {
    await expect(loadModel(source as string)).rejects.toThrow(message)
  })

  test('the folder of a SavedModel, and that of a model.json', async () => {
    for (const [name, file] of [
      ['saved', 'saved_model.pb'],
      ['js', 'model.json'],
    ]) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, file), '')
    }
    await expect(loadModel(join(folder, 'saved'))).rejects.toThrow(/save it from Keras as \.h5 or \.keras$/)
    await expect(loadModel(join(folder, 'js'))).rejects.toThrow(/Pass the model\.json in it$/)
  })

  test('a layer that is not known; it is once it was registered', async () => {
    const config = configs.map(layer => (layer.class_name === 'Reshape' ? { ...layer, class_name: 'Rows' } : layer))
    const bytes = await write({ config })
    await expect(loadModel(bytes)).rejects.toThrow(/^layer 1 \(reshape_1\): .*"Rows".*customObjects: \{ Rows: … \}/)
    await expect(loadModel(bytes, { customObjects: { Rows: new Flatten() as never } })).rejects.toThrow(
      /^customObjects\.Rows: expected a class, or a function that makes an object of a config/,
    )
    layers.register('Rows', options => new Reshape(options as never))
    expect(await (await loadModel(bytes)).predict(x)).toEqual(await model.predict(x))
  })

  test('a file of Keras 1', async () => {
    await expect(loadModel(await write({ version: '1.2.2' }))).rejects.toThrow(
      /^keras_version: expected 2\.0 or later, received "1\.2\.2"\. Load it in Keras 2\.2/,
    )
  })

  test.each([
    [
      'no folder',
      join(folder, 'nowhere', 'model.h5'),
      /^target: expected a path in a writable folder.*"ENOENT: no such file/,
    ],
    [
      'a folder in its place',
      join(folder, 'taken.h5'),
      /^target: expected a path in a writable folder.*(EISDIR|EPERM)/,
    ],
    ['weights', join(folder, 'model.weights.h5'), /^target: expected a path of a model file.*saveWeights/],
    ['a URL', 'https://elsewhere/model.h5', /^target: expected a path, received "https:/],
    ['nothing', undefined, /^target: expected a path, or options with a format/],
  ])('saving to %s', async (_, target, message) => {
    mkdirSync(join(folder, 'taken.h5', 'inside'), { recursive: true })
    await expect(saveModel(model, target as string)).rejects.toThrow(message)
    expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('model and path in the wrong order', async () => {
    await expect(saveModel(path as never, model as never)).rejects.toThrow(/^model: expected a model, received "/)
    await expect(saveWeights(path as never, model as never)).rejects.toThrow(/^model: expected a model, received "/)
    await expect(loadWeights(path as never, model as never)).rejects.toThrow(/^model: expected a model, received "/)
  })

  test('options of Keras’ spelling', async () => {
    await expect(loadModel(path, { custom_objects: {} } as never)).rejects.toThrow(/one of compile, customObjects/)
    await expect(loadWeights(model, path, { by_name: true } as never)).rejects.toThrow(/one of byName, skipMismatch/)
  })
})
