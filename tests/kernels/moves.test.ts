// The kernels that move, mix and choose numbers, against their definitions.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { convolutionGeometry, type Geometry } from '../../lib/core/geometry.ts'
import { stream } from '../../lib/core/random.ts'
import { maskForward } from '../../lib/kernels/dropout.ts'
import * as gather from '../../lib/kernels/gather.ts'
import * as interpolate from '../../lib/kernels/interpolate.ts'
import { channelsToFirst, channelsToLast } from '../../lib/kernels/permute.ts'
import * as pooling from '../../lib/kernels/pool2d.ts'
import * as prelu from '../../lib/kernels/prelu.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

const filled = (n: number) => new Float32Array(n).fill(7)
const list = (array: Float32Array) => [...array]

test('gather takes what its table names, 0 for −1, and gives gradients back to where they were taken', () => {
  const table = Int32Array.of(2, -1, 0, 2)
  const y = filled(9)
  gather.forward(y, Float32Array.of(1, 2, 3, 4, 5, 6), table, 2, 3)
  expect(list(y)).toEqual([3, 0, 1, 3, 6, 0, 4, 6, 7])
  const dx = filled(7)
  gather.backward(dx, Float32Array.of(1, 10, 100, 1000, 2, 20, 200, 2000), table, 2, 3)
  expect(list(dx)).toEqual([100, 0, 1001, 200, 0, 2002, 7])
})

test('interpolate mixes four numbers by how far down and right it lies between them', () => {
  const [index, lerp] = [Int32Array.of(0, 1, 2, 3, 3, 2, 1, 0), Float32Array.of(0.25, 0.5, 0, 0)]
  const y = filled(5)
  interpolate.forward(y, Float32Array.of(0, 4, 8, 16, 1, 1, 1, 5), index, lerp, 2, 4)
  expect(list(y)).toEqual([2 + 0.25 * (12 - 2), 16, 1 + 0.25 * (3 - 1), 5, 7])
  const dx = filled(9)
  interpolate.backward(dx, Float32Array.of(16, 1, 32, 2), index, lerp, 2, 4)
  expect(list(dx)).toEqual([6, 6, 2, 2 + 1, 12, 12, 4, 4 + 2, 7])
})

test('channels go from the first axis of each sample to the last, and back', () => {
  const first = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16] // [2, 2, 3]
  const last = [1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16]
  const [y, x] = [filled(13), filled(13)]
  channelsToLast(y, Float32Array.of(...first, 99), 2, 2, 3)
  channelsToFirst(x, Float32Array.of(...last, 99), 2, 2, 3)
  expect(list(y)).toEqual([...last, 7])
  expect(list(x)).toEqual([...first, 7])
})

test('a dropped number is 0 whatever it was', () => {
  const y = filled(4)
  maskForward(y, Float32Array.of(3, NaN, Infinity), Float32Array.of(2, 0, 0), 3)
  expect(list(y)).toEqual([6, 0, 0, 7])
})

test('prelu has a slope for each number below 0, which several may share', () => {
  const index = Int32Array.of(0, 1, 0)
  const [alpha, x] = [Float32Array.of(0.5, 0.25), Float32Array.of(-2, -4, 3, 0, 8, -6)]
  const y = filled(7)
  prelu.forward(y, x, alpha, index, 2)
  expect(list(y)).toEqual([-1, -1, 3, 0, 8, -3, 7])
  const [dx, dalpha] = [filled(7), filled(2)]
  prelu.backward(dx, dalpha, Float32Array.of(1, 2, 3, 4, 5, 6), x, alpha, index, 2)
  expect(list(dx)).toEqual([0.5, 0.5, 3, 2, 5, 3, 7])
  expect(list(dalpha)).toEqual([-2 + 6 * -6, 2 * -4])
})

