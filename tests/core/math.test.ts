import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  cos64,
  erf,
  exp,
  exp64,
  expm1,
  log,
  log1p,
  log64,
  pow64,
  sigmoid,
  softplus,
  tanh,
} from '../../lib/core/math.ts'
import { bitsOf, floatBlocks, floatOf, specialFloats, step, ulps } from '../support/floats.ts'

type Real = (x: number) => number

/** In float64. In jest a name of the module is found faster than a global one. */
const real = Math

const twoTo64: Real = x => pow64(2, x)

test.each<[Real, number[], number[]]>([
  [
    exp,
    [-100, -1.5, 0.3, 5, 88],
    [3.783505853677006e-44, 0.22313016653060913, 1.3498587608337402, 148.4131622314453, 1.6516362661361307e38],
  ],
  [
    expm1,
    [-20, -1.5, 0.001, 5, 88],
    [-1, -0.7768698334693909, 0.0010005001677200198, 147.4131622314453, 1.6516362661361307e38],
  ],
  [log, [1e-40, 0.6, 1.3, 700], [-92.10340881347656, -0.5108255743980408, 0.2623642385005951, 6.551080226898193]],
  [log1p, [-0.9, 0.001, 0.8, 700], [-2.3025848865509033, 0.00099950039293617, 0.5877866744995117, 6.5525078773498535]],
  [tanh, [-0.3, 0.5, -2, 4], [-0.29131263494491577, 0.46211716532707214, -0.9640275835990906, 0.9993293285369873]],
  [sigmoid, [-90, -2, 0.5, 20], [8.194008692231508e-40, 0.11920291930437088, 0.622459352016449, 1]],
  [softplus, [-20, -1, 0.5, 30], [2.06115369216775e-9, 0.3132616877555847, 0.9740769863128662, 30]],
  [erf, [-0.3, 0.8, -1.5, 3], [-0.3286267817020416, 0.7421009540557861, -0.9661051630973816, 0.9999778866767883]],
  [exp64, [-740, -1.5, 0.3, 700], [4.2e-322, 0.22313016014842982, 1.3498588075760032, 1.0142320547350045e304]],
  [log64, [1e-310, 0.6, 1.3, 1e300], [-713.8013788281542, -0.5108256237659907, 0.2623642644674911, 690.7755278982137]],
  [
    cos64,
    [-2, 0.3, 1.5, 3, 100],
    [-0.4161468365471424, 0.955336489125606, 0.0707372016677029, -0.9899924966004454, 0.862318872287684],
  ],
  [twoTo64, [0.3, 7], [1.2311444133449163, 128]],
])('%p gives some numbers to the bit', (f, x, y) => {
  expect(Array.from(f.name.endsWith('64') ? x : Float32Array.from(x), f)).toEqual(y)
})

/** Every 60013th bit pattern, the neighbours of every power of two, and more between -4 and 4. */
function* someFloats() {
  for (let pattern = 0; pattern < 2 ** 32; pattern += 60013) yield floatOf(pattern | 0)
  for (let power = 0; power < 512; power++) for (let near = -2; near <= 2; near++) yield floatOf((power << 23) + near)
  for (let i = 0; i < 20000; i++) yield (i - 10000) / 2503
}

const inputs = Float32Array.from(someFloats())
const double = new DataView(new ArrayBuffer(8))

/** The greatest error of f among some numbers, in ulp. */
function worst(f: Real, exact: Real, numbers: Float32Array): number {
  let ulp = 0
  for (let i = 0; i < numbers.length; i++) ulp = real.max(ulp, ulps(f(numbers[i]), exact(numbers[i])))
  return ulp
}

/** A number that changes with any bit of any result; all NaNs count as one. */
function checksum(f: Real): string {
  let sum = 0
  for (const x of inputs) {
    const y = f(x)
    sum = (Math.imul(sum, 31) + (Number.isNaN(y) ? 1 : bitsOf(y))) | 0
  }
  return (sum >>> 0).toString(16)
}

