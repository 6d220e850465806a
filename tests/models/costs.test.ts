import { afterEach, describe, expect, jest, test } from '@jest/globals'
import {
  Adam,
  ArgumentError,
  Conv1D,
  Conv2D,
  Conv2DTranspose,
  Dense,
  DepthwiseConv2D,
  Flatten,
  type Layer,
  LocallyConnected1D,
  LocallyConnected2D,
  MaxPooling2D,
  ReferenceEngine,
  SeparableConv2D,
  Sequential,
  SGD,
  UpSampling2D,
} from 'unshared'
import { arrayBlock } from '../../lib/engine/reference-engine.ts'

afterEach(() => void jest.restoreAllMocks())

/** Counts the numbers that engines give out, and gives none. */
function withoutMemory(): { numbers: number } {
  const taken = { numbers: 0 }
  jest.spyOn(ReferenceEngine.prototype, 'region').mockImplementation(() => ({
    alloc: length => {
      taken.numbers += length
      return arrayBlock(new Float32Array(0))
    },
    release() {},
  }))
  return taken
}

/** The network of Taigman et al. 2014, whose places have weights of their own. */
const deepFace = (): Layer[] => [
  new Conv2D({ filters: 32, kernelSize: 11, activation: 'relu', inputShape: [152, 152, 3] }),
  new MaxPooling2D({ poolSize: 3, strides: 2, padding: 'same' }),
  new Conv2D({ filters: 16, kernelSize: 9, activation: 'relu' }),
  new LocallyConnected2D({ filters: 16, kernelSize: 9, activation: 'relu' }),
  new LocallyConnected2D({ filters: 16, kernelSize: 7, strides: 2, activation: 'relu' }),
  new LocallyConnected2D({ filters: 16, kernelSize: 5, activation: 'relu' }),
  new Flatten(),
  new Dense({ units: 4096, activation: 'relu' }),
  new Dense({ units: 4030, activation: 'softmax' }),
]
const deepFaceWeights = 118_923_774

describe('memoryLimit', () => {
  const engine = 'reference'

  test('refuses a model of the size of DeepFace, with the number and the largest layer, and takes nothing', () => {
    const taken = withoutMemory()
    expect(() => new Sequential(deepFace(), { engine, memoryLimit: 2 ** 28 })).toThrow(
      /^memoryLimit: expected at least \d+ bytes \(\d+\.\d\d MB\) for weights and the outputs of one sample, received 268435456\. The layer locally_connected2d needs most: \d+ bytes \(239\.\d\d MB\)$/,
    )
    expect(taken.numbers).toBe(0)
  })

  test('lets it through where there is room, and refuses to train it where gradients have none', () => {
    const taken = withoutMemory()
    const memoryLimit = 4 * deepFaceWeights * 2
    const model = new Sequential(deepFace(), { engine, memoryLimit, seed: 1 })
    expect(model.countParams()).toBe(deepFaceWeights)
    expect(taken.numbers).toBe(deepFaceWeights)
    expect(() => model.reserve(1, true)).toThrow(/^memoryLimit: expected at least .* for training with batches of 1,/)
    expect(() => model.reserve(10_000, false)).toThrow(/for running batches of 10000, .* The layer conv2d needs most/)
    expect(taken.numbers).toBe(deepFaceWeights)
  })

  const absurd: [string, () => Layer[]][] = [
    ['a dense layer over a picture', () => [new Flatten({ inputShape: [9e5, 9e5, 3] }), new Dense({ units: 1e6 })]],
    [
      'connected weights alone',
      () => [new LocallyConnected2D({ filters: 64, kernelSize: 300, implementation: 3, inputShape: [6e3, 6e3, 3] })],
    ],
    [
      'a picture made larger',
      () => [new UpSampling2D({ size: 1e5, inputShape: [4, 4, 1] }), new UpSampling2D({ size: 1e5 })],
    ],
    ['many units', () => [new Dense({ units: 2 ** 40, inputShape: [2 ** 12] })]],
  ]
  test.each(absurd)('refuses %s, at once', (_name, layers) => {
    const taken = withoutMemory()
    const before = process.memoryUsage().arrayBuffers
    for (const late of [false, true]) {
      const all = layers()
      const make = () => new Sequential(all, { engine, memoryLimit: 2 ** 30 })
      if (!late)
        expect(make).toThrow(/^memoryLimit: expected at least \d+ bytes|expected a shape of at most 536870912 numbers/)
      else {
        const model = new Sequential([], { engine, memoryLimit: 2 ** 30 })
        expect(() => {
          for (const layer of all) model.add(layer)
        }).toThrow(ArgumentError)
      }
    }
    expect(taken.numbers).toBe(0)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26)
  })

  test('is looked at in build, and the layers can be built for what fits', () => {
    const model = new Sequential([new Flatten(), new Dense({ units: 10 })], { memoryLimit: 10_000 })
    expect(() => model.build([null, 30, 30])).toThrow(/^memoryLimit: .* The layer dense needs most/)
    expect(model.built).toBe(false)
    model.build([null, 5, 5])
    expect(model.countParams()).toBe(260)
  })

  test('is looked at before a larger batch, and what was learned stays', async () => {
    const model = new Sequential([new Dense({ units: 2, inputShape: [3] })], { memoryLimit: 400, seed: 1 })
    model.compile({ optimizer: new SGD({ momentum: 0.9 }), loss: 'mse' })
    const rows = (n: number, width: number) => Array.from({ length: n }, () => Array(width).fill(1))
    await model.fit(rows(4, 3), rows(4, 2), { verbose: 0 })
    const before = model.getWeights()
    await expect(model.fit(rows(64, 3), rows(64, 2), { batchSize: 64, verbose: 0 })).rejects.toThrow(
      // 3·8 numbers of weights, gradients, momentum; for each sample 3 in, 2 out, and the gradients of both
      `memoryLimit: expected at least ${4 * (24 + 64 * (3 + 2 + 2 + 3))} bytes (2.59 KB) for training with batches of 64`,
    )
    expect(() => model.predictOnBatch(rows(64, 3))).toThrow(/^memoryLimit/)
    expect(model.getWeights()).toEqual(before)
    await model.fit(rows(4, 3), rows(4, 2), { verbose: 0 })
  })

  test('gives the same weights as no limit', () => {
    const layers = () => [
      new LocallyConnected2D({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1] }),
      new Flatten(),
      new Dense({ units: 3 }),
    ]
    const limited = new Sequential(layers(), { seed: 5, memoryLimit: 1e6 })
    expect(limited.getWeights()).toEqual(new Sequential(layers(), { seed: 5 }).getWeights())
  })

  test.each([0, -1, 1.5, Number.NaN, '1 GB'])('%p is no limit', limit => {
    expect(() => new Sequential([], { memoryLimit: limit as number })).toThrow(/^memoryLimit/)
  })
})