describe('pooling', () => {
  const size = (max: number) => fc.integer({ min: 1, max })
  const cases = fc
    .record({
      rows: size(5),
      cols: size(5),
      channels: size(3),
      batch: size(2),
      seed: fc.nat(1e6),
      window: fc.tuple(size(3), size(4)),
      strides: fc.tuple(size(3), size(3)),
      padding: fc.constantFrom('valid' as const, 'same' as const),
      channelsFirst: fc.boolean(),
    })
    .filter(({ rows, cols, window, padding }) => padding === 'same' || (window[0] <= rows && window[1] <= cols))
    .map(({ rows, cols, channels, window, strides, padding, channelsFirst, batch, seed }) => ({
      g: convolutionGeometry(channelsFirst ? [null, channels, rows, cols] : [null, rows, cols, channels], {
        filters: channels,
        kernelSize: window,
        strides,
        dilationRate: [1, 1],
        padding,
        dataFormat: channelsFirst ? 'channels_first' : 'channels_last',
      }),
      batch,
      seed,
    }))

  /** Visits the windows: where in `out` their results stand, and the places in `x` that they hold, by their elements. */
  function eachWindow(g: Geometry, B: number, visit: (o: number, seen: Map<number, number>) => void) {
    const { H, W, C, KH, KW, SH, SW, OH, OW, top, left, channelsFirst } = g
    const at = (b: number, h: number, w: number, c: number, rows: number, cols: number) =>
      channelsFirst ? ((b * C + c) * rows + h) * cols + w : ((b * rows + h) * cols + w) * C + c
    for (let b = 0; b < B; b++)
      for (let c = 0; c < C; c++)
        for (let oh = 0; oh < OH; oh++)
          for (let ow = 0; ow < OW; ow++) {
            const seen = new Map<number, number>()
            for (let element = 0; element < KH * KW; element++) {
              const h = oh * SH - top + Math.floor(element / KW)
              const w = ow * SW - left + (element % KW)
              if (h >= 0 && h < H && w >= 0 && w < W) seen.set(element, at(b, h, w, c, H, W))
            }
            visit(at(b, oh, ow, c, OH, OW), seen)
          }
  }

  /** Few different numbers, so that many are equal. */
  const values = [-1, 0, 0.5, 1, 3, NaN]
  const checked = { seed: 1, numRuns: runs(100) }

  test('max gives the largest number that a window sees, the first of several, or NaN', () => {
    fc.assert(
      fc.property(cases, ({ g, batch: B, seed }) => {
        const random = stream(seed, 'max')
        const x = new Float32Array(B * g.inputSize).map(() => values[Math.floor(random() * values.length)])
        const dout = randomNumbers((B + 1) * g.outputSize, random) // and one sample that must not count
        const [out, argmax, expected, which] = [0, 1, 2, 3].map(() => filled((B + 1) * g.outputSize))
        const [dx, dExpected] = [0, 1].map(() => filled((B + 1) * g.inputSize))
        dExpected.fill(0, 0, B * g.inputSize)
        eachWindow(g, B, (o, seen) => {
          const numbers = [...seen.values()].map(i => x[i])
          expected[o] = numbers.some(Number.isNaN) ? NaN : Math.max(...numbers)
          which[o] = [...seen].find(([, i]) => Object.is(x[i], expected[o]))?.[0] as number
          dExpected[seen.get(which[o]) as number] += dout[o]
        })
        pooling.max.forward(out, argmax, x, B, g)
        expectSameBits(out, expected, 'out')
        expectSameBits(argmax, which, 'argmax')
        argmax.fill(0, B * g.outputSize)
        pooling.max.backward(dx, dout, argmax, B, g)
        expectClose(dx, dExpected, 1e-6, 'dx')
      }),
      checked,
    )
  })

  test('average gives the mean of what a window sees, and shares the gradient among it', () => {
    fc.assert(
      fc.property(cases, ({ g, batch: B, seed }) => {
        const random = stream(seed, 'average')
        const [x, dout] = [B * g.inputSize, B * g.outputSize].map(n => randomNumbers(n, random))
        const [out, dx] = [filled(B * g.outputSize + 1), filled(B * g.inputSize + 1)]
        const [expected, dExpected] = [out, dx].map(({ length }) => new Float64Array(length))
        eachWindow(g, B, (o, seen) => {
          for (const i of seen.values()) {
            expected[o] += x[i] / seen.size
            dExpected[i] += dout[o] / seen.size
          }
        })
        expected[B * g.outputSize] = dExpected[B * g.inputSize] = 7
        pooling.average.forward(out, x, B, g)
        pooling.average.backward(dx, dout, B, g)
        expectClose(out, expected, 1e-6, 'out')
        expectClose(dx, dExpected, 1e-6, 'dx')
      }),
      checked,
    )
  })
})
