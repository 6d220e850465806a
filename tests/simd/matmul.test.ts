// The matrix product of the fast engine against the reference, bit for bit.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stream } from '../../lib/core/random.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { matmul } from '../../lib/kernels/matmul.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'
import { counted, simdEngine, withArrays } from '../support/simd-engines.ts'

function run(engine: Engine, M: number, K: number, N: number, seed: number, parts: { bias: boolean; dx: boolean }) {
  const random = stream(seed, 'matmul')
  const lists = { x: M * K, kernel: K * N, bias: N, dout: M * N, out: M * N, dx: M * K, dkernel: K * N, dbias: N }
  return withArrays(engine, lists, arrays => {
    for (const array of Object.values(arrays)) array.set(randomNumbers(array.length, random))
    const { x, kernel, dout, out, dx, dkernel } = arrays
    const [bias, dbias] = parts.bias ? [arrays.bias, arrays.dbias] : [null, null]
    engine.kernel(matmul).forward(out, x, kernel, bias, M, K, N)
    engine.kernel(matmul).backward(parts.dx ? dx : null, dkernel, dbias, dout, x, kernel, M, K, N)
  })
}

const size = (most: number) => fc.integer({ min: 1, max: most })
const sizes = fc.oneof(
  fc.tuple(size(9), size(40), size(70)),
  fc.tuple(size(5), fc.integer({ min: 500, max: 1100 }), size(10)), // sums in several blocks
  fc.tuple(size(5), size(10), fc.integer({ min: 1000, max: 2100 })),
  fc.tuple(size(9), fc.integer({ min: 500, max: 600 }), fc.integer({ min: 60, max: 140 })),
  fc.tuple(fc.integer({ min: 14, max: 21 }), fc.integer({ min: 500, max: 600 }), fc.constantFrom(255, 256)), // packed
)

test('outputs and gradients of 500 random products', () => {
  const parts = fc.record({ bias: fc.boolean(), dx: fc.boolean() })
  fc.assert(
    fc.property(sizes, fc.nat(1e6), parts, fc.constantFrom(1, 2, 3, 7), ([M, K, N], seed, present, threads) => {
      const engine = simdEngine(threads)
      const expected = run(new ReferenceEngine(), M, K, N, seed, present)
      const [found, calls] = counted(engine, () => run(engine, M, K, N, seed, present))
      for (const name of Object.keys(expected)) expectSameBits(found[name], expected[name], name)
      expect(calls).toEqual({
        'matmul.forward': { simd: 1, reference: 0 },
        'matmul.backward': { simd: 1, reference: 0 },
      })
    }),
    { seed: 1, numRuns: runs(500) },
  )
})
