import { describe, expect, test } from '@jest/globals'
import {
  Adam,
  Conv1D,
  Conv2D,
  checkGradients,
  Dense,
  Flatten,
  type Layer,
  LocallyConnected1D,
  LocallyConnected2D,
  layers,
  Sequential,
  Tensor,
  TimeDistributed,
} from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'
import {
  Feedback,
  type FeedbackLayer,
  LocallyConnected3D,
  PatchHeNormal,
  TiledLocallyConnected2D,
} from 'unshared/research'
import { dot } from '../../lib/kernels/sums.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'

type Make = (more?: object) => FeedbackLayer
const local = { filters: 3, kernelSize: 2 } as const
const kinds: [string, number[], Make][] = [
  ['Dense', [5], more => new Dense({ units: 4, ...more })],
  ['Dense over a sequence', [3, 5], more => new Dense({ units: 4, ...more })],
  ['Conv1D', [6, 2], more => new Conv1D({ ...local, padding: 'causal', ...more })],
  ['Conv2D', [5, 6, 2], more => new Conv2D({ ...local, strides: 2, padding: 'same', ...more })],
  ['LocallyConnected3D', [3, 4, 3, 2], more => new LocallyConnected3D({ ...local, ...more })],
  ['TiledLocallyConnected2D', [4, 5, 2], more => new TiledLocallyConnected2D({ ...local, tile: 2, ...more })],
  ['LocallyConnected1D', [6, 2], more => new LocallyConnected1D({ ...local, ...more })],
  ...([1, 2, 3] as const).flatMap((implementation): [string, number[], Make][] => [
    [
      `LocallyConnected2D ${implementation}`,
      [5, 4, 2],
      more => new LocallyConnected2D({ ...local, padding: 'same', implementation, ...more }),
    ],
    [
      `LocallyConnected2D ${implementation}, channels first`,
      [2, 5, 4],
      more => new LocallyConnected2D({ ...local, dataFormat: 'channels_first', implementation, ...more }),
    ],
  ]),
]

/** A Feedback and its plain layer, with the same weights; B and the plain layer of which B is the kernel. */
function pair(make: Make, inputShape: number[], feedback: 'random' | 'sign', more = {}) {
  const wrapper = new Feedback({ layer: make(more), feedback })
  const [plain, other] = [make(more), make(more)]
  for (const layer of [wrapper, plain, other]) layer.build([null, ...inputShape])
  const weights = wrapper.getWeights()
  plain.setWeights(weights.slice(0, -1))
  const b = weights[weights.length - 1]
  return { wrapper, plain, other, kernel: weights[0], b }
}

describe.each(kinds)('around a %s', (_kind, inputShape, make) => {
  const x = randomTensor('x', 3, ...inputShape)

  test.each([true, false])('forward and the weights train as usual (bias: %j)', useBias => {
    for (const feedback of ['random', 'sign'] as const) {
      const { wrapper, plain } = pair(make, inputShape, feedback, { useBias, activation: 'tanh' })
      const y = wrapper.forward(x)
      expectSameBits(y.data, plain.forward(x).data)
      const dy = randomTensor('dy', ...y.shape)
      wrapper.backward(dy)
      plain.backward(dy)
      const [found, expected] = [wrapper.gradients(), plain.gradients()]
      expect(found.length).toBe(expected.length)
      found.forEach(({ data }, i) => {
        expectSameBits(data, expected[i].data)
      })
    }
  })

  test('random: the input gradient is that of a layer with the kernel B, which is not W', () => {
    const { wrapper, plain, other, b, kernel } = pair(make, inputShape, 'random')
    expect(b.shape).toEqual(kernel.shape)
    expect(b.data).not.toEqual(kernel.data)
    other.setWeights([b, plain.getWeights()[1]])
    const y = wrapper.forward(x)
    const dy = randomTensor('dy', ...y.shape)
    plain.forward(x)
    other.forward(x)
    const dx = wrapper.backward(dy)
    expectSameBits(dx.data, other.backward(dy).data)
    expect(dx.data).not.toEqual(plain.backward(dy).data)
    // the transposed map of B: <B v, dy> = <v, dx>
    other.setWeights([b, Tensor.from(new Float32Array(plain.getWeights()[1].size), plain.getWeights()[1].shape)])
    const v = randomTensor('v', ...x.shape)
    const bv = other.forward(v)
    expect(dot(bv.data, dy.data, dy.size)).toBeCloseTo(dot(v.data, dx.data, dx.size), 4)
  })

  test('sign: the input gradient is that of |B| with the signs of W', () => {
    const { wrapper, plain, other, b, kernel } = pair(make, inputShape, 'sign')
    kernel.data[0] = 0
    wrapper.setWeights([kernel, plain.getWeights()[1], b])
    const signed = kernel.data.map((w, i) => Math.abs(b.data[i]) * Math.sign(w))
    other.setWeights([new Tensor(kernel.shape, signed), plain.getWeights()[1]])
    const dy = randomTensor('dy', ...wrapper.forward(x).shape)
    other.forward(x)
    expectSameBits(wrapper.backward(dy).data, other.backward(dy).data)
    expectSameBits(wrapper.getWeights()[2].data, b.data)
  })

  test.each(['random', 'sign'] as const)('%s with B = W: backpropagation, bit for bit', feedback => {
    const { wrapper, plain, kernel } = pair(make, inputShape, feedback, { activation: 'sigmoid' })
    wrapper.setWeights([kernel, plain.getWeights()[1], kernel])
    const dy = randomTensor('dy', ...wrapper.forward(x).shape)
    plain.forward(x)
    expectSameBits(wrapper.backward(dy).data, plain.backward(dy).data)
  })

  test('checkGradients finds that dx is another gradient, and that those of the weights are true', () => {
    const layer = new Feedback({ layer: make() })
    const { checks } = checkGradients(layer, { inputShape })
    expect(checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['x', false],
      ['kernel', true],
      ['bias', true],
    ])
  })

  test('a copy of the layer inside, with the weights', () => {
    const { wrapper, plain } = pair(make, inputShape, 'random')
    const copy: Layer = wrapper.unwrapped()
    expect(copy.className).toBe(plain.className)
    expectSameBits(copy.forward(x).data, wrapper.forward(x).data)
    expect(wrapper.layer.built).toBe(false)
  })

  test('goes through its config', () => {
    const layer = new Feedback({
      layer: make({ name: 'inner' }),
      feedback: 'sign',
      name: 'outer',
      feedbackInitializer: 'ones',
    })
    const copy = layers.get({ className: 'Feedback', config: layer.getConfig() })
    expect(copy.getConfig()).toEqual(layer.getConfig())
    copy.build([null, ...inputShape])
    expect(new Set(copy.getWeights()[2].data)).toEqual(new Set([1]))
  })
})

