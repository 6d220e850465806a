import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { stream } from '../../lib/core/random.ts'
import { L1, L1L2, L2, OrthogonalRegularizer, type Regularizer, regularizers } from '../../lib/weights/regularizers.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose, numericGradient } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

function gradient(r: Regularizer, w: Float32Array, shape: readonly number[], scale = 1): Float32Array {
  const dw = new Float32Array(w.length)
  r.addGradient(dw, w, scale, sizeOf(shape), shape)
  return dw
}

const all: [string, Regularizer][] = [
  ['L1', new L1({ l1: 0.3 })],
  ['L2', new L2({ l2: 0.4 })],
  ['L1L2', new L1L2({ l1: 0.2, l2: 0.5 })],
  ['orthogonal rows', new OrthogonalRegularizer({ factor: 0.7 })],
  ['orthogonal columns', new OrthogonalRegularizer({ factor: 0.7, mode: 'columns' })],
]

describe('by hand', () => {
  const w = Float32Array.of(1, -2, 0, 3)

  test('L1 is the sum of absolute values; its slope at 0 is 0', () => {
    const l1 = new L1({ l1: 0.5 })
    expect(l1.penalty(w, 4)).toBe(3)
    expect([...gradient(l1, w, [4])]).toEqual([0.5, -0.5, 0, 0.5])
  })

  test('L2 is the sum of squares, without a half', () => {
    const l2 = new L2({ l2: 0.5 })
    expect(l2.penalty(w, 4)).toBe(7)
    expect([...gradient(l2, w, [4])]).toEqual([1, -2, 0, 3])
  })

  test('orthogonal rows cost nothing, parallel ones cost the factor', () => {
    const r = new OrthogonalRegularizer({ factor: 0.5 })
    expect(r.penalty(Float32Array.of(1, 0, 0, 2), 4, [2, 2])).toBe(0)
    expect(r.penalty(Float32Array.of(1, 2, -2, -4), 4, [2, 2])).toBeCloseTo(0.5, 12)
    const columns = new OrthogonalRegularizer({ factor: 0.5, mode: 'columns' })
    expect(columns.penalty(Float32Array.of(1, 2, -2, -4), 4, [2, 2])).toBeCloseTo(0.5, 12)
    expect(columns.penalty(Float32Array.of(1, 1, 1, -1), 4, [2, 2])).toBe(0)
  })

  test('a row shorter than 1e-6 is divided by 1e-6, in the gradient too: numbers of Keras', () => {
    const r = new OrthogonalRegularizer({ factor: 0.1 })
    const w = Float32Array.of(1e-7, 0, 1, 2, 3, -1)
    expect(r.penalty(w, 6, [3, 2])).toBeCloseTo(0.009367034, 8)
    const keras = [46529.8984375, 19273.314453125, 0.01439189724624157]
    const more = [-0.0071959481574594975, 0.0034052408300340176, 0.010215723887085915]
    expectClose(gradient(r, w, [3, 2]), [...keras, ...more], 1e-6)
  })

  test('a row of zeros is at right angles to all, and gets no gradient', () => {
    const r = new OrthogonalRegularizer({ factor: 1 })
    const zeros = Float32Array.of(0, 0, 1, 2)
    expect(r.penalty(zeros, 4, [2, 2])).toBe(0)
    expect([...gradient(r, zeros, [2, 2])]).toEqual([0, 0, 0, 0])
  })
})

/** How much more `f` rises to the right of entry `i` than to its left: a corner keeps it, however short the step. */
function bend(f: (x: Float32Array) => number, x: Float32Array, i: number, step: number): number {
  const value = x[i]
  const [below, here, above] = [value - step, value, value + step].map(moved => {
    x[i] = moved
    return { x: x[i], y: f(x) }
  })
  x[i] = value
  return (above.y - here.y) / (above.x - here.x) - (here.y - below.y) / (here.x - below.x)
}

