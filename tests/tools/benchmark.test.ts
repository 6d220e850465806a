// Which implementation to take: what does not depend on how fast this machine is, with a clock of ours.

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type BenchmarkOptions,
  benchmarkImplementations,
  Dense,
  LocallyConnected1D,
  LocallyConnected2D,
} from '../../lib/index.ts'
import { expectSameBits } from '../support/bits.ts'
import { localCases } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

/** A clock that advances so much before each call; by 1 where nothing is said. */
function clockOf(advances: readonly number[]): () => number {
  let [time, calls] = [0, 0]
  return () => {
    time += advances[calls++] ?? 1
    return time
  }
}

/** What the clock says of a round: `[forward, backward]` of each implementation. */
const round = (...runs: readonly (readonly [number, number])[]) =>
  runs.flatMap(([forward, backward]) => [0, forward, 0, backward])

const start = 0
const ignored = [1000, 1000] as const

const layer = () => new LocallyConnected2D({ filters: 2, kernelSize: 3 })
const options: BenchmarkOptions = { batchSize: 2, timeBudget: 0, engine: 'reference' }

describe('times', () => {
  const threeRounds = [
    ...[...round(ignored, ignored, ignored), start],
    ...round([5, 7], [2, 30], [4, 4]),
    ...round([3, 9], [6, 10], [4, 4]),
    ...round([4, 5], [4, 20], [2, 6]),
  ]

  test('are the least and the median of the rounds, without the first', async () => {
    const clock = clockOf(threeRounds)
    const { measurements, rounds } = await benchmarkImplementations(layer(), [5, 5, 1], { ...options, clock })
    expect(rounds).toBe(3)
    expect(measurements.map(({ forward, backward }) => [forward, backward])).toEqual([
      [
        { min: 3, median: 4 },
        { min: 5, median: 7 },
      ],
      [
        { min: 2, median: 4 },
        { min: 10, median: 20 },
      ],
      [
        { min: 2, median: 4 },
        { min: 4, median: 4 },
      ],
    ])
  })

  test('decide: the fastest is recommended, with the times of the others', async () => {
    const clock = clockOf(threeRounds)
    const found = await benchmarkImplementations(layer(), [5, 5, 1], { ...options, clock })
    expect(found.recommended).toBe(3)
    expect(found.reason).toBe('implementation 3: forward and backward take 8.0 ms; 1 takes 11 ms, 2 takes 24 ms')
  })

  test('that are close leave it to memory', async () => {
    const all = round([10.5, 10.5], [10, 10], [15, 15])
    const clock = clockOf([...all, start, ...all, ...all, ...all])
    const found = await benchmarkImplementations(layer(), [5, 5, 1], { ...options, clock })
    expect(found.recommended).toBe(1)
    expect(found.reason).toMatch(/21 ms, about as long as the fastest, and its kernel is smaller; 2 takes 20 ms/)
  })

  test('that are equal, with equal kernels, leave it to the first', async () => {
    const found = await benchmarkImplementations(layer(), [5, 5, 1], {
      ...options,
      implementations: [3, 1],
      clock: clockOf([]),
    })
    expect(found.recommended).toBe(1)
  })

  test('are taken until the budget is spent', async () => {
    // a round of one implementation takes 4 ticks, and asking whether to go on takes one more from the third on
    const found = await benchmarkImplementations(layer(), [5, 5, 1], {
      ...options,
      implementations: [1],
      clock: clockOf([]),
      timeBudget: 100,
    })
    expect(found.rounds).toBe(3 + Math.ceil((100 - 13) / 5))
  })
})

