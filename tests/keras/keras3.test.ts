// Files that Keras 3 wrote, and files of Keras 2 that are no Sequential. tests/keras/make_fixtures.py made them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  Dense,
  Flatten,
  type LeakyReLU,
  LocallyConnected2D,
  type LocallyConnected2DOptions,
  Model,
  Sequential,
  Tensor,
} from 'unshared'
import { loadModel, loadWeights } from 'unshared/keras'
import { layerConfig, unwrapped } from '../../lib/keras/dialect.ts'

const folder = 'tests/keras/fixtures'
interface Expected {
  readonly x: Tensor
  readonly y: Tensor
  readonly yTrue: Tensor
  readonly loss: readonly number[]
}
function expectedOf(name: string): Expected {
  const json = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))
  const tensor = (plain?: { shape: number[]; data: number[] }) =>
    plain && new Tensor(plain.shape, Float32Array.from(plain.data))
  return { ...json, x: tensor(json.x), y: tensor(json.y), yTrue: tensor(json.yTrue) }
}
const difference = (a: Tensor, b: Tensor) =>
  a.data.reduce((most, v, i) => Math.max(most, Math.abs(v - b.data[i])), a.shape.join() === b.shape.join() ? 0 : 1)

describe('a row of layers of Keras 3', () => {
  test.each(['row.keras', 'row.h5'])('%s predicts, and learns on', async file => {
    const { x, y, yTrue, loss } = expectedOf('row')
    const model = await loadModel(`${folder}/${file}`)
    expect(model.name).toBe('row')
    expect(model.layers[0]).toBeInstanceOf(LocallyConnected2D)
    expect((model.layers[3] as LeakyReLU).alpha).toBeCloseTo(0.1)
    expect(difference(await model.predict(x), y)).toBeLessThan(1e-6)
    expect(model.optimizer?.iterations).toBe(4)
    const { history } = await model.fit(x, yTrue, { epochs: 2, batchSize: 3, shuffle: false, verbose: 0 })
    history.loss.forEach((value, i) => {
      expect(value).toBeCloseTo(loss[i], 5)
    })
  })

  test.each(['row.weights.h5', 'row.keras', 'row.h5'])('%s gives its weights', async file => {
    const { x, y } = expectedOf('row')
    const model = await loadModel(`${folder}/row.keras`)
    model.setWeights(model.getWeights().map(({ shape }) => Tensor.zeros(shape)))
    const { loaded, skipped } = await loadWeights(model, `${folder}/${file}`)
    expect(loaded).toEqual(['local', 'batch_normalization', 'conv2d', 'dense', 'dense_1'])
    expect(skipped).toEqual([])
    expect(difference(await model.predict(x), y)).toBeLessThan(1e-6)
  })

  test.each([1, 2, 3] as const)('its locally connected layer becomes implementation %d', async implementation => {
    const { x, y } = expectedOf('row')
    const model = await loadModel(`${folder}/row.keras`, { implementation })
    expect((model.layers[0] as LocallyConnected2D).implementation).toBe(implementation)
    expect(difference(await model.predict(x), y)).toBeLessThan(1e-6)
  })

  test('a class of your own stands for a registered one, by either of its names', async () => {
    const seen: string[] = []
    const maker = (config: Record<string, unknown>) => {
      seen.push(String(config.name))
      return new LocallyConnected2D(config as unknown as LocallyConnected2DOptions)
    }
    for (const name of ['ported>LocallyConnected2D', 'LocallyConnected2D'])
      await loadModel(`${folder}/row.keras`, { customObjects: { [name]: maker } })
    expect(seen.length).toBeGreaterThan(1)
    expect(new Set(seen)).toEqual(new Set(['local']))
  })
})

describe('other types than float32', () => {
  test.each([
    ['mixed_float16.keras', 'mixed_float16', 2 ** -9],
    ['mixed_float16.h5', 'mixed_float16', 2 ** -9],
    ['bfloat16.keras', 'bfloat16', 2 ** -6],
  ])('%s is refused, and computed in float32 if wanted', async (file, name, near) => {
    const { x, y } = expectedOf(name)
    await expect(loadModel(`${folder}/${file}`)).rejects.toThrow(
      new RegExp(`^layer 0 \\(dense\\), Dense: dtype: expected "float32", received "${name}".*dtype: 'float32'`),
    )
    const model = await loadModel(`${folder}/${file}`, { dtype: 'float32' })
    expect(difference(await model.predict(x), y)).toBeLessThan(near)
  })

  test('bfloat16 in .h5, where Keras does not know it again, is refused by name', async () => {
    await expect(loadModel(`${folder}/bfloat16.h5`, { dtype: 'float32' })).rejects.toThrow(
      /^\/model_weights\/dense\/.*kernel: expected floats or integers, received "2-byte values of another type/,
    )
  })

  test('weights stored as bfloat16 are the numbers that they stand for', async () => {
    const model = new Sequential([new Dense({ units: 3, inputShape: [5] })])
    model.build([null, 5])
    await loadWeights(model, `${folder}/bfloat16.weights.h5`)
    const [kernel] = model.getWeights()
    const bits = new Uint32Array(kernel.data.buffer)
    expect(bits.every(word => (word & 0xffff) === 0)).toBe(true)
    expect(Math.max(...kernel.data.map(Math.abs))).toBeLessThan(1) // Glorot's limit for 5 and 3 is 0.87
    expect(new Set(kernel.data).size).toBeGreaterThan(10)
  })
})

