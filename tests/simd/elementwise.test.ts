// Activations, softmax and the optimizers' steps on the fast engine against the reference, bit for bit.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Random, stream } from '../../lib/core/random.ts'
import type { Block, Engine, Kernel } from '../../lib/engine/engine.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import * as kernels from '../../lib/kernels/activations.ts'
import * as lossKernels from '../../lib/kernels/losses/index.ts'
import * as optimizerKernels from '../../lib/kernels/optimizers.ts'
import { SimdEngine } from '../../lib/simd/engine.ts'
import { expectSameBits } from '../support/bits.ts'
import { runs } from '../support/runs.ts'
import { counted, simdEngine } from '../support/simd-engines.ts'

/** Numbers of all sizes, and now and then one that is special. */
const special = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-40, -1e-40, 88.7, -103.9, 6, 2.5, -2.5]
const numbers = (n: number, random: Random) =>
  new Float32Array(n).map(() =>
    random() < 0.1 ? special[Math.floor(random() * special.length)] : (random() - 0.5) * 10 ** (4 * random() - 2),
  )

/**
 * Runs `use` with arrays in the memory of each engine; afterwards they, and what is before and after them, must hold the
 * same bits.
 * @param begin where the arrays begin in their blocks
 */
function compare(
  lists: readonly Float32Array[],
  threads: number,
  use: (engine: Engine, arrays: Float32Array[]) => void,
  begin = 0,
  isFast = true,
) {
  const simd = simdEngine(threads)
  const results = [new ReferenceEngine(), simd].map(engine => {
    const region = engine.region()
    const blocks: Block[] = lists.map(list => region.alloc(begin + list.length + 7))
    const arrays = blocks.map(({ array }, i) => {
      array.set(numbers(array.length, stream(i)))
      const part = array.subarray(begin, begin + lists[i].length)
      part.set(lists[i])
      return part
    })
    const [, calls] = counted(simd, () => use(engine, arrays))
    if (engine === simd) expect(Object.values(calls)).toEqual([{ simd: isFast ? 1 : 0, reference: isFast ? 0 : 1 }])
    const copies = blocks.map(({ array }) => array.slice())
    region.release()
    return copies
  })
  lists.forEach((_, i) => {
    expectSameBits(results[1][i], results[0][i], `array ${i}`)
  })
}

const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1000, max: 9000 }))
const checked = { seed: 1, numRuns: runs(30) }

describe('activations', () => {
  /** Options that an activation is given, as float32 numbers. */
  const options: Record<string, readonly number[][]> = {
    leakyRelu: [[0.2], [0]],
    elu: [
      [1, 1, 1],
      [1.0507009873554805, 1.6732632423543772, 1.7580993408473766],
    ],
  }
  const rare = ['boundedRelu', 'geluTanh', 'mish']
  const { softmax, logSoftmax, ...elementwise } = kernels
  const fast = Object.keys(elementwise).filter(name => !rare.includes(name))

  test.each([
    [4, 6, true],
    [4, 8, true],
    [5, 8, true],
    [5, 6, false], // its last vector might reach into another block
  ])('of a part of a block, from number %i on, %i numbers', (begin, n, isFast) => {
    const use = (engine: Engine, [y, x]: Float32Array[]) => engine.kernel(kernels.relu).forward(y, x, n, 0, 0, 0)
    compare([new Float32Array(n), numbers(n, stream(1))], 2, use, begin, isFast)
  })

  test.each(fast)('%s', name => {
    for (const given of options[name] ?? [[]])
      fc.assert(
        fc.property(sizes, fc.constantFrom(1, 2, 3), fc.nat(1e6), (n, threads, seed) => {
          const random = stream(seed, name)
          const [a, b, c] = [...given, 0, 0, 0].map(Math.fround)
          const key = name as 'relu'
          compare([new Float32Array(n), numbers(n, random)], threads, (engine, [y, x]) =>
            engine.kernel(elementwise[key]).forward(y, x, n, a, b, c),
          )
          const [dy, x, y] = [0, 1, 2].map(() => numbers(n, random))
          compare([new Float32Array(n), dy, x, y], threads, (engine, [dx, ...rest]) =>
            engine.kernel(elementwise[key]).backward(dx, rest[0], rest[1], rest[2], n, a, b, c),
          )
        }),
        checked,
      )
  })

  test('softmax, along the last axis and along another', () => {
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 3 }),
    )
    fc.assert(
      fc.property(shape, fc.constantFrom(1, 2, 3), fc.nat(1e6), ([outer, length, inner], threads, seed) => {
        const n = outer * length * inner
        const random = stream(seed, 'softmax')
        const [x, dy, y] = [0, 1, 2].map(() => numbers(n, random))
        compare([new Float32Array(n), x], threads, (engine, arrays) =>
          engine.kernel(softmax).forward(arrays[0], arrays[1], outer, length, inner),
        )
        compare([new Float32Array(n), dy, y], threads, (engine, arrays) =>
          engine.kernel(softmax).backward(arrays[0], arrays[1], arrays[2], outer, length, inner),
        )
      }),
      { seed: 1, numRuns: runs(200) },
    )
  })
})

