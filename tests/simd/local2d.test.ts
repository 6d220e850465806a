// The fast engine against the reference, bit for bit, on random geometries and numbers of threads.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import type { Geometry } from '../../lib/core/geometry.ts'
import { localKernelShape } from '../../lib/core/geometry.ts'
import { type Random, stream } from '../../lib/core/random.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { local2d } from '../../lib/kernels/local2d.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import type { SimdEngine } from '../../lib/simd/engine.ts'
import { expectSameBits } from '../support/bits.ts'
import { geometryOf, type LocalCase, largerLocalCases, randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'
import { counted, simdEngine } from '../support/simd-engines.ts'

type Engine = ReferenceEngine | SimdEngine

/** Random numbers, some of them 0 and −0: what is skipped or written without a sum must not lose a sign. */
function numbersWithZeros(n: number, random: Random): Float32Array {
  const numbers = randomNumbers(n, random)
  return numbers.map(v => (v > 0.9 ? 0 : v < -0.9 ? -0 : v))
}

/** Output and gradients of a case, by one engine. */
function run(engine: Engine, c: LocalCase, g: Geometry, implementation: 1 | 2 | 3) {
  const random = stream(c.seed, 'numbers')
  const B = c.batch
  const sparse = numbersWithZeros(sizeOf(localKernelShape(g, 3)), random)
  const stored = new Float32Array(sizeOf(localKernelShape(g, implementation)))
  convertLocalKernel(stored, implementation, sparse, 3, g)
  const numbers = {
    x: numbersWithZeros(B * g.inputSize, random),
    bias: numbersWithZeros(g.outputSize, random),
    dy: numbersWithZeros(B * g.outputSize, random),
  }
  const region = engine.region()
  const like = { dx: numbers.x, dkernel: stored, dbias: numbers.bias, kernel: stored, out: numbers.dy }
  const blocks = Object.entries({ ...numbers, ...like }).map(
    ([name, { length }]) => [name, region.alloc(length)] as const,
  )
  // Views are taken when the memory grows no more. What stood there before must not matter.
  const { x, kernel, bias, dy, out, dx, dkernel, dbias } = Object.fromEntries(
    blocks.map(([name, block]) => [name, block.array.fill(7)]),
  )
  x.set(numbers.x)
  kernel.set(stored)
  bias.set(numbers.bias)
  dy.set(numbers.dy)
  const gradients = { x: dx, kernel: dkernel, bias: c.useBias ? dbias : null }
  const kernels = engine.kernel(local2d[implementation])
  kernels.forward(out, x, kernel, c.useBias ? bias : null, B, g)
  kernels.backward(gradients, dy, x, kernel, B, g)
  const results = { out: out.slice(), dx: dx.slice(), dkernel: dkernel.slice(), dbias: dbias.slice() }
  region.release()
  return results
}

test.each([1, 2, 3, 7])('with %d threads: outputs and gradients of 500 random layers', threads => {
  const reference = new ReferenceEngine()
  fc.assert(
    fc.property(largerLocalCases, fc.constantFrom(1 as const, 2 as const, 3 as const), (c, implementation) => {
      const g = geometryOf(c)
      const engine = simdEngine(threads)
      const expected = run(reference, c, g, implementation)
      const [found, calls] = counted(engine, () => run(engine, c, g, implementation))
      for (const key of ['out', 'dx', 'dkernel', 'dbias'] as const) expectSameBits(found[key], expected[key], key)
      expect(calls[`local2d.${implementation}.forward`]).toEqual({ simd: 1, reference: 0 })
    }),
    { seed: threads, numRuns: runs(500) },
  )
})

/** Few samples go through four places of a row at a time, where the windows lie in the image; rows are long here. */
const longRows: fc.Arbitrary<LocalCase> = fc
  .record({
    filters: fc.integer({ min: 1, max: 33 }),
    window: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 2 }),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    dataFormat: fc.constantFrom('channels_last' as const, 'channels_first' as const),
    channels: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 12, max: 20 }),
    batch: fc.integer({ min: 1, max: 4 }),
    useBias: fc.boolean(),
    seed: fc.nat(1000),
  })
  .map(({ filters, window, stride, padding, dataFormat, channels, width, batch, useBias, seed }) => ({
    options: { filters, kernelSize: [window, window], strides: [1, stride], padding, dataFormat },
    inputShape: dataFormat === 'channels_last' ? [5, width, channels] : [channels, 5, width],
    batch,
    useBias,
    seed,
  }))

test.each([1, 2, 3, 7])('with %d threads: few samples of 50 layers with long rows', threads => {
  const reference = new ReferenceEngine()
  fc.assert(
    fc.property(longRows, c => {
      const g = geometryOf(c)
      const expected = run(reference, c, g, 1)
      const found = run(simdEngine(threads), c, g, 1)
      for (const key of ['out', 'dx', 'dkernel', 'dbias'] as const) expectSameBits(found[key], expected[key], key)
    }),
    { seed: threads, numRuns: runs(50) },
  )
})

/** With many filters, rows of samples are packed: from 64 filters if runs are short, from 256 if they are long. */
const manyFilters: fc.Arbitrary<LocalCase> = fc
  .record({
    filters: fc.constantFrom(63, 64, 67, 255, 256, 261),
    window: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    dataFormat: fc.constantFrom('channels_last' as const, 'channels_first' as const),
    channels: fc.constantFrom(1, 3, 4, 12, 13),
    batch: fc.integer({ min: 1, max: 9 }),
    useBias: fc.boolean(),
    seed: fc.nat(1000),
  })
  .map(({ filters, window, padding, dataFormat, channels, batch, useBias, seed }) => ({
    options: { filters, kernelSize: window, strides: [1, 1], padding, dataFormat },
    inputShape: dataFormat === 'channels_last' ? [3, 4, channels] : [channels, 3, 4],
    batch,
    useBias,
    seed,
  }))

test.each([1, 2, 3] as const)('implementation %d: 60 layers with many filters', implementation => {
  const reference = new ReferenceEngine()
  fc.assert(
    fc.property(manyFilters, c => {
      const g = geometryOf(c)
      const expected = run(reference, c, g, implementation)
      const found = run(simdEngine(2), c, g, implementation)
      for (const key of ['out', 'dx', 'dkernel', 'dbias'] as const) expectSameBits(found[key], expected[key], key)
    }),
    { seed: implementation, numRuns: runs(60) },
  )
})

test.each([1, 2, 3] as const)(
  'implementation %d: more samples than the panels hold for all filters',
  implementation => {
    const c: LocalCase = {
      options: { filters: 40, kernelSize: [2, 2], strides: [1, 1], padding: 'same', dataFormat: 'channels_last' },
      inputShape: [2, 3, 2],
      batch: 9001,
      useBias: true,
      seed: 1,
    }
    const g = geometryOf(c)
    const expected = run(new ReferenceEngine(), c, g, implementation)
    const found = run(simdEngine(2), c, g, implementation)
    for (const key of ['out', 'dx', 'dkernel', 'dbias'] as const) expectSameBits(found[key], expected[key], key)
  },
)
