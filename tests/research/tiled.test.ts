import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Conv2D, type Layer, LocallyConnected2D, stream, Tensor } from 'unshared'
import { TiledLocallyConnected2D, type TiledLocallyConnected2DOptions } from 'unshared/research'
import { expectSameBits } from '../support/bits.ts'
import { geometryOf, type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

const valid = localCases.filter(c => c.options.padding === 'valid')
const checked = { seed: 1, numRuns: runs(60) }

const optionsOf = ({ options: { padding, ...options }, useBias }: LocalCase) => ({ ...options, useBias })

const tiled = (c: LocalCase, tile: number | [number, number]) => {
  const layer = new TiledLocallyConnected2D({ tile, ...optionsOf(c) })
  layer.build([null, ...c.inputShape])
  return layer
}

const numbers = (shape: readonly number[], seed: string | number) =>
  new Tensor(
    shape,
    randomNumbers(
      shape.reduce((a, b) => a * b, 1),
      stream(seed, 'tiled'),
    ),
  )

/** Output, input gradient and weight gradients of the layer with these weights, at random inputs of the case. */
function run(layer: Layer, c: LocalCase, weights: readonly Float32Array[]) {
  layer.build([null, ...c.inputShape])
  layer.setWeights(layer.parameters.map(({ shape }, i) => new Tensor(shape, weights[i])))
  const y = layer.forward(numbers([c.batch, ...c.inputShape], c.seed))
  const dx = layer.backward(numbers(y.shape, c.seed + 1))
  return { y: y.data, dx: dx.data, gradients: layer.gradients().map(({ data }) => data) }
}

const weightsOf = (layer: Layer, seed: number) =>
  layer.parameters.map(({ size }, i) => randomNumbers(size, stream(seed, `weights ${i}`)))

function expectSame(found: ReturnType<typeof run>, expected: ReturnType<typeof run>) {
  expectSameBits(found.y, expected.y, 'y')
  expectSameBits(found.dx, expected.dx, 'dx')
  found.gradients.forEach((gradient, i) => {
    expectSameBits(gradient, expected.gradients[i], `gradient ${i}`)
  })
}

describe('on random sizes', () => {
  test('tile 1 is a convolution, bit for bit, forward and backward', () => {
    const property = (c: LocalCase) => {
      const layer = tiled(c, 1)
      const weights = weightsOf(layer, c.seed)
      expectSame(run(layer, c, weights), run(new Conv2D(optionsOf(c)), c, weights))
    }
    fc.assert(
      fc.property(
        valid.filter(c => c.options.dataFormat === 'channels_last'),
        property,
      ),
      checked,
    )
  })

  test('a tile as large as the output is a locally connected layer, bit for bit, in both data formats', () => {
    const property = (c: LocalCase, more: number) => {
      const { OH, OW } = geometryOf(c)
      const layer = tiled(c, [OH + more, OW])
      const local = new LocallyConnected2D(optionsOf(c))
      local.build([null, ...c.inputShape])
      expect(layer.parameters.map(({ name, shape }) => [name, shape])).toEqual(
        local.parameters.map(({ name, shape }) => [name, shape]),
      )
      const weights = weightsOf(layer, c.seed)
      expectSame(run(layer, c, weights), run(local, c, weights))
    }
    fc.assert(fc.property(valid, fc.nat(2), property), checked)
  })

  test('every tile is a locally connected layer with copies; its gradients are sums over them', () => {
    const property = (c: LocalCase, tile: [number, number]) => {
      const layer = tiled(c, tile)
      const found = run(layer, c, weightsOf(layer, c.seed))
      const local = layer.toLocal()
      const expected = run(
        local,
        c,
        local.parameters.map(({ value }) => value.slice()),
      )
      expectSameBits(found.y, expected.y, 'y')
      expectSameBits(found.dx, expected.dx, 'dx')
      const { OH, OW, P, K, F, outputPlace, outputFilter } = geometryOf(c)
      const [rows, cols] = [Math.min(OH, tile[0]), Math.min(OW, tile[1])]
      const kernel = new Float64Array(rows * cols * K * F)
      const bias = new Float64Array(rows * cols * F)
      for (let p = 0; p < P; p++) {
        const n = (Math.floor(p / OW) % rows) * cols + ((p % OW) % cols)
        for (let i = 0; i < K * F; i++) kernel[n * K * F + i] += expected.gradients[0][p * K * F + i]
        for (let f = 0; f < F && c.useBias; f++)
          bias[outputPlace === 1 ? f * rows * cols + n : n * F + f] +=
            expected.gradients[1][p * outputPlace + f * outputFilter]
      }
      expectClose(found.gradients[0], kernel, 1e-5, 'kernel')
      if (c.useBias) expectClose(found.gradients[1], bias, 1e-5, 'bias')
    }
    fc.assert(
      fc.property(valid, fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })), property),
      checked,
    )
  })
})

