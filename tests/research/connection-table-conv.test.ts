import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Activation, Conv2D, Dense, Flatten, type Layer, LocalBias, Sequential, sizeOf, stream, Tensor } from 'unshared'
import { ConnectionTableConv2D, ConstantPadding2D, scaledTanh } from 'unshared/research'
import { expectSameBits } from '../support/bits.ts'
import { type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

const checked = { seed: 1, numRuns: runs(60) }
const numbers = (shape: readonly number[], seed: number) =>
  new Tensor(shape, randomNumbers(sizeOf(shape), stream(seed, 'table')))

const channelsOf = ({ inputShape, options }: LocalCase) => inputShape[options.dataFormat === 'channels_first' ? 0 : 2]
const upTo = (n: number) => [...Array(n).keys()]

/** Without the number of filters, which the table tells. */
const optionsOf = ({ options: { filters, ...options }, useBias }: LocalCase) => ({ ...options, useBias })

function run(layer: Layer, x: Tensor, seed: number) {
  const y = layer.forward(x)
  const dx = layer.backward(numbers(y.shape, seed))
  return [y, dx, ...layer.gradients()].map(({ data }) => data)
}

describe('on random sizes', () => {
  test('with all channels for every filter it is Conv2D, bit for bit, with the same numbers as weights', () => {
    const property = (c: LocalCase) => {
      const table = upTo(c.options.filters).map(() => upTo(channelsOf(c)).reverse())
      const layer = new ConnectionTableConv2D({ table, ...optionsOf(c) })
      const conv = new Conv2D({ ...c.options, useBias: c.useBias })
      for (const each of [layer, conv]) {
        each.build([null, ...c.inputShape])
        each.setWeights(each.parameters.map(({ shape }, i) => numbers(shape, c.seed + i)))
      }
      expect(layer.macs).toBe(conv.macs)
      const x = numbers([c.batch, ...c.inputShape], c.seed + 5)
      const expected = run(conv, x, c.seed + 6)
      run(layer, x, c.seed + 6).forEach((found, i) => {
        expectSameBits(found, expected[i], `result ${i}`)
      })
    }
    fc.assert(fc.property(localCases, property), checked)
  })

  test('a table leaves weights out: it is Conv2D with zeros there', () => {
    const property = (c: LocalCase, chosen: readonly boolean[]) => {
      const [C, F] = [channelsOf(c), c.options.filters]
      const has = (ch: number, f: number) => ch === f % C || chosen[(ch * F + f) % chosen.length]
      const table = upTo(F).map(f => upTo(C).filter(ch => has(ch, f)))
      const layer = new ConnectionTableConv2D({ table, ...optionsOf(c) })
      const conv = new Conv2D({ ...c.options, useBias: c.useBias })
      layer.build([null, ...c.inputShape])
      conv.build([null, ...c.inputShape])
      const weights = conv.parameters.map(({ shape }, i) => numbers(shape, c.seed + i))
      const kept = (data: Float32Array) => data.filter((_, i) => has(Math.floor(i / F) % C, i % F))
      const kernel = weights[0].data.map((v, i) => (has(Math.floor(i / F) % C, i % F) ? v : 0))
      conv.setWeights([new Tensor(weights[0].shape, kernel), ...weights.slice(1)])
      layer.setWeights([new Tensor(layer.parameters[0].shape, kept(kernel)), ...weights.slice(1)])
      expect(layer.countParams()).toBe(kept(kernel).length + (c.useBias ? F : 0))
      const x = numbers([c.batch, ...c.inputShape], c.seed + 5)
      const [y, dx, dkernel, dbias] = run(conv, x, c.seed + 6)
      const expected = [y, dx, kept(dkernel), ...(c.useBias ? [dbias] : [])]
      run(layer, x, c.seed + 6).forEach((found, i) => {
        expectClose(found, expected[i], 1e-6, `result ${i}`)
      })
    }
    fc.assert(fc.property(localCases, fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), property), checked)
  })
})

test('a channel that a filter does not read cannot reach it', () => {
  const layer = new ConnectionTableConv2D({ table: [[0], [1]], kernelSize: 1, kernelInitializer: 'ones' })
  const y = layer.forward(Tensor.from([2, Number.POSITIVE_INFINITY], [1, 1, 1, 2]))
  expect([...y.data]).toEqual([2, Number.POSITIVE_INFINITY])
  expect([...layer.backward(Tensor.from([3, 5], [1, 1, 1, 2])).data]).toEqual([3, 5])
})

test('channels that no filter reads have the gradient 0', () => {
  const layer = new ConnectionTableConv2D({ table: [[1]], kernelSize: 1, kernelInitializer: 'ones' })
  expect([...layer.forward(Tensor.from([1, 2, 3], [1, 1, 1, 3])).data]).toEqual([2])
  expect([...layer.backward(Tensor.from([7], [1, 1, 1, 1])).data]).toEqual([0, 7, 0])
  expect(() => layer.forward(Tensor.zeros([1, 1, 1, 2]))).toThrow(/samples of shape \[1, 1, 3\]/)
})

