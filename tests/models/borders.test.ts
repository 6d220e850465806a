// What people have is taken, and the rest is refused by name, before a weight changes.

import { describe, expect, test } from '@jest/globals'
import * as unshared from 'unshared'
import {
  ArgumentError,
  BinaryIoU,
  Dense,
  type FitOptions,
  layers,
  losses,
  MeanSquaredError,
  metrics,
  Sequential,
  Tensor,
  type TensorLike,
} from 'unshared'

const x = Tensor.from([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
])
const y = Tensor.from([
  [1, 0],
  [0, 1],
  [1, 1],
])

function make(engine: 'reference' | 'simd' = 'simd') {
  const model = new Sequential([new Dense({ units: 2, activation: 'sigmoid', inputShape: [3] })], { seed: 1, engine })
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })
  return model
}

const rows = (tensor: Tensor) => Array.from({ length: tensor.shape[0] }, (_, i) => tensor.slice(i, i + 1))
const forms: Record<string, (tensor: Tensor) => unknown> = {
  'nested arrays': tensor => tensor.toArray(),
  'a list of typed arrays': tensor => rows(tensor).map(({ data }) => data),
  'a list of tensors': tensor => rows(tensor).map(row => row.reshape([row.size])),
  'a structured clone': tensor => structuredClone(tensor),
  JSON: tensor => JSON.parse(JSON.stringify(tensor)),
}

describe.each(Object.entries(forms))('%s as data', (_name, formOf) => {
  test.each(['reference', 'simd'] as const)('gives what tensors give, on the engine %s', async engine => {
    const results = async (of: (tensor: Tensor) => TensorLike) => {
      const model = make(engine)
      const { history } = await model.fit(of(x), of(y), { verbose: 0, shuffle: false, validationData: [of(x), of(y)] })
      model.trainOnBatch(of(x), of(y), { sampleWeight: of(Tensor.from([1, 2, 3])) })
      model.setWeights(model.getWeights().map(of))
      const logs = await model.evaluate(of(x), of(y), { verbose: 0 })
      return { history, logs, output: await model.predict(of(x)), loss: new MeanSquaredError().compute(of(y), of(y)) }
    }
    expect(await results(tensor => (tensor.shape.length > 1 ? formOf(tensor) : tensor) as TensorLike)).toEqual(
      await results(tensor => tensor),
    )
  })
})

/** Names that every object has. */
const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
const keyed = (name: string, value: unknown, others: object = {}) =>
  Object.defineProperty({ ...others }, name, { value, enumerable: true })

const wrongFits: [string, object, RegExp][] = [
  ['NaN as a sample weight', { sampleWeight: [1, Number.NaN, 1] }, /^sampleWeight\[1\]: expected a finite number.*NaN/],
  ['an infinite sample weight', { sampleWeight: [1, 1, Infinity] }, /^sampleWeight\[2\]: expected a finite number/],
  ['a sample weight past float32', { sampleWeight: [1, 1e39, 1] }, /^sampleWeight: expected numbers up to 3.4e38/],
  ['NaN in weights for validation', { validationData: [x, y, [1, Number.NaN, 1]] }, /^sampleWeight\[1\]: /],
  ['NaN as a class weight', { classWeight: { 0: 1, 1: Number.NaN } }, /^classWeight\[1\]: expected a finite number/],
  ['a class weight past float32', { classWeight: { 0: 1e39, 1: 1 } }, /^classWeight\[0\]: expected a finite number/],
  ['a class weight by another name', { classWeight: { 0: 1, 1: 1, cat: 2 } }, /^classWeight, class: .*received "cat"/],
  ['a signal that is none', { signal: 5 }, /^signal: expected an AbortSignal, received 5/],
  ['an object that is no signal', { signal: { aborted: 'no' } }, /^signal: expected an AbortSignal/],
  ...names.map((name): [string, object, RegExp] => [
    `${name} among the class weights`,
    { classWeight: keyed(name, 1, { 0: 1, 1: 1 }) },
    /^classWeight, class: expected the number of a class/,
  ]),
  ...names.map((name): [string, object, RegExp] => [`${name} as an option`, keyed(name, 1), /^fit, option: /]),
]

