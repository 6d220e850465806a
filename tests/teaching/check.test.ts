// Layers as students write them: the right ones pass, the wrong ones are named by their fault.

import { describe, expect, test } from '@jest/globals'
import { checkLocallyConnected, type LayerCandidate } from '../../lib/teaching/index.ts'
import { rightLayers } from './right-layers.ts'
import { wrongLayers } from './wrong-layers.ts'

const check = (candidate: object, options?: object) => checkLocallyConnected(candidate as LayerCandidate, options)

describe('right layers pass', () => {
  test.each(rightLayers)('$name', ({ candidate, options }) => {
    expect(String(check(candidate, options))).toMatch(/^passed: \d+ cases$/)
  })
})

describe('wrong layers are named', () => {
  test.each(wrongLayers)('$name: $faults', ({ candidate, options, faults }) => {
    const report = check(candidate, options)
    if (process.env.SHOW) console.log(String(report))
    expect(report.passed).toBe(false)
    expect(report.findings.map(({ fault }) => fault).sort()).toEqual([...faults].sort())
  })
})
