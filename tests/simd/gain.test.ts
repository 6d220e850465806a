import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Gain } from '../../lib/simd/gain.ts'

/** Does so many runs on a machine, given as the time of a multiply-add for each size. Returns the sizes of the runs. */
function runs(gain: Gain, count: number, timeFor: (worth: number) => number): number[] {
  const sizes: number[] = []
  for (let i = 0; i < count; i++) {
    const cost = 100_000 + (i % 7) * 50_000
    const isTimed = gain.begin()
    sizes.push(gain.worth)
    if (isTimed) gain.end(cost, cost * timeFor(gain.worth))
  }
  return sizes
}

const sizes = [40_000, 160_000, Infinity]
const trial = 8192 + 2 * 5 * 48

describe('the size from which on work is shared', () => {
  test('is the one given', () => {
    expect(new Set(runs(new Gain(7), 3 * trial, () => 1))).toEqual(new Set([7]))
  })

  test('is at first the smallest, and stays it where that is the fastest, but for trials', () => {
    const used = runs(new Gain(null), 20 * trial, worth => (worth === 40_000 ? 1 : 2))
    expect(used.slice(0, 8192).every(size => size === 40_000)).toBe(true)
    expect(used.filter(size => size === 40_000).length / used.length).toBeGreaterThan(0.97)
    expect(new Set(used)).toEqual(new Set(sizes))
  })

  test('becomes the fastest one within three trials, also when the machine changes', () => {
    const speeds = fc.shuffledSubarray([1, 1.2, 1.5], { minLength: 3 })
    fc.assert(
      fc.property(fc.array(speeds, { minLength: 1, maxLength: 6 }), phases => {
        const gain = new Gain(null)
        for (const times of phases) {
          const timeFor = (worth: number) => times[sizes.indexOf(worth)]
          runs(gain, 3 * trial, timeFor)
          expect(times[sizes.indexOf(gain.worth)]).toBe(1)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('does not change where the difference is small', () => {
    const gain = new Gain(null)
    for (let i = 0; i < 10; i++) {
      runs(gain, trial, worth => (worth === Infinity ? 0.98 : 1))
      expect(gain.worth).toBe(40_000)
    }
  })

  test('ignores a pause in one of the parts of a trial', () => {
    const gain = new Gain(null)
    runs(gain, trial - 60, worth => (worth === 40_000 ? 1 : 0.5))
    runs(gain, 5, () => 1000)
    runs(gain, 55, worth => (worth === 40_000 ? 1 : 0.5))
    expect(gain.worth).not.toBe(40_000)
  })
})
