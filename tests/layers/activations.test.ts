import { describe, expect, test } from '@jest/globals'
import { Dense, LeakyReLU, layers } from 'unshared'
import { stream } from '../../lib/core/random.ts'
import { Tensor } from '../../lib/core/tensor.ts'
import {
  type Activation,
  activate,
  activations,
  elu,
  gelu,
  getActivation,
  leakyRelu,
  linear,
  logSoftmax,
  relu,
  serializeActivation,
  softmax,
} from '../../lib/layers/activations.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'

const values = (activation: Activation, x: number[] | number[][]) => activate(activation, x).y.toArray()

describe('options', () => {
  test.each([
    ['relu', relu(), [-2, 0, 3], [0, 0, 3]],
    ['relu, alpha', relu({ alpha: 0.5 }), [-2, 0, 3], [-1, 0, 3]],
    ['relu, maximum', relu({ maxValue: 2 }), [-2, 1, 3], [0, 1, 2]],
    ['relu, maximum 0', relu({ maxValue: 0 }), [-2, 1, 3], [0, 0, 0]],
    ['relu, threshold', relu({ threshold: 1 }), [-2, 1, 3], [-0, 0, 3]],
    ['relu, all', relu({ alpha: 0.5, maxValue: 4, threshold: 2 }), [-2, 2, 3, 5], [-2, 0, 3, 4]],
    ['leaky relu', leakyRelu({ alpha: 0.25 }), [-4, 4], [-1, 4]],
    ['elu', elu({ alpha: 2 }), [-Infinity, 4], [-2, 4]],
    ['linear', linear, [-4, 4], [-4, 4]],
  ])('%s by hand', (_name, activation, x, y) => {
    expect(values(activation, x)).toEqual(y)
  })

  test('leaky relu has the slope 0.2', () => {
    expect(values(leakyRelu(), [-1])).toEqual([-Math.fround(0.2)])
  })

  test('gelu is exact unless the tanh formula is asked for', () => {
    expectClose(activate(gelu(), [1, -2]).y.data, [0.8413447, -0.0455003], 1e-6)
    expectClose(activate(gelu({ approximate: true }), [1, -2]).y.data, [0.841192, -0.0454023], 1e-6)
  })

  const refused: [make: () => unknown, message: string][] = [
    [() => relu({ alpha: Number.NaN }), 'alpha: expected a finite number, received NaN'],
    [() => relu({ maxValue: -1 }), 'maxValue: expected a finite number of at least 0, received -1'],
    [() => relu({ threshold: Infinity }), 'threshold: expected a finite number'],
    [() => relu({ max: 1 } as never), 'relu, option: expected one of alpha, maxValue, threshold'],
    [() => elu({ alpha: '1' as never }), 'alpha: expected a finite number, received "1"'],
    [() => gelu({ approximate: 1 as never }), 'approximate: expected true or false, received 1'],
    [() => softmax({ axis: 0.5 }), 'axis: expected an integer, received 0.5'],
    [() => activations.get({ className: 'tanh', config: { alpha: 1 } }), 'tanh, option: expected'],
  ]

  test.each(refused.map(([make, message]) => ({ make, message })))('refused: $message', ({ make, message }) => {
    expect(make).toThrow(message)
  })
})