// ---- In models --------------------------------------------------------------------------------------------------

const makeModel = (feedback: 'random' | 'sign', engine: 'simd' | 'reference' = 'simd') => {
  const around = (layer: FeedbackLayer) => new Feedback({ layer, feedback })
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
      around(
        new LocallyConnected2D({
          filters: 4,
          kernelSize: 2,
          activation: 'relu',
          kernelInitializer: new PatchHeNormal(),
        }),
      ),
      new Flatten(),
      around(new Dense({ units: 8, activation: 'tanh' })),
      around(new Dense({ units: 3, activation: 'softmax' })),
    ],
    { seed: 4, engine },
  )
  model.compile({
    optimizer: new Adam({ learningRate: 0.01 }),
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
  })
  return model
}
const x = randomTensor('images', 40, 6, 6, 1)
const y = Tensor.from(Array.from({ length: 40 }, (_, i) => (x.data[36 * i] > 0.3 ? 2 : x.data[36 * i] > -0.3 ? 1 : 0)))
const fitting = { epochs: 3, batchSize: 16, verbose: 0 } as const

const feedbacks = (model: Sequential) =>
  model.layers.flatMap(layer => (layer instanceof Feedback ? [layer.getWeights()[2].data] : []))

describe.each(['random', 'sign'] as const)('a model with feedback %s', kind => {
  test('learns, and B stays', async () => {
    const model = makeModel(kind)
    const before = feedbacks(model)
    const { history } = await model.fit(x, y, { ...fitting, epochs: 40 })
    expect(history.accuracy[39]).toBeGreaterThan(0.9)
    expect(feedbacks(model)).toEqual(before)
  })

  test('gets the same bits from both engines', async () => {
    const [a, b] = [makeModel(kind, 'simd'), makeModel(kind, 'reference')]
    const histories = [await a.fit(x, y, fitting), await b.fit(x, y, fitting)]
    expect(histories[0].history).toEqual(histories[1].history)
    a.getWeights().forEach(({ data }, i) => {
      expectSameBits(data, b.getWeights()[i].data)
    })
  })

  test('runs its kernels in the fast engine', async () => {
    const model = makeModel(kind)
    await model.fit(x, y, { ...fitting, epochs: 1 })
    const calls = Object.entries(model.engine.report()).filter(([name]) => /matmul|local2d/i.test(name))
    expect(calls.length).toBeGreaterThan(0)
    for (const [name, { reference }] of calls) expect([name, reference]).toEqual([name, 0])
  })

  test.each(['h5', 'keras'] as const)('trains on after %s as if nothing had happened', async format => {
    const whole = makeModel(kind)
    await whole.fit(x, y, fitting)
    const loaded = await loadModel(await saveModel(whole, { format }))
    expect(feedbacks(loaded as Sequential)).toEqual(feedbacks(whole))
    const options = { ...fitting, shuffle: false }
    expect((await loaded.fit(x, y, options)).history).toEqual((await whole.fit(x, y, options)).history)
    expect(loaded.getWeights()).toEqual(whole.getWeights())
  })
})

