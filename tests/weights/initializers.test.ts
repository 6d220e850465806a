import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { stream } from '../../lib/core/random.ts'
import { computeFans } from '../../lib/weights/fans.ts'
import {
  Constant,
  GlorotUniform,
  HeNormal,
  Identity,
  type Initializer,
  type InitializerName,
  initializers,
  Orthogonal,
  RandomNormal,
  RandomUniform,
  TruncatedNormal,
  VarianceScaling,
} from '../../lib/weights/initializers.ts'
import { runs } from '../support/runs.ts'

function draw(initializer: Initializer, shape: readonly number[], seed = 1): Float32Array {
  const out = new Float32Array(sizeOf(shape)).fill(Number.NaN) // every number must be written
  initializer.initialize(out, shape, stream(seed))
  return out
}

const mean = (x: Float32Array) => x.reduce((sum, v) => sum + v, 0) / x.length
const deviation = (x: Float32Array) => Math.sqrt(mean(x.map(v => v * v)) - mean(x) ** 2)

const drawing = [
  ...['RandomNormal', 'RandomUniform', 'TruncatedNormal', 'VarianceScaling', 'GlorotUniform', 'GlorotNormal'],
  ...['HeUniform', 'HeNormal', 'LecunUniform', 'LecunNormal', 'Orthogonal'],
] as InitializerName[]

describe('fans', () => {
  test.each([
    [[], 1, 1],
    [[7], 7, 7],
    [[3, 5], 3, 5],
    [[3, 3, 2, 8], 18, 72],
    [[9, 27, 4], 243, 36], // a locally connected kernel: its places count
  ])('of %j', (shape, fanIn, fanOut) => {
    expect(computeFans(shape)).toEqual({ fanIn, fanOut })
  })
})

describe('numbers without chance', () => {
  test('Constant takes one number, or as many as the weight holds', () => {
    expect([...draw(new Constant({ value: 0.5 }), [2, 2])]).toEqual([0.5, 0.5, 0.5, 0.5])
    expect([...draw(new Constant({ value: [7] }), [2])]).toEqual([7, 7])
    expect([
      ...draw(
        new Constant({
          value: [
            [1, 2],
            [3, 4],
          ],
        }),
        [2, 2],
      ),
    ]).toEqual([1, 2, 3, 4])
    expect([...draw(new Constant({ value: [1, 2, 3, 4] }), [2, 2])]).toEqual([1, 2, 3, 4])
    expect(() => draw(new Constant({ value: [[1, 2]] }), [2, 2])).toThrow(
      "value: expected one number, or the weight's shape [2, 2], received Tensor of shape [1, 2]",
    )
    expect(() => new Constant({ value: 'a' as never })).toThrow('data: expected')
  })

  test('Identity also makes matrices that are not square', () => {
    expect([...draw(new Identity({ gain: 2 }), [2, 3])]).toEqual([2, 0, 0, 0, 2, 0])
    expect([...draw(new Identity(), [3, 2])]).toEqual([1, 0, 0, 1, 0, 0])
    expect(() => draw(new Identity(), [2, 2, 2])).toThrow('shape: expected two axes')
  })
})

describe('chance', () => {
  test.each(drawing)('%s: a stream gives the same numbers again, another one others', name => {
    const initializer = initializers.get(name)
    expect(draw(initializer, [4, 5], 3)).toEqual(draw(initializer, [4, 5], 3))
    expect(draw(initializer, [4, 5], 3)).not.toEqual(draw(initializer, [4, 5], 4))
  })

  test.each(drawing)('%s: a seed of its own overrides the stream, and starts anew each time', name => {
    const initializer = initializers.get({ className: name, config: { seed: 11 } })
    const numbers = draw(initializer, [4, 5], 3)
    expect(draw(initializer, [4, 5], 4)).toEqual(numbers)
    const other = initializers.get({ className: name, config: { seed: -11 } })
    expect(draw(other, [4, 5], 3)).not.toEqual(numbers)
  })

  test('a seed of its own leaves the given stream where it was', () => {
    const random = stream(5)
    new RandomNormal({ seed: 1 }).initialize(new Float32Array(8), [8], random)
    expect(random()).toBe(stream(5)())
  })

  test('uniform numbers fill their range, and stay below its end', () => {
    const x = draw(new RandomUniform({ minval: 2, maxval: 6 }), [100000])
    expect(x.every(v => v >= 2 && v < 6)).toBe(true)
    expect(Math.abs(mean(x) - 4)).toBeLessThan(0.02)
    expect(Math.abs(deviation(x) - 4 / Math.sqrt(12))).toBeLessThan(0.01)
  })

  test('normal numbers have their mean and deviation', () => {
    const x = draw(new RandomNormal({ mean: 1, stddev: 3 }), [100000])
    expect(Math.abs(mean(x) - 1)).toBeLessThan(0.05)
    expect(Math.abs(deviation(x) - 3)).toBeLessThan(0.03)
  })

  test('truncated normal numbers stay within two deviations, and come near them', () => {
    const x = draw(new TruncatedNormal({ mean: 1, stddev: 3 }), [100000])
    expect(x.every(v => v >= -5 && v <= 7)).toBe(true)
    expect(Math.max(...x)).toBeGreaterThan(6.9)
    expect(Math.abs(deviation(x) - 3 * 0.8796)).toBeLessThan(0.03)
  })

  const shape = [400, 600]
  test.each([
    ['GlorotUniform', 2 / 1000],
    ['GlorotNormal', 2 / 1000],
    ['HeUniform', 2 / 400],
    ['HeNormal', 2 / 400],
    ['LecunUniform', 1 / 400],
    ['LecunNormal', 1 / 400],
  ] as const)('%s has the variance %d for 400 inputs and 600 outputs', (name, variance) => {
    const found = deviation(draw(initializers.get(name), shape)) ** 2
    expect(Math.abs(found / variance - 1)).toBeLessThan(0.02)
  })

  test.each(['truncated_normal', 'untruncated_normal', 'uniform'] as const)('VarianceScaling, %s', d => {
    for (const [mode, n] of [
      ['fan_in', 400],
      ['fan_out', 600],
      ['fan_avg', 500],
    ] as const) {
      const found = deviation(draw(new VarianceScaling({ scale: 3, mode, distribution: d }), shape)) ** 2
      expect(Math.abs((found * n) / 3 - 1)).toBeLessThan(0.02)
    }
  })
})

