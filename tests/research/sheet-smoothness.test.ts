import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  checkGradients,
  Dense,
  Flatten,
  LocallyConnected1D,
  LocallyConnected2D,
  type LocallyConnected2DOptions,
  layers,
  type Parameter,
  Sequential,
  SGD,
  Tensor,
} from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'
import { Feedback, SheetSmoothness } from 'unshared/research'
import { stream } from '../../lib/core/random.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import { sheetOf, unitAt } from '../../lib/research/sheet.ts'
import { expectSameBits } from '../support/bits.ts'
import { localCases, localInputs, randomNumbers, randomTensor } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const implementations = [1, 2, 3] as const
type Options = Required<
  Pick<LocallyConnected2DOptions, 'filters' | 'kernelSize' | 'strides' | 'padding' | 'dataFormat'>
>
type Golden = Options & {
  readonly inputShape: number[]
  readonly kernel: number[]
  readonly bias: number[] | null
  readonly circular: boolean
  readonly sheetLoss: number
  readonly sheetGradient: { readonly kernel: number[]; readonly bias: number[] | null }
}
const goldens: Golden[] = JSON.parse(readFileSync('tests/research/tool-goldens.json', 'utf8')).cases

/** A column of units with one weight each, and a bias if biases are given. */
function column(weights: number[], biases: number[] | null = null, more = {}) {
  const inner = new LocallyConnected1D({ filters: 1, kernelSize: 1, useBias: biases !== null })
  const layer = new SheetSmoothness({ layer: inner, circular: false, ...more })
  layer.build([null, weights.length, 1])
  const bias = biases ? [Tensor.from(biases, [biases.length, 1])] : []
  layer.setWeights([Tensor.from(weights, [weights.length, 1, 1]), ...bias])
  return layer
}

const lossOf = ({ alpha, similarity }: SheetSmoothness) => (alpha * (1 - similarity)) / 2

const gradientOf = ({ regularizer, value, size, shape }: Parameter, scale = 1) => {
  const dw = new Float32Array(size)
  regularizer?.addGradient(dw, value, scale, size, shape)
  return dw
}

describe('by hand', () => {
  test.each([
    ['parallel vectors', [1, 2, 0.5], null, 0],
    ['opposite vectors', [1, -2, 0.5], null, 1],
    ['orthogonal vectors of weight and bias', [1, 0], [0, 3], 0.5],
    ['45 degrees', [1, 1], [0, 1], (1 - Math.SQRT1_2) / 2],
    ['vectors of 0', [0, 0], [0, 0], 0.5],
  ])('%s', (_what, weights, biases, expected) => {
    expect(lossOf(column(weights, biases))).toBeCloseTo(expected, 12)
    expect(lossOf(column(weights, biases, { alpha: 8 }))).toBeCloseTo(8 * expected, 11)
  })

  test('circular joins the ends: cosines 1, −1 and, around, −1', () => {
    expect(lossOf(column([1, 2, -1]))).toBeCloseTo(0.5, 12)
    expect(lossOf(column([1, 2, -1], null, { circular: true }))).toBeCloseTo((1 + 1 / 3) / 2, 12)
  })

  test('the filters of a place are a block of the sheet', () => {
    const sheet = sheetOf({ OH: 2, OW: 3, F: 4 }, true)
    expect(sheet).toMatchObject({ rows: 4, columns: 6, unitRows: 2, unitColumns: 2 })
    expect([0, 1, 2, 3].map(f => unitAt(sheet, 3, 4, f))).toEqual([2 * 6 + 2, 2 * 6 + 3, 3 * 6 + 2, 3 * 6 + 3])
    expect(sheetOf({ OH: 1, OW: 1, F: 12 }, true)).toMatchObject({ unitRows: 3, unitColumns: 4 })
    expect(sheetOf({ OH: 1, OW: 1, F: 7 }, true)).toMatchObject({ unitRows: 1, unitColumns: 7 })
  })

  test('the gradient stops where a norm is 0, and is no NaN', () => {
    const layer = column([0, 1], [0, 1])
    expect([...gradientOf(layer.parameters[0])].every(Number.isFinite)).toBe(true)
    expect(lossOf(column([Number.NaN, 1]))).toBeNaN()
  })
})

