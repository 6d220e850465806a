import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Activation,
  ArgumentError,
  Conv1D,
  Conv2D,
  Dense,
  type Layer,
  LocallyConnected1D,
  LocallyConnected2D,
  Reshape,
  Sequential,
  StateError,
  sizeOf,
  stream,
  Tensor,
  toConv,
  toDense,
  toLocal,
  ZeroPadding1D,
  ZeroPadding2D,
} from 'unshared'
import { expectSameBits } from '../support/bits.ts'
import { type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'

const activations = ['linear', 'tanh', 'relu', 'sigmoid'] as const

/** Random weights in a built layer. */
function withRandomWeights<L extends Layer>(layer: L, inputShape: readonly number[], seed: unknown): L {
  layer.build([null, ...inputShape])
  const random = stream('weights', String(seed))
  layer.setWeights(layer.parameters.map(({ shape, size }) => new Tensor(shape, randomNumbers(size, random))))
  return layer
}
const inputOf = (shape: readonly number[], seed: unknown) =>
  new Tensor(shape, randomNumbers(sizeOf(shape), stream('x', String(seed))))

/** Keras' two paddings agree for odd windows and stride 1. */
const agreeing = ({ options: { padding, kernelSize, strides } }: LocalCase) =>
  padding === 'valid' || (kernelSize.every(k => k % 2 === 1) && strides.every(s => s === 1))

describe('toLocal', () => {
  const implementations = [1, 2, 3] as const

  test('computes what the convolution does: with channels last to the last bit', () => {
    fc.assert(
      fc.property(
        localCases.filter(agreeing),
        fc.constantFrom(...implementations),
        fc.constantFrom(...activations),
        (c, implementation, activation) => {
          const options = { ...c.options, activation, useBias: c.useBias }
          const conv = withRandomWeights(new Conv2D(options), c.inputShape, c.seed)
          const local = toLocal(conv, { implementation })
          const x = inputOf([c.batch, ...c.inputShape], c.seed)
          const [expected, found] = [conv.forward(x), local.forward(x)]
          expect(found.shape).toEqual(expected.shape)
          if (c.options.dataFormat === 'channels_last') expectSameBits(found.data, expected.data)
          else expectClose(found.data, expected.data, 1e-5)
        },
      ),
      { numRuns: 200, seed: 1 },
    )
  })

  test.each(implementations)('of a sequence, implementation %p', implementation => {
    for (const [options, inputShape] of [
      [{ filters: 3, kernelSize: 3, strides: 2, activation: 'tanh' }, [8, 2]],
      [{ filters: 2, kernelSize: 3, padding: 'same' }, [5, 2]],
      [{ filters: 2, kernelSize: 2, padding: 'causal', useBias: false }, [5, 2]],
      [{ filters: 2, kernelSize: 3, dataFormat: 'channels_first' }, [1, 6]],
    ] as const) {
      const conv = withRandomWeights(new Conv1D(options), inputShape, 1)
      const local = toLocal(conv, { implementation })
      expect(local).toBeInstanceOf(LocallyConnected1D)
      const x = inputOf([3, ...inputShape], 2)
      expectSameBits(local.forward(x).data, conv.forward(x).data)
    }
  })

  test('by hand: one kernel and bias, two places', () => {
    const conv = new Conv1D({ filters: 1, kernelSize: 2, strides: 2 })
    conv.build([null, 4, 1])
    conv.setWeights([[[[3]], [[4]]], [5]])
    const local = toLocal(conv)
    expect(local.getWeights().map(weight => weight.toArray())).toEqual([
      [
        [[3], [4]],
        [[3], [4]],
      ],
      [[5], [5]],
    ])
    expect(local.implementation).toBe(1)
  })

  test('keeps options, the given name and trainable; the original stays as it is', () => {
    const conv = new Conv2D({
      filters: 2,
      kernelSize: 3,
      activation: 'tanh',
      name: 'eye',
      trainable: false,
      kernelRegularizer: 'l2',
      biasConstraint: 'nonNeg',
      kernelInitializer: 'heNormal',
      batchInputShape: [null, 5, 5, 1],
    })
    conv.build([null, 5, 5, 1])
    const before = conv.getWeights().map(({ data }) => data)
    const local = toLocal(conv, { implementation: 3 })
    const { dilationRate, groups, ...kept } = conv.getConfig()
    expect(local.getConfig()).toEqual({ ...kept, implementation: 3 })
    local.setWeights(local.getWeights().map(({ shape }) => Tensor.zeros(shape)))
    conv.getWeights().forEach(({ data }, i) => {
      expectSameBits(data, before[i])
    })
    expect(toLocal(withRandomWeights(new Conv2D({ filters: 1, kernelSize: 1 }), [2, 2, 1], 0)).name).toBe(
      'locally_connected2d',
    )
  })

  test('stands in a model where the convolution stood', () => {
    const model = new Sequential([
      new Conv2D({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] }),
      new Activation({ activation: 'tanh' }),
    ])
    const local = new Sequential([toLocal(model.layers[0] as Conv2D), new Activation({ activation: 'tanh' })])
    const x = inputOf([4, 5, 5, 1], 7)
    expectSameBits(local.forward(x).data, model.forward(x).data)
    local.compile({ loss: 'mse' })
    const y = Tensor.zeros([4, 3, 3, 2])
    expect(local.trainOnBatch(x, y).loss).toBeGreaterThan(local.trainOnBatch(x, y).loss)
  })

  test.each<[string, () => unknown, RegExp]>([
    [
      'a layer that is not built',
      () => toLocal(new Conv2D({ filters: 1, kernelSize: 1, name: 'eye' })),
      /^toLocal: the layer eye is not built yet: call build\(inputShape\) or forward\(x\) first$/,
    ],
    [
      'another layer',
      () => toLocal(new Dense({ units: 1 }) as never),
      /^toLocal, layer: expected a Conv1D or Conv2D, received an object of class Dense/,
    ],
    ['nothing', () => toLocal(undefined as never), /^toLocal, layer: expected a Conv1D or Conv2D/],
    [
      'an unknown option',
      () => toLocal(built({}), { implementations: 2 } as never),
      /^toLocal, option: expected one of implementation/,
    ],
    [
      'implementation 4',
      () => toLocal(built({}), { implementation: 4 as never }),
      /^implementation: expected one of 1, 2, 3/,
    ],
    [
      'a dilation',
      () => toLocal(built({ dilationRate: 2 })),
      /^layer.dilationRate: expected 1, received \[2, 2\].*gaps/,
    ],
    [
      'a constraint along axes',
      () => toLocal(built({ kernelConstraint: 'maxNorm' })),
      /^layer.kernelConstraint: expected none, or NonNeg, received "MaxNorm"/,
    ],
    [
      'an even window with padding',
      () => toLocal(built({ kernelSize: 2, padding: 'same' })),
      /^layer.padding: .*received "same".*ZeroPadding2D\({ padding: \[\[0, 1\], \[0, 1\]\] }\)/,
    ],
  ])('refuses %s by name', (_what, convert, message) => {
    expect(convert).toThrow(message)
  })

  const built = (options: object) => {
    const layer = new Conv2D({ filters: 1, kernelSize: 3, ...options })
    layer.build([null, 6, 6, 1])
    return layer
  }

  test('the padding that the error advises gives the same windows', () => {
    fc.assert(
      fc.property(
        localCases.filter(c => c.options.padding === 'same'),
        c => {
          const conv = withRandomWeights(new Conv2D(c.options), c.inputShape, c.seed)
          const error = thrownBy(() => toLocal(conv))
          if (!error) return
          const [, padding] = /ZeroPadding2D\({ padding: (\[\[.*?\]\]) }\)/.exec(error.message) as string[]
          const { dataFormat } = c.options
          const pad = new ZeroPadding2D({ padding: JSON.parse(padding), dataFormat })
          const x = inputOf([c.batch, ...c.inputShape], c.seed)
          const valid = new Conv2D({ ...c.options, padding: 'valid' })
          const padded = pad.forward(x)
          valid.build([null, ...padded.shape.slice(1)])
          valid.setWeights(conv.getWeights())
          expectClose(toLocal(valid).forward(padded).data, conv.forward(x).data, 1e-5)
        },
      ),
      { numRuns: 100, seed: 2 },
    )
  })

  test('and for a sequence that sees the past alone', () => {
    const conv = withRandomWeights(new Conv1D({ filters: 2, kernelSize: 3, padding: 'causal' }), [5, 2], 3)
    expect(() => toLocal(conv)).toThrow(/"causal".*ZeroPadding1D\({ padding: \[2, 0\] }\)/)
    const valid = new Conv1D({ filters: 2, kernelSize: 3 })
    valid.build([null, 7, 2])
    valid.setWeights(conv.getWeights())
    const x = inputOf([2, 5, 2], 4)
    const padded = new ZeroPadding1D({ padding: [2, 0] }).forward(x)
    expectSameBits(toLocal(valid).forward(padded).data, conv.forward(x).data)
  })
})