describe('Orthogonal', () => {
  test('columns or rows, whichever are fewer, are orthonormal times the gain', () => {
    const size = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(size, size, size, fc.nat(1e6), (a, b, columns, seed) => {
        const x = draw(new Orthogonal({ gain: 1.5 }), [a, b, columns], seed)
        const rows = a * b
        const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
        const at = (v: number, k: number) => (rows < columns ? x[v * columns + k] : x[k * columns + v])
        for (let u = 0; u < count; u++)
          for (let v = 0; v < count; v++) {
            let product = 0
            for (let k = 0; k < length; k++) product += at(u, k) * at(v, k)
            expect(product).toBeCloseTo(u === v ? 2.25 : 0, 5)
          }
      }),
      { seed: 4, numRuns: runs(60) },
    )
  })

  test('refuses a vector, as the kernel of implementation 3 is one', () => {
    expect(() => draw(new Orthogonal(), [162])).toThrow('shape: expected at least two axes')
  })
})

describe('options', () => {
  const refused: [make: () => unknown, message: string][] = [
    [() => new VarianceScaling({ scale: 0 }), 'scale: expected a positive number, received 0'],
    [() => new VarianceScaling({ scale: -1 }), 'scale: expected a positive number, received -1'],
    [() => new VarianceScaling({ mode: 'fan' as never }), 'mode: expected one of "fan_in"'],
    [() => new VarianceScaling({ distribution: 'foo' as never }), 'distribution: expected one of'],
    [() => new RandomUniform({ minval: 1, maxval: 0 }), 'maxval: expected a finite number of at least 1'],
    [() => new RandomNormal({ stddev: -1 }), 'stddev: expected a finite number of at least 0'],
    [() => new RandomNormal({ seed: 1.5 }), 'seed: expected an integer, received 1.5'],
    [() => new GlorotUniform({ scale: 2 } as never), 'GlorotUniform, option: expected one of seed'],
    [() => new Orthogonal({ gain: Number.NaN }), 'gain: expected a finite number'],
    [() => initializers.get('xavier'), 'initializer: expected one of Constant, GlorotNormal'],
    [() => initializers.get(null), 'initializer: expected a name'],
  ]

  test.each(refused.map(([make, message]) => ({ make, message })))('refused: $message', ({ make, message }) => {
    expect(make).toThrow(message)
  })

  test.each(initializers.names)('%s: the config makes the same initializer again', name => {
    const initializer = initializers.get(name)
    const again = initializers.get(initializers.serialize(initializer))
    expect(again).toEqual(initializer)
    expect(again.getConfig()).toEqual(initializer.getConfig())
  })

  test('getConfig has the keys of Keras, in its order', () => {
    expect(JSON.stringify(new VarianceScaling({ distribution: 'normal', seed: 3 }).getConfig())).toBe(
      '{"scale":1,"mode":"fan_in","distribution":"truncated_normal","seed":3}',
    )
    expect(JSON.stringify(new HeNormal().getConfig())).toBe('{"seed":null}')
    expect(JSON.stringify(new Orthogonal().getConfig())).toBe('{"gain":1,"seed":null}')
  })

  test('names may be written as Keras does, or in camelCase', () => {
    expect(initializers.get('glorotUniform')).toEqual(initializers.get('glorot_uniform'))
    expect(initializers.get('glorot_uniform').className).toBe('GlorotUniform')
    expect(new GlorotUniform()).toBeInstanceOf(VarianceScaling)
  })
})