test('an initializer sees each filter as a convolution over its channels', () => {
  const table = [upTo(40), [0]]
  const layer = new ConnectionTableConv2D({ table, kernelSize: 5, kernelInitializer: 'he_uniform' })
  layer.build([null, 5, 5, 40])
  const { value } = layer.parameters[0] // links: (0, 0), (0, 1), (1, 0), (2, 0) …
  const of = (isOne: boolean) => value.filter((_, i) => (i % 41 === 1) === isOne).map(Math.abs)
  for (const [weights, channels] of [
    [of(false), 40],
    [of(true), 1],
  ] as const) {
    const limit = Math.sqrt(6 / (25 * channels))
    expect(Math.max(...weights)).toBeLessThanOrEqual(limit)
    expect(Math.max(...weights)).toBeGreaterThan(0.8 * limit)
  }
  const seeded = { className: 'GlorotNormal', config: { seed: 1 } }
  const two = new ConnectionTableConv2D({ table: [[0], [0]], kernelSize: 3, kernelInitializer: seeded })
  two.build([null, 3, 3, 1])
  expect(new Set(two.parameters[0].value).size).toBe(18)
})

test.each([
  [undefined],
  [null],
  [[]],
  [[[]]],
  [[[0], []]],
  [[[0, 0]]],
  [[[0, -1]]],
  [[[0.5]]],
  [[0, 1]],
  ['0'],
  [Array(2)],
  [[['0']]],
])('refuses the table %j', table => {
  const make = () => new ConnectionTableConv2D({ table: table as never, kernelSize: 1 })
  expect(make).toThrow(/^table: expected for each filter, a list of different channels, counted from 0/)
})

test('refuses channels that the input does not have, and options of Conv2D that have no meaning here', () => {
  const layer = new ConnectionTableConv2D({ table: [[0], [3]], kernelSize: 1 })
  expect(() => layer.build([null, 4, 4, 3])).toThrow(/^table: expected channels of the input, from 0 to 2/)
  for (const option of [{ filters: 2 }, { groups: 1 }])
    expect(() => new ConnectionTableConv2D({ table: [[0]], kernelSize: 1, ...option } as never)).toThrow(
      /^ConnectionTableConv2D, option: expected one of/,
    )
  const wrong = { strides: 2, dilationRate: 2 }
  expect(() => new ConnectionTableConv2D({ table: [[0]], kernelSize: 2, ...wrong })).toThrow(
    /^strides: expected 1 where/,
  )
})

describe('the network of 1989 for zip codes', () => {
  const to = (start: number) => upTo(8).map(i => (start + i) % 12)
  const table = [...Array(4).fill(to(0)), ...Array(4).fill(to(4)), ...Array(4).fill(to(8))]
  const shared = { kernelSize: 5, strides: 2, useBias: false, dataFormat: 'channels_last' } as const
  const activation = scaledTanh
  const layersOf = () => [
    new ConstantPadding2D({ padding: 2, value: -1, inputShape: [16, 16, 1] }),
    new Conv2D({ filters: 12, ...shared }),
    new LocalBias(),
    new Activation({ activation }),
    new ConstantPadding2D({ padding: 2, value: -1 }),
    new ConnectionTableConv2D({ table, ...shared }),
    new LocalBias(),
    new Activation({ activation }),
    new Flatten(),
    new Dense({ units: 30, activation }),
    new Dense({ units: 10, activation }),
  ]

  test('has the printed numbers of weights and connections, layer by layer', () => {
    const list = layersOf()
    const model = new Sequential(list, { seed: 1 })
    const counts = list.map(layer => layer.countParams())
    expect(counts).toEqual([0, 300, 768, 0, 0, 2400, 192, 0, 0, 5790, 310])
    expect(model.countParams()).toBe(9760)
    const lines: string[] = []
    model.summary({ print: line => lines.push(line) })
    expect(lines.join('\n')).toMatch(/Total params: 9760 .*\nTrainable params: 9760 /)
    const biases = 12 * 64 + 12 * 16 + 30 + 10 // units: one connection each
    expect(list.map(layer => layer.macs).filter(Boolean)).toEqual([768 * 25, 192 * 200, 192 * 30, 300])
    expect(list.reduce((sum, layer) => sum + layer.macs, biases)).toBe(64_660)
  })

  test('learns', async () => {
    const model = new Sequential(layersOf(), { seed: 1 })
    model.compile({ optimizer: { className: 'SGD', config: { learningRate: 0.03 } }, loss: 'mse' })
    const x = numbers([20, 16, 16, 1], 3)
    const y = Tensor.from(upTo(20).map(i => upTo(10).map(k => (k === i % 10 ? 1 : -1))))
    const { history } = await model.fit(x, y, { epochs: 20, batchSize: 1, verbose: 0 })
    expect(history.loss[19]).toBeLessThan(history.loss[0] / 3)
  })
})
