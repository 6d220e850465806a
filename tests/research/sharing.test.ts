import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Conv2D,
  Dense,
  LocallyConnected1D,
  LocallyConnected2D,
  type LocallyConnected2DOptions,
  Tensor,
  toConv,
  toLocal,
} from 'unshared'
import { Feedback, kernelDistance, LocallyConnected3D, sharing, TiledLocallyConnected2D } from 'unshared/research'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import { geometryOf, localCases, localInputs, randomTensor } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const implementations = [1, 2, 3] as const
type Golden = Required<
  Pick<LocallyConnected2DOptions, 'filters' | 'kernelSize' | 'strides' | 'padding' | 'dataFormat'>
> & {
  readonly inputShape: number[]
  readonly kernel: number[]
  readonly sharing: number
  readonly kernelDistance: Readonly<Record<string, number>>
}
const goldens: Golden[] = JSON.parse(readFileSync('tests/research/tool-goldens.json', 'utf8')).cases

/** A layer with the weights of a golden case. */
function layerOf(golden: Golden, implementation: 1 | 2 | 3): LocallyConnected2D {
  const { filters, kernelSize, strides, padding, dataFormat, inputShape, kernel } = golden
  const options = { filters, kernelSize, strides, padding, dataFormat, implementation } as const
  const layer = new LocallyConnected2D({ ...options, useBias: false })
  layer.build([null, ...inputShape])
  convertLocalKernel(layer.parameters[0].value, implementation, Float32Array.from(kernel), 1, layer.geometry)
  return layer
}

const column = (...values: number[]) => {
  const layer = new LocallyConnected1D({ filters: 1, kernelSize: 1, useBias: false })
  layer.build([null, values.length, 1])
  layer.setWeights([Tensor.from(values, [values.length, 1, 1])])
  return layer
}

describe('sharing', () => {
  test('by hand: kernels 1, 2, 6 have mean 3, so (4 + 1 + 9) / (1 + 4 + 36)', () => {
    expect(sharing(column(1, 2, 6))).toBeCloseTo(14 / 41, 15)
  })

  test.each([
    ['equal kernels', [0.1, 0.1, 0.1], 0],
    ['kernels with mean 0', [1, -1, 2, -2], 1],
    ['kernels of 0', [0, 0], 0],
  ])('%s', (_what, values, expected) => {
    expect(sharing(column(...values))).toBe(expected)
  })

  test('0 for a converted convolution; else the square of what toConv reports', () => {
    const conv = new Conv2D({ filters: 3, kernelSize: 3 })
    conv.build([null, 6, 5, 2])
    expect(sharing(toLocal(conv))).toBe(0)
    const local = new LocallyConnected2D({ filters: 3, kernelSize: 3 })
    local.build([null, 6, 5, 2])
    expect(sharing(local)).toBeCloseTo(toConv(local).spread.kernel.relative ** 2, 6)
  })

  test.each(goldens.map((golden, i) => [i, golden] as const))('as NumPy computes it, case %i', (_i, golden) => {
    for (const implementation of implementations)
      expect(sharing(layerOf(golden, implementation))).toBeCloseTo(golden.sharing, 12)
  })

  test('the same bits for all implementations, and weights outside the image do not count', () => {
    fc.assert(
      fc.property(localCases, c => {
        const { kernels } = localInputs(c)
        const found = implementations.map(implementation => {
          const layer = new LocallyConnected2D({ ...c.options, implementation, useBias: c.useBias })
          layer.build([null, ...c.inputShape])
          layer.parameters[0].value.fill(5) // where there is no connection
          const places = new Float32Array(kernels[implementation].length)
          convertLocalKernel(places, implementation, kernels[3], 3, geometryOf(c))
          places.forEach((w, i) => {
            if (w !== 0) layer.parameters[0].value[i] = w
          })
          const most = Math.max(layer.geometry.OH, layer.geometry.OW) - 1
          return [sharing(layer), most > 0 ? kernelDistance(layer, { radius: most }) : 0]
        })
        expect(found[1]).toEqual(found[0])
        expect(found[2]).toEqual(found[0])
      }),
      { numRuns: runs(60), seed: 21 },
    )
  })
})

