import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { stream } from '../../lib/core/random.ts'
import * as kernels from '../../lib/kernels/activations.ts'
import { dot } from '../../lib/kernels/sums.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose, numericGradient } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

const { softmax, logSoftmax, ...elementwise } = kernels
const rows = { softmax, logSoftmax }

/** Options, the function in float64, and where its slope jumps. */
interface Expected {
  readonly kernel: keyof typeof elementwise
  readonly options: readonly [number, number, number]
  readonly f: (x: number) => number
  readonly corners?: readonly number[]
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
const softplus = (x: number) => Math.log1p(Math.exp(x))
/** Abramowitz and Stegun 7.1.5, the series of erf: enough terms for |x| ≤ 4. */
function erf(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}
const none = [0, 0, 0] as const

const expected: Expected[] = [
  { kernel: 'relu', options: none, f: x => Math.max(x, 0), corners: [0] },
  { kernel: 'leakyRelu', options: [0.2, 0, 0], f: x => (x > 0 ? x : 0.2 * x), corners: [0] },
  {
    kernel: 'boundedRelu',
    options: [0.1, 2, 0.5],
    f: x => (x > 0.5 ? Math.min(x, 2) : 0.1 * (x - 0.5)),
    corners: [0.5, 2],
  },
  {
    kernel: 'boundedRelu',
    options: [0.3, 2, -1], // with a maximum, what is kept below 0 becomes 0
    f: x => Math.min(Math.max(x, 0), 2) - 0.3 * Math.max(-1 - x, 0),
    corners: [-1, 0, 2],
  },
  { kernel: 'boundedRelu', options: [0, Infinity, -1], f: x => (x > -1 ? x : 0), corners: [-1] },
  { kernel: 'sigmoid', options: none, f: sigmoid },
  { kernel: 'hardSigmoid', options: none, f: x => Math.min(Math.max(0.2 * x + 0.5, 0), 1), corners: [-2.5, 2.5] },
  { kernel: 'tanh', options: none, f: Math.tanh },
  { kernel: 'softplus', options: none, f: softplus },
  { kernel: 'softsign', options: none, f: x => x / (1 + Math.abs(x)) },
  { kernel: 'elu', options: [1, 0.5, 0.5], f: x => (x > 0 ? x : 0.5 * Math.expm1(x)), corners: [0] },
  { kernel: 'elu', options: [1, -0.5, -0.5], f: x => (x > 0 ? x : -0.5 * Math.expm1(x)), corners: [0] },
  { kernel: 'elu', options: [2, 1.5, 3], f: x => 2 * (x > 0 ? x : 1.5 * Math.expm1(x)), corners: [0] },
  { kernel: 'exponential', options: none, f: Math.exp },
  { kernel: 'gelu', options: none, f: x => 0.5 * x * (1 + erf(x * Math.SQRT1_2)) },
  {
    kernel: 'geluTanh',
    options: none,
    f: x => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  { kernel: 'swish', options: none, f: x => x * sigmoid(x) },
  { kernel: 'mish', options: none, f: x => x * Math.tanh(softplus(x)) },
]

test('every kernel of single numbers is covered here', () => {
  expect([...new Set(expected.map(({ kernel }) => kernel))].sort()).toEqual(Object.keys(elementwise).sort())
})

describe.each(expected)('$kernel $options', ({ kernel, options, f, corners = [] }) => {
  const { forward, backward } = elementwise[kernel]
  const x = randomNumbers(200, stream('x', kernel))
    .map(v => 4 * v)
    .filter(v => corners.every(corner => Math.abs(v - corner) > 0.02))
  const n = x.length
  const dy = randomNumbers(n, stream('dy', kernel))
  const y = new Float32Array(n)
  forward(y, x, n, ...options)

  test('forward is the function', () => {
    expectClose(y, Float64Array.from(x, f), 1e-6, 'y')
  })

  test('backward is its slope times dy', () => {
    const dx = new Float32Array(n)
    backward(dx, dy, x, y, n, ...options)
    const slope = Float64Array.from(x, v => (f(v + 1e-5) - f(v - 1e-5)) / 2e-5)
    expectClose(
      dx,
      slope.map((s, i) => s * dy[i]),
      2e-6,
      'dx',
    )
  })

  test('dx may be the array of dy', () => {
    const apart = new Float32Array(n)
    backward(apart, dy, x, y, n, ...options)
    const inPlace = dy.slice()
    backward(inPlace, inPlace, x, y, n, ...options)
    expectSameBits(inPlace, apart)
  })

  test('only the first n numbers are written', () => {
    const short = new Float32Array(n).fill(7)
    forward(short, x, n - 3, ...options)
    expect([...short.subarray(n - 3)]).toEqual([7, 7, 7])
    short.fill(7)
    backward(short, dy, x, y, n - 3, ...options)
    expect([...short.subarray(n - 3)]).toEqual([7, 7, 7])
  })
})

describe('edges, as in Keras', () => {
  const at = (kernel: keyof typeof elementwise, x: number, ...options: number[]) => {
    const [a = 0, b = 0, c = 0] = options
    const [xs, y, dx] = [Float32Array.of(x), new Float32Array(1), Float32Array.of(1)]
    elementwise[kernel].forward(y, xs, 1, a, b, c)
    elementwise[kernel].backward(dx, dx, xs, y, 1, a, b, c)
    return [y[0], dx[0]]
  }
  const slope = (kernel: keyof typeof elementwise, x: number, ...options: number[]) => at(kernel, x, ...options)[1]
  const value = (kernel: keyof typeof elementwise, x: number, ...options: number[]) => at(kernel, x, ...options)[0]

  test('slopes where they jump', () => {
    expect(slope('relu', 0)).toBe(0)
    expect(slope('leakyRelu', 0, 0.25)).toBe(0.25)
    expect(slope('hardSigmoid', 2.5)).toBe(Math.fround(0.2))
    expect(slope('hardSigmoid', -2.5)).toBe(Math.fround(0.2))
    expect(slope('boundedRelu', 6, 0, 6, 0)).toBe(0) // relu6
    expect(slope('boundedRelu', 4, 0, 4, 0)).toBe(1)
    expect(slope('boundedRelu', 6, 0, 6, 1)).toBe(1)
    expect(slope('boundedRelu', 0.5, 0.1, Infinity, 0.5)).toBe(0) // at the threshold
    expect(slope('boundedRelu', 0, 0, 2, -1)).toBe(1)
    expect(slope('elu', 0, 1, 0.5, 0.5)).toBe(0.5)
    expect(slope('elu', 0, 2, 0.5, 0.75)).toBe(0.75)
    expect(slope('elu', -1e-9, 1, -0.5, -0.5)).toBe(-0.5)
  })

  test('zeros, and the threshold', () => {
    expect(value('relu', -0)).toBe(0)
    expect(value('elu', -0, 1, 1, 1)).toBe(-0)
    expect(value('boundedRelu', 0.5, 0, Infinity, 0.5)).toBe(0)
  })

  test('tanh in gelu is 1 where that of TensorFlow is', () => {
    expect(at('geluTanh', 5)).toEqual([5, 1])
    expect(at('geluTanh', -5).map(Math.abs)).toEqual([0, 0])
  })

  test('infinities', () => {
    for (const kernel of ['swish', 'gelu', 'mish'] as const) expect(value(kernel, -Infinity)).toBeNaN()
    expect(value('softsign', Infinity)).toBeNaN()
    expect(value('sigmoid', -Infinity)).toBe(0)
    expect(value('sigmoid', Infinity)).toBe(1)
    expect(value('tanh', -Infinity)).toBe(-1)
    expect(value('softplus', Infinity)).toBe(Infinity)
    expect(value('exponential', -Infinity)).toBe(0)
    expect(value('relu', -Infinity)).toBe(0)
    expect(value('boundedRelu', -Infinity, 0, 6, 0)).toBe(0)
    expect(value('boundedRelu', -Infinity, 0, Infinity, 1)).toBeNaN()
    expect(value('boundedRelu', -Infinity, 0.5, 6, 0)).toBe(-Infinity)
    expect(value('elu', -Infinity, 1, 0.5, 0.5)).toBe(-0.5)
  })

  test('NaN stays NaN', () => {
    for (const { kernel, options } of expected) expect(value(kernel, Number.NaN, ...options)).toBeNaN()
  })
})

describe.each(['softmax', 'logSoftmax'] as const)('%s', name => {
  const { forward, backward } = rows[name]
  const sizes = fc.record({
    outer: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 9 }),
    inner: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1e6),
  })
  const checked = { seed: 11, numRuns: runs(60) }

