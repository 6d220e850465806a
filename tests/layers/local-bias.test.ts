import { describe, expect, test } from '@jest/globals'
import {
  Activation,
  type ActivationFunction,
  activations,
  Conv2D,
  checkGradients,
  Dense,
  Flatten,
  type Layer,
  LocalBias,
  LocallyConnected2D,
  Sequential,
  sizeOf,
  stream,
  Tensor,
  ZeroPadding2D,
} from 'unshared'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'

/** A layer whose bias is 10, 20, … in the shape of a sample. */
function counting(shape: number[]): LocalBias {
  const layer = new LocalBias()
  layer.build([null, ...shape])
  const [{ size }] = layer.parameters
  layer.setWeights([
    new Tensor(
      shape,
      new Float32Array(size).map((_, i) => 10 * (i + 1)),
    ),
  ])
  return layer
}

describe('LocalBias', () => {
  const x = Tensor.from([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1])

  test('adds a number of its own to every place of every sample', () => {
    const y = counting([2, 2, 1]).forward(x)
    expect(y.shape).toEqual([2, 2, 2, 1])
    expect([...y.data]).toEqual([11, 22, 33, 44, 15, 26, 37, 48])
  })

  test('hands the gradient on, and adds it up over the batch for the bias', () => {
    const layer = counting([2, 2, 1])
    layer.forward(x)
    layer.backward(x) // leaves nothing behind
    const dx = layer.backward(Tensor.from([1, 2, 3, 4, 0.5, 0.25, -3, 8], [2, 2, 2, 1]))
    expect([...dx.data]).toEqual([1, 2, 3, 4, 0.5, 0.25, -3, 8])
    expect(layer.gradients().map(g => [g.shape, [...g.data]])).toEqual([
      [
        [2, 2, 1],
        [1.5, 2.25, 0, 12],
      ],
    ])
  })

  test.each([[[3, 2, 4]], [[5, 2]], [[3]]])('has a weight of the shape of a sample, %j', shape => {
    const layer = new LocalBias({ inputShape: shape, biasInitializer: 'ones' })
    layer.build([null, ...shape])
    expect(layer.parameters.map(({ name, shape }) => ({ name, shape }))).toEqual([{ name: 'bias', shape }])
    expect(new Set(layer.getWeights()[0].data)).toEqual(new Set([1]))
  })

  test.each([[[null]], [[null, 3, null, 2]], [[null, 0]]])('cannot be built for %j', shape => {
    expect(() => new LocalBias().computeOutputShape(shape)).toThrow(
      /^inputShape: expected \[batch, …\], all but the batch known and positive, received .*its own bias/,
    )
  })

  test('has these defaults, and refuses options that it does not know', () => {
    expect(new LocalBias().getConfig()).toEqual({
      name: 'local_bias',
      trainable: true,
      dtype: 'float32',
      biasInitializer: { className: 'Zeros', config: {} },
      biasRegularizer: null,
      biasConstraint: null,
    })
    expect(() => new LocalBias({ useBias: true } as never)).toThrow(/^LocalBias, option: expected one of/)
    expect(() => new LocalBias({ biasInitializer: 'foo' as never })).toThrow(/^biasInitializer: expected/)
  })

  test('is punished and held like every weight: bias 2 with l2, lr 0.5, then not negative', () => {
    const config = { biasInitializer: { className: 'Constant', config: { value: 2 } } }
    const layer = new LocalBias({ ...config, biasRegularizer: 'l2', biasConstraint: 'nonNeg', inputShape: [1] })
    const model = new Sequential([layer])
    model.compile({ optimizer: { className: 'SGD', config: { learningRate: 0.5 } }, loss: 'mse' })
    expect(model.trainOnBatch([[1]], [[1]]).loss).toBeCloseTo(2 ** 2 + 0.01 * 2 ** 2, 6)
    // the gradient is 2·(3 − 1) + 2·0.01·2 = 4.04, and 2 − 0.5·4.04 is negative
    expect(layer.getWeights()[0].item()).toBe(-0)
  })

  test('behind a convolution without a bias is a local layer whose places share their kernel', () => {
    const conv = new Conv2D({ filters: 3, kernelSize: 3, useBias: false })
    const x = new Tensor([2, 5, 6, 2], randomNumbers(2 * 5 * 6 * 2, stream('x')))
    const bias = randomNumbers(3 * 4 * 3, stream('bias'))
    const z = conv.forward(x)
    const layer = counting([3, 4, 3])
    layer.setWeights([new Tensor([3, 4, 3], bias)])
    const kernel = conv.getWeights()[0].data
    const local = new LocallyConnected2D({ filters: 3, kernelSize: 3 })
    local.build([null, 5, 6, 2])
    const copies = new Float32Array(12 * kernel.length).map((_, i) => kernel[i % kernel.length])
    local.setWeights([new Tensor([12, 18, 3], copies), new Tensor([3, 4, 3], bias)])
    const [shared, unshared] = [layer.forward(z).data, local.forward(x).data]
    for (let i = 0; i < shared.length; i++) expect(shared[i]).toBeCloseTo(unshared[i], 5)
  })
})

