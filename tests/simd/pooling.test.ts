// Pooling on the fast engine against the reference, bit for bit.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { convolutionGeometry, type Geometry } from '../../lib/core/geometry.ts'
import { stream } from '../../lib/core/random.ts'
import type { Engine } from '../../lib/engine/engine.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { pool2d } from '../../lib/kernels/pool2d.ts'
import { expectSameBits } from '../support/bits.ts'
import { runs } from '../support/runs.ts'
import { counted, simdEngine, withArrays } from '../support/simd-engines.ts'

const size = (most: number) => fc.integer({ min: 1, max: most })

const cases = fc
  .record({
    rows: size(8),
    cols: size(8),
    channels: size(9),
    batch: size(4),
    seed: fc.nat(1e6),
    window: fc.tuple(size(4), size(4)),
    strides: fc.tuple(size(3), size(3)),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    dataFormat: fc.constantFrom('channels_last' as const, 'channels_first' as const),
  })
  .filter(({ rows, cols, window, padding }) => padding === 'same' || (window[0] <= rows && window[1] <= cols))
  .map(({ rows, cols, channels, window, strides, padding, dataFormat, ...rest }) => {
    const image = dataFormat === 'channels_last' ? [rows, cols, channels] : [channels, rows, cols]
    const options = {
      filters: channels,
      kernelSize: window,
      strides,
      dilationRate: [1, 1] as const,
      padding,
      dataFormat,
    }
    return { g: convolutionGeometry([null, ...image], options), ...rest }
  })

/** Few different numbers, so that many are equal, and now and then −0 or NaN. */
const values = [-1, -0, 0, 0.5, 1, 3, NaN]

function run(engine: Engine, g: Geometry, B: number, seed: number) {
  const random = stream(seed, 'pooling')
  const [input, output] = [B * g.inputSize, B * g.outputSize]
  const lists = { x: input, dout: output, out: output, argmax: output, dx: input, mean: output, dMean: input }
  return withArrays(engine, lists, arrays => {
    for (const array of Object.values(arrays))
      for (let i = 0; i < array.length; i++) array[i] = values[Math.floor(random() * values.length)]
    const { x, dout, out, argmax, dx, mean, dMean } = arrays
    const { max, average } = engine.kernel(pool2d)
    max.forward(out, argmax, x, B, g)
    max.backward(dx, dout, argmax, B, g)
    average.forward(mean, x, B, g)
    average.backward(dMean, dout, B, g)
  })
}

test('largest numbers, means and gradients of 500 random windows', () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(1, 2, 3, 7), ({ g, batch, seed }, threads) => {
      const engine = simdEngine(threads)
      const expected = run(new ReferenceEngine(), g, batch, seed)
      const [found, calls] = counted(engine, () => run(engine, g, batch, seed))
      for (const name of Object.keys(expected)) expectSameBits(found[name], expected[name], name)
      expect(Object.values(calls)).toEqual(Array(4).fill({ simd: 1, reference: 0 }))
    }),
    { seed: 1, numRuns: runs(500) },
  )
})