test.each(wrongFits)('fit: %s is refused, and no weight changes', async (_what, options, message) => {
  const model = make()
  const before = model.getWeights()
  const fitting = model.fit(x, y, { verbose: 0, ...options } as FitOptions)
  await expect(fitting).rejects.toThrow(message)
  await expect(fitting).rejects.toThrow(ArgumentError)
  expect(model.getWeights()).toEqual(before)
})

test.each<[string, (model: Sequential) => unknown]>([
  ['samples past float32', model => model.trainOnBatch([[1e39, 0, 0]], [[0, 1]])],
  ['targets past float32', model => model.trainOnBatch([[1, 0, 0]], [[0, -1e39]])],
  [
    'weights past float32',
    model =>
      model.setWeights([
        [
          [1e39, 1],
          [1, 1],
          [1, 1],
        ],
        [0, 0],
      ]),
  ],
  ['a config that is null', () => Sequential.fromConfig(null as never)],
  [
    'a config with an input layer of nothing',
    () =>
      Sequential.fromConfig({
        layers: [
          { className: 'InputLayer', config: null },
          { className: 'Dense', config: { units: 1 } },
        ],
      }),
  ],
  ['a maker that is a number', () => layers.register('Own', 5 as never)],
  ...names.flatMap((name): [string, (model: Sequential) => unknown][] => [
    [`a layer named ${name}`, () => new Dense({ units: 1, name })],
    [`a model named ${name}`, () => new Sequential([], { name })],
    [`a loss named ${name}`, () => new MeanSquaredError({ name })],
    [`a metric named ${name}`, () => metrics.get({ className: 'AUC', config: { name } })],
    [`the loss ${name}`, model => model.compile({ loss: name as never })],
    [`the optimizer ${name}`, model => model.compile({ optimizer: name as never })],
    [`the activation ${name}`, () => new Dense({ units: 1, activation: name as never })],
    [`the class ${name}`, () => layers.get({ className: name, config: {} })],
    [`a class to register as ${name}`, () => losses.register(name, () => new MeanSquaredError())],
    [`the layer ${name} of a model`, model => model.getLayer(name)],
    [`${name} as an option`, () => new Dense(keyed(name, 1, { units: 1 }) as never)],
  ]),
])('%s: a named error, and no weight changes', (_what, run) => {
  const model = make()
  const before = model.getWeights()
  expect(() => run(model)).toThrow(ArgumentError)
  expect(model.getWeights()).toEqual(before)
})

test('predict and evaluate refuse a signal that is none', async () => {
  await expect(make().predict(x, { signal: 5 as never })).rejects.toThrow(/^signal: expected an AbortSignal/)
  await expect(make().evaluate(x, y, { verbose: 0, signal: 'x' as never })).rejects.toThrow(/^signal: /)
})

test('a wrong label changes nothing of a metric', () => {
  const metric = new BinaryIoU()
  expect(() => metric.updateState([0, 1, 2], [0, 1, 1])).toThrow(/^y: expected a class number from 0 to 1/)
  expect(metric.state()).toEqual([0, 0, 0, 0])
})

test('labels that a metric refuses are an error before the first step, in fit and on a batch', async () => {
  const model = make()
  model.compile({ optimizer: 'sgd', loss: 'mse', metrics: [new BinaryIoU()] })
  const before = model.getWeights()
  const wrong = Tensor.from([
    [0, 1],
    [0, 1],
    [0, 2],
  ])
  const message = /^y: expected a class number from 0 to 1 for binary_io_u, received 2$/
  await expect(model.fit(x, wrong, { batchSize: 1, shuffle: false, verbose: 0 })).rejects.toThrow(message)
  model.testOnBatch(x, y)
  expect(() => model.trainOnBatch(x, wrong)).toThrow(message)
  await expect(model.fit(x, y, { batchSize: 1, verbose: 0, validationData: [x, wrong], epochs: 0 })).rejects.toThrow(
    message,
  )
  expect(model.getWeights()).toEqual(before)
})