test('by hand: two kernels take turns along a row', () => {
  const layer = new TiledLocallyConnected2D({ tile: [1, 2], filters: 1, kernelSize: 1 })
  layer.build([null, 1, 5, 1])
  layer.setWeights([Tensor.from([10, 100], [2, 1, 1]), Tensor.from([1, 2], [1, 2, 1])])
  const y = layer.forward(Tensor.from([1, 2, 3, 4, 5], [1, 1, 5, 1]))
  expect([...y.data]).toEqual([11, 202, 31, 402, 51])
  const dx = layer.backward(Tensor.from([1, 1, 2, 2, 4], [1, 1, 5, 1]))
  expect([...dx.data]).toEqual([10, 100, 20, 200, 40])
  expect(layer.gradients().map(({ data }) => [...data])).toEqual([
    [1 + 6 + 20, 2 + 8],
    [1 + 2 + 4, 1 + 2],
  ])
})

test('the layer takes images of other sizes, if they use the same kernels', () => {
  const layer = new TiledLocallyConnected2D({ tile: 2, filters: 1, kernelSize: 2 })
  layer.build([null, 6, 6, 1])
  expect(layer.forward(Tensor.zeros([1, 4, 9, 1])).shape).toEqual([1, 3, 8, 1])
  expect(() => layer.forward(Tensor.zeros([1, 2, 9, 1]))).toThrow(/samples of shape \[6, 6, 1\]/)
})

test('toLocal keeps what makes the same output, and a given name', () => {
  const options = { filters: 2, kernelSize: 2, activation: 'tanh', activityRegularizer: 'l2' } as const
  const layer = new TiledLocallyConnected2D({ tile: 2, name: 'mine', kernelRegularizer: 'l2', ...options })
  expect(() => layer.toLocal()).toThrow(/not built yet/)
  layer.build([null, 4, 4, 1])
  const local = layer.toLocal()
  expect(local.getConfig()).toMatchObject({ name: 'mine', activation: 'tanh', kernelRegularizer: null })
  expect(local.activityRegularizer?.className).toBe('L2')
  expect(new TiledLocallyConnected2D({ tile: 1, filters: 1, kernelSize: 1, inputShape: [1, 1, 1] }).isNamed).toBe(false)
})

test.each<[Partial<TiledLocallyConnected2DOptions> | { padding: string }, RegExp]>([
  [{ tile: 0 }, /^tile: expected an integer of at least 1, or two of them/],
  [{ tile: [1, 2, 3] as never }, /^tile: expected/],
  [{ tile: undefined as never }, /^tile: expected/],
  [{ tile: null as never }, /^tile: expected/],
  [{ padding: 'same' }, /^padding: expected 'valid'/],
  [{ kernelSize: 1.5 }, /^kernelSize: expected/],
  [{ implementation: 2 } as never, /^TiledLocallyConnected2D, option: expected one of/],
])('refuses %j', (wrong, message) => {
  expect(() => new TiledLocallyConnected2D({ tile: 1, filters: 1, kernelSize: 1, ...wrong } as never)).toThrow(message)
})

test.each([
  [[null, 4, 4], /^inputShape: expected \[batch, rows, columns, channels\], all but the batch known and positive/],
  [[null, 4, null, 1], /^inputShape: expected .* Places have weights of their own, so the size must be known/],
  [[null, 2, 4, 1], /^kernelSize: expected at most the input's 2 x 4/],
])('cannot be built for %j', (shape, message) => {
  const layer = new TiledLocallyConnected2D({ tile: 2, filters: 1, kernelSize: 3, dataFormat: 'channels_last' })
  expect(() => layer.computeOutputShape(shape)).toThrow(message)
})
