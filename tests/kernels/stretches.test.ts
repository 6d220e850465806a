// Lists of what a sparsely populated array holds.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { connectedStretches, connectionMask } from '../../lib/kernels/local2d-dense.ts'
import { isOutside, LINE, StretchList } from '../../lib/kernels/stretches.ts'
import { geometryOf, largerLocalCases } from '../support/geometries.ts'

test('parts that share a line, or touch, are one stretch', () => {
  const list = new StretchList()
  list.add(0, 1)
  list.add(15, 2) // lines 0 and 1
  list.add(32, 16) // line 2
  list.add(100, 1) // line 6
  list.add(101, 1)
  expect(list.stretches(1e6)).toEqual(Int32Array.of(0, 3, 6, 7))
})

test('where stretches cost as much as the whole array there are none', () => {
  const list = new StretchList()
  list.add(0, 16)
  list.add(160, 32) // 3 lines in all, and 2 stretches
  expect(list.stretches(LINE * 13, 5)).toBeNull()
  expect(list.stretches(LINE * 13 + 1, 5)).toEqual(Int32Array.of(0, 1, 10, 12))
})

test('every number outside is looked at, and none inside', () => {
  const stretches = Int32Array.of(1, 2, 4, 6)
  const isInside = (i: number) => (i >= 16 && i < 32) || (i >= 64 && i < 96)
  for (let i = 0; i < 110; i++) {
    const array = new Float32Array(110).fill(3)
    array[i] = 4
    expect(isOutside(3, array, stretches)).toBe(isInside(i))
  }
  expect(isOutside(0, Float32Array.of(-0), new Int32Array())).toBe(false)
  expect(isOutside(0, new Float32Array(20), new Int32Array())).toBe(true)
})

test('the stretches of a dense kernel are the lines that hold connected weights', () => {
  let found = 0
  fc.assert(
    fc.property(largerLocalCases, c => {
      const g = geometryOf(c)
      const stretches = connectedStretches(g)
      if (!stretches) return
      found++
      const lines = new Set<number>()
      const mask = connectionMask(g)
      for (let i = 0; i < g.inputSize; i++)
        for (let p = 0; p < g.P; p++)
          if (mask[i * g.P + p] === 1)
            for (let f = 0; f < g.F; f++)
              lines.add(Math.floor((i * g.outputSize + p * g.outputPlace + f * g.outputFilter) / LINE))
      const listed: number[] = []
      for (let s = 0; s < stretches.length; s += 2)
        for (let line = stretches[s]; line < stretches[s + 1]; line++) listed.push(line)
      expect(listed).toEqual([...lines].sort((a, b) => a - b))
    }),
    { seed: 1, numRuns: 600 },
  )
  expect(found).toBeGreaterThan(20)
})
