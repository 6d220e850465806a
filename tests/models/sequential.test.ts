import { describe, expect, test } from '@jest/globals'
import { ArgumentError, Dense, Dropout, Flatten, LocallyConnected2D, Sequential, StateError, Tensor } from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { randomNumbers } from '../support/geometries.ts'

const small = (seed: number | string = 1) =>
  new Sequential(
    [
      new LocallyConnected2D({ filters: 2, kernelSize: 2, activation: 'relu', inputShape: [4, 4, 1] }),
      new Flatten(),
      new Dense({ units: 3, activation: 'softmax' }),
    ],
    { seed },
  )

const images = (n: number) => Tensor.from(randomNumbers(n * 16, stream('images')), [n, 4, 4, 1])

describe('layers', () => {
  test('are named in order, as Keras does', () => {
    const model = new Sequential([
      new Dense({ units: 1 }),
      new Dense({ units: 1, name: 'mine' }),
      new Dense({ units: 1 }),
      new Flatten(),
    ])
    expect(model.layers.map(({ name }) => name)).toEqual(['dense', 'mine', 'dense_1', 'flatten'])
    expect(model.getLayer('mine')).toBe(model.layers[1])
    expect(model.getLayer(3).className).toBe('Flatten')
    expect(() => model.getLayer('other')).toThrow(/^nameOrIndex: expected one of dense, mine, dense_1, flatten/)
  })

  test('that are none, or have a name twice, are refused', () => {
    expect(() => new Sequential().add('foo' as never)).toThrow(/^layer: expected a layer, received "foo"/)
    expect(() => new Sequential([new Dense({ units: 1, name: 'a' }), new Dense({ units: 1, name: 'a' })])).toThrow(
      ArgumentError,
    )
    const layer = new Dense({ units: 1 })
    expect(() => new Sequential([layer, layer])).toThrow(/a layer not yet in the model/)
  })

  test('build as soon as shapes are known', () => {
    const model = new Sequential([new Dense({ units: 2 }), new Dense({ units: 1 })])
    expect([model.built, model.inputShape, model.outputShape]).toEqual([false, null, null])
    model.build([null, 5])
    expect([model.built, model.inputShape, model.outputShape]).toEqual([true, [null, 5], [null, 1]])
    expect(small().outputShape).toEqual([null, 3])
    expect(() => model.build([null, 6])).toThrow(/^inputShape: expected \[null, 5\], as built before/)
  })

  test('can be taken away', () => {
    const model = small()
    model.pop()
    expect(model.outputShape).toEqual([null, 18])
    model.add(new Dense({ units: 1 }))
    expect(model.countParams()).toBe(108 - 18 + 19) // 9·4·2 + 18 of the first layer, 18 + 1 of the last
    expect(() => new Sequential().pop()).toThrow(StateError)
  })
})

describe('weights', () => {
  test('depend on the seed, the place and the name, and on nothing else', () => {
    const [a, b] = [small(5), small(5)]
    expect(a.getWeights()).toEqual(b.getWeights())
    expect(small(6).getWeights()[0]).not.toEqual(a.getWeights()[0])
    const named = new Sequential(
      [new LocallyConnected2D({ filters: 2, kernelSize: 2, name: 'another', inputShape: [4, 4, 1] })],
      { seed: 5 },
    )
    expect(named.getWeights()[0]).toEqual(a.getWeights()[0])
  })

  test('without a seed differ from model to model', () => {
    const make = () => new Sequential([new Dense({ units: 3, inputShape: [4] })])
    expect(make().getWeights()[0]).not.toEqual(make().getWeights()[0])
  })

  test('can be set; wrong ones change nothing', () => {
    const model = small()
    const other = small(2)
    model.setWeights(other.getWeights())
    expect(model.getWeights()).toEqual(other.getWeights())
    const wrong = [...small(3).getWeights().slice(0, 3), Tensor.zeros([4])]
    expect(() => model.setWeights(wrong)).toThrow(
      /^weights\[3\]: expected the shape \[3\] of bias of the model sequential/,
    )
    expect(model.getWeights()).toEqual(other.getWeights())
  })

  test('are not there before the model is built', () => {
    for (const ask of ['getWeights', 'countParams', 'summary'] as const)
      expect(() => new Sequential([new Dense({ units: 1 })])[ask]()).toThrow(/not built yet/)
  })
})

describe('running', () => {
  test('gives the layers’ outputs one after the other', () => {
    const model = small()
    const x = images(3)
    const [local, flatten, dense] = model.layers
    expect(model.forward(x)).toEqual(dense.forward(flatten.forward(local.forward(x))))
  })

  test('of many samples gives the same as batch by batch, whatever the batch size', async () => {
    const model = small()
    const x = images(7)
    const whole = model.predictOnBatch(x)
    for (const batchSize of [1, 2, 3, 7, 32]) expect(await model.predict(x, { batchSize })).toEqual(whole)
    expect((await model.predict(images(0))).shape).toEqual([0, 3])
  })

  test('backward gives the gradient of the input and of every weight', () => {
    const model = small()
    model.forward(images(2))
    expect(model.backward(Tensor.zeros([2, 3])).shape).toEqual([2, 4, 4, 1])
    expect(model.gradients().map(({ shape }) => shape)).toEqual(model.getWeights().map(({ shape }) => shape))
    expect(() => model.backward(Tensor.zeros([3, 3]))).toThrow(/^dy: expected the shape \[2, 3\]/)
  })

  test('backward needs the forward of the same weights and batch before it', () => {
    const model = small()
    expect(() => model.backward(Tensor.zeros([2, 3]))).toThrow(/call forward right before backward/)
  })

  test('refuses inputs of another shape', async () => {
    expect(() => small().forward(Tensor.zeros([1, 5, 4, 1]))).toThrow(
      /^x: expected samples of the model's input shape \[null, 4, 4, 1\]/,
    )
    await expect(async () => small().predict(Tensor.zeros([1, 4, 4]))).rejects.toThrow(ArgumentError)
  })

  test('makes a model that knows no shape yet ready for the first data', async () => {
    const model = new Sequential([new Dense({ units: 2 })])
    expect((await model.predict([[1, 2, 3]])).shape).toEqual([1, 2])
    expect(model.inputShape).toEqual([null, 3])
  })
})

describe('configs', () => {
  test('make the same model again', () => {
    const model = new Sequential(
      [...small().layers.slice(0, 0), new Dense({ units: 2, inputShape: [3] }), new Dropout({ rate: 0.2 })],
      { name: 'mine', seed: 4 },
    )
    const copy = Sequential.fromConfig(model.getConfig(), { seed: 4 })
    expect(copy.name).toBe('mine')
    expect(copy.getConfig()).toEqual(model.getConfig())
    expect(copy.getWeights()).toEqual(model.getWeights())
  })

  test('that name an unknown layer are refused', () => {
    expect(() => Sequential.fromConfig({ layers: [{ className: 'Foo', config: {} }] })).toThrow(
      /^layer: expected one of .*received "Foo"/,
    )
    expect(() => Sequential.fromConfig({})).toThrow(/^config.layers: expected a list/)
  })
})
