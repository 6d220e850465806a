import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { normal, stream } from '../../lib/core/random.ts'
import { orthonormalize } from '../../lib/kernels/orthonormal.ts'
import { runs } from '../support/runs.ts'

test('by hand', () => {
  const vectors = Float64Array.of(3, 4, 1, 0)
  orthonormalize(vectors, 2, 2)
  ;[0.6, 0.8, 0.8, -0.6].forEach((expected, i) => {
    expect(vectors[i]).toBeCloseTo(expected, 14)
  })
})

test('vectors become orthonormal, and keep the direction of what was new in them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(12), fc.nat(1e6), (count, more, seed) => {
      const length = count + more
      const random = stream(seed)
      const before = new Float64Array(count * length).map(() => normal(random))
      const q = before.slice()
      orthonormalize(q, count, length)
      const product = (a: Float64Array, u: number, b: Float64Array, v: number) =>
        a.subarray(u * length, (u + 1) * length).reduce((sum, x, k) => sum + x * b[v * length + k], 0)
      for (let u = 0; u < count; u++) {
        expect(product(q, u, before, u)).toBeGreaterThan(0) // the diagonal of R
        for (let v = 0; v < count; v++) expect(product(q, u, q, v)).toBeCloseTo(u === v ? 1 : 0, 9)
        for (let v = 0; v < u; v++) expect(product(q, u, before, v)).toBeCloseTo(0, 9) // R is triangular
      }
    }),
    { seed: 3, numRuns: runs(60) },
  )
})