describe('kernelDistance', () => {
  test('by hand: of 0, 1, 3, 7 the neighbours differ by 1, 2, 4, and those 2 apart by 3 and 6', () => {
    expect(kernelDistance(column(0, 1, 3, 7))).toBeCloseTo(7 / 3, 15)
    expect(kernelDistance(column(0, 1, 3, 7), { radius: 2 })).toBe(4.5)
  })

  test('along rows and columns, filter by filter', () => {
    const layer = new LocallyConnected2D({ filters: 2, kernelSize: 1, useBias: false })
    layer.build([null, 2, 2, 1])
    layer.setWeights([Tensor.from([0, 0, 1, 10, 2, 20, 3, 30], [4, 1, 2])])
    expect(kernelDistance(layer)).toBe((1 + 1 + 2 + 2 + 10 + 10 + 20 + 20) / 8)
  })

  test.each(goldens.map((golden, i) => [i, golden] as const))('as NumPy computes it, case %i', (_i, golden) => {
    for (const implementation of implementations)
      for (const [radius, expected] of Object.entries(golden.kernelDistance))
        expect(kernelDistance(layerOf(golden, implementation), { radius: Number(radius) })).toBeCloseTo(expected, 12)
  })

  test('refuses what it cannot measure', () => {
    const layer = column(1, 2, 3)
    expect(() => kernelDistance(layer, { radius: 3 })).toThrow(
      /^radius: expected less than 3: the layer has 1 x 3 places/,
    )
    expect(() => kernelDistance(layer, { radius: 0 })).toThrow(/^radius: expected/)
    expect(() => kernelDistance(layer, { radios: 1 } as never)).toThrow(
      /^kernelDistance, option: expected one of radius/,
    )
    const dense = new Dense({ units: 1 })
    dense.build([null, 2])
    expect(() => sharing(dense as never)).toThrow(/^layer: expected a LocallyConnected1D, /)
    expect(() => sharing(new Feedback({ layer: new Dense({ units: 1 }) }) as never)).toThrow(/^layer/)
    expect(() => sharing(new LocallyConnected1D({ filters: 1, kernelSize: 1 }))).toThrow(/not built yet/)
  })
})

test('a wrapper is measured by its own weights', () => {
  const wrapper = new Feedback({ layer: new LocallyConnected1D({ filters: 1, kernelSize: 1 }) })
  wrapper.forward(randomTensor('x', 1, 3, 1))
  wrapper.setWeights([Tensor.from([1, 2, 6], [3, 1, 1]), Tensor.from([9, 9, 9], [3, 1]), wrapper.getWeights()[2]])
  expect(sharing(wrapper)).toBeCloseTo(14 / 41, 15)
  expect(kernelDistance(wrapper)).toBe(2.5)
})

describe('other layers with places', () => {
  test.each(['channels_last', 'channels_first'] as const)(
    'LocallyConnected3D with depth 1, %s: as in 2D',
    dataFormat => {
      const flat = new LocallyConnected2D({ filters: 3, kernelSize: 2, dataFormat })
      const deep = new LocallyConnected3D({ filters: 3, kernelSize: [1, 2, 2], dataFormat })
      flat.build([null, 4, 5, 6])
      deep.build(dataFormat === 'channels_last' ? [null, 1, 4, 5, 6] : [null, 4, 1, 5, 6])
      deep.parameters[0].value.set(flat.parameters[0].value)
      expect(sharing(deep)).toBeCloseTo(sharing(flat), 14)
      for (const radius of [1, 2])
        expect(kernelDistance(deep, { radius })).toBeCloseTo(kernelDistance(flat, { radius }), 14)
    },
  )

  test('LocallyConnected3D: neighbours along every axis', () => {
    const layer = new LocallyConnected3D({ filters: 1, kernelSize: 1, useBias: false })
    layer.build([null, 2, 2, 2, 1])
    layer.setWeights([Tensor.from([0, 1, 2, 3, 10, 11, 12, 13], [8, 1, 1])])
    expect(kernelDistance(layer)).toBe((4 * 1 + 4 * 2 + 4 * 10) / 12)
  })

  test('TiledLocallyConnected2D: the kernels of the tile', () => {
    const layer = new TiledLocallyConnected2D({ filters: 1, kernelSize: 1, tile: [1, 3], useBias: false })
    layer.build([null, 6, 6, 1])
    layer.setWeights([Tensor.from([1, 2, 6], [3, 1, 1])])
    expect(sharing(layer)).toBeCloseTo(14 / 41, 15)
    expect(kernelDistance(layer)).toBe(2.5)
  })
})