describe.each(all)('%s', (_name, r) => {
  const shapes = fc.tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 2, max: 11 }))

  test('the gradient is that of the penalty', () => {
    fc.assert(
      fc.property(shapes, fc.nat(1e6), (shape, seed) => {
        const w = randomNumbers(sizeOf(shape), stream(seed)).map(v => v + 0.1 * Math.sign(v))
        const step = 2 ** -10
        // |w| and |cos| have corners: numbers that stand at one are left out
        const numeric = numericGradient(x => r.penalty(x, x.length, shape), w, step)
        const finer = numericGradient(x => r.penalty(x, x.length, shape), w, step / 4)
        if (numeric.some((v, i) => Math.abs(v - finer[i]) > 1e-3)) return
        if (w.some((_, i) => Math.abs(bend(x => r.penalty(x, x.length, shape), w, i, step / 4)) > 2e-3)) return
        expectClose(gradient(r, w, shape), numeric, 1e-3, 'dw')
      }),
      { seed: 5, numRuns: runs(60) },
    )
  })

  test('it is added to what is there, times the scale; what is beyond n stays', () => {
    const w = randomNumbers(14, stream(6))
    const alone = gradient(r, w.slice(0, 12), [3, 4])
    const dw = new Float32Array(14).fill(1)
    r.addGradient(dw, w, 0.25, 12, [3, 4])
    expectClose(
      dw.subarray(0, 12),
      alone.map(v => 1 + 0.25 * v),
      1e-6,
    )
    expect([...dw.subarray(12)]).toEqual([1, 1])
    const beyond = w.slice()
    beyond.fill(99, 12)
    expect(r.penalty(beyond, 12, [3, 4])).toBe(r.penalty(w, 12, [3, 4]))
  })

  test('NaN among the weights shows', () => {
    const w = randomNumbers(12, stream(7))
    w[5] = Number.NaN
    expect(r.penalty(w, 12, [3, 4])).toBeNaN()
    expect(gradient(r, w, [3, 4])[5]).toBeNaN()
  })

  test('the config makes the same regularizer again', () => {
    const again = regularizers.get(regularizers.serialize(r))
    expect(again.getConfig()).toEqual(r.getConfig())
    expect(again.className).toBe(r.className)
  })
})

describe('names and options', () => {
  const float32 = Math.fround(0.01)

  test.each([
    ['l1', { l1: float32 }],
    ['l2', { l2: float32 }],
    ['l1_l2', { l1: float32, l2: float32 }],
    ['l1L2', { l1: float32, l2: float32 }],
    ['L1', { l1: float32 }],
    ['L1L2', { l1: 0, l2: 0 }],
    ['orthogonal_regularizer', { factor: float32, mode: 'rows' }],
    ['orthogonalRegularizer', { factor: float32, mode: 'rows' }],
  ])('%s', (name, config) => {
    expect(regularizers.get(name).getConfig()).toEqual(config)
  })

  const refused: [make: () => unknown, message: string][] = [
    [() => new L2({ l2: -0.1 }), 'l2: expected a finite number of at least 0, received -0.1'],
    [() => new L2({ l2: Number.NaN }), 'l2: expected a finite number of at least 0, received NaN'],
    [() => new L1({ l1: 'a' as never }), 'l1: expected a finite number of at least 0, received "a"'],
    [() => new L1L2({ l1: Infinity }), 'l1: expected a finite number'],
    [() => new L1({ l2: 1 } as never), 'L1, option: expected one of l1, received "l2"'],
    [() => new OrthogonalRegularizer({ mode: 'row' as never }), 'mode: expected one of "rows", "columns"'],
    [() => new OrthogonalRegularizer({ factor: -1 }), 'factor: expected a finite number of at least 0'],
    [
      () => new OrthogonalRegularizer().penalty(new Float32Array(8), 8, [2, 2, 2]),
      'shape: expected two axes: OrthogonalRegularizer is for matrices, received [2, 2, 2]',
    ],
    [
      () => new OrthogonalRegularizer().penalty(new Float32Array(3), 3, [1, 3]),
      'shape: expected at least two rows, to form a pair, received [1, 3]',
    ],
    [() => regularizers.get('l3'), 'regularizer: expected one of L1, L1L2, L2'],
    [() => regularizers.get('toString'), 'regularizer: expected one of'],
  ]

  test.each(refused.map(([make, message]) => ({ make, message })))('refused: $message', ({ make, message }) => {
    expect(make).toThrow(message)
  })
})
