// Optimizers from before TensorFlow 2.11, in files of tf-keras and in files such as Keras 2.2 wrote them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { type CompileOptions, Dense, input, Model, type Optimizer, Sequential, type SGD, Tensor } from 'unshared'
import { legacyOptimizers, loadModel, saveModel } from 'unshared/keras'
import { compileOptions } from '../../lib/keras/compiled.ts'
import { plainModel } from '../../lib/keras/plain-model.ts'
import { type Group, h5File } from '../support/h5-files.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(`tests/keras/fixtures/legacy-${name}.h5`))

async function expectToLearnOn(source: Uint8Array, name: string): Promise<void> {
  const json = JSON.parse(readFileSync(`tests/keras/fixtures/legacy-${name}.json`, 'utf8'))
  const [x, yTrue] = [json.x, json.yTrue].map(({ shape, data }) => new Tensor(shape, Float32Array.from(data)))
  const model = await loadModel(source)
  const { history } = await model.fit(x, yTrue, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 })
  history.loss.forEach((value, i) => {
    expect(value).toBeCloseTo(json.loss[i], 5)
  })
}

describe('legacy optimizers', () => {
  test.each(['adam', 'adam-amsgrad', 'adadelta', 'adamax', 'sgd', 'rmsprop'])('%s learns on as in Keras', name =>
    expectToLearnOn(fixture(name), name),
  )

  const sgd = { momentum: 0.9, nesterov: true }
  test.each([
    ['legacy.SGD', { class_name: 'SGD', config: { ...sgd, lr: 0.1, decay: 0 } }, '2.2.4'],
    ['legacy.SGD', { class_name: 'SGD', config: { ...sgd, learning_rate: 0.1, decay: 0 } }, '2.10.0'],
    ['legacy.SGD', { class_name: 'sgd', config: { ...sgd, learning_rate: 0.1 } }, '2.10.0'],
    ['SGD', { class_name: 'SGD', config: { ...sgd, learning_rate: 0.1, is_legacy_optimizer: false } }, '2.15.0'],
    ['SGD', { class_name: 'Custom>SGD', config: { ...sgd, learning_rate: 0.1 } }, '2.11.0'],
    ['SGD', { class_name: 'ExperimentalSGD', config: { ...sgd, learning_rate: 0.1 } }, '2.10.0'],
    ['SGD', { class_name: 'SGD', config: { ...sgd, learning_rate: 0.1 } }, '3.4.1'],
    [
      'legacy.SGD',
      { class_name: 'SGD', module: 'keras.optimizers.legacy', config: { ...sgd, learning_rate: 0.1 } },
      '2.15.0',
    ],
  ])('%s for %j of Keras %s, as in tf-keras', (className, optimizer, version) => {
    const made = compileOptions({ optimizer, loss: 'mse', metrics: ['accuracy'] }, { version }).optimizer
    expect(made.className).toBe(className)
    const { learningRate, momentum, nesterov } = made as SGD
    expect([Math.fround(learningRate), momentum, nesterov]).toEqual([Math.fround(0.1), 0.9, true])
  })

  test('an empty config and a name mean the new one; 0 and null as epsilon its default; Nadam decays its schedule only', () => {
    const made = (optimizer: object | string) =>
      compileOptions(JSON.parse(JSON.stringify({ optimizer }))).optimizer.getConfig()
    expect(compileOptions({ optimizer: 'adam' }).optimizer.className).toBe('Adam')
    expect(compileOptions({ optimizer: { class_name: 'Adam', config: {} } }).optimizer.className).toBe('Adam')
    for (const epsilon of [0, null])
      expect(made({ class_name: 'Adam', config: { lr: 0.1, epsilon } })).toEqual({
        name: 'Adam',
        learningRate: 0.1,
        decay: 0,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-7,
        amsgrad: false,
      })
    expect(made({ class_name: 'Nadam', config: { lr: 0.1, decay: 0.5 } })).toMatchObject({ scheduleDecay: 0.004 })
  })

  test('made here: strict options, a round trip of the config, and bits that both engines agree on', async () => {
    const make = () =>
      legacyOptimizers.names.map(className =>
        legacyOptimizers.get({ className, config: { learningRate: 0.05, clipvalue: 0.5, globalClipnorm: 1 } }),
      )
    const learned = async (engine: 'simd' | 'reference', optimizer: Optimizer) => {
      const model = new Sequential([new Dense({ units: 40, inputShape: [9] })], { engine, seed: 1 })
      model.compile({ optimizer, loss: 'mse' })
      const x = new Tensor(
        [7, 9],
        Float32Array.from({ length: 63 }, (_, i) => Math.sin(i)),
      )
      const y = new Tensor(
        [7, 40],
        Float32Array.from({ length: 280 }, (_, i) => Math.cos(i)),
      )
      await model.fit(x, y, { epochs: 9, batchSize: 3, shuffle: false, verbose: 0 })
      return model.getWeights()
    }
    const again = make()
    for (const [i, optimizer] of make().entries()) {
      const { className, config } = legacyOptimizers.serialize(optimizer)
      expect(legacyOptimizers.get({ className, config }).getConfig()).toEqual(config)
      expect(await learned('simd', optimizer)).toEqual(await learned('reference', again[i]))
      const wrong = () => legacyOptimizers.get({ className, config: { weightDecay: 0.1 } })
      expect(wrong).toThrow(`${className}, option: expected one of name, clipnorm,`)
    }
    expect(make()).toHaveLength(8)
  })
})

