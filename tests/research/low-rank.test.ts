import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Conv2D, checkGradients, LocalBias, LocallyConnected2D, sizeOf, stream, Tensor } from 'unshared'
import { LowRankLocallyConnected2D, type LowRankLocallyConnected2DOptions } from 'unshared/research'
import { convolutionGeometry } from '../../lib/core/geometry.ts'
import { expectSameBits } from '../support/bits.ts'
import { type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

const checked = { seed: 1, numRuns: runs(60) }
const numbers = (shape: readonly number[], seed: number) =>
  new Tensor(shape, randomNumbers(sizeOf(shape), stream(seed, 'low rank')))

/** Options apart from those of a case: the rank, what is shared, how weights are normalized, which biases there are. */
const mixtures = fc.record({
  spatialRank: fc.integer({ min: 1, max: 4 }),
  shareRowCombiningWeights: fc.boolean(),
  shareColCombiningWeights: fc.boolean(),
  normalizeWeights: fc.constantFrom('softmax' as const, 'norm' as const, null),
  useSpatialBias: fc.boolean(),
})
type Mixture = Partial<LowRankLocallyConnected2DOptions> & { readonly spatialRank: number }

function lowRank({ options, inputShape, useBias, seed }: LocalCase, mixture: Mixture): LowRankLocallyConnected2D {
  const layer = new LowRankLocallyConnected2D({ ...options, useBias, ...mixture })
  layer.build([null, ...inputShape])
  layer.setWeights(layer.parameters.map(({ shape }, i) => numbers(shape, seed + i)))
  return layer
}

/** Without padding, or with padding that places the windows of a locally connected layer at the same inputs. */
const valid = localCases.filter(c => c.options.padding === 'valid')

describe('on random sizes', () => {
  test('is the locally connected layer whose kernels are the combinations', () => {
    const property = (c: LocalCase, mixture: Mixture) => {
      const layer = lowRank(c, mixture)
      const x = numbers([c.batch, ...c.inputShape], c.seed + 10)
      const local = layer.toLocal()
      expect(local).toBeInstanceOf(LocallyConnected2D)
      const [y, expected] = [layer.forward(x), local.forward(x)]
      expect(y.shape).toEqual(expected.shape)
      expectClose(y.data, expected.data, 2e-6, 'y')
      const dy = numbers(y.shape, c.seed + 11)
      expectClose(layer.backward(dy).data, local.backward(dy).data, 5e-6, 'dx')
    }
    fc.assert(fc.property(valid, mixtures, property), checked)
  })

  test('rank 1 is a convolution with a bias for each place, bit for bit', () => {
    const property = (c: LocalCase, kind: 'softmax' | 'norm') => {
      const layer = lowRank({ ...c, useBias: false }, { spatialRank: 1, normalizeWeights: kind })
      const conv = new Conv2D({ ...c.options, useBias: false })
      conv.build([null, ...c.inputShape])
      if (kind === 'norm')
        // 1, not −1
        for (const { name, value } of layer.parameters) if (/^combining/.test(name)) value.fill(0.25)
      const [bases, , , row, col] = layer.getWeights()
      conv.setWeights([bases])
      const z = conv.forward(numbers([c.batch, ...c.inputShape], c.seed))
      const bias = new LocalBias()
      bias.build(z.shape)
      const isFirst = c.options.dataFormat === 'channels_first'
      const shape = z.shape.slice(1)
      const [rows, cols, strides] = isFirst
        ? [shape[1], shape[2], [shape[1] * shape[2], shape[2], 1]]
        : [shape[0], shape[1], []]
      expect([row.size, col.size]).toEqual([rows, cols])
      const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
        const place = isFirst ? i % strides[0] : Math.floor(i / shape[2])
        return row.data[Math.floor(place / cols)] + col.data[place % cols]
      })
      bias.setWeights([new Tensor(shape, values)])
      const y = layer.forward(numbers([c.batch, ...c.inputShape], c.seed))
      expectSameBits(y.data, bias.forward(z).data, 'y')
      const dy = numbers(y.shape, c.seed + 1)
      expectSameBits(layer.backward(dy).data, conv.backward(bias.backward(dy)).data, 'dx')
      expectSameBits(layer.gradients()[0].data, conv.gradients()[0].data, 'dkernel')
    }
    fc.assert(fc.property(localCases, fc.constantFrom('softmax', 'norm'), property), checked)
  })

  test('at the start all places have one kernel', () => {
    const property = (c: LocalCase, mixture: Mixture) => {
      const { spatialRank: R, normalizeWeights } = mixture
      const layer = new LowRankLocallyConnected2D({ ...c.options, useBias: c.useBias, ...mixture })
      layer.build([null, ...c.inputShape])
      const bases = layer.getWeights()[0]
      const weight = normalizeWeights === 'softmax' ? 1 / R : 1 / Math.sqrt(R)
      const conv = new Conv2D({ ...c.options, useBias: false })
      conv.build([null, ...c.inputShape])
      const F = c.options.filters
      const mixed = Float32Array.from({ length: bases.size / R }, (_, i) => {
        const [k, f] = [Math.floor(i / F), i % F]
        let sum = 0
        for (let r = 0; r < R; r++) sum += weight * bases.data[(k * R + r) * F + f]
        return sum
      })
      conv.setWeights([new Tensor([...c.options.kernelSize, bases.shape[2], F], mixed)])
      const x = numbers([c.batch, ...c.inputShape], c.seed)
      expectClose(layer.forward(x).data, conv.forward(x).data, 2e-6, 'y')
    }
    fc.assert(fc.property(localCases, mixtures, property), checked)
  })

  test('has as many weights as the paper says, and counts both steps', () => {
    const property = (c: LocalCase, spatialRank: number) => {
      const layer = lowRank({ ...c, useBias: true }, { spatialRank })
      const { filters: F } = c.options
      const g = convolutionGeometry([null, ...c.inputShape], { ...c.options, dilationRate: [1, 1] })
      expect(layer.countParams()).toBe(g.K * spatialRank * F + (g.OH + g.OW) * (spatialRank + 1) + F)
      if (c.options.padding === 'valid') expect(layer.macs).toBe(g.P * spatialRank * F * (g.K + 1))
    }
    fc.assert(fc.property(localCases, fc.integer({ min: 1, max: 4 }), property), checked)
  })
})