test('the first layer gets the gradient that came through B', () => {
  const [model, plain] = [makeModel('random'), makeModel('random')]
  for (const layer of plain.layers)
    if (layer instanceof Feedback) layer.setWeights([...layer.getWeights().slice(0, 2), layer.getWeights()[0]])
  for (const each of [model, plain]) each.trainOnBatch(x, y)
  const [a, b] = [model.gradients(), plain.gradients()]
  expect(a[a.length - 1]).toEqual(b[b.length - 1]) // of the last bias: as by backpropagation
  expect(a[0].data).not.toEqual(b[0].data)
})

test('a layer that is called twice, and one over the steps of a sequence', () => {
  const inner = new Feedback({ layer: new Dense({ units: 4 }) })
  const steps = new TimeDistributed({ layer: inner })
  const model = new Sequential([new Dense({ units: 4, inputShape: [3, 4] }), steps, inner], { seed: 1 })
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const [x, y] = [randomTensor('a', 2, 3, 4), randomTensor('b', 2, 3, 4)]
  const first = model.trainOnBatch(x, y).loss
  for (let i = 0; i < 50; i++) model.trainOnBatch(x, y)
  expect(model.trainOnBatch(x, y).loss).toBeLessThan(first)
})

test('the rest is as of the layer inside: the activity penalty, products, sizes that it takes', () => {
  const inner = () => new LocallyConnected2D({ filters: 2, kernelSize: 2, activityRegularizer: 'l2' })
  const [wrapper, plain] = [new Feedback({ layer: inner(), inputShape: [4, 4, 1] }), inner()]
  const models = [wrapper, plain].map(layer => new Sequential([layer, new Flatten()], { seed: 1 }))
  for (const model of models) {
    model.build([null, 4, 4, 1])
    model.compile({ loss: 'mse' })
  }
  plain.setWeights(wrapper.getWeights().slice(0, 2))
  const [x, y] = [randomTensor('a', 3, 4, 4, 1), randomTensor('b', 3, 18)]
  expect(models[0].testOnBatch(x, y)).toEqual(models[1].testOnBatch(x, y))
  expect(plain.macs).toBe(9 * 4 * 2)
  expect(wrapper.macs).toBe(plain.macs)
  const narrow = () => new LocallyConnected2D({ filters: 1, kernelSize: 2, strides: 3 }) // as many places on 5 rows as on 6
  for (const layer of [narrow(), new Feedback({ layer: narrow() })]) {
    layer.build([null, 5, 5, 1])
    expect(() => layer.forward(randomTensor('c', 1, 6, 6, 1))).toThrow(/^x: expected samples of shape \[5, 5, 1\]/)
  }
  const dense = new Feedback({ layer: new Dense({ units: 2 }) }) // takes sequences of any length
  dense.build([null, 3, 4])
  expect(dense.forward(randomTensor('d', 1, 7, 4)).shape).toEqual([1, 7, 2])
})

describe('options', () => {
  const dense = () => new Dense({ units: 2 })

  test('are checked', () => {
    expect(() => new Feedback({ layer: new Flatten() as never })).toThrow(
      /^layer: expected a Dense, Conv1D, .*received/,
    )
    expect(() => new Feedback({ layer: 3 as never })).toThrow(/^layer: expected/)
    expect(() => new Feedback({} as never)).toThrow(/^layer: expected/)
    expect(() => new Feedback({ layer: dense(), feedback: 'transpose' as never })).toThrow(/^feedback: expected one of/)
    expect(() => new Feedback({ layer: dense(), units: 3 } as never)).toThrow(/^Feedback, option: expected one of/)
    expect(() => new Feedback({ layer: dense(), feedbackInitializer: 'none' as never })).toThrow(
      /^feedbackInitializer:/,
    )
    const built = dense()
    built.build([null, 3])
    expect(() => new Feedback({ layer: built })).toThrow(/^layer: expected a layer that is not built/)
  })

  test('a seed of the kernel would make B equal to it', () => {
    const layer = () => new Dense({ units: 2, kernelInitializer: { className: 'HeNormal', config: { seed: 1 } } })
    expect(() => new Feedback({ layer: layer() }).build([null, 3])).toThrow(
      /^feedbackInitializer: expected an initializer/,
    )
    const fine = new Feedback({ layer: layer(), feedbackInitializer: 'heNormal' })
    fine.build([null, 3])
    expect(fine.getWeights()[2].data).not.toEqual(fine.getWeights()[0].data)
  })

  test('B is drawn as the kernel is: with the fans of a place', () => {
    const options = { filters: 16, kernelSize: 5, kernelInitializer: new PatchHeNormal() }
    const layer = new Feedback({ layer: new LocallyConnected2D(options) })
    layer.build([null, 12, 12, 4])
    const { data } = layer.getWeights()[2]
    expect(data.reduce((sum, w) => sum + w * w, 0) / data.length / (2 / 100)).toBeCloseTo(1, 1)
  })

  test('the layer inside decides with the wrapper what trains', () => {
    const layer = new Feedback({ layer: new Dense({ units: 2, trainable: false }) })
    layer.build([null, 3])
    expect(layer.trainable).toBe(false)
    expect(layer.trainableParameters).toEqual([])
    layer.trainable = true
    expect(layer.trainableParameters.map(({ name }) => name)).toEqual(['kernel', 'bias'])
  })
})