describe('functional models', () => {
  test.each(['chain.keras', 'chain.h5', 'chain-2.h5'])('%s loads', async file => {
    const { x, y } = expectedOf(file.replace(/\..*/, ''))
    const model = await loadModel(`${folder}/${file}`)
    expect(model).toBeInstanceOf(Model)
    expect(difference(await model.predict(x), y)).toBeLessThan(1e-6)
  })

  test.each(['branch.keras', 'branch.h5'])('%s branches, and loads', async file => {
    const { x, y } = expectedOf('branch')
    const model = await loadModel(`${folder}/${file}`)
    expect(difference(await model.predict(x), y)).toBeLessThan(1e-6)
  })

  test('branch-2.h5 loads', async () => {
    const model = await loadModel(`${folder}/branch-2.h5`)
    expect(model.layers.map(({ name }) => name)).toContain('measured')
  })

  test.each(['branch.keras', 'branch.h5'])('%s gives the weights of single layers by their names', async file => {
    // The first Dense of this model is not the first of the file: classes and numbers would mistake one for the other.
    const model = new Sequential([
      new Dense({ units: 4, name: 'beside', activation: 'tanh', inputShape: [4] }),
      new Dense({ units: 2, name: 'end' }),
      new Dense({ units: 7, name: 'new' }),
    ])
    model.build([null, 4])
    expect(await loadWeights(model, `${folder}/${file}`, { byName: true })).toEqual({
      loaded: ['beside', 'end'],
      skipped: ['new'],
    })
    const inner = await loadModel(`${folder}/chain.keras`) // the same layer `inner`, and another `end`
    await expect(loadWeights(inner, `${folder}/${file}`, { byName: true, skipMismatch: true })).resolves.toMatchObject({
      loaded: ['inner', 'end'],
    })
    const { x, y } = expectedOf('branch')
    const [hidden, beside] = [await upTo(inner, 'inner').predict(x), await weightsOf(model, 'beside')]
    const sum = hidden.data.map((v, i) => v + dense(hidden, beside, i))
    const end = new Sequential([new Dense({ units: 2, inputShape: [4] })])
    end.build([null, 4])
    end.setWeights(await weightsOf(model, 'end'))
    expect(difference(await end.predict(new Tensor(hidden.shape, sum)), y)).toBeLessThan(1e-5)
  })

  test('a locally connected layer is taken from a model that branches', async () => {
    const whole = await loadModel(`${folder}/chain-2.h5`)
    const taken = new Sequential([
      new LocallyConnected2D({ filters: 2, kernelSize: [3, 2], name: 'local', inputShape: [7, 6, 2] }),
      new Flatten(),
    ])
    taken.build([null, 7, 6, 2])
    await loadWeights(taken, `${folder}/branch-2.h5`, { byName: true })
    const bias = taken.getWeights()[1]
    expect(bias).toEqual(whole.getWeights()[1])
  })

  test('.weights.h5 has no names', async () => {
    const model = await loadModel(`${folder}/chain.keras`)
    await expect(loadWeights(model, `${folder}/chain.weights.h5`, { byName: true })).rejects.toThrow(
      /^byName: expected false: a weights.h5 file has no layer names, received true/,
    )
    await loadWeights(model, `${folder}/chain.weights.h5`)
  })
})

const weightsOf = (model: Model, name: string) => model.layers.find(layer => layer.name === name)?.getWeights() ?? []
function upTo(model: Model, name: string): Sequential {
  const { units, activation } = model.layers.find(layer => layer.name === name) as Dense
  const part = new Sequential([new Dense({ units, activation, inputShape: [5] })])
  part.build([null, 5])
  part.setWeights(weightsOf(model, name))
  return part
}
/** Output `i` of a dense layer of four units. */
function dense(x: Tensor, [kernel, bias]: Tensor[], i: number): number {
  const [row, unit] = [Math.floor(i / 4), i % 4]
  let sum = bias.data[unit]
  for (let k = 0; k < 4; k++) sum += x.data[4 * row + k] * kernel.data[4 * k + unit]
  return sum
}

describe('what Keras wraps and adds', () => {
  test('is taken away', () => {
    const policy = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null }
    const config = {
      name: 'local',
      trainable: true,
      dtype: policy,
      filters: 2,
      optional: false,
      ragged: false,
      batch_shape: { class_name: '__tuple__', items: [null, 5, 5, 1] },
      kernel_size: { class_name: '__tuple__', items: [3, 3] },
      kernel_initializer: {
        module: 'keras.initializers',
        class_name: 'GlorotUniform',
        registered_name: null,
        config: { seed: null, input_axes: null },
      },
    }
    expect(layerConfig('LocallyConnected2D', config, '3.4.1')).toEqual({
      name: 'local',
      trainable: true,
      dtype: 'float32',
      filters: 2,
      kernel_size: [3, 3],
      batch_input_shape: [null, 5, 5, 1],
      kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } },
    })
    expect(unwrapped({ class_name: '__numpy__', config: { value: 0.5, dtype: 'float32' } })).toBe(0.5)
    expect(layerConfig('LeakyReLU', { negative_slope: 0.2 }, '3.0.0')).toEqual({ alpha: 0.2 })
  })

  test('stays where it says something', () => {
    expect(layerConfig('Dense', { ragged: true }, '3.4.1')).toEqual({ ragged: true })
    expect(() => layerConfig('Dense', { activation: 'hard_sigmoid' }, '3.4.1')).toThrow(/^activation: .*Keras 3/)
    expect(layerConfig('Dense', { activation: 'hard_sigmoid' }, '2.15.0')).toEqual({ activation: 'hard_sigmoid' })
  })
})