  test('forward agrees with the formula in float64, along any axis', () => {
    fc.assert(
      fc.property(sizes, ({ outer, length, inner, seed }) => {
        const x = randomNumbers(outer * length * inner, stream(seed)).map(v => 5 * v)
        const y = new Float32Array(x.length)
        forward(y, x, outer, length, inner)
        const formula = Float64Array.from(x, (value, i) => {
          const first = i - (Math.floor(i / inner) % length) * inner
          let sum = 0
          for (let k = 0; k < length; k++) sum += Math.exp(x[first + k * inner])
          return name === 'softmax' ? Math.exp(value) / sum : value - Math.log(sum)
        })
        expectClose(y, formula, 1e-6, 'y')
      }),
      checked,
    )
  })

  test('backward is the gradient of the product with a random dy; dx may be the array of dy', () => {
    fc.assert(
      fc.property(sizes, ({ outer, length, inner, seed }) => {
        const n = outer * length * inner
        const random = stream(seed)
        const [x, dy] = [randomNumbers(n, random), randomNumbers(n, random)]
        const y = new Float32Array(n)
        const numeric = numericGradient(point => {
          forward(y, point, outer, length, inner)
          return dot(y, dy, n)
        }, x)
        forward(y, x, outer, length, inner)
        const dx = new Float32Array(n)
        backward(dx, dy, y, outer, length, inner)
        expectClose(dx, numeric, 3e-4, 'dx')
        backward(dy, dy, y, outer, length, inner)
        expectSameBits(dy, dx)
      }),
      checked,
    )
  })