describe.each(goldens.map((golden, i) => [i, golden] as const))('as NumPy computes it, case %i', (_i, golden) => {
  const { filters, kernelSize, strides, padding, dataFormat, inputShape, circular } = golden
  test.each(implementations)('implementation %i', implementation => {
    const options = { filters, kernelSize, strides, padding, dataFormat, implementation }
    const inner = new LocallyConnected2D({ ...options, useBias: golden.bias !== null })
    const layer = new SheetSmoothness({ layer: inner, circular, alpha: 3 })
    layer.build([null, ...inputShape])
    const g = inner.geometryOf([null, ...inputShape])
    const [kernel, bias] = layer.parameters
    convertLocalKernel(kernel.value, implementation, Float32Array.from(golden.kernel), 1, g)
    const { outputPlace, outputFilter, F } = g
    const biasAt = (i: number) => Math.floor(i / F) * outputPlace + (i % F) * outputFilter
    golden.bias?.forEach((b, i) => {
      bias.value[biasAt(i)] = b
    })
    expect(lossOf(layer)).toBeCloseTo(3 * golden.sheetLoss, 12)
    const penalties = layer.parameters.map(p => p.regularizer?.penalty(p.value, p.size, p.shape))
    expect(penalties).toEqual(bias ? [lossOf(layer), 0] : [lossOf(layer)])
    const found = new Float32Array(golden.kernel.length)
    convertLocalKernel(found, 1, gradientOf(kernel, 2), implementation, g)
    golden.sheetGradient.kernel.forEach((slope, i) => {
      expect(found[i]).toBeCloseTo(6 * slope, 6)
    })
    golden.sheetGradient.bias?.forEach((slope, i) => {
      expect(gradientOf(bias, 2)[biasAt(i)]).toBeCloseTo(6 * slope, 6)
    })
  })
})

test('random sizes: all implementations have the same bits, and the slope along a direction is the gradient', () => {
  fc.assert(
    fc.property(localCases, fc.boolean(), (c, circular) => {
      const { g, kernels, bias } = localInputs(c)
      if (g.P * g.F === 1) return
      const found = implementations.map(implementation => {
        const inner = new LocallyConnected2D({ ...c.options, implementation, useBias: bias !== null })
        const layer = new SheetSmoothness({ layer: inner, circular })
        layer.build([null, ...c.inputShape])
        layer.parameters[0].value.set(kernels[implementation])
        if (bias) layer.parameters[1].value.set(bias)
        const dense = new Float32Array(kernels[1].length)
        convertLocalKernel(dense, 1, gradientOf(layer.parameters[0]), implementation, g)
        return { layer, loss: lossOf(layer), kernel: dense, bias: bias && gradientOf(layer.parameters[1]) }
      })
      for (const { loss, kernel, bias } of found.slice(1)) {
        expect(loss).toBe(found[0].loss)
        expectSameBits(kernel, found[0].kernel)
        if (bias && found[0].bias) expectSameBits(bias, found[0].bias)
      }
      const { layer } = found[2]
      for (const parameter of layer.parameters) {
        const gradient = gradientOf(parameter)
        const [kept, direction] = [parameter.value.slice(), randomNumbers(parameter.size, stream(c.seed, 'direction'))]
        const at = (step: number) => {
          parameter.value.forEach((_, i) => {
            parameter.value[i] = kept[i] + step * direction[i]
          })
          return { loss: lossOf(layer), w: parameter.value.slice() }
        }
        const [low, high] = [at(-1e-3), at(1e-3)]
        parameter.value.set(kept)
        const slope = gradient.reduce((sum, v, i) => sum + (v * (high.w[i] - low.w[i])) / 2e-3, 0)
        const size = Math.sqrt(gradient.reduce((sum, v) => sum + v * v, 0) * parameter.size)
        expect(Math.abs((high.loss - low.loss) / 2e-3 - slope)).toBeLessThan(1e-3 * size + 1e-6)
      }
    }),
    { numRuns: runs(60), seed: 21 },
  )
})

// ---- In models --------------------------------------------------------------------------------------------------

const x = randomTensor('x', 12, 5, 5, 1)
const y = randomTensor('y', 12, 2)
const local = (more = {}) => new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'tanh', ...more })
const makeModel = (first: LocallyConnected2D | SheetSmoothness, engine: 'simd' | 'reference' = 'simd') => {
  const model = new Sequential([first, new Flatten(), new Dense({ units: 2 })], { seed: 5, engine })
  model.build([null, 5, 5, 1])
  model.compile({ optimizer: new SGD({ learningRate: 0.5 }), loss: 'mse' })
  return model
}
const sheet = (more = {}) => new SheetSmoothness({ layer: local(), alpha: 2, ...more })

test('computes what the layer inside computes', () => {
  const [plain, model] = [makeModel(local()), makeModel(sheet())]
  plain.setWeights(model.getWeights())
  expectSameBits(model.predictOnBatch(x).data, plain.predictOnBatch(x).data)
  expect(checkGradients(sheet(), { inputShape: [5, 5, 1] }).passed).toBe(true)
})