describe('softmax and its axis', () => {
  const x = new Tensor([2, 3, 4], randomNumbers(24, stream(1)))
  const sums = (y: Tensor, along: number) => {
    const totals = new Map<string, number>()
    y.data.forEach((v, i) => {
      const index = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4].filter((_, a) => a !== along).join()
      totals.set(index, (totals.get(index) ?? 0) + v)
    })
    return [...totals.values()]
  }

  test.each([
    [undefined, 2],
    [-1, 2],
    [2, 2],
    [1, 1],
    [-2, 1],
    [0, 0],
    [-3, 0],
  ])('axis %p adds up to 1 along axis %i; axis 0 is the batch', (axis, along) => {
    const f = softmax(axis === undefined ? {} : { axis })
    const { y } = activate(f, x)
    for (const total of sums(y, along)) expect(total).toBeCloseTo(1, 6)
    const logarithms = activate(logSoftmax(axis === undefined ? {} : { axis }), x).y
    expectClose(
      logarithms.data,
      y.data.map(v => Math.log(v)),
      1e-6,
    )
  })

  test('axes that are not there are refused, and so is a vector', () => {
    expect(() => activate(softmax({ axis: 3 }), x)).toThrow('axis: expected an axis of a tensor with 3, received 3')
    expect(() => activate(softmax({ axis: -4 }), x)).toThrow('axis: expected an axis')
    expect(() => activate(softmax(), [1, 2, 3])).toThrow(
      'x: expected at least two axes for softmax: a batch of rows, received [3]',
    )
  })

  test('a batch of no samples is a batch', () => {
    expect(activate(softmax(), Tensor.zeros([0, 3])).y.shape).toEqual([0, 3])
  })
})

describe('names', () => {
  test.each(activations.names)('%s, also in camelCase', name => {
    const camelCase = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    const x = new Tensor([2, 5], randomNumbers(10, stream(2)))
    expectSameBits(
      activate(activations.get(camelCase), x, x).dx?.data as Float32Array,
      activate(activations.get(name), x, x).dx?.data as Float32Array,
    )
  })

  test('null and undefined mean linear', () => {
    expect(getActivation(null)).toBe(linear)
    expect(getActivation(undefined)).toBe(linear)
    expect(getActivation('linear')).toBe(linear)
    expect(getActivation(linear)).toBe(linear)
  })

  test.each(['ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'Softmax'])('%s is a layer', name => {
    expect(() => getActivation(name)).toThrow(`${name} is a layer: pass it, or add it after this one`)
  })

  test('a layer may stand for an activation, as an object or as its config', () => {
    const x = Tensor.from([[-2, 0, 3]])
    const expected = new LeakyReLU({ alpha: 0.5 }).forward(x)
    const config = { name: 'some', alpha: 0.5 }
    for (const given of [
      new LeakyReLU(config),
      { className: 'LeakyReLU', config },
      { class_name: 'LeakyReLU', config },
    ]) {
      const dense = new Dense({ units: 3, activation: given, kernelInitializer: 'identity' })
      expect(dense.forward(x)).toEqual(expected)
      expect(layers.get({ className: 'Dense', config: dense.getConfig() }).getConfig()).toEqual(dense.getConfig())
    }
    expect(() => new Dense({ units: 3, activation: { className: 'PReLU', config: {} } })).toThrow('PReLU is a layer')
  })

  test.each(['Tanh', 'RELU', 'ReLu', '', 'hard_swish', 'toString', 3, {}])('%p is refused', name => {
    expect(() => getActivation(name)).toThrow('activation: expected')
  })

  test.each([
    [getActivation(null), 'linear'],
    [relu(), 'relu'],
    [relu({ alpha: 0, maxValue: null, threshold: 0 }), 'relu'],
    [elu({ alpha: 1 }), 'elu'],
    [leakyRelu(), 'leaky_relu'],
    [gelu({ approximate: false }), 'gelu'],
    [softmax(), 'softmax'],
    [activations.get('hardSigmoid'), 'hard_sigmoid'],
    [activations.get('silu'), 'swish'],
    [relu({ maxValue: 6 }), { className: 'relu', config: { maxValue: 6 } }],
    [relu({ maxValue: 0 }), { className: 'relu', config: { maxValue: 0 } }],
    [gelu({ approximate: true }), { className: 'gelu', config: { approximate: true } }],
    [softmax({ axis: 1 }), { className: 'softmax', config: { axis: 1 } }],
  ])('$className is written down as Keras does, and comes back', (activation, written) => {
    expect(serializeActivation(activation)).toEqual(written)
    expect(serializeActivation(getActivation(written))).toEqual(written)
  })

  test('a config that is handed out can be changed without harm', () => {
    const activation = relu({ maxValue: 6 })
    activation.getConfig().maxValue = 1
    expect(activation.getConfig()).toEqual({ maxValue: 6 })
  })
})
