// The kernels of normalization, against their formulas in float64.

import { describe, expect, test } from '@jest/globals'
import { stream } from '../../lib/core/random.ts'
import {
  affine,
  affineBackward,
  backward,
  forward,
  moments,
  unitBackward,
  unitForward,
} from '../../lib/kernels/normalization.ts'
import { dot } from '../../lib/kernels/sums.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose, numericGradient } from '../support/gradients.ts'

/** Three groups of twelve numbers each, in each other's gaps. */
const groups = { starts: Int32Array.of(0, 1, 2), offsets: Int32Array.from({ length: 12 }, (_, j) => 3 * j) }
const G = 3
const N = 36
const random = stream('normalization')
const [x, dy] = [randomNumbers(N, random).map(v => 3 * v + 1), randomNumbers(N, random)]
const epsilon = 0.125
const filled = (n: number) => new Float32Array(n).fill(7)
/** The numbers of a group. */
const group = (array: Float32Array, g: number) => Float64Array.from({ length: 12 }, (_, j) => array[g + 3 * j])
const mean = (numbers: Float64Array) => numbers.reduce((a, b) => a + b, 0) / numbers.length
const variance = (numbers: Float64Array) => mean(numbers.map(v => (v - mean(numbers)) ** 2))

function normalize(input: Float32Array, count = 12) {
  const [m, v, y] = [filled(G + 1), filled(G + 1), filled(N)]
  moments(m, v, input, groups, count)
  forward(y, input, m, v, groups, count, epsilon)
  expect([m[G], v[G]]).toEqual([7, 7])
  return { m: m.subarray(0, G), v: v.subarray(0, G), y }
}

describe('mean 0 and variance 1', () => {
  test('moments are the mean and the biased variance of each group', () => {
    const { m, v } = normalize(x)
    const all = [0, 1, 2].map(g => group(x, g))
    expectClose(m, all.map(mean), 1e-6)
    expectClose(v, all.map(variance), 1e-6)
  })

  test('forward takes the mean away and divides by the root of variance and epsilon', () => {
    const { y } = normalize(x)
    for (let g = 0; g < G; g++) {
      const numbers = group(x, g)
      const root = Math.sqrt(variance(numbers) + epsilon)
      expectClose(
        group(y, g),
        numbers.map(value => (value - mean(numbers)) / root),
        1e-6,
      )
    }
  })

  test('of a smaller count, only the first numbers of each group count', () => {
    const { m, v, y } = normalize(x, 5)
    const first = [0, 1, 2].map(g => group(x, g).slice(0, 5))
    expectClose(m, first.map(mean), 1e-6)
    expectClose(v, first.map(variance), 1e-6)
    expect([...y.subarray(15)]).toEqual(Array(21).fill(7))
    const dx = filled(N)
    backward(dx, dy, y, v, groups, 5, epsilon, false)
    expect([...dx.subarray(15)]).toEqual(Array(21).fill(7))
    const numeric = numericGradient(input => dot(normalize(input, 5).y, dy, 15), x.slice(), 2 ** -6)
    expectClose(dx.subarray(0, 15), numeric.subarray(0, 15), 1e-3)
  })

  test('backward is the gradient, through the moments too', () => {
    const { v, y } = normalize(x)
    const dx = filled(N)
    backward(dx, dy, y, v, groups, 12, epsilon, false)
    expectClose(
      dx,
      numericGradient(input => dot(normalize(input).y, dy, N), x.slice(), 2 ** -6),
      1e-3,
    )
  })

  test('backward with fixed moments is a scale', () => {
    const { v, y } = normalize(x)
    const dx = filled(N)
    backward(dx, dy, y, v, groups, 12, epsilon, true)
    expectClose(
      dx,
      Float64Array.from(dy, (value, i) => value / Math.sqrt(v[i % 3] + epsilon)),
      1e-6,
    )
  })
})

describe('a scale and an offset', () => {
  const index = Int32Array.of(0, 1, 0)
  const [y, gamma, beta] = [Float32Array.of(1, 2, 3, 4, 5, 6), Float32Array.of(2, 10), Float32Array.of(0.5, 0.25)]
  const run = (...[g, b]: (Float32Array | null)[]) => {
    const z = filled(7)
    affine(z, y, g, b, index, 2)
    return [...z]
  }

  test('are found by the index', () => {
    expect(run(gamma, beta)).toEqual([2.5, 20.25, 6.5, 8.5, 50.25, 12.5, 7])
    expect(run(gamma, null)).toEqual([2, 20, 6, 8, 50, 12, 7])
    expect(run(null, beta)).toEqual([1.5, 2.25, 3.5, 4.5, 5.25, 6.5, 7])
    expect(run(null, null)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('get what all numbers give that they served', () => {
    const dz = Float32Array.of(1, 10, 100, 2, 20, 200)
    const [dx, dgamma, dbeta] = [filled(7), filled(2), filled(2)]
    affineBackward(dx, dgamma, dbeta, dz, y, gamma, index, 2)
    expect([...dx]).toEqual([2, 100, 200, 4, 200, 400, 7])
    expect([...dgamma]).toEqual([1 + 300 + 8 + 1200, 20 + 100])
    expect([...dbeta]).toEqual([1 + 100 + 2 + 200, 10 + 20])
    affineBackward(dx, null, null, dz, y, null, index, 2)
    expect([...dx]).toEqual([...dz, 7])
    affineBackward(dz, dgamma, null, dz, y, gamma, index, 2) // in place
    expect([...dz]).toEqual([2, 100, 200, 4, 200, 400])
    expect([...dgamma]).toEqual([1 + 300 + 8 + 1200, 20 + 100])
  })
})

describe('length 1', () => {
  const unit = (input: Float32Array) => {
    const [y, scale] = [filled(N), filled(G + 1)]
    unitForward(y, scale, input, groups)
    expect(scale[G]).toBe(7)
    return { y, scale: scale.subarray(0, G) }
  }

  test('each group is divided by its length', () => {
    const { y, scale } = unit(x)
    for (let g = 0; g < G; g++) {
      const length = Math.hypot(...group(x, g))
      expectClose(
        group(y, g),
        group(x, g).map(value => value / length),
        1e-6,
      )
      expect(scale[g]).toBeCloseTo(1 / length, 6)
    }
  })

  test('backward is the gradient', () => {
    const { y, scale } = unit(x)
    const dx = filled(N)
    unitBackward(dx, dy, y, scale, groups)
    expectClose(
      dx,
      numericGradient(input => dot(unit(input).y, dy, N), x.slice(), 2 ** -5),
      1e-3,
    )
  })

  test('a length of at most 1e-6 counts as that, which is a constant', () => {
    const short = { starts: Int32Array.of(0, 2), offsets: Int32Array.of(0, 1) }
    const [y, scale, dx] = [filled(4), filled(2), filled(4)]
    unitForward(y, scale, Float32Array.of(3e-7, 0, 0, 4e-6), short)
    expectClose(y, [0.3, 0, 0, 1], 1e-6)
    expectClose(
      [...scale].map(s => s / 1e6),
      [-1, 0.25],
      1e-6,
    )
    unitBackward(dx, Float32Array.of(1, 2, 3, 4), y, scale, short)
    expectClose(
      [...dx].map(v => v / 1e6),
      [1, 2, 0.75, 0],
      1e-6,
    )
  })
})