function thrownBy(action: () => unknown): Error | null {
  try {
    action()
    return null
  } catch (error) {
    if (error instanceof ArgumentError) return error
    throw error
  }
}

describe('toConv', () => {
  test('undoes toLocal exactly, in every implementation and data format', () => {
    fc.assert(
      fc.property(localCases.filter(agreeing), fc.constantFrom(1, 2, 3), (c, implementation) => {
        const options = { ...c.options, useBias: c.useBias }
        const conv = withRandomWeights(new Conv2D(options), c.inputShape, c.seed)
        const { layer, spread } = toConv(toLocal(conv, { implementation: implementation as 1 | 2 | 3 }))
        layer.getWeights().forEach((weight, i) => {
          const original = conv.getWeights()[i]
          // with padding, a window that nowhere sees all of itself has weights that no place has: they come back as 0
          const kept = original.data.map((value, j) => (weight.data[j] === 0 ? 0 : value))
          expectSameBits(weight.data, c.options.padding === 'same' ? kept : original.data)
        })
        const none = { max: 0, rms: 0, relative: 0 }
        expect(spread).toEqual({ kernel: none, bias: c.useBias ? none : null })
        const x = inputOf([c.batch, ...c.inputShape], c.seed)
        expectSameBits(layer.forward(x).data, conv.forward(x).data)
      }),
      { numRuns: 200, seed: 3 },
    )
  })

  /** Two places of two weights: (1, 5) and (3, 5); biases 0 and 8. */
  const uneven = () => {
    const local = new LocallyConnected1D({ filters: 1, kernelSize: 2, strides: 2 })
    local.build([null, 4, 1])
    local.setWeights([
      [
        [[1], [5]],
        [[3], [5]],
      ],
      [[0], [8]],
    ])
    return local
  }

  test.each([1, 2, 3] as const)('by hand: the mean, and how far the places are from it (%p)', n => {
    const { layer, spread } = toConv(uneven().withImplementation(n))
    expect(layer).toBeInstanceOf(Conv1D)
    expect(layer.getWeights().map(weight => weight.toArray())).toEqual([[[[2]], [[5]]], [4]])
    // distances −1, 0, 1, 0; squares of the weights 1 + 25 + 9 + 25 = 60
    expect(spread.kernel.max).toBe(1)
    expect(spread.kernel.rms).toBeCloseTo(Math.sqrt(2 / 4), 12)
    expect(spread.kernel.relative).toBeCloseTo(Math.sqrt(2 / 60), 12)
    expect(spread.bias).toEqual({ max: 4, rms: 4, relative: Math.sqrt(32 / 64) })
  })

  test('where the mean is 0 the spread is all there is', () => {
    const local = uneven()
    local.setWeights([
      [
        [[1], [-5]],
        [[-1], [5]],
      ],
      [[0], [0]],
    ])
    const { spread } = toConv(local)
    expect(spread.kernel.relative).toBe(1)
    expect(spread.bias).toEqual({ max: 0, rms: 0, relative: 0 })
  })

  test('weights outside the image do not count', () => {
    const local = new LocallyConnected1D({ filters: 1, kernelSize: 3, padding: 'same', useBias: false })
    local.build([null, 2, 1])
    local.setWeights([
      [
        [[99], [1], [2]], // the first place sees nothing on its left,
        [[3], [5], [99]], // the second nothing on its right
      ],
    ])
    const { layer, spread } = toConv(local)
    expect([...layer.getWeights()[0].data]).toEqual([3, 3, 2])
    expect(spread.kernel.max).toBe(2)
    expect(spread.kernel.rms).toBeCloseTo(Math.sqrt((0 + 4 + 4 + 0) / 4), 12)
  })

  test('keeps options, the given name and trainable; the original stays as it is', () => {
    const local = withRandomWeights(
      new LocallyConnected2D({
        filters: 2,
        kernelSize: 3,
        activation: 'softmax',
        name: 'eye',
        trainable: false,
        kernelRegularizer: 'l1',
        biasInitializer: 'ones',
        implementation: 2,
      }),
      [5, 5, 1],
      8,
    )
    const before = local.getWeights()
    const { layer } = toConv(local)
    const { implementation, ...kept } = local.getConfig()
    expect(layer.getConfig()).toEqual({ ...kept, dilationRate: [1, 1], groups: 1 })
    local.getWeights().forEach(({ data }, i) => {
      expectSameBits(data, before[i].data)
    })
  })

  test('refuses what it can’t convert by name', () => {
    const local = new LocallyConnected2D({ filters: 1, kernelSize: 2, padding: 'same' })
    expect(() => toConv(local)).toThrow(StateError)
    local.build([null, 4, 4, 1])
    expect(() => toConv(local)).toThrow(/^layer.padding: .*ZeroPadding2D\({ padding: \[\[1, 0\], \[1, 0\]\] }\)/)
    expect(() => toConv(new Conv2D({ filters: 1, kernelSize: 1 }) as never)).toThrow(
      /^toConv, layer: expected a LocallyConnected1D or LocallyConnected2D/,
    )
  })
})