describe('memory', () => {
  test('is that of the stored kernels, and of their gradients', async () => {
    const { measurements } = await benchmarkImplementations(layer(), [5, 5, 1], options)
    expect(measurements.map(m => [m.kernelShape, m.kernelBytes, m.gradientBytes])).toEqual([
      [[9, 9, 2], 648, 648],
      [[5, 5, 1, 3, 3, 2], 1800, 1800],
      [[162], 648, 648],
    ])
  })

  test('has a limit: what needs more is not built, and says so', async () => {
    const found = await benchmarkImplementations(layer(), [5, 5, 1], {
      ...options,
      memoryLimit: 1296,
      clock: clockOf([]),
    })
    expect(found.measurements.map(({ skipped }) => skipped)).toEqual([
      null,
      'kernel and gradient take 3.52 KB; the limit is 1.27 KB',
      null,
    ])
    expect(found.measurements[1].forward).toBeNull()
    expect(found.reason).toMatch(/, 2 was not built$/)
    expect(`${found}`).toMatch(/^implementation 2: kernel 1.76 KB; not built: kernel and gradient/m)
  })

  test('that suffices for none leaves nothing to recommend', async () => {
    const found = await benchmarkImplementations(layer(), [5, 5, 1], { ...options, memoryLimit: 100 })
    expect([found.recommended, found.rounds]).toEqual([null, 0])
    expect(found.reason).toMatch(/raise memoryLimit/)
  })

  test('is told before anything is built: the shape is that of the built kernel', () => {
    fc.assert(
      fc.property(localCases, fc.constantFrom(1 as const, 2 as const, 3 as const), (given, implementation) => {
        const made = new LocallyConnected2D({ ...given.options, implementation } as never)
        const foretold = new LocallyConnected2D(given.options as never).kernelShape(implementation, given.inputShape)
        made.build([null, ...given.inputShape])
        expect(foretold).toEqual(made.parameters[0].shape)
      }),
      { seed: 7, numRuns: runs(100) },
    )
  })

  test.each([
    ['channels_last', [6, 2], [6, 2, 4, 3]],
    ['channels_first', [2, 6], [2, 6, 3, 4]],
  ] as const)('of one dimension, %s, has no axis of rows', async (dataFormat, sample, dense) => {
    const line = new LocallyConnected1D({ filters: 3, kernelSize: 3, dataFormat })
    const { measurements } = await benchmarkImplementations(line, sample, options)
    expect(measurements.map(({ kernelShape }) => kernelShape)).toEqual([[4, 6, 3], dense, [72]])
    expect(measurements.map(({ skipped }) => skipped)).toEqual([null, null, null])
  })
})

describe('the layer', () => {
  test('is not built by it', async () => {
    const fresh = layer()
    await benchmarkImplementations(fresh, [5, 5, 1], options)
    expect(fresh.built).toBe(false)
  })

  test('keeps its weights', async () => {
    const built = layer()
    built.build([null, 5, 5, 1])
    const before = built.getWeights()
    await benchmarkImplementations(built, [5, 5, 1], options)
    for (const [i, weight] of built.getWeights().entries()) expectSameBits(weight.data, before[i].data)
    expect(built.parameters).toHaveLength(2)
  })

  test('may name an input shape of its own: another one is measured all the same', async () => {
    const named = new LocallyConnected2D({ filters: 1, kernelSize: 2, inputShape: [9, 9, 1], name: 'named' })
    const { measurements } = await benchmarkImplementations(named, [4, 4, 1], options)
    expect(measurements.map(({ skipped }) => skipped)).toEqual([null, null, null])
    expect(measurements[0].kernelShape).toEqual([9, 4, 1])
  })
})

describe('wrong arguments are named', () => {
  test.each([
    ['layer', () => benchmarkImplementations(new Dense({ units: 1 }) as never, [4])],
    ['kernelSize', () => benchmarkImplementations(layer(), [2, 2, 1])],
    ['inputShape', () => benchmarkImplementations(layer(), [5, 0, 1])],
    ['batchSize', () => benchmarkImplementations(layer(), [5, 5, 1], { batchSize: 0 })],
    ['timeBudget', () => benchmarkImplementations(layer(), [5, 5, 1], { timeBudget: -1 })],
    ['implementations', () => benchmarkImplementations(layer(), [5, 5, 1], { implementations: [4] as never })],
    ['option', () => benchmarkImplementations(layer(), [5, 5, 1], { batch: 3 } as never)],
  ])('%s', async (name, run) => {
    await expect(run()).rejects.toThrow(`${name}: expected`)
  })
})