describe('multiply-adds', () => {
  const cases: [Layer, readonly number[], number][] = [
    [new Dense({ units: 5 }), [4, 3], 4 * 3 * 5],
    [new LocallyConnected2D({ filters: 2, kernelSize: [2, 3] }), [5, 5, 3], 4 * 3 * 6 * 3 * 2],
    [new LocallyConnected2D({ filters: 2, kernelSize: 3, implementation: 2 }), [4, 4, 1], 2 * 2 * 9 * 2],
    [new LocallyConnected2D({ filters: 1, kernelSize: 3, padding: 'same' }), [3, 3, 1], 4 * 4 + 4 * 6 + 9],
    [new LocallyConnected1D({ filters: 2, kernelSize: 3 }), [5, 4], 3 * 12 * 2],
    [new Conv1D({ filters: 2, kernelSize: 3 }), [5, 4], 3 * 12 * 2],
    [new Conv2D({ filters: 3, kernelSize: 2, dilationRate: 2 }), [4, 4, 2], 4 * 8 * 3],
    [new Conv2DTranspose({ filters: 3, kernelSize: 2, strides: 2 }), [4, 4, 2], 16 * 2 * 4 * 3],
    [new DepthwiseConv2D({ kernelSize: 2, depthMultiplier: 3 }), [3, 3, 2], 4 * 4 * 2 * 3],
    [new SeparableConv2D({ filters: 5, kernelSize: 2 }), [3, 3, 2], 4 * 4 * 2 + 4 * 2 * 5],
    [new Flatten(), [3, 3], 0],
  ]
  test.each(cases)('of %# are those that forward does', (layer, shape, macs) => {
    layer.build([null, ...shape])
    expect(layer.macs).toBe(macs)
  })
})

test('summary tells costs of each layer and of all', () => {
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 2, kernelSize: 2, activation: 'relu', inputShape: [4, 4, 1] }),
      new Flatten(),
      new Dense({ units: 3, trainable: false }),
    ],
    { name: 'small' },
  )
  model.compile({ optimizer: new Adam({ useEma: true }), loss: 'mse' })
  const lines: string[] = []
  model.summary({ macs: true, print: line => lines.push(line) })
  // local: (4·2 + 2)·9 weights; 18 numbers of z, y, dz and 16 of dx. dense: 57 weights; 3 of z and dz, 18 of dx
  expect(lines.slice(-7)).toEqual([
    'For one sample       Multiply-adds      Weights    Gradients  Optimizer  Activations     Together',
    '_________________________________________________________________________________________________',
    'locally_connected2d             72  360.00 Byte  360.00 Byte    1.05 KB  280.00 Byte      2.03 KB',
    'flatten                          0    0.00 Byte    0.00 Byte  0.00 Byte    0.00 Byte    0.00 Byte',
    'dense                           54  228.00 Byte  228.00 Byte  0.00 Byte   84.00 Byte  540.00 Byte',
    '_________________________________________________________________________________________________',
    'Total                          126  588.00 Byte  588.00 Byte    1.05 KB  364.00 Byte      2.56 KB',
  ])
})
