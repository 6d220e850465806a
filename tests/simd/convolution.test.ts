// Convolutions on the fast engine against the reference, bit for bit.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { convolutionGeometry, type Geometry } from '../../lib/core/geometry.ts'
import { stream } from '../../lib/core/random.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { convolution } from '../../lib/kernels/local2d-loop.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'
import { counted, simdEngine, withArrays } from '../support/simd-engines.ts'

const size = (most: number) => fc.integer({ min: 1, max: most })

const cases = fc
  .record({
    rows: size(9),
    cols: size(40),
    channels: size(6),
    filters: size(20),
    batch: size(4),
    seed: fc.nat(1e6),
    kernel: fc.tuple(size(4), size(4)),
    strides: fc.tuple(size(3), size(3)),
    dilation: fc.tuple(size(2), size(2)),
    padding: fc.constantFrom('valid' as const, 'same' as const, 'causal' as const),
    dataFormat: fc.constantFrom('channels_last' as const, 'channels_first' as const),
    useBias: fc.boolean(),
  })
  .filter(({ rows, cols, kernel, dilation, padding }) => {
    const reach = kernel.map((k, i) => (k - 1) * dilation[i] + 1)
    return padding !== 'valid' || (reach[0] <= rows && reach[1] <= cols)
  })
  .map(({ rows, cols, channels, filters, kernel, strides, dilation, padding, dataFormat, ...rest }) => {
    const image = dataFormat === 'channels_last' ? [rows, cols, channels] : [channels, rows, cols]
    const options = { filters, kernelSize: kernel, strides, dilationRate: dilation, padding, dataFormat }
    return { g: convolutionGeometry([null, ...image], options), ...rest }
  })

function run(engine: Engine, g: Geometry, B: number, useBias: boolean, seed: number) {
  const random = stream(seed, 'convolution')
  const [input, output, weights] = [B * g.inputSize, B * g.outputSize, g.K * g.F]
  const lists = {
    x: input,
    kernel: weights,
    bias: g.F,
    dout: output,
    out: output,
    dx: input,
    dkernel: weights,
    dbias: g.F,
  }
  return withArrays(engine, lists, arrays => {
    for (const array of Object.values(arrays)) array.set(randomNumbers(array.length, random))
    const { x, kernel, dout, out, dx, dkernel } = arrays
    const [bias, dbias] = useBias ? [arrays.bias, arrays.dbias] : [null, null]
    engine.kernel(convolution).forward(out, x, kernel, bias, B, g)
    engine.kernel(convolution).backward({ x: dx, kernel: dkernel, bias: dbias }, dout, x, kernel, B, g)
  })
}

test('outputs and gradients of 700 random convolutions', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 2, 3, 7), ({ g, batch, useBias, seed }, threads) => {
      const engine = simdEngine(threads)
      const expected = run(new ReferenceEngine(), g, batch, useBias, seed)
      const [found, calls] = counted(engine, () => run(engine, g, batch, useBias, seed))
      for (const name of Object.keys(expected)) expectSameBits(found[name], expected[name], name)
      expect(calls).toEqual({
        'convolution.forward': { simd: 1, reference: 0 },
        'convolution.backward': { simd: 1, reference: 0 },
      })
    }),
    { seed: 1, numRuns: runs(700) },
  )
})
