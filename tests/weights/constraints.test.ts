import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { stream } from '../../lib/core/random.ts'
import {
  type Axes,
  type Constraint,
  constraints,
  MaxNorm,
  MinMaxNorm,
  NonNeg,
  RadialConstraint,
  UnitNorm,
} from '../../lib/weights/constraints.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const applied = (constraint: Constraint, w: ArrayLike<number>, shape: readonly number[]) => {
  const moved = Float32Array.from(w)
  constraint.apply(moved, shape)
  return moved
}

/** Norms along some axes, the slow way: by the index of every number. */
function norms(w: Float32Array, shape: readonly number[], along: readonly number[]): Map<string, number> {
  const squares = new Map<string, number>()
  w.forEach((value, at) => {
    const index = shape.map((size, a) => Math.floor(at / sizeOf(shape.slice(a + 1))) % size)
    const key = index.map((n, a) => (along.includes(a) ? '' : n)).join()
    squares.set(key, (squares.get(key) ?? 0) + value * value)
  })
  return new Map([...squares].map(([key, square]) => [key, Math.sqrt(square)]))
}

/** Shapes of one to four axes, some of their axes, and weights. More than 16 vectors side by side occur. */
const cases = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
    chosen: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    seed: fc.nat(1e6),
  })
  .map(({ shape, chosen, seed }) => ({
    shape,
    axis: shape.map((_, a) => a).filter(a => chosen[a]),
    w: randomNumbers(sizeOf(shape), stream(seed)).map(v => 3 * v),
  }))
const checked = { seed: 7, numRuns: runs(200) }

/** What the 1e-7 leaves of 1 that is added to a norm. */
const nearly = (norm: number) => norm / (norm + 1e-7)

describe('norms along any axes', () => {
  test('MaxNorm shortens what is too long, and leaves the rest nearly alone', () => {
    fc.assert(
      fc.property(cases, ({ shape, axis, w }) => {
        const before = norms(w, shape, axis)
        const after = norms(applied(new MaxNorm({ maxValue: 2, axis }), w, shape), shape, axis)
        for (const [key, norm] of after) expect(norm).toBeCloseTo(Math.min(before.get(key) as number, 2), 5)
      }),
      checked,
    )
  })

  test('UnitNorm makes them 1', () => {
    fc.assert(
      fc.property(cases, ({ shape, axis, w }) => {
        const before = norms(w, shape, axis)
        for (const [key, norm] of norms(applied(new UnitNorm({ axis }), w, shape), shape, axis))
          expect(norm).toBeCloseTo(nearly(before.get(key) as number), 5)
      }),
      checked,
    )
  })

  test('MinMaxNorm goes the given share of the way', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(0, 0.25, 1), ({ shape, axis, w }, rate) => {
        const before = norms(w, shape, axis)
        const constraint = new MinMaxNorm({ minValue: 1, maxValue: 2, rate, axis })
        for (const [key, norm] of norms(applied(constraint, w, shape), shape, axis)) {
          const old = before.get(key) as number
          const wanted = Math.min(Math.max(old, 1), 2)
          expect(norm).toBeCloseTo((rate * wanted + (1 - rate) * old) * nearly(old), 5)
        }
      }),
      checked,
    )
  })

  test('the direction stays', () => {
    const w = applied(new UnitNorm({ axis: 1 }), [3, 4, 5, -12], [2, 2])
    ;[0.6, 0.8, 5 / 13, -12 / 13].forEach((expected, i) => {
      expect(w[i]).toBeCloseTo(expected, 6)
    })
  })

  test('the default is axis 0; negative axes count from the end; null means all', () => {
    const w = randomNumbers(24, stream(8)).map(v => 9 * v)
    const same = (a: Axes | undefined, b: Axes) =>
      expectSameBits(
        applied(new MaxNorm({ maxValue: 1, ...(a === undefined ? {} : { axis: a }) }), w, [2, 3, 4]),
        applied(new MaxNorm({ maxValue: 1, axis: b }), w, [2, 3, 4]),
      )
    same(undefined, 0)
    same(-1, 2)
    same([-3, 1], [1, 0])
    same(null, [0, 1, 2])
  })

  test('one constraint serves weights of several shapes', () => {
    const constraint = new UnitNorm()
    const [a, b] = [
      [2, 3],
      [3, 2],
    ]
    const w = randomNumbers(6, stream(9))
    const first = applied(constraint, w, a)
    expectSameBits(applied(constraint, w, b), applied(new UnitNorm(), w, b))
    expectSameBits(applied(constraint, w, a), first)
  })

  test('the norm is summed in the written order', () => {
    // Small squares at every eighth place gather in a partial of their own; one by one, 2 would swallow them.
    const w = new Float32Array(64)
    w.set([1, 1, 2 ** -12, 2 ** -12])
    for (let i = 4; i < 64; i += 8) w[i] = 2 ** -27
    const factor = (square: number) =>
      Math.fround(1 / Math.fround(Math.fround(1e-7) + Math.fround(Math.sqrt(Math.fround(square)))))
    const oneByOne = w.reduce((sum, v) => sum + v * v, 0)
    expect(oneByOne).toBe(2 + 2 ** -23)
    expect(factor(oneByOne)).not.toBe(factor(2 + 2 ** -23 + 2 ** -51))
    expect(applied(new UnitNorm(), w, [64])[0]).toBe(factor(2 + 2 ** -23 + 2 ** -51))
  })

  test('epsilon shortens even what conforms, zeros stay, and overflow gives zeros, as in Keras', () => {
    expect([...applied(new MaxNorm({ maxValue: 2 }), [1], [1])]).toEqual([Math.fround(1 / Math.fround(1 + 1e-7))])
    expect([...applied(new UnitNorm(), [0, 0], [2])]).toEqual([0, 0])
    expect([...applied(new UnitNorm(), [3e38, 3e38], [2])]).toEqual([0, 0])
    expect([...applied(new MaxNorm(), [Infinity, 1], [2])]).toEqual([Number.NaN, 0])
    expect([...applied(new MaxNorm(), [Number.NaN, 1], [2])]).toEqual([Number.NaN, Number.NaN])
  })
})