test('the loss has the penalty, and the update its gradient, beside those of the regularizers inside', async () => {
  const regularized = { kernelRegularizer: 'l2', biasRegularizer: 'l1', biasInitializer: 'ones' } as const
  const layer = sheet({ layer: local(regularized) })
  const [plain, model] = [makeModel(local(regularized)), makeModel(layer)]
  plain.setWeights(model.getWeights())
  const smoothness = lossOf(layer)
  expect(smoothness).toBeGreaterThan(0)
  const [kernel, bias] = layer.parameters.map(({ value, size }) => ({ before: value.slice(), size }))
  const losses = [plain, model].map(each => each.testOnBatch(x, y).loss)
  expect(losses[1] - losses[0]).toBeCloseTo(smoothness, 6)
  // what the penalty alone adds to a gradient of 0
  const alone = sheet()
  alone.build([null, 5, 5, 1])
  alone.setWeights(layer.getWeights())
  const added = alone.parameters.map(parameter => gradientOf(parameter))
  for (const each of [plain, model]) each.trainOnBatch(x, y)
  for (const [i, { size }] of [kernel, bias].entries()) {
    const [without, found] = [plain.getWeights()[i].data, model.getWeights()[i].data]
    for (let j = 0; j < size; j++) expect(found[j]).toBeCloseTo(without[j] - 0.5 * added[i][j], 5)
  }
})

test('alpha pulls neighbours together', async () => {
  const smoothnessAt = async (alpha: number) => {
    const layer = sheet({ alpha })
    await makeModel(layer).fit(x, y, { epochs: 60, verbose: 0 })
    return lossOf(layer) / alpha
  }
  const [least, most] = [await smoothnessAt(1e-6), await smoothnessAt(20)]
  expect(least).toBeGreaterThan(0.4)
  expect(most).toBeLessThan(0.1)
})

test('both engines have the same bits, and a loaded model trains on alike', async () => {
  const [a, b] = [makeModel(sheet(), 'simd'), makeModel(sheet(), 'reference')]
  const options = { epochs: 2, batchSize: 5, verbose: 0, shuffle: false } as const
  for (const each of [a, b]) await each.fit(x, y, options)
  for (const format of ['h5', 'keras'] as const) {
    const loaded = await loadModel(await saveModel(a, { format }))
    expect(loaded.layers[0]).toBeInstanceOf(SheetSmoothness)
    expect(loaded.getWeights()).toEqual(b.getWeights())
    const expected = await b.fit(x, y, options)
    expect((await loaded.fit(x, y, options)).history).toEqual(expected.history)
    await a.fit(x, y, options)
    expect(a.getWeights()).toEqual(b.getWeights())
  }
})

test('around a Feedback', () => {
  const layer = new SheetSmoothness({ layer: new Feedback({ layer: local(), feedback: 'sign' }) })
  layer.build([null, 5, 5, 1])
  const plain = new SheetSmoothness({ layer: local() })
  plain.build([null, 5, 5, 1])
  plain.setWeights(layer.getWeights().slice(0, 2))
  expect(lossOf(layer)).toBe(lossOf(plain))
  layer.parameters.slice(0, 2).forEach((parameter, i) => {
    expectSameBits(gradientOf(parameter), gradientOf(plain.parameters[i]))
  })
  expect(layer.parameters[2]).toMatchObject({ name: 'feedback', trainable: false, regularizer: null })
  expect(layer.unwrapped()).toBeInstanceOf(Feedback)
  expectSameBits(layer.unwrapped().forward(x).data, layer.forward(x).data)
})

test('goes through its config; has defaults', () => {
  const layer = new SheetSmoothness({ layer: local({ name: 'inner' }), alpha: 0.25, circular: false, name: 'outer' })
  const copy = layers.get({ className: 'SheetSmoothness', config: layer.getConfig() })
  expect(copy.getConfig()).toEqual(layer.getConfig())
  expect(new SheetSmoothness({ layer: local() })).toMatchObject({ alpha: 1, circular: true })
})

test('refuses what it cannot lay out', () => {
  expect(() => new SheetSmoothness({ layer: new Dense({ units: 4 }) as never })).toThrow(
    /^layer: expected a LocallyConnected1D/,
  )
  const dense = new Feedback({ layer: new Dense({ units: 4 }) })
  expect(() => new SheetSmoothness({ layer: dense as never })).toThrow(/^layer: expected a LocallyConnected1D/)
  expect(() => new SheetSmoothness({ layer: sheet() as never })).toThrow(/^layer: expected a LocallyConnected1D/)
  expect(() => new SheetSmoothness({ layer: local(), alpha: -1 })).toThrow(/^alpha: expected/)
  expect(() => new SheetSmoothness({ layer: local(), circular: 1 as never })).toThrow(/^circular: expected/)
  const single = new SheetSmoothness({ layer: new LocallyConnected2D({ filters: 1, kernelSize: 3 }) })
  expect(() => single.build([null, 3, 3, 1])).toThrow(/^layer: expected at least two units/)
  expect(() => sheet().similarity).toThrow(/not built yet/)
})
