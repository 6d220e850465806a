import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import ndarray from 'ndarray'
import { ArgumentError, Tensor } from 'unshared'

describe('Tensor.from', () => {
  test('takes nested arrays, and gives them back', () => {
    const nested = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]
    const tensor = Tensor.from(nested)
    expect(tensor.shape).toEqual([2, 2, 2])
    expect([...tensor.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(tensor.toArray()).toEqual(nested)
  })

  test('takes a number, a truth value, a typed array with a shape', () => {
    expect(Tensor.from(3).shape).toEqual([])
    expect(Tensor.from(3).item()).toBe(3)
    expect(Tensor.from([true, false]).toArray()).toEqual([1, 0])
    expect(Tensor.from(Uint8Array.of(1, 2, 3, 4), [2, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  test('takes an ndarray of any strides', () => {
    const matrix = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [2, 3])
    expect(Tensor.from(matrix.transpose(1, 0)).toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(Tensor.from(matrix.lo(0, 1).step(1, 1)).toArray()).toEqual([
      [2, 3],
      [5, 6],
    ])
    expect(Tensor.from(matrix.step(1, -1)).toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ])
  })

  test('copies: neither side changes with the other', () => {
    const source = Float32Array.of(1, 2)
    const tensor = Tensor.from(source)
    source[0] = 9
    expect(tensor.data[0]).toBe(1)
    const copy = Tensor.from(tensor)
    copy.data[1] = 9
    expect(tensor.data[1]).toBe(2)
  })

  test('rounds to float32', () => {
    expect(Tensor.from([0.1]).data[0]).toBe(Math.fround(0.1))
  })

  test.each<[unknown, RegExp]>([
    [[[1, 2], [3]], /^data: expected rows of 2 at depth 1, as in the first row, received \[3\]/],
    [[1, [2]], /^data: expected a number at depth 1.*received \[2\]/],
    [[[1], 2], /^data: expected rows of 1 at depth 1.*received 2/],
    [['1'], /^data: expected a number at depth 1.*received "1"/],
    ['text', /^data: expected a Tensor, nested arrays.*received "text"/],
    [null, /received null/],
    [{ length: 3 }, /^data: /],
    [Int32Array.of(16777217), /^data: expected integers that float32 holds exactly, received 16777217/],
    [BigInt64Array.of(1n), /^data: expected a number at index 0.*received 1n/],
  ])('refuses %p', (source, message) => {
    expect(() => Tensor.from(source as never)).toThrow(message)
    expect(() => Tensor.from(source as never)).toThrow(ArgumentError)
  })

  test('refuses a shape that does not hold the numbers', () => {
    expect(() => Tensor.from([1, 2, 3], [2, 2])).toThrow(
      /^shape: expected sizes that hold the 3 numbers of \[3\], received \[2, 2\]/,
    )
    expect(() => new Tensor([2], Float32Array.of(1))).toThrow(/^data: expected 2 numbers for the shape \[2\]/)
    expect(() => new Tensor([1.5], Float32Array.of(1))).toThrow(/^shape: /)
  })
})

describe('reshape and slice', () => {
  test('work out one open size', () => {
    expect(Tensor.zeros([2, 6]).reshape([-1, 4]).shape).toEqual([3, 4])
    expect(() => Tensor.zeros([2, 6]).reshape([-1, 5])).toThrow(ArgumentError)
    expect(() => Tensor.zeros([4]).reshape([-1, -1])).toThrow(ArgumentError)
  })

  test('take rows as Array.slice does', () => {
    const array = [
      [1, 2],
      [3, 4],
      [5, 6],
    ]
    const tensor = Tensor.from(array)
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 5 }), fc.option(fc.integer({ min: -5, max: 5 })), (begin, end) => {
        const found = tensor.slice(begin, end ?? undefined)
        expect(found.toArray()).toEqual(array.slice(begin, end ?? undefined))
      }),
      { seed: 1 },
    )
  })

  test('give copies', () => {
    const tensor = Tensor.from([1, 2])
    tensor.reshape([2, 1]).data[0] = 9
    tensor.slice(0, 1).data[0] = 9
    tensor.clone().data[0] = 9
    expect(tensor.toArray()).toEqual([1, 2])
  })
})

test('item is for a single number', () => {
  expect(Tensor.from([[7]]).item()).toBe(7)
  expect(() => Tensor.from([1, 2]).item()).toThrow(/^item: expected a tensor with exactly one number/)
})

test('the shape cannot be changed', () => {
  expect(() => Object.assign(Tensor.zeros([1, 2]).shape, { 0: 2 })).toThrow(TypeError)
})
