// Layers as students write them: the right ones pass, the wrong ones are named by their fault.

import { describe, expect, test } from '@jest/globals'
import { checkLocallyConnected, type LayerCandidate, type LayerSizes } from '../../lib/teaching/index.ts'
import { rightLayers } from './right-layers.ts'
import { wrongLayers } from './wrong-layers.ts'

const check = (candidate: object, options?: object) => checkLocallyConnected(candidate as LayerCandidate, options)

describe('right layers pass', () => {
  test.each(rightLayers)('$name', ({ candidate, options }) => {
    expect(String(check(candidate, options))).toMatch(/^passed: \d+ cases$/)
  })
})

test('a task without strides has none in its cases and examples', () => {
  const seen: number[] = []
  const layer = (x: number[][][][], _kernel: unknown, bias: number[][][], { SH, SW }: LayerSizes) => {
    seen.push(SH, SW)
    return x.map(() => bias)
  }
  const { findings } = checkLocallyConnected(layer, { strides: false, paddings: ['valid'] })
  expect(new Set(seen)).toEqual(new Set([1]))
  expect(findings[0].example?.sizes).toMatchObject({ SH: 1, SW: 1 })
})

test('the argument that is written into is named, and the pass', () => {
  const [{ candidate, options }] = rightLayers
  const right = candidate as { forward(...given: unknown[]): unknown; backward(...given: unknown[]): unknown }
  const backward = (dy: number[][][][], ...others: unknown[]) => {
    const gradients = right.backward(dy, ...others)
    dy[0][0][0][0] = 0
    return gradients
  }
  const { findings } = check({ forward: right.forward, backward }, options)
  expect(findings.map(({ message }) => message)).toEqual([
    'dx: backward writes into dy, which belongs to the caller: copy it first',
  ])
})

test('what has no name is told with its padding, where the other one is right', () => {
  const right = rightLayers[1].candidate as { forward(...given: unknown[]): Float32Array }
  const forward = (...given: unknown[]) => {
    const y = right.forward(...given)
    return (given[3] as LayerSizes).padding === 'same' ? y.fill(Number.NaN) : y
  }
  const { findings } = check({ forward }, { arrays: 'flat', dataFormats: ['channels_last'] })
  expect(findings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^forward: has results that are not numbers .*, only with padding 'same'$/),
  ])
})

test.each([
  [undefined, {}, /^candidate: expected an object with a function forward/],
  [{ forward: () => 0, backward: 1 }, {}, /^candidate.backward: expected a function/],
  [() => 0, { padding: 'same' }, /option: expected one of arrays, dtype, paddings/],
  [() => 0, { arrays: 'deep' }, /^arrays: expected one of "nested"/],
  [() => 0, { dtype: 'float16' }, /^dtype/],
  [() => 0, { arrays: 'tensor', dtype: 'float64' }, /^dtype: expected 'float32' for tensors/],
  [() => 0, { paddings: [] }, /^paddings: expected a list/],
  [() => 0, { dataFormats: ['nchw'] }, /^dataFormats: expected one of/],
  [() => 0, { strides: 2 }, /^strides/],
])('%p with %p is refused', (candidate, options, message) => {
  expect(() => check(candidate as object, options)).toThrow(message)
})

describe('wrong layers are named', () => {
  test.each(wrongLayers)('$name: $faults', ({ candidate, options, faults }) => {
    const report = check(candidate, options)
    expect(report.passed).toBe(false)
    expect(report.findings.map(({ fault }) => fault).sort()).toEqual([...faults].sort())
  })
})
