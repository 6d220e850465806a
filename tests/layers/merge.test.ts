import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Add,
  Average,
  Concatenate,
  checkGradients,
  Dot,
  type EngineName,
  input,
  Lambda,
  layers,
  Maximum,
  Minimum,
  Model,
  Multiply,
  Subtract,
} from 'unshared'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'

const elementwise = { Add, Average, Maximum, Minimum, Multiply, Subtract }
const byHand: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => Math.fround(a + b),
  Average: (a, b) => Math.fround(Math.fround(a + b) / 2),
  Maximum: Math.max,
  Minimum: Math.min,
  Multiply: (a, b) => Math.fround(a * b),
  Subtract: (a, b) => Math.fround(a - b),
}

describe.each(Object.entries(elementwise))('%s', (name, Class) => {
  test('combines the numbers in the same places', () => {
    const [a, b] = [randomTensor('a', 3, 2, 4), randomTensor('b', 3, 2, 4)]
    const y = new Class().forward([a, b])
    expect([...y.data]).toEqual([...a.data].map((v, i) => byHand[name](v, b.data[i])))
  })

  test('repeats sizes of 1, and aligns shapes at their ends', () => {
    const [a, b] = [randomTensor('a', 2, 3, 1), randomTensor('b', 2, 4)]
    const y = new Class().forward([a, b])
    expect(y.shape).toEqual([2, 3, 4])
    for (let n = 0; n < 2; n++)
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 4; j++)
          expect(y.data[(n * 3 + i) * 4 + j]).toBe(byHand[name](a.data[n * 3 + i], b.data[n * 4 + j]))
  })

  test('has right gradients, for broadcast shapes too', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 3 }), fc.nat(7), (shape, mask) => {
        const other = shape.map((n, i) => ((mask >> i) & 1 ? 1 : n))
        const report = checkGradients(new Class(), { inputShape: [shape, other], seed: mask })
        if (!report.passed) throw new Error(String(report))
      }),
      { seed: 7, numRuns: 20 },
    )
  })

  test('shapes that differ otherwise are refused, by name', () => {
    const layer = new Class({ name: 'meeting' })
    expect(() => layer.apply([input({ shape: [3] }), input({ shape: [2] })])).toThrow(
      'inputs of meeting: expected samples of shapes that are equal, or 1 where they differ, received "[3] and [2]"',
    )
  })
})

test('among equal inputs, the first has the gradient of an extreme', () => {
  for (const layer of [new Maximum(), new Minimum()]) {
    layer.forward([[[1, 2]], [[1, 3]], [[1, 2]]])
    const [a, b, c] = layer.backwardToAll([[5, 7]]).map(({ data }) => [...data])
    expect([a[0], b[0], c[0]]).toEqual([5, 0, 0])
    expect([a[1], b[1], c[1]]).toEqual(layer instanceof Maximum ? [0, 7, 0] : [7, 0, 0])
  }
})

test('Subtract and Dot take two inputs', () => {
  const three = [1, 2, 3].map(() => input({ shape: [2] }))
  for (const layer of [new Subtract({ name: 'apart' }), new Dot({ axes: 1, name: 'apart' })])
    expect(() => layer.apply(three)).toThrow('inputs of apart: expected 2, received 3')
})

describe('Concatenate', () => {
  test.each([
    [-1, [2, 3], [2, 4], [2, 7]],
    [1, [2, 3], [4, 3], [6, 3]],
    [2, [2, 1], [2, 2], [2, 3]],
  ])('along axis %d', (axis, first, second, expected) => {
    const layer = new Concatenate({ axis })
    const [a, b] = [randomTensor('a', 2, ...first), randomTensor('b', 2, ...second)]
    const y = layer.forward([a, b])
    expect(y.shape.slice(1)).toEqual(expected)
    expect([...y.data].sort()).toEqual([...a.data, ...b.data].sort())
    expect(checkGradients(new Concatenate({ axis }), { inputShape: [first, second, first] }).passed).toBe(true)
  })

  test('refuses other differences, and the axis of the batch', () => {
    const ends = [input({ shape: [2, 3] }), input({ shape: [4, 5] })]
    expect(() => new Concatenate().apply(ends)).toThrow('inputs of concatenate: expected samples of shapes that differ')
    expect(() => new Concatenate({ axis: 0 }).apply(ends)).toThrow(
      'axis of concatenate: expected axes from 1 to 2, or from -2 to -1 (axis 0 is the batch), received 0',
    )
  })
})

