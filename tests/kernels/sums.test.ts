import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dot, sum, sumOfAbsolutes, sumOfSquares } from '../../lib/kernels/sums.ts'
import { runs } from '../support/runs.ts'

const numbers = fc.float32Array({ minLength: 0, maxLength: 60, noNaN: true, min: -100, max: 100 })

/** The written order: element i into partial i mod 8, then ((0+1)+(2+3))+((4+5)+(6+7)). */
function inWrittenOrder(terms: readonly number[]): number {
  const p = [0, 1, 2, 3, 4, 5, 6, 7].map(k =>
    terms.filter((_, i) => i % 8 === k).reduce((partial, term) => partial + term, 0),
  )
  const pairs = [p[0] + p[1], p[2] + p[3], p[4] + p[5], p[6] + p[7]]
  return pairs[0] + pairs[1] + (pairs[2] + pairs[3])
}

describe('sums have the bits of the written order', () => {
  test('for any numbers, of which the first n count', () => {
    fc.assert(
      fc.property(numbers, fc.nat(60), (x, wanted) => {
        const n = Math.min(wanted, x.length)
        const first = [...x.subarray(0, n)]
        expect(sum(x, n)).toBe(inWrittenOrder(first))
        expect(sumOfAbsolutes(x, n)).toBe(inWrittenOrder(first.map(Math.abs)))
        expect(sumOfSquares(x, n)).toBe(inWrittenOrder(first.map(v => v * v)))
        const y = x.slice().reverse()
        expect(dot(x, y, n)).toBe(inWrittenOrder(first.map((v, i) => v * y[i])))
      }),
      { seed: 1, numRuns: runs(300) },
    )
  })

  test('which differs from a plain sum where rounding does', () => {
    const x = Float32Array.of(1, ...new Array(7).fill(0), 1e20, ...new Array(7).fill(0), -1e20)
    expect(sum(x, x.length)).toBe(0) // 1 is lost in its partial
    const elsewhere = Float32Array.of(1, 1e20, ...new Array(7).fill(0), -1e20)
    expect(sum(elsewhere, elsewhere.length)).toBe(1)
  })
})

test('a million float32 numbers lose nothing that matters', () => {
  const x = new Float32Array(1e6).fill(0.1)
  expect(Math.abs(sum(x, 1e6) - 1e6 * Math.fround(0.1))).toBeLessThan(1e-6)
})

test('by hand', () => {
  expect(sum(Float32Array.of(1, 2, 3, 4), 3)).toBe(6)
  expect(sumOfAbsolutes(Float32Array.of(-1, 2, -3), 3)).toBe(6)
  expect(sumOfSquares(Float32Array.of(-1, 2, -3), 3)).toBe(14)
  expect(dot(Float32Array.of(1, 2), Float32Array.of(3, 4), 2)).toBe(11)
  expect(sum(new Float32Array(0), 0)).toBe(0)
})
