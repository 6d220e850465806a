import { describe, expect, test } from '@jest/globals'
import { drawSeed, normal, resume, shuffleInPlace, stream, truncatedNormal } from '../../lib/core/random.ts'

const draws = (n: number, draw: () => number) => Array.from({ length: n }, draw)

describe('streams', () => {
  test('of one seed and path are equal, of others are not', () => {
    const first = draws(5, stream(1, 0, 'kernel'))
    expect(draws(5, stream(1, 0, 'kernel'))).toEqual(first)
    for (const other of [stream(2, 0, 'kernel'), stream(1, 1, 'kernel'), stream(1, 0, 'bias')])
      expect(draws(5, other)).not.toEqual(first)
  })

  test('give these numbers on every machine', () => {
    expect(draws(3, stream(7, 'shuffle'))).toEqual([0.3051438517868519, 0.04664648347534239, 0.12589421425946057])
  })

  test('go on where their state was taken', () => {
    const random = stream('s')
    draws(10, random)
    const state = JSON.parse(JSON.stringify(random.state()))
    expect(draws(5, resume(state))).toEqual(draws(5, random))
  })
})

test('a seed that nobody gave differs from call to call', () => {
  const seeds = draws(5, drawSeed)
  expect(new Set(seeds).size).toBe(5)
  expect(seeds.every(seed => Number.isSafeInteger(seed) && seed >= 0)).toBe(true)
})

describe('normal numbers', () => {
  test('have mean 0, variance 1 and the shares of a normal distribution', () => {
    const n = 200_000
    const random = stream('normal')
    const values = draws(n, () => normal(random))
    const mean = values.reduce((a, b) => a + b) / n
    const variance = values.reduce((a, b) => a + b * b, 0) / n
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs(variance - 1)).toBeLessThan(0.02)
    expect(values.filter(v => Math.abs(v) < 1).length / n).toBeCloseTo(0.6827, 2)
    expect(values.filter(v => Math.abs(v) > 2).length / n).toBeCloseTo(0.0455, 2)
  })

  test('that are truncated stay within two standard deviations', () => {
    const random = stream('truncated')
    const values = draws(50_000, () => truncatedNormal(random))
    expect(values.every(v => Math.abs(v) <= 2)).toBe(true)
    const spread = Math.sqrt(values.reduce((a, b) => a + b * b, 0) / values.length)
    expect(spread).toBeCloseTo(0.8796, 2)
  })
})

describe('shuffle', () => {
  test('keeps every item and makes every order equally likely', () => {
    const random = stream('orders')
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      const order = shuffleInPlace([1, 2, 3], random).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