/** What Keras 2.2 keeps beside the same numbers. */
describe('the state as Keras 2.2 kept it', () => {
  const stateOf = (file: Group) => file.get('optimizer_weights') as Group
  const namesOf = (state: Group) => state.get_attribute('weight_names', false) as string[]
  function rename(state: Group, names: readonly string[]): void {
    state.delete_attribute('weight_names')
    state.create_attribute('weight_names', [...names], [names.length], 'S40')
  }

  test('Adam has a single number for each weight where amsgrad has an array', async () => {
    const bytes = await h5File(file => {
      const state = stateOf(file)
      const more = [0, 1, 2, 3].map(i => `vhat_${i}:0`)
      rename(state, [...namesOf(state), ...more])
      for (const name of more) state.create_dataset({ name, data: new Float32Array(1), shape: [1] })
    }, fixture('adam'))
    await expectToLearnOn(bytes, 'adam')
  })

  test('Adadelta counts no steps', async () => {
    const bytes = await h5File(file => {
      const state = stateOf(file)
      rename(state, namesOf(state).slice(1))
    }, fixture('adadelta'))
    await expectToLearnOn(bytes, 'adadelta')
  })

  test('a state that lacks an array is refused', async () => {
    const bytes = await h5File(file => {
      const state = stateOf(file)
      rename(state, namesOf(state).slice(0, -1))
    }, fixture('adam'))
    await expect(loadModel(bytes)).rejects.toThrow(/^optimizer weights: expected the 8 of legacy\.Adam.*compile: false/)
  })
})

describe('what is refused, with the way to load the model all the same', () => {
  test.each([
    [{ optimizer: { class_name: 'Adam', config: { gradient_accumulation_steps: 4 } } }, /^gradientAccumulationSteps/],
    [{ optimizer: { class_name: 'Sophia', config: {} } }, /^optimizer: expected one of .*"Sophia"/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss: 'mine' }, /^loss: .*"mine"/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss: ['mse', 'mae'] }, /^loss: expected one for the one output/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss_weights: [0.5, 2] }, /^loss_weights/],
    [
      { optimizer: { class_name: 'Adam', config: {} }, metrics: [{ class_name: 'Mine', config: {} }] },
      /^metrics: .*"Mine"/,
    ],
    [{ optimizer_config: { class_name: 'Adam', config: { lr: 0.1, rho: 2 } } }, /^legacy\.Adam, option: .*"rho"/],
    [{ optimizer_config: { class_name: 'TFOptimizer', config: { lr: 0.1 } } }, /^optimizer: .*"legacy\.TFOptimizer"/],
  ])('%j', (config, message) => {
    const run = () => compileOptions(JSON.parse(JSON.stringify(config)))
    expect(run).toThrow(message)
    expect(run).toThrow(/loadModel\(source, \{ compile: false \}\)/)
  })
})

describe('metrics in .h5, as tf-keras 2.21 writes them', () => {
  const wrapper = (name: string, fn: string) => ({
    class_name: 'MeanMetricWrapper',
    config: { name, dtype: 'float32', fn },
  })
  const compiled = (options: CompileOptions) => {
    const x = input({ shape: [4] })
    const outputs = [new Dense({ units: 3, activation: 'softmax', name: 'cls' }), new Dense({ units: 2, name: 'pl' })]
    const model = new Model({ inputs: x, outputs: outputs.map(layer => layer.apply(x)), seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'mse', ...options })
    return model
  }
  const rmse = { class_name: 'RootMeanSquaredError', config: { name: 'pl_root_mean_squared_error' } }
  const rows: [CompileOptions, unknown, unknown][] = [
    [{}, null, null],
    [{ metrics: ['mae'] }, [[wrapper('cls_mae', 'mae')], [wrapper('pl_mae', 'mae')]], null],
    [
      { metrics: { cls: ['accuracy', 'mae'], pl: { className: 'RootMeanSquaredError', config: {} } } },
      [[wrapper('cls_accuracy', 'categorical_accuracy'), wrapper('cls_mae', 'mae')], [rmse]],
      null,
    ],
    [
      { metrics: [['mae'], ['mse', 'mae']], weightedMetrics: { pl: 'mae' } },
      [[wrapper('cls_mae', 'mae')], [wrapper('pl_mse', 'mse'), wrapper('pl_mae', 'mae')]],
      [[], [wrapper('pl_weighted_mae', 'mae')]],
    ],
    [
      { loss: ['sparseCategoricalCrossentropy', 'mse'], metrics: { cls: 'acc' } },
      [[wrapper('cls_acc', 'sparse_categorical_accuracy')], []],
      null,
    ],
  ]

  test.each(rows)('%j', async (options, metrics, weighted) => {
    const model = compiled(options)
    const written = plainModel(model, { includeOptimizer: true, implementation: undefined, forKeras: true })
    expect(written.training?.legacyMetrics).toMatchObject({ metrics, weighted_metrics: weighted })
    const loaded = (await loadModel(await saveModel(model, { format: 'h5' }))) as unknown as typeof model
    const isSparse = Array.isArray(options.loss)
    const y = [Tensor.zeros(isSparse ? [2, 1] : [2, 3]), Tensor.zeros([2, 2])]
    const logs = model.testOnBatch(Tensor.zeros([2, 4]), y)
    expect(Object.keys(loaded.testOnBatch(Tensor.zeros([2, 4]), y))).toEqual(Object.keys(logs))
  })

  test('of a model with one output, the names stay', () => {
    const model = new Sequential([new Dense({ units: 3, inputShape: [4] })])
    model.compile({ loss: 'mse', metrics: ['mae', 'accuracy'], weightedMetrics: ['accuracy'] })
    const written = plainModel(model, { includeOptimizer: true, implementation: undefined, forKeras: true })
    expect(written.training?.legacyMetrics).toEqual({
      metrics: [[wrapper('mae', 'mae'), 'accuracy']],
      weighted_metrics: [[wrapper('weighted_accuracy', 'categorical_accuracy')]],
    })
  })
})