// ---- LeCun's networks of 1989 ---------------------------------------------------------------------------------------

/** 1.7159·tanh(2x/3): f(1) ≈ 1, f(−1) ≈ −1, and the curvature is largest there. */
const A = Math.fround(1.7159)
const S = Math.fround(2 / 3)
const tanh = activations.get('tanh')
const scaledTanh: ActivationFunction = {
  className: 'scaled_tanh',
  getConfig: () => ({}),
  forward(y, x, batch, shape, kernels) {
    const n = batch * sizeOf(shape)
    for (let i = 0; i < n; i++) y[i] = S * x[i]
    tanh.forward(y, y, batch, shape, kernels)
    for (let i = 0; i < n; i++) y[i] *= A
  },
  backward(dx, dy, _x, y, batch, shape) {
    for (let i = 0; i < batch * sizeOf(shape); i++) dx[i] = dy[i] * S * (A - (y[i] * y[i]) / A)
  },
}
activations.register('scaled_tanh', () => scaledTanh)
const activation = { className: 'scaled_tanh', config: {} }

describe('an activation of one’s own: 1.7159·tanh(2x/3), as in 1989', () => {
  test('is found by its name once it is registered', () => {
    const layer = new Activation({ activation })
    expect(layer.getConfig()).toMatchObject({ activation: 'scaled_tanh' })
    const { data } = layer.forward([[-1, 0, 1, 100]])
    expect([...data].map(v => v.toFixed(4))).toEqual(['-1.0000', '0.0000', '1.0000', '1.7159'])
  })

  test('has right gradients, as a layer and inside of one', () => {
    expect(checkGradients(new Activation({ activation }), { inputShape: [7] }).passed).toBe(true)
    const local = new LocallyConnected2D({ filters: 2, kernelSize: 3, activation })
    expect(checkGradients(local, { inputShape: [4, 5, 1] }).passed).toBe(true)
  })
})

describe('Net-3, Net-4 and Net-5 have the printed numbers of weights', () => {
  const pad = (size: [number, number], inputShape?: [number, number, number]) =>
    new ZeroPadding2D({ padding: [size, size], ...(inputShape && { inputShape }) })
  const local = (kernelSize: number) => new LocallyConnected2D({ filters: 1, kernelSize, strides: 2, activation })
  const shared = (filters: number, kernelSize: number) => [
    new Conv2D({ filters, kernelSize, strides: 2, useBias: false }),
    new LocalBias(),
    new Activation({ activation }),
  ]
  const output = () => [new Flatten(), new Dense({ units: 10, activation })]
  const first = () => pad([0, 1], [16, 16, 1])
  const networks: Record<string, [number, () => Layer[]]> = {
    'Net-3': [1226, () => [first(), local(3), pad([1, 2]), local(5), ...output()]],
    'Net-4': [1132, () => [first(), ...shared(2, 3), pad([1, 2]), local(5), ...output()]],
    'Net-5': [1060, () => [first(), ...shared(2, 3), pad([1, 2]), ...shared(4, 5), ...output()]],
  }

  test.each(Object.entries(networks))('%s', (_name, [weights, layers]) => {
    const model = new Sequential(layers(), { seed: 1 })
    expect(model.countParams()).toBe(weights)
    const copy = Sequential.fromConfig(model.getConfig())
    copy.setWeights(model.getWeights())
    const x = new Tensor([2, 16, 16, 1], randomNumbers(512, stream('digits')))
    expectSameBits(copy.forward(x).data, model.forward(x).data)
  })

  test('Net-5 has right gradients', () => {
    const report = checkGradients(new Sequential(networks['Net-5'][1](), { seed: 1 }), { batchSize: 1 })
    if (!report.passed) throw new Error(String(report))
  })
})
