// Optimizers from before TensorFlow 2.11, in files of tf-keras and in files such as Keras 2.2 wrote them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { type SGD, Tensor } from 'unshared'
import { loadModel } from 'unshared/keras'
import { compileOptions } from '../../lib/keras/compiled.ts'
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
  test.each(['adam', 'adam-amsgrad', 'adadelta', 'adamax', 'sgd'])('%s learns on as in Keras', name =>
    expectToLearnOn(fixture(name), name),
  )

  test('those that compute differently are refused by name; without compile their model loads', async () => {
    await expect(loadModel(fixture('rmsprop'))).rejects.toThrow(
      /^optimizer: expected a legacy SGD, Adam, .*received "the legacy RMSprop".*compile: false/,
    )
    const model = await loadModel(fixture('rmsprop'), { compile: false })
    expect(model.optimizer).toBeNull()
  })

  test.each([
    [{ class_name: 'SGD', config: { lr: 0.1, momentum: 0.9, decay: 0, nesterov: true } }, 0.1],
    [{ class_name: 'SGD', config: { learning_rate: 0.1, momentum: 0.9, decay: 0, nesterov: true } }, 0.1],
    [{ class_name: 'Custom>SGD', config: { learning_rate: 0.1, momentum: 0.9, nesterov: true } }, 0.1],
  ])('the spelling %j', (optimizer_config, rate) => {
    const { optimizer } = compileOptions({ optimizer_config, loss: 'mse', metrics: ['accuracy'] })
    expect(optimizer.className).toBe('SGD')
    const { learningRate, momentum, nesterov } = optimizer as SGD
    expect([Math.fround(learningRate), momentum, nesterov]).toEqual([Math.fround(rate), 0.9, true])
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
    await expect(loadModel(bytes)).rejects.toThrow(/^optimizer weights: expected the 8 of Adam.*compile: false/)
  })
})

describe('what is refused, with the way to load the model all the same', () => {
  test.each([
    [{ optimizer: { class_name: 'Adam', config: { gradient_accumulation_steps: 4 } } }, /^gradientAccumulationSteps/],
    [{ optimizer: { class_name: 'Sophia', config: {} } }, /^optimizer: expected one of .*"Sophia"/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss: 'mine' }, /^loss: .*"mine"/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss: ['mse', 'mae'] }, /^loss: expected one for the one output/],
    [{ optimizer: { class_name: 'Adam', config: {} }, loss_weights: [0.5] }, /^loss_weights/],
    [
      { optimizer: { class_name: 'Adam', config: {} }, metrics: [{ class_name: 'Mine', config: {} }] },
      /^metrics: .*"Mine"/,
    ],
    [{ optimizer_config: { class_name: 'Nadam', config: { lr: 0.1 } } }, /^optimizer: .*the legacy Nadam/],
  ])('%j', (config, message) => {
    const run = () => compileOptions(JSON.parse(JSON.stringify(config)))
    expect(run).toThrow(message)
    expect(run).toThrow(/loadModel\(source, \{ compile: false \}\)/)
  })
})
