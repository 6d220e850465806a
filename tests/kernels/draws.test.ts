import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { normal, type Random, stream, truncatedNormal } from '../../lib/core/random.ts'
import { fillNormal, fillTruncatedNormal, fillUniform } from '../../lib/kernels/draws.ts'
import { runs } from '../support/runs.ts'

const always = (value: number) => Object.assign(() => value, { state: () => ({}) }) as Random
/** The largest number that the generator gives. */
const LAST = 1 - 2 ** -32

test('a uniform number is never below the first bound, and never reaches the second', () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(bound, fc.double({ min: 1e-6, max: 1, noNaN: true }), (low, width) => {
      const high = low + width * (1 + Math.abs(low))
      for (const u of [0, 0.5, LAST]) {
        const out = new Float32Array(1)
        fillUniform(out, low, high, always(u))
        expect(out[0]).toBeGreaterThanOrEqual(low)
        expect(out[0]).toBeLessThan(high)
      }
    }),
    { seed: 2, numRuns: runs(500) },
  )
})

test('where rounding would reach a bound, the number beside it is taken', () => {
  const out = new Float32Array(1)
  fillUniform(out, -0.05, 0.05, always(LAST)) // the nearest float32 of 0.05 lies above 0.05
  expect(out[0]).toBe(0.04999999701976776)
  fillUniform(out, -0.05, 0.05, always(0))
  expect(out[0]).toBe(-0.04999999701976776)
  fillUniform(out, -1, 0, always(1 - 2 ** -52))
  expect(out[0]).toBeLessThan(0)
})

test('a first bound that is a float32 number can be drawn', () => {
  const out = new Float32Array(1)
  fillUniform(out, -0.5, 0.5, always(0))
  expect(out[0]).toBe(-0.5)
})

test('beside 0 stand the smallest numbers', () => {
  const smallest = 2 ** -149
  const out = new Float32Array(1)
  fillUniform(out, -2 * smallest, 0, always(0.9))
  expect(out[0]).toBe(-smallest)
  fillUniform(out, 1e-60, 1, always(0))
  expect(out[0]).toBe(smallest)
})

test('where one float32 number lies between the bounds, it is that', () => {
  const out = new Float32Array(2)
  fillUniform(out, 0.7, 0.70000005, stream(1)) // the nearest of 0.7 lies below it
  expect([...out]).toEqual(new Array(2).fill(0.7 + 2 ** -24).map(Math.fround))
  expect(out[0]).toBeGreaterThan(0.7)
})

test('numbers are drawn one after the other, stretched to their range, mean and deviation', () => {
  const draw = (fill: typeof fillNormal, first: number, second: number) => {
    const out = new Float32Array(5)
    fill(out, first, second, stream(4))
    return [...out]
  }
  const expected = (number: (random: Random) => number) => {
    const random = stream(4)
    return Array.from({ length: 5 }, () => Math.fround(number(random)))
  }
  expect(draw(fillUniform, 3, 7)).toEqual(expected(random => 3 + 4 * random()))
  expect(draw(fillNormal, 3, 0.25)).toEqual(expected(random => 3 + 0.25 * normal(random)))
  expect(draw(fillTruncatedNormal, 3, 0.25)).toEqual(expected(random => 3 + 0.25 * truncatedNormal(random)))
})

test('equal bounds give that number', () => {
  const out = new Float32Array(3)
  fillUniform(out, 0.1, 0.1, stream(1))
  expect([...out]).toEqual(new Array(3).fill(Math.fround(0.1)))
})