test('a rank as large as the number of places holds every locally connected layer', () => {
  const local = new LocallyConnected2D({ filters: 2, kernelSize: 2, biasInitializer: 'normal' })
  local.build([null, 3, 4, 2])
  const [kernel] = local.getWeights() // [6, 8, 2]
  const options = { shareRowCombiningWeights: false, shareColCombiningWeights: false, normalizeWeights: null } as const
  const layer = new LowRankLocallyConnected2D({ spatialRank: 6, filters: 2, kernelSize: 2, useBias: false, ...options })
  layer.build([null, 3, 4, 2])
  const bases = Float32Array.from({ length: 96 }, (_, i) => {
    const [k, r, f] = [Math.floor(i / 12), Math.floor(i / 2) % 6, i % 2]
    return kernel.data[(r * 8 + k) * 2 + f]
  })
  const one = Float32Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0))
  layer.setWeights([new Tensor([2, 2, 2, 12], bases), new Tensor([2, 3, 6], one), Tensor.zeros([2, 3, 1])])
  const copy = layer.toLocal()
  expectSameBits(copy.getWeights()[0].data, kernel.data)
})

test('one row, two bases, by hand', () => {
  const options = { shareRowCombiningWeights: false, normalizeWeights: null } as const
  const layer = new LowRankLocallyConnected2D({ spatialRank: 2, filters: 1, kernelSize: 1, ...options })
  layer.build([null, 1, 2, 1])
  expect(layer.parameters.map(({ name }) => name)).toEqual([
    'kernel_bases',
    'combining_weights_col',
    'bias_col',
    'bias_channels',
  ])
  const weights = [Tensor.from([3, 5], [1, 1, 1, 2]), Tensor.from([1, 2, 10, 20], [2, 2])]
  layer.setWeights([...weights, Tensor.from([100, 200], [1, 2, 1]), Tensor.from([0.5], [1, 1, 1])])
  const y = layer.forward(Tensor.from([1, 2], [1, 1, 2, 1]))
  expect([...y.data]).toEqual([3 + 10 + 100.5, 2 * (30 + 100) + 200.5])
  expect([...layer.backward(Tensor.from([1, 1], [1, 1, 2, 1])).data]).toEqual([13, 130])
  expect(layer.gradients().map(({ data }) => [...data])).toEqual([[21, 42], [3, 5, 6, 10], [1, 1], [2]])
})

test.each(['softmax', 'norm', null] as const)('gradients in training, with penalties: %s', normalizeWeights => {
  const layer = new LowRankLocallyConnected2D({
    ...{ spatialRank: 3, filters: 2, kernelSize: 2, activation: 'tanh', normalizeWeights },
    ...{ combiningWeightsRegularizer: 'l2', kernelRegularizer: 'l2', combiningWeightsInitializer: 'normal' },
  })
  const report = checkGradients(layer, { inputShape: [3, 4, 2], training: true })
  if (!report.passed) throw new Error(String(report))
})

test('toLocal refuses padding that places the windows of a locally connected layer elsewhere', () => {
  const options = { spatialRank: 2, filters: 1, kernelSize: 3, strides: 2, padding: 'same' } as const
  const layer = new LowRankLocallyConnected2D(options)
  expect(() => layer.toLocal()).toThrow(/not built yet/)
  layer.build([null, 6, 6, 1])
  expect(() => layer.toLocal()).toThrow(/^padding: expected 'valid' for this size .* pad before the layer/)
  const odd = new LowRankLocallyConnected2D(options)
  const x = numbers([1, 5, 5, 1], 1)
  expectClose(odd.forward(x).data, odd.toLocal().forward(x).data, 1e-6)
})

test.each([
  [{ spatialRank: 0 }, /^spatialRank: expected a positive integer/],
  [{ spatialRank: undefined }, /^spatialRank: expected a positive integer/],
  [{ normalizeWeights: 'sum' }, /^normalizeWeights: expected one of "softmax", "norm"/],
  [{ combiningWeightsInitializer: 'conv_init' }, /^combiningWeightsInitializer: expected one of/],
  [{ shareRowCombiningWeights: 1 }, /^shareRowCombiningWeights: expected true or false/],
  [{ dilationRate: 2 }, /^LowRankLocallyConnected2D, option: expected one of/],
])('refuses %j', (wrong, message) => {
  expect(() => new LowRankLocallyConnected2D({ spatialRank: 1, filters: 1, kernelSize: 1, ...wrong } as never)).toThrow(
    message,
  )
})