/** Made by the library, or errors; `Optimizer` is what optimizers extend. */
const notForOptions = /Error$|^(Tensor|SymbolicTensor|OptimizerVariable|Parameter|ReferenceEngine|Optimizer)$/

const classes = Object.entries(unshared).filter(
  ([name, value]) => typeof value === 'function' && /^class/.test(String(value)) && !notForOptions.test(name),
)

test.each(classes)('%s takes options or refuses them by name', (_name, exported) => {
  const Class = exported as unknown as new (options: unknown) => unknown
  expect(classes.length).toBeGreaterThan(100)
  for (const options of [undefined, null, 5, 1n, 'x', [], () => 1, Symbol('s'), Object.create(null)])
    try {
      new Class(options)
    } catch (error) {
      expect(error).toBeInstanceOf(ArgumentError)
    }
})

test('a signal aborted before the call: its reason, and the model is as it was', async () => {
  const model = make()
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['accuracy'] })
  const state = () => [model.getWeights(), model.optimizer?.variables.length, model.metricsNames]
  const before = state()
  const [reason, events] = [{ why: 'no time' }, [] as string[]]
  const signal = AbortSignal.abort(reason)
  const callbacks = [{ onTrainBegin: () => void events.push('train'), onTestBegin: () => void events.push('test') }]
  await expect(model.fit(x, y, { signal, callbacks, verbose: 0 })).rejects.toBe(reason)
  await expect(model.evaluate(x, y, { signal, callbacks, verbose: 0 })).rejects.toBe(reason)
  await expect(model.predict(x, { signal })).rejects.toBe(reason)
  expect([...state(), events]).toEqual([...before, []])
})

describe('a list for the one input or output, as Keras takes it', () => {
  test.each([1, 3])('data of %d samples', async n => {
    const [xs, ys] = [x.slice(0, n), y.slice(0, n)]
    const sampleWeight = Tensor.from(new Float32Array([0.5, 1, 2]).subarray(0, n), [n])
    const options = { verbose: 0, epochs: 2, shuffle: false } as const
    const [plain, listed] = [make(), make()]
    const expected = await plain.fit(xs, ys, { ...options, sampleWeight, validationData: [xs, ys] })
    const found = await listed.fit([xs], [ys], {
      ...options,
      sampleWeight: [sampleWeight],
      validationData: [[xs], [ys]],
    })
    expect(found.history).toEqual(expected.history)
    expect(await listed.predict([xs])).toEqual(await plain.predict(xs))
    expect(await listed.evaluate([xs], [ys], { verbose: 0 })).toEqual(await plain.evaluate(xs, ys, { verbose: 0 }))
    expect(listed.trainOnBatch([xs], [ys])).toEqual(plain.trainOnBatch(xs, ys))
    expect(listed.getWeights()).toEqual(plain.getWeights())
  })

  test('a list of one sample stays one', () => {
    const model = make()
    const sample = Tensor.from([1, 2, 3])
    expect(model.predictOnBatch([sample])).toEqual(model.predictOnBatch([[1, 2, 3]]))
    expect(model.testOnBatch([sample], [Tensor.from([1, 0])])).toEqual(model.testOnBatch([[1, 2, 3]], [[1, 0]]))
  })

  test('losses, their weights and metrics', () => {
    const [plain, listed] = [make(), make()]
    listed.compile({ optimizer: 'sgd', loss: ['mse'], lossWeights: [1], metrics: [['mae']] })
    expect(listed.trainOnBatch(x, y)).toEqual(plain.trainOnBatch(x, y))
    expect(() => listed.compile({ loss: ['mse', 'mae'] })).toThrow('loss: expected a name')
  })
})