// No standard function to compare with: the Taylor series, and for larger x the continued fraction of erfc.
function exactErf(x: number): number {
  const t = real.abs(x)
  let y = 1
  if (t < 2.5) {
    let term = t
    y = t
    for (let k = 1; real.abs(term) > 1e-18 * y; k++) {
      term *= (-t * t) / k
      y += term / (2 * k + 1)
    }
    y *= 2 / real.sqrt(real.PI)
  } else if (t < 6) {
    let fraction = t
    for (let k = 60; k > 0; k--) fraction = t + k / 2 / fraction
    y = 1 - real.exp(-t * t) / fraction / real.sqrt(real.PI)
  }
  return x < 0 ? -y : Number.isNaN(x) || x === 0 ? x : y
}

const exactSigmoid: Real = x => (x < 0 ? real.exp(x) / (1 + real.exp(x)) : 1 / (1 + real.exp(-x)))
const exactSoftplus: Real = x => real.max(x, 0) + real.log1p(real.exp(-real.abs(x)))

/** Where results leave float32 or its normal numbers, where they get stuck at a limit, and where a function's pieces meet. */
const borders: Record<string, readonly number[]> = {
  exp: [88.72284, 89, -87.33655, -103.97208, -104],
  expm1: [88.72284, 89, -17.32868, -18],
  log: [2 ** -126, Math.SQRT1_2, 1],
  log1p: [-1, Math.SQRT1_2 - 1, 1, 2 ** 24, 2 ** 25],
  tanh: [0.625, -0.625, 9.010914, -9.010914],
  sigmoid: [-87.33655, -88.72284, -103.97208, 16.635532, 17.32868],
  softplus: [-87.33655, -103.97208, 16.635532, 17.32868],
  erf: [0.84375, -0.84375, 3.8325067, 3.9375, -3.9375],
}
const around = (x: number) => Float32Array.from({ length: 1001 }, (_, i) => step(real.fround(x), i - 500))

/**
 * Each function with its exact values, the greatest error in ulp that lib/core/math.ts tells of it, where that error was found
 * among all numbers, and the checksum of its bits. The exact values are float64's: their own error, one or two of
 * float64's places, is 2^-28 of an ulp here.
 */
const functions: [string, Real, Real, number, number, string][] = [
  ['exp', exp, real.exp, 0.91, 38.489437103271484, '35270f89'],
  ['expm1', expm1, real.expm1, 1.07, 0.35095635056495667, '4c511587'],
  ['log', log, real.log, 0.91, 0.7066592574119568, '2b2a59c8'],
  ['log1p', log1p, real.log1p, 0.91, -0.2933407425880432, '95ebaf90'],
  ['tanh', tanh, real.tanh, 1.33, 0.6271159052848816, '10570f6'],
  ['sigmoid', sigmoid, exactSigmoid, 2.41, -4.157293796539307, '23b8d0fb'],
  ['softplus', softplus, exactSoftplus, 1.76, -1.26755952835083, '86d1f0ec'],
  ['erf', erf, exactErf, 1.28, 0.8458219766616821, 'a083099e'],
]

describe.each(functions)('%s', (name, f, exact, limit, worstAt, bitsOfAll) => {
  test(`is within ${limit} ulp of the exact value, all over float32`, () => {
    let found = worst(f, exact, inputs)
    for (const block of floatBlocks()) found = real.max(found, worst(f, exact, block))
    expect(found).toBeLessThanOrEqual(limit)
  })

  test('is nowhere worse than at one number, and there it comes near that limit', () => {
    const error = worst(f, exact, Float32Array.of(worstAt))
    expect(error).toBeLessThanOrEqual(limit)
    expect(error).toBeGreaterThan(limit - 0.01)
    expect(worst(f, exact, around(worstAt))).toBe(error)
  })

  test('is so at special values, where results leave float32, and where pieces meet', () => {
    expect(worst(f, exact, specialFloats)).toBeLessThanOrEqual(limit)
    for (const border of borders[name]) expect(worst(f, exact, around(border))).toBeLessThanOrEqual(limit)
  })

  test('has that limit in its description', () => {
    const source = readFileSync('lib/core/math.ts', 'utf8').split(`export function ${name}(`)[0]
    const description = source.slice(source.lastIndexOf('/**'))
    expect(description.match(/([\d.]+) ulp/)?.[1]).toBe(String(limit))
  })

  test('gives float32 numbers', () => {
    expect(inputs.find(x => !Object.is(real.fround(f(x)), f(x)))).toBeUndefined()
  })

  test('gives the bits it always gave', () => {
    expect(checksum(f)).toBe(bitsOfAll)
  })

  test('answers NaN with NaN', () => {
    expect(f(NaN)).toBe(NaN)
  })
})