describe('crossentropies of logits', () => {
  const sizes = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 30 }))
  const smoothings = fc.constantFrom(0, Math.fround(0.1), 1, Math.fround(1e-9))

  test('with targets that are distributions', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.constantFrom(1, 2, 3),
        smoothings,
        fc.nat(1e6),
        ([rows, length], threads, smoothing, seed) => {
          const random = stream(seed, 'crossentropy')
          const [t, z, scale] = [rows * length, rows * length, rows].map(n => numbers(n, random))
          const { categoricalCrossentropyOfLogits: kernel } = lossKernels
          compare([new Float32Array(rows), t, z], threads, (engine, [values, t, z]) =>
            engine.kernel(kernel).forward(values, t, z, rows, length, 1, smoothing, 0, 0, 0),
          )
          compare([new Float32Array(t.length), t, z, scale], threads, (engine, [dz, t, z, scale]) =>
            engine.kernel(kernel).backward(dz, t, z, scale, rows, length, 1, smoothing, 0, 0, 0),
          )
        },
      ),
      { seed: 1, numRuns: runs(300) },
    )
  })

  test('with targets that are classes, of which one may be ignored', () => {
    const options = fc.tuple(fc.constantFrom(NaN, 0, 3), fc.constantFrom(0, 1))
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, 2, 3), options, fc.nat(1e6), ([rows, length], threads, [a, b], seed) => {
        const random = stream(seed, 'sparse')
        const [z, scale] = [rows * length, rows].map(n => numbers(n, random))
        const t = new Float32Array(rows).map(() => Math.floor(random() * length))
        const { sparseCategoricalCrossentropyOfLogits: kernel } = lossKernels
        compare([new Float32Array(rows), t, z], threads, (engine, [values, t, z]) =>
          engine.kernel(kernel).forward(values, t, z, rows, length, 1, a, b, 0, 0),
        )
        compare([new Float32Array(z.length), t, z, scale], threads, (engine, [dz, t, z, scale]) =>
          engine.kernel(kernel).backward(dz, t, z, scale, rows, length, 1, a, b, 0, 0),
        )
      }),
      { seed: 1, numRuns: runs(300) },
    )
  })

  test('along another axis, in longer rows and in other memory, are those of the reference', () => {
    const engine = SimdEngine.create(1) as SimdEngine
    const kernel = engine.kernel(lossKernels.categoricalCrossentropyOfLogits)
    const region = engine.region()
    const block = region.alloc(3 * 200_000)
    const [values, t, z] = [0, 1, 2].map(i => block.array.subarray(200_000 * i, 200_000 * (i + 1)))
    kernel.forward(values, t, z, 1, 2, 3, 0, 0, 0, 0)
    kernel.forward(values, t, z, 1, 200_000, 1, 0, 0, 0, 0)
    kernel.forward(new Float32Array(1), t, z, 1, 4, 1, 0, 0, 0, 0)
    kernel.forward(values, t, z, 1, 100_000, 1, 0, 0, 0, 0)
    const { name } = lossKernels.categoricalCrossentropyOfLogits
    expect(engine.report()[`${name}.forward`]).toEqual({ simd: 1, reference: 3 })
  })
})

describe('optimizers', () => {
  const steps: Record<string, { arrays: number; given: number[] }> = {
    sgd: { arrays: 2, given: [0.1] },
    sgdMomentum: { arrays: 3, given: [0.1, 0.9] },
    sgdNesterov: { arrays: 3, given: [0.1, 0.9] },
    lion: { arrays: 3, given: [0.1, 0.9, 0.99] },
    adagrad: { arrays: 3, given: [0.1, 1e-7] },
    rmsprop: { arrays: 3, given: [0.1, 0.9, 0.1, 1e-7] },
    adadelta: { arrays: 4, given: [0.1, 0.95, 0.05, 1e-7] },
    adam: { arrays: 4, given: [0.1, 0.1, 0.001, 1e-7] },
    amsgrad: { arrays: 5, given: [0.1, 0.1, 0.001, 1e-7] },
    adamax: { arrays: 4, given: [0.1, 0.1, 0.2, 0.999, 1e-7] },
    nadam: { arrays: 4, given: [0.1, 0.1, 0.001, 0.9, 0.2, 0.1, 0.3, 0.001, 1e-7] },
    decay: { arrays: 1, given: [0.01, 0.1] },
    average: { arrays: 2, given: [0.99, 0.01] },
    clipNorm: { arrays: 1, given: [3, 1] },
    scale: { arrays: 1, given: [0.3] },
    clipValue: { arrays: 1, given: [0.5] },
  }
  const { fading, nextVariance, ...kernels } = optimizerKernels
  const all: Kernel[] = Object.values(kernels)
  const kernelWith = (name: string) => all.find(kernel => name in kernel) as Kernel

  test.each(Object.entries(steps))('%s', (name, { arrays, given }) => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(1, 2, 3), fc.nat(1e6), (n, threads, seed) => {
        const random = stream(seed, name)
        const lists = Array.from({ length: arrays }, () => numbers(n, random))
        lists[arrays - 1].fill(0, n >> 2, n >> 1) // gradients are 0 where a kernel is masked
        compare(lists, threads, (engine, views) => {
          const step = (engine.kernel(kernelWith(name)) as never)[name] as (...args: unknown[]) => void
          step(...views, n, ...given.map(Math.fround))
        })
      }),
      checked,
    )
  })

  test('those that have no fast form are known', () => {
    const slow = all.flatMap(Object.keys).filter(name => name !== 'name' && !(name in steps))
    expect(slow.sort()).toEqual(['ftrl', 'rmspropExtended', 'sumOfSquares'])
  })
})
