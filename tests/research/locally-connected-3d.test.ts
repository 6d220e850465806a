import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Layer, LocallyConnected2D, sizeOf, stream, Tensor } from 'unshared'
import { LocallyConnected3D } from 'unshared/research'
import { standaloneContext } from '../../lib/layers/layer.ts'
import { expectSameBits } from '../support/bits.ts'
import { type LocalCase, localCases, randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const valid = localCases.filter(c => c.options.padding === 'valid')
const checked = { seed: 1, numRuns: runs(60) }
const numbers = (shape: readonly number[], seed: number) =>
  new Tensor(shape, randomNumbers(sizeOf(shape), stream(seed, 'volumes')))

/** Output, input gradient and weight gradients of the layer, at these inputs. */
function run(layer: Layer, x: Tensor, seed: number) {
  const y = layer.forward(x)
  const dx = layer.backward(numbers(y.shape, seed))
  return [y, dx, ...layer.gradients()].map(({ data }) => data)
}

describe('on random sizes', () => {
  test.each([0, 1, 2])(
    'with size 1 along axis %d, it is LocallyConnected2D, bit for bit, from the same start',
    axis => {
      const property = ({ options, inputShape, batch, useBias, seed }: LocalCase) => {
        const { padding, kernelSize, strides, ...others } = options
        const isFirst = options.dataFormat === 'channels_first'
        const inserted = (sizes: readonly number[], at: number) => [...sizes.slice(0, at), 1, ...sizes.slice(at)]
        const volume = inserted(inputShape, axis + (isFirst ? 1 : 0))
        const window = { kernelSize: inserted(kernelSize, axis), strides: inserted(strides, axis) } as never
        const layer = new LocallyConnected3D({ ...others, useBias, ...(window as { kernelSize: 1 }) })
        const flat = new LocallyConnected2D({ ...others, kernelSize, strides, useBias })
        layer.build([null, ...volume], standaloneContext(seed))
        flat.build([null, ...inputShape], standaloneContext(seed))
        layer.parameters.forEach(({ value }, i) => {
          expectSameBits(value, flat.parameters[i].value, 'initial weights')
          value.set(randomNumbers(value.length, stream(seed, `weights ${i}`)))
          flat.parameters[i].value.set(value)
        })
        const x = numbers([batch, ...inputShape], seed)
        const expected = run(flat, x, seed + 1)
        run(layer, new Tensor([batch, ...volume], x.data), seed + 1).forEach((found, i) => {
          expectSameBits(found, expected[i], `result ${i}`)
        })
      }
      fc.assert(fc.property(valid, property), checked)
    },
  )

  test('a window of depth 1 makes a LocallyConnected2D of each slice', () => {
    const property = ({ options, inputShape, batch, seed }: LocalCase, depth: number) => {
      const { padding, kernelSize, strides, ...others } = { ...options, dataFormat: 'channels_last' as const }
      const item = options.dataFormat === 'channels_first' ? [...inputShape.slice(1), inputShape[0]] : inputShape
      const layer = new LocallyConnected3D({ ...others, kernelSize: [1, ...kernelSize], strides: [1, ...strides] })
      const flat = new LocallyConnected2D({ ...others, kernelSize, strides })
      layer.build([null, depth, ...item])
      flat.build([null, ...item])
      const [kernel, bias] = layer.parameters.map(({ shape }, i) => numbers(shape, seed + i))
      layer.setWeights([kernel, bias])
      const x = numbers([batch, depth, ...item], seed)
      const y = layer.forward(x)
      for (let d = 0; d < depth; d++) {
        const places = kernel.shape[0] / depth
        const own = new Tensor(bias.shape.slice(1), bias.slice(d, d + 1).data)
        flat.setWeights([kernel.slice(d * places, (d + 1) * places), own])
        for (let b = 0; b < batch; b++) {
          const slice = (t: Tensor) => {
            const volume = new Tensor(t.shape.slice(1), t.slice(b, b + 1).data)
            return volume.slice(d, d + 1)
          }
          expectSameBits(flat.forward(slice(x)).data, slice(y).data, `slice ${d}`)
        }
      }
    }
    fc.assert(fc.property(valid, fc.integer({ min: 1, max: 3 }), property), checked)
  })
})

test('by hand: the sum of two slices, with weights of its own for each pair', () => {
  const layer = new LocallyConnected3D({ filters: 1, kernelSize: [2, 1, 1] })
  layer.build([null, 3, 1, 1, 1])
  layer.setWeights([Tensor.from([1, 10, 100, 1000], [2, 2, 1]), Tensor.from([5, 6], [2, 1, 1, 1])])
  const y = layer.forward(Tensor.from([1, 2, 3], [1, 3, 1, 1, 1]))
  expect([...y.data]).toEqual([5 + 1 + 20, 6 + 200 + 3000])
  expect([...layer.backward(Tensor.from([1, 2], [1, 2, 1, 1, 1])).data]).toEqual([1, 10 + 200, 2000])
  expect(layer.gradients().map(({ data }) => [...data])).toEqual([
    [1, 2, 4, 6],
    [1, 2],
  ])
  expect(layer.macs).toBe(4)
})

test('the input size is fixed', () => {
  const layer = new LocallyConnected3D({ filters: 1, kernelSize: 1, useBias: false })
  layer.build([null, 2, 3, 1, 1])
  expect(() => layer.forward(Tensor.zeros([1, 3, 2, 1, 1]))).toThrow(/samples of shape \[2, 3, 1, 1\]/)
})

test.each([
  [{ kernelSize: [1, 2] }, /^kernelSize: expected an integer of at least 1, or three of them \[depth, rows, columns\]/],
  [{ kernelSize: null }, /^kernelSize: expected/],
  [{ strides: [1, 0, 1] }, /^strides: expected/],
  [{ padding: 'same' }, /^padding: expected 'valid'/],
  [{ filters: 0 }, /^filters: expected/],
])('refuses %j', (wrong, message) => {
  expect(() => new LocallyConnected3D({ filters: 1, kernelSize: 1, ...wrong } as never)).toThrow(message)
})

test.each([
  [[null, 4, 4, 4], /^inputShape: expected \[batch, channels, depth, rows, columns\], all but the batch known/],
  [[null, 1, 1, 4, 4], /^kernelSize: expected at most the input's 1 x 4 x 4, received \[2, 2, 2\]/],
])('cannot be built for %j', (shape, message) => {
  const layer = new LocallyConnected3D({ filters: 1, kernelSize: 2, dataFormat: 'channels_first' })
  expect(() => layer.computeOutputShape(shape)).toThrow(message)
})