test('the measure objects to an error of three ulp, to a lost overflow, and to a lost sign', () => {
  expect(worst(x => step(exp(x), exp(x) > 0 && exp(x) < Infinity ? 3 : 0), Math.exp, inputs)).toBeGreaterThan(2)
  expect(worst(x => Math.min(exp(x), 3.4028234663852886e38), Math.exp, around(88.72284))).toBe(Infinity)
  expect(worst(x => tanh(x) + 0, Math.tanh, specialFloats)).toBe(Infinity)
})

const specialValues: [string, Real, [number, number][]][] = [
  [
    'exp',
    exp,
    [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [1000, Infinity],
      [-1000, 0],
    ],
  ],
  [
    'expm1',
    expm1,
    [
      [0, 0],
      [-0, -0],
      [Infinity, Infinity],
      [-Infinity, -1],
      [1e-40, Math.fround(1e-40)],
    ],
  ],
  [
    'log',
    log,
    [
      [1, 0],
      [0, -Infinity],
      [-0, -Infinity],
      [-1, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
    ],
  ],
  [
    'log1p',
    log1p,
    [
      [0, 0],
      [-0, -0],
      [-1, -Infinity],
      [-2, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
    ],
  ],
  [
    'tanh',
    tanh,
    [
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [20, 1],
      [-20, -1],
    ],
  ],
  [
    'sigmoid',
    sigmoid,
    [
      [0, 0.5],
      [-0, 0.5],
      [Infinity, 1],
      [-Infinity, 0],
      [100, 1],
      [-200, 0],
    ],
  ],
  [
    'softplus',
    softplus,
    [
      [Infinity, Infinity],
      [-Infinity, 0],
      [100, 100],
      [-200, 0],
    ],
  ],
  [
    'erf',
    erf,
    [
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [4, 1],
      [-4, -1],
    ],
  ],
]

test.each(specialValues)('%s has its special values', (_name, f, pairs) => {
  expect(pairs.map(([x]) => [x, f(x)])).toEqual(pairs)
})

test.each([
  ['tanh', tanh],
  ['erf', erf],
])('%s is odd, bit for bit', (_name, f) => {
  expect(inputs.find(x => !Object.is(f(-x), -f(x)))).toBeUndefined()
})

test('exp overflows and underflows where the exact value does', () => {
  for (const edge of [88.72284, -103.97208])
    for (let n = -500; n <= 500; n++) {
      const x = step(Math.fround(edge), n)
      const exact = Math.fround(Math.exp(x))
      expect([x, exp(x) === Infinity, exp(x) === 0]).toEqual([x, exact === Infinity, exact === 0])
    }
})

/** Where the reduced argument jumps from one end of the polynomial's interval to the other. */
const halfwaysBetweenPowers = Array.from({ length: 277 }, (_, i) => (i - 149.5) * Math.LN2)
const rootsOfPowers = Array.from({ length: 277 }, (_, i) => 2 ** (i - 148.5))

test.each<[string, Real, number[]]>([
  ['exp', exp, [0, 89, -104, ...halfwaysBetweenPowers]],
  ['expm1', expm1, [0, 89, -18, ...halfwaysBetweenPowers]],
  ['log', log, [1, 2 ** -126, ...rootsOfPowers]],
  ['log1p', log1p, [0, 1, 2 ** 24, 2 ** 25, ...rootsOfPowers.map(x => x - 1)]],
  ['tanh', tanh, [0, 0.625, -0.625, 9]],
  ['sigmoid', sigmoid, [0, -87, -103]],
  ['erf', erf, [0, 0.84375, -0.84375, 3.9375, -3.9375]],
])('%s never falls where its pieces meet', (_name, f, joins) => {
  const falls = joins.map(Math.fround).filter(join => {
    for (let n = -64; n < 64; n++) if (f(step(join, n)) > f(step(join, n + 1))) return true
    return false
  })
  expect(falls).toEqual([])
})

describe('in float64,', () => {
  /** 20,000 numbers from low to high. */
  const between = (low: number, high: number) =>
    Array.from({ length: 20000 }, (_, i) => low + ((high - low) * i) / 19999)
  const relative = (f: Real, exact: Real) => (x: number) => Math.abs(f(x) - exact(x)) / Math.abs(exact(x))
  const greatest = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b), 0)

  test('exp64 is Math.exp within 1e-15', () => {
    expect(greatest(between(-708, 709.7).map(relative(exp64, Math.exp)))).toBeLessThan(1e-15)
    expect(greatest(between(-1, 1).map(relative(exp64, Math.exp)))).toBeLessThan(1e-15)
  })

  test('log64 is Math.log within 1e-15', () => {
    expect(greatest(between(-1074, 1023).map(n => relative(log64, Math.log)(2 ** n)))).toBeLessThan(1e-15)
    expect(greatest(between(0.4, 2.4).map(relative(log64, Math.log)))).toBeLessThan(1e-15)
  })

  test('cos64 is Math.cos within 1e-15', () => {
    expect(greatest(between(-1e4, 1e4).map(relative(cos64, Math.cos)))).toBeLessThan(1e-15)
    const quarters = Array.from({ length: 12000 }, (_, i) => (i - 6000) * (Math.PI / 2))
    expect(greatest(quarters.map(relative(cos64, Math.cos)))).toBeLessThan(1e-15)
  })

  test('pow64 is ** within 1e-12', () => {
    for (const exponent of [-3.5, -0.5, 0.5, 1 / 3, 2.2, 30, 100, -7])
      expect(
        greatest(
          between(0.01, 100).map(
            relative(
              x => pow64(x, exponent),
              x => x ** exponent,
            ),
          ),
        ),
      ).toBeLessThan(1e-12)
    for (const base of [0.9, 0.999, 1.0001]) expect(pow64(base, 1000) / base ** 1000).toBeCloseTo(1, 12)
  })

  test('pow64 squares for whole exponents', () => {
    expect([pow64(2, 10), pow64(10, 22), pow64(-3, 3), pow64(2, -2)]).toEqual([1024, 1e22, -27, 0.25])
    expect(pow64(0.1, 5)).toBe(0.1 * (0.1 * 0.1 * (0.1 * 0.1)))
  })

  test('special values are those of Math', () => {
    expect([0, -0, Infinity, -Infinity, NaN, 1000, -1000].map(exp64)).toEqual([1, 1, Infinity, 0, NaN, Infinity, 0])
    expect([1, 0, -0, -1, Infinity, NaN].map(log64)).toEqual([0, -Infinity, -Infinity, NaN, Infinity, NaN])
    expect([0, Infinity, NaN].map(cos64)).toEqual([1, NaN, NaN])
    const pairs = [
      [7, 0],
      [NaN, 0],
      [0, 2],
      [0, -1],
      [0, 0.5],
      [Infinity, 0.5],
      [-8, 1 / 3],
      [4, 0.5],
      [2, -Infinity],
    ]
    expect(pairs.map(([base, exponent]) => pow64(base, exponent))).toEqual(pairs.map(([b, e]) => b ** e))
  })

  test('the bits are those they always were', () => {
    const sum = (numbers: number[]) =>
      numbers.reduce((hash, x) => {
        double.setFloat64(0, x)
        return (Math.imul(hash, 31) + (double.getInt32(0) ^ Math.imul(double.getInt32(4), 17))) | 0
      }, 0)
    expect([
      sum(between(-700, 700).map(exp64)),
      sum(between(1e-3, 50).map(log64)),
      sum(between(-1e4, 1e4).map(cos64)),
      sum(between(1e-3, 50).map(x => pow64(x, 0.3))),
    ]).toEqual([-1483418313, 2046489340, 867195763, -519105593])
  })
})