test('NonNeg multiplies by 0: negative numbers become −0, and −∞ NaN', () => {
  const w = applied(new NonNeg(), [-1, -0, 0, 2, Number.NaN, -Infinity, Infinity], [7])
  expect([...w]).toEqual([-0, -0, 0, 2, Number.NaN, Number.NaN, Infinity])
})

describe('RadialConstraint', () => {
  const counted = (size: number) => Array.from({ length: size * size }, (_, i) => i)
  const rows = (size: number) => {
    const w = applied(new RadialConstraint(), counted(size), [size, size, 1, 1])
    return Array.from({ length: size }, (_, r) => [...w.subarray(r * size, (r + 1) * size)].join(' '))
  }

  test('takes its numbers from the diagonal, as Keras does', () => {
    expect(rows(2)).toEqual(['0 0', '0 0'])
    expect(rows(3)).toEqual(['4 4 4', '4 0 4', '4 4 4'])
    expect(rows(4)).toEqual(['15 15 15 15', '15 5 5 15', '15 5 5 15', '15 15 15 15'])
    expect(rows(5)).toEqual(['18 18 18 18 18', '18 12 12 12 18', '18 12 6 12 18', '18 12 12 12 18', '18 18 18 18 18'])
    expect(rows(6)[0]).toBe('35 35 35 35 35 35')
    expect(rows(6)[1]).toBe('35 28 28 28 28 35')
    expect(rows(6)[2]).toBe('35 28 14 14 28 35')
  })

  test('treats each channel and filter by itself', () => {
    const w = randomNumbers(5 * 5 * 3 * 2, stream(10))
    const together = applied(new RadialConstraint(), w, [5, 5, 3, 2])
    for (let s = 0; s < 6; s++) {
      const slice = (x: Float32Array) => x.filter((_, i) => i % 6 === s)
      expectSameBits(slice(together), applied(new RadialConstraint(), slice(w), [5, 5, 1, 1]))
    }
  })
})

describe('names and options', () => {
  test.each([
    ['max_norm', { maxValue: 2, axis: 0 }],
    ['maxNorm', { maxValue: 2, axis: 0 }],
    ['maxnorm', { maxValue: 2, axis: 0 }],
    ['NonNeg', {}],
    ['unit_norm', { axis: 0 }],
    ['minMaxNorm', { minValue: 0, maxValue: 1, rate: 1, axis: 0 }],
    ['radialConstraint', {}],
  ])('%s', (name, config) => {
    expect(JSON.stringify(constraints.get(name).getConfig())).toBe(JSON.stringify(config))
  })

  test.each([
    new MaxNorm({ axis: [0, 1] }),
    new UnitNorm({ axis: null }),
    new MinMaxNorm({ rate: 0.5 }),
    new NonNeg(),
    new RadialConstraint(),
  ])('the config of $className makes the same constraint again', constraint => {
    const again = constraints.get(constraints.serialize(constraint))
    expect(again.className).toBe(constraint.className)
    expect(again.getConfig()).toEqual(constraint.getConfig())
  })

  const matrix = (constraint: Constraint) => () => constraint.apply(new Float32Array(4), [2, 2])

  const refused: [make: () => unknown, message: string][] = [
    [() => new MaxNorm({ maxValue: -1 }), 'maxValue: expected a finite number of at least 0'],
    [() => new MinMaxNorm({ minValue: 2, maxValue: 1 }), 'maxValue: expected a finite number of at least 2'],
    [() => new MinMaxNorm({ rate: 2 }), 'rate: expected a number from 0 to 1, received 2'],
    [() => new UnitNorm({ axis: 0.5 }), 'axis: expected an integer, a list of integers, or null'],
    [() => new UnitNorm({ axis: 'a' as never }), 'axis: expected an integer'],
    [() => new UnitNorm({ axes: 0 } as never), 'UnitNorm, option: expected one of axis'],
    [matrix(new MaxNorm({ axis: 2 })), 'axis: expected distinct axes of a weight of shape [2, 2], received 2'],
    [matrix(new MaxNorm({ axis: -3 })), 'axis: expected distinct axes'],
    [matrix(new MaxNorm({ axis: [0, -2] })), 'axis: expected distinct axes'],
    [matrix(new RadialConstraint()), 'shape: expected four axes'],
    [
      () => new RadialConstraint().apply(new Float32Array(4), [1, 1, 2, 2]),
      'shape: expected as many rows as columns, at least 2, received [1, 1, 2, 2]',
    ],
    [() => new RadialConstraint().apply(new Float32Array(15), [3, 5, 1, 1]), 'shape: expected as many rows'],
    [() => constraints.get('foo'), 'constraint: expected one of MaxNorm'],
  ]

  test.each(refused.map(([make, message]) => ({ make, message })))('refused: $message', ({ make, message }) => {
    expect(make).toThrow(message)
  })
})
