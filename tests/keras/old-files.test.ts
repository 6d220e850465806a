// Files as Keras 1 to 2.15 and tf.keras 1.13 to 2.15 wrote them, beside what tf-keras reads from them.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { layers, type Optimizer, type SeparableConv2D, Sequential, Tensor } from 'unshared'
import { fromKeras, loadModel, loadWeights, saveModel } from 'unshared/keras'
import { variablesForFiles } from '../../lib/keras/optimizer-variables.ts'
import { type Group, h5File } from '../support/h5-files.ts'
import { type PlainTensor, tensorOf } from './keras-process.ts'

const folder = 'tests/keras/fixtures/old'
const names = (pattern: RegExp) =>
  readdirSync(folder)
    .filter(name => name.endsWith('.h5') && pattern.test(name))
    .map(name => name.slice(0, -3))
const bytesOf = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}.h5`))

const noteOf = (name: string) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))

function expectClose(actual: Tensor, expected: PlainTensor, relative = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape)
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3)
  expected.data.forEach((value, i) => {
    expect(Math.abs(actual.data[i] - value)).toBeLessThanOrEqual(relative * scale)
  })
}

describe('files of Theano, whose convolutions turn the kernel', () => {
  test.each(names(/^theano-/))('%s predicts as tf-keras does with the kernels turned', async name => {
    const { x, y, weights } = noteOf(name)
    const model = await loadModel(bytesOf(name))
    expect(model.getWeights()).toEqual(weights.map(tensorOf))
    expectClose(await model.predict(tensorOf(x)), y)
    const alone = Sequential.fromConfig(model.getConfig())
    await loadWeights(alone, bytesOf(name))
    expect(alone.getWeights()).toEqual(weights.map(tensorOf))
  })
})

test('a model.json that was converted from a file of Theano', async () => {
  const model = new Sequential([
    layers.get({ className: 'Conv1D', config: { filters: 1, kernelSize: 3, inputShape: [5, 1] } }),
  ])
  const { modelJson, weights } = await saveModel(model, { format: 'tfjs' })
  const modelTopology = { ...(modelJson.modelTopology as object), backend: 'theano' }
  const loaded = await loadModel({ modelJson: { ...modelJson, modelTopology }, weights })
  expect(loaded.getWeights()[0].data).toEqual(model.getWeights()[0].data.slice().reverse())
})

describe('weights of Keras 1', () => {
  test.each(names(/^keras-1-/))('%s: converted as in tf-keras', async name => {
    const { config, weights } = noteOf(name)
    const model = Sequential.fromConfig(fromKeras(config) as object as Parameters<typeof Sequential.fromConfig>[0])
    await loadWeights(model, bytesOf(name))
    expect(model.getWeights()).toEqual(weights.map(tensorOf))
  })

  test('channels_first kernels of a separable convolution, which tf-keras takes unconverted, are refused', async () => {
    const { config } = noteOf('keras-1-separable-last')
    const { layers } = config
    const first = { ...layers[1].config, data_format: 'channels_first', batch_input_shape: [null, 2, 6, 7] }
    const model = Sequential.fromConfig(
      fromKeras({ ...config, layers: [{ class_name: 'SeparableConv2D', config: first }] }) as never,
    )
    const { name } = model.layers[0] as SeparableConv2D
    await expect(loadWeights(model, bytesOf('keras-1-separable-last'))).rejects.toThrow(
      `the kernels of ${name}: expected kernels of Keras 2, or of channels_last, received`,
    )
  })

  test.each(['1.2.2', null])('a whole model of version %s, with a config of Keras 1, is refused', async version => {
    const config = { name: 'd', output_dim: 3, init: 'glorot_uniform', batch_input_shape: [null, 5], input_dim: 5 }
    const bytes = await h5File(root => {
      if (version !== null) root.create_attribute('keras_version', version, [], 'S')
      const model = { class_name: 'Sequential', config: [{ class_name: 'Dense', config }] }
      root.create_attribute('model_config', JSON.stringify(model), [], 'S')
      const weights = root.create_group('model_weights')
      weights.create_attribute('layer_names', ['d'], [1], 'S')
      const group = weights.create_group('d')
      group.create_attribute('weight_names', ['d_W', 'd_b'], [2], 'S')
      group.create_dataset({ name: 'd_W', data: new Float32Array(15), shape: [5, 3] })
      group.create_dataset({ name: 'd_b', data: new Float32Array(3), shape: [3] })
    })
    await expect(loadModel(bytes)).rejects.toThrow(
      /^keras_version: expected 2\.0 or later, .*Keras 2\.2 .* loadWeights\(model, source\)$/,
    )
  })
})

describe('whole models in the dialects of their times', () => {
  test.each(names(/^(keras-2|tf-)/))('%s: loads, predicts and learns on as in tf-keras', async name => {
    const { x, y, yTrue, layers, history, weights } = noteOf(name)
    const model = await loadModel(bytesOf(name))
    expect(model.layers).toHaveLength(layers)
    expectClose(await model.predict(tensorOf(x)), y)
    const options = { epochs: 3, batchSize: 2, shuffle: false, verbose: 0 } as const
    const learned = await model.fit(tensorOf(x), tensorOf(yTrue), options)
    expect(Object.keys(learned.history)).toEqual(Object.keys(history))
    for (const [key, values] of Object.entries<number[]>(history))
      values.forEach((value, i) => {
        expect(learned.history[key][i]).toBeCloseTo(value, 4)
      })
    model.getWeights().forEach((weight, i) => {
      expectClose(weight, weights[i], 5e-4) // Adam's steps for gradients that cancel
    })
  })

  const dense = { name: 'd', units: 2, batch_input_shape: [null, 3], kernel_initializer: 'zeros' }
  test.each([
    ['Dense', { ...dense, lora_rank: 4 }, 'Dense, option: expected one of .*received "loraRank"'],
    ['Dense', { ...dense, input_dtype: 'int32' }, 'received "inputDtype"'],
    ['Dense', { ...dense, quantization_mode: 'int8' }, 'received "quantizationMode"'],
    ['Dense', { ...dense, kernel_initializer: { class_name: 'Mine', config: {} } }, 'kernelInitializer: .*"Mine"'],
    ['BatchNormalization', { name: 'd', batch_input_shape: [null, 3], renorm: true }, 'received "renorm"'],
    ['MaxPool3D', { name: 'd', batch_input_shape: [null, 3] }, 'expected a known layer, received "MaxPool3D"'],
  ])('a %s of %j: what has a meaning and is not known is refused by name', async (class_name, config, message) => {
    const bytes = await h5File(root => {
      root.create_attribute('keras_version', '2.4.0', [], 'S')
      const model = { class_name: 'Sequential', config: { name: 's', layers: [{ class_name, config }] } }
      root.create_attribute('model_config', JSON.stringify(model), [], 'S')
      root.create_group('model_weights').create_attribute('layer_names', ['d'], [1], 'S')
      ;(root.get('model_weights') as Group)
        .create_group('d')
        .create_attribute('weight_names', new Float64Array(0), [0], '<d')
    })
    await expect(loadModel(bytes)).rejects.toThrow(new RegExp(`^layer 0 \\(d\\).*: .*${message}`))
  })

  test.each([
    ['Conv2D', 'Convolution2D', { filters: 1, kernel_size: 2 }],
    ['MaxPooling2D', 'MaxPool2D', {}],
    ['GlobalAveragePooling2D', 'GlobalAvgPool2D', {}],
    ['BatchNormalization', 'BatchNormalizationV2', {}],
  ])('the class %s under its former name %s', async (now, before, config) => {
    const first = new Sequential([layers.get({ className: now, config: { ...config, inputShape: [4, 4, 1] } })])
    const bytes = await saveModel(first, { format: 'h5' })
    const renamed = await h5File(root => {
      const text = String(root.get_attribute('model_config', false))
      root.delete_attribute('model_config')
      root.create_attribute('model_config', text.replace(`"${now}"`, `"${before}"`), [], 'S')
    }, bytes)
    expect((await loadModel(renamed)).layers[0].className).toBe(now)
  })
})

describe('legacy optimizers', () => {
  const training = { epochs: 16, batchSize: 2, shuffle: false, verbose: 0 } as const

  test.each(names(/^legacy-/))('%s: 48 steps more, as in tf-keras', async name => {
    const { x, y, loss, weights, state } = noteOf(name)
    const model = await loadModel(bytesOf(name))
    const saved = await saveModel(model, { format: name.endsWith('large') ? 'h5' : 'keras' })
    const { history } = await model.fit(tensorOf(x), tensorOf(y), training)
    const last = history.loss[15]
    expect(Math.abs(last - loss[15])).toBeLessThanOrEqual(1e-5 * Math.max(...loss))
    model.getWeights().forEach((weight, i) => {
      expectClose(weight, weights[i])
    })
    const optimizer = model.optimizer as Optimizer
    const kept = variablesForFiles(optimizer, [])
    expect(optimizer.iterations).toBe(state[0].data[0])
    expect(kept.length).toBe(state.length - 1)
    kept.forEach(({ shape, value }, i) => {
      expectClose(new Tensor(shape, value), state[i + 1], 1e-4) // sums of gradients that cancel
    })
    const other = await loadModel(saved)
    expect(other.optimizer?.getConfig()).toEqual(optimizer.getConfig())
    await other.fit(tensorOf(x), tensorOf(y), training)
    expect(other.getWeights()).toEqual(model.getWeights())
  })
})
