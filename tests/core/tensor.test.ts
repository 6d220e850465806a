import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import ndarray from 'ndarray'
import { ArgumentError, Tensor, type TensorLike } from 'unshared'

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

  /** The forms in which a program may have the same numbers; a list of rows may have any of them as its items. */
  const forms: Record<string, (tensor: Tensor) => unknown> = {
    'a tensor': tensor => tensor,
    'nested arrays': tensor => tensor.toArray(),
    'an ndarray': tensor => ndarray(tensor.data, [...tensor.shape]),
    'a structured clone': tensor => structuredClone(tensor),
    'a message of a worker': tensor => {
      const { port1, port2 } = new MessageChannel()
      port1.postMessage(tensor, [tensor.data.buffer as ArrayBuffer])
      port1.close()
      return receiveMessageOnPort(port2)?.message
    },
    JSON: tensor => JSON.parse(JSON.stringify(tensor)),
    'the JSON of a structured clone': tensor => JSON.parse(JSON.stringify(structuredClone(tensor))),
    'a list of rows': tensor => Array.from({ length: tensor.shape[0] }, (_, i) => row(tensor, i)),
    'a list of typed arrays': tensor =>
      Array.from({ length: tensor.shape[0] }, (_, i) =>
        tensor.shape.length === 2 ? Float64Array.from(row(tensor, i).data) : row(tensor, i),
      ),
    'a list of clones': tensor => Array.from({ length: tensor.shape[0] }, (_, i) => structuredClone(row(tensor, i))),
  }
  const row = (tensor: Tensor, i: number) => tensor.slice(i, i + 1).reshape(tensor.shape.slice(1))

  test.each(Object.entries(forms))('takes %s', (_name, formOf) => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(shapes, shape => {
        const size = shape.reduce((a, b) => a * b, 1)
        const tensor = Tensor.from(Array.from({ length: size }, (_, i) => i / 7 - 1).map(v => v || 0)).reshape(shape)
        const expected = tensor.clone()
        expect(Tensor.from(formOf(tensor) as TensorLike).equals(expected)).toBe(true)
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  test('refuses lists whose items differ, by name', () => {
    const two = Tensor.zeros([2])
    const mixed: [unknown, RegExp][] = [
      [[two, Tensor.zeros([3])], /^data: expected the shape \[2\] of the first item, received Tensor of shape \[3\]/],
      [[two, [1, 2]], /^data: expected the shape \[2\] of the first item, received \[1, 2\]/],
      [[two, 1], /^data: expected the shape \[2\] of the first item, received 1/],
      [[1, two], /^data: expected a number at depth 1, as in the first row, received Tensor of shape \[2\]/],
      [[Float32Array.of(1), BigInt64Array.of(1n)], /^data: expected a number at index 0.*received 1n/],
      [{ shape: [2], data: [1] }, /^data.data: expected 2 numbers for the shape \[2\]/],
      [{ shape: [1], data: ['1'] }, /^data: expected a number at index 0/],
      [{ shape: [1], data: { 0: null } }, /^data: expected a number at index 0.*received null/],
      [{ shape: [-1], data: [] }, /^data.shape: /],
      [{ shape: [2], data: [1, 2], stride: [0.5], offset: 0 }, /^data.stride: /],
      [{ shape: [2], data: [1, 2], stride: [1], offset: -1 }, /^data.offset: /],
      [{ shape: [2], data: [1, 2], stride: [1], offset: 1 }, /^data: expected a number at index 2/],
    ]
    for (const [source, message] of mixed) {
      expect(() => Tensor.from(source as TensorLike)).toThrow(message)
      expect(() => Tensor.from(source as TensorLike)).toThrow(ArgumentError)
    }
  })

  test('refuses arrays that contain themselves, are nested too deep, or would be too large', () => {
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    const within: unknown[] = [[1], [2]]
    within.push(within)
    let deep: unknown = 1
    for (let i = 0; i < 20_000; i++) deep = [deep]
    for (const source of [cyclic, within, deep])
      expect(() => Tensor.from(source as TensorLike)).toThrow(/^data: expected (at most 64 axes|rows of 1 at depth 1)/)
    const repeated = { data: [1], shape: [1e9, 1e9], stride: [0, 0], offset: 0 }
    expect(() => Tensor.from(repeated)).toThrow(/^data: expected a shape of at most 536870912 numbers.*received \[1000/)
    expect(() => Tensor.zeros([1e9])).toThrow(/^shape: expected a shape of at most/)
  })

  test('refuses numbers past float32, but not infinity', () => {
    expect(Tensor.from([Infinity, Number.NaN, 3.4e38]).toArray()).toEqual([Infinity, Number.NaN, Math.fround(3.4e38)])
    for (const source of [[1e39], [[-1e39]], Float64Array.of(1, 1e39)])
      expect(() => Tensor.from(source)).toThrow(/^data: expected numbers up to 3.4e38.*received -?1e\+39/)
  })

  test('refuses a tensor whose numbers were transferred to a worker', () => {
    const tensor = Tensor.from([1, 2])
    structuredClone(tensor, { transfer: [tensor.data.buffer as ArrayBuffer] })
    expect(() => Tensor.from(tensor)).toThrow(/^data: expected a tensor with all its numbers/)
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