describe('Dot', () => {
  test.each<[number | readonly [number, number], number[], number[], number[]]>([
    [1, [3], [3], [1]],
    [
      [2, 1],
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    [
      [1, 2],
      [3, 2],
      [4, 3],
      [2, 4],
    ],
    [2, [2, 3], [4, 3], [2, 4]],
  ])('axes %j of %j and %j', (axes, first, second, expected) => {
    for (const normalize of [false, true]) {
      const layer = new Dot({ axes, normalize })
      expect(layer.computeOutputShape([null, ...first], [null, ...second])).toEqual([null, ...expected])
      const report = checkGradients(layer, { inputShape: [first, second] })
      if (!report.passed) throw new Error(String(report))
    }
  })

  test('is the sum of the products', () => {
    const y = new Dot({ axes: [2, 1] }).forward([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ])
    expect(y.toArray()).toEqual([
      [
        [19, 22],
        [43, 50],
      ],
    ])
    const angle = new Dot({ axes: 1, normalize: true }).forward([[[3, 0]], [[5, 5]]])
    expect(angle.data[0]).toBeCloseTo(Math.SQRT1_2, 6)
  })
})

test('the configs are those from which the same layers are made', () => {
  for (const layer of [
    new Add({ name: 'a' }),
    new Concatenate({ axis: 1 }),
    new Dot({ axes: [1, 2], normalize: true }),
  ]) {
    const { className } = layer
    expect(layers.get({ className, config: layer.getConfig() }).getConfig()).toEqual(layer.getConfig())
  }
})

test('a Lambda takes several inputs and another shape', () => {
  const first = new Lambda({
    function: {
      forward: (y, [a, b]) => y.data.forEach((_, n) => void (y.data[n] = a.data[2 * n] * b.data[n])),
      backward: ([da, db], dy, [a, b]) =>
        dy.data.forEach((v, n) => {
          da.data[2 * n] = v * b.data[n]
          da.data[2 * n + 1] = 0
          db.data[n] = v * a.data[2 * n]
        }),
      outputShape: () => [1],
    },
  })
  const report = checkGradients(first, { inputShape: [[2], [1]] })
  if (!report.passed) throw new Error(String(report))
  expect(() => layers.get({ className: 'Lambda', config: {} })).toThrow('function: expected { forward, backward }')
})

test('the gradient of a Lambda may use its output', () => {
  const exponential = new Lambda({
    function: {
      forward: (y, [x]) => y.data.set(x.data.map(Math.exp)),
      backward: ([dx], dy, _xs, y) => dx.data.set(dy.data.map((v, i) => v * y.data[i])),
    },
  })
  const report = checkGradients(exponential, { inputShape: [4] })
  if (!report.passed) throw new Error(String(report))
})

test('the engines give the same bits', () => {
  const run = (engine: EngineName) => {
    const [a, b] = [input({ shape: [3, 4] }), input({ shape: [3, 4] })]
    const parts = Object.values(elementwise).map(Class => new Class().apply([a, b]))
    const all = new Concatenate({ axis: 1 }).apply(parts)
    const outputs = new Dot({ axes: 2, normalize: true }).apply([all, b])
    const model = new Model({ inputs: [a, b], outputs, engine })
    const y = model.forward([randomTensor('a', 5, 3, 4), randomTensor('b', 5, 3, 4)])
    return [y, ...model.backwardToAll(randomTensor('dy', ...y.shape))]
  }
  const [reference, fast] = [run('reference'), run('simd')]
  fast.forEach(({ data }, i) => {
    expectSameBits(data, reference[i].data)
  })
})