  test('the largest number is looked for in its own row', () => {
    const x = Float32Array.of(0, 0, 1000, -1000, 0, 0) // three numbers each, 2 apart
    const y = new Float32Array(6)
    forward(y, x, 1, 3, 2)
    const expectedRows =
      name === 'softmax' ? [0, 0.5, 1, 0, 0, 0.5] : [-1000, -Math.LN2, 0, -1000 - Math.LN2, -1000, -Math.LN2]
    expectClose(y, expectedRows, 1e-6)
    forward(y, Float32Array.of(0, 0, 0, 0, 1000, -1000), 1, 3, 2)
    expectClose(
      y,
      name === 'softmax' ? [0, 0.5, 0, 0.5, 1, 0] : [-1000, -Math.LN2, -1000, -Math.LN2, 0, -1000 - Math.LN2],
      1e-6,
    )
  })

  test('no more rows are written than there are', () => {
    const [x, y, dx] = [0, 7, 7].map(value => new Float32Array(9).fill(value))
    forward(y, x, 2, 3, 1)
    backward(dx, x, x, 2, 3, 1)
    expect([...y.subarray(6), ...dx.subarray(6)]).toEqual([7, 7, 7, 7, 7, 7])
  })

  test('large numbers do not overflow; an infinity or NaN spoils its own row only', () => {
    const x = Float32Array.of(1000, 1000, Infinity, 0, Number.NaN, 0, -1000, -1000)
    const y = new Float32Array(8)
    forward(y, x, 4, 2, 1)
    const half = name === 'softmax' ? 0.5 : -Math.LN2
    expectClose(y.subarray(0, 2), [half, half], 1e-6)
    expectClose(y.subarray(6), [half, half], 1e-6)
    for (let i = 2; i < 6; i++) expect(y[i]).toBeNaN()
  })
})
