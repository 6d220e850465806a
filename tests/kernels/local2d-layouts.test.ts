import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { connections, localKernelShape } from '../../lib/core/geometry.ts'
import { connectionMask } from '../../lib/kernels/local2d-dense.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import { sparseIndex } from '../../lib/kernels/local2d-sparse.ts'
import { expectSameBits } from '../support/bits.ts'
import { geometryOf, localCases, localInputs } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

test('every way round the three layouts gives the connected weights back', () => {
  fc.assert(
    fc.property(localCases, c => {
      const { g, kernels } = localInputs(c)
      for (const from of [1, 2, 3] as const)
        for (const to of [1, 2, 3] as const) {
          const there = new Float32Array(sizeOf(localKernelShape(g, to)))
          const back = new Float32Array(kernels[from].length)
          convertLocalKernel(there, to, kernels[from], from, g)
          convertLocalKernel(back, from, there, to, g)
          expectSameBits(back, kernels[from], `${from} to ${to} and back`)
        }
    }),
    { numRuns: runs(200), seed: 5 },
  )
})

test('the mask, the sparse index and the count of connections agree', () => {
  fc.assert(
    fc.property(localCases, c => {
      const g = geometryOf(c)
      const mask = connectionMask(g)
      const { rows, cols } = sparseIndex(g)
      expect(mask.reduce((sum, bit) => sum + bit, 0)).toBe(connections(g))
      expect(cols.length).toBe(connections(g) * g.F)
      for (let o = 0; o < g.outputSize; o++) {
        const place = g.channelsFirst ? o % g.P : Math.floor(o / g.F)
        const row = cols.slice(rows[o], rows[o + 1])
        expect([...row].every((i, n) => mask[i * g.P + place] === 1 && (n === 0 || i > row[n - 1]))).toBe(true)
      }
    }),
    { numRuns: runs(200), seed: 6 },
  )
})