describe('toDense', () => {
  test('computes the same on flat samples, in every implementation and data format', () => {
    fc.assert(
      fc.property(
        localCases,
        fc.constantFrom(1, 2, 3),
        fc.constantFrom(...activations),
        (c, implementation, activation) => {
          const options = { ...c.options, activation, useBias: c.useBias }
          const local = withRandomWeights(
            new LocallyConnected2D({ ...options, implementation: implementation as 1 | 2 | 3 }),
            c.inputShape,
            c.seed,
          )
          const dense = toDense(local)
          const x = inputOf([c.batch, ...c.inputShape], c.seed)
          const y = local.forward(x)
          const flat = x.reshape([c.batch, sizeOf(c.inputShape)])
          expectSameBits(dense.forward(flat).data, y.data)
          const dy = inputOf(y.shape, 'dy')
          const dx = dense.backward(dy.reshape([c.batch, dense.units]))
          expectClose(dx.data, local.backward(dy).data, 1e-5)
          expectSameBits(dense.gradients().at(-1)?.data as Float32Array, lastGradient(local, dense))
        },
      ),
      { numRuns: 150, seed: 4 },
    )
  })
  /** The bias's where there is one; kernels have other layouts. */
  const lastGradient = (local: LocallyConnected2D, dense: Dense) =>
    local.useBias ? local.gradients()[1].data : dense.gradients()[0].data

  test('by hand: what is not connected is 0', () => {
    const local = new LocallyConnected1D({ filters: 1, kernelSize: 2, useBias: false, name: 'eye' })
    local.build([null, 3, 1])
    local.setWeights([
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ])
    const dense = toDense(local)
    expect(dense.getWeights()[0].toArray()).toEqual([
      [1, 0],
      [2, 3],
      [0, 4],
    ])
    expect([dense.name, dense.useBias, dense.units]).toEqual(['eye', false, 2])
  })

  test('stands between two layers that change the shape', () => {
    const local = withRandomWeights(
      new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'tanh', dataFormat: 'channels_first' }),
      [2, 5, 4],
      5,
    )
    const model = new Sequential([
      new Reshape({ targetShape: [-1], inputShape: [2, 5, 4] }),
      toDense(local),
      new Reshape({ targetShape: [...local.outputShape] }),
    ])
    const x = inputOf([3, 2, 5, 4], 6)
    expectSameBits(model.forward(x).data, local.forward(x).data)
  })

  test('refuses what it can’t convert by name', () => {
    const local = new LocallyConnected2D({ filters: 2, kernelSize: 1, activation: 'softmax' })
    expect(() => toDense(local)).toThrow(/^toDense: the layer locally_connected2d is not built yet/)
    local.build([null, 2, 2, 1])
    expect(() => toDense(local)).toThrow(/^layer.activation: expected an elementwise activation/)
    const huge = new LocallyConnected1D({ filters: 1, kernelSize: 1 })
    huge.build([null, 50_000, 1])
    expect(() => toDense(huge)).toThrow(/a shape of at most 536870912 numbers/)
  })
})
