import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ArgumentError, Tensor } from 'unshared'
import { batches, oneHot, shuffle, split, take } from 'unshared/data'

/** n samples [2i, 2i + 1] with the target i. */
const pairs = (n: number): [Tensor, Tensor] => [
  new Tensor(
    [n, 2],
    new Float32Array(2 * n).map((_, i) => i),
  ),
  new Tensor(
    [n],
    new Float32Array(n).map((_, i) => i),
  ),
]
const together = ([x, y]: readonly Tensor[]) => Array.from(y.data).every((label, i) => x.data[2 * i] === 2 * label)
const labels = (tensor: Tensor) => Array.from(tensor.data)

describe('shuffle', () => {
  test('keeps rows together, loses none, and is decided by the seed', () => {
    const data = pairs(50)
    const mixed = shuffle(data, { seed: 3 })
    expect(together(mixed)).toBe(true)
    expect(labels(mixed[1])).not.toEqual(labels(data[1]))
    expect(labels(mixed[1]).sort((a, b) => a - b)).toEqual(labels(data[1]))
    expect(shuffle(data, { seed: 3 })).toEqual(mixed)
    expect(labels(shuffle(data, { seed: 4 })[1])).not.toEqual(labels(mixed[1]))
    expect(data).toEqual(pairs(50))
  })
})

describe('split', () => {
  test('keeps every row exactly once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.boolean(),
        (n, share, mixed) => {
          const parts = split(pairs(n), [share], mixed ? { seed: 1 } : {})
          expect(parts.every(together)).toBe(true)
          expect(parts[0][1].size).toBe(Math.round(share * n))
          const all = parts.flatMap(([, y]) => labels(y))
          expect(mixed ? all.sort((a, b) => a - b) : all).toEqual(labels(pairs(n)[1]))
        },
      ),
      { seed: 1 },
    )
  })

  test('takes numbers of rows, and several parts', () => {
    const parts = split(pairs(10), [2, 3])
    expect(parts.map(([, y]) => labels(y))).toEqual([
      [0, 1],
      [2, 3, 4],
      [5, 6, 7, 8, 9],
    ])
    expect(() => split(pairs(10), [8, 3])).toThrow(/^sizes: expected at most 10 rows in total/)
    expect(() => split(pairs(10), [-1])).toThrow(ArgumentError)
    expect(() => split([Tensor.zeros([2]), Tensor.zeros([3])], [1])).toThrow(
      /^tensors: expected tensors with as many rows as the first, 2/,
    )
  })
})

describe('batches', () => {
  test('are all rows, in order or shuffled', () => {
    const all = [...batches(pairs(7), 3)]
    expect(all.map(([, y]) => labels(y))).toEqual([[0, 1, 2], [3, 4, 5], [6]])
    expect([...batches(pairs(7), 3, { dropRemainder: true })]).toHaveLength(2)
    const mixed = [...batches(pairs(7), 3, { seed: 1 })]
    expect(mixed.every(together)).toBe(true)
    expect(mixed.flatMap(([, y]) => labels(y)).sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(() => [...batches(pairs(7), 0)]).toThrow(/^batchSize: /)
  })
})

test('take gives rows by their numbers', () => {
  expect(take(pairs(3)[0], [2, 0, 2]).toArray()).toEqual([
    [4, 5],
    [0, 1],
    [4, 5],
  ])
  expect(() => take(pairs(3)[0], [3])).toThrow(/^rows\[0\]: expected a row from 0 to 2, received 3/)
})

describe('oneHot', () => {
  test('has a 1 at the label', () => {
    expect(oneHot(Tensor.from([2, 0]), 3).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ])
    expect(oneHot(Tensor.from([[1], [0]]), 2).shape).toEqual([2, 1, 2])
  })

  test.each([[3], [-1], [0.5], [Number.NaN]])('refuses the label %p', label => {
    expect(() => oneHot(Tensor.from([0, label]), 3)).toThrow(/^labels\[1\]: expected a class number from 0 to 2/)
  })
})
