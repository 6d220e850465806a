import { expect, test } from '@jest/globals'
import { Tensor, ZeroPadding2D } from 'unshared'
import { ConstantPadding2D } from 'unshared/research'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'

test('surrounds every image with the value, and drops the gradient there', () => {
  const layer = new ConstantPadding2D({
    padding: [
      [1, 0],
      [0, 1],
    ],
    value: -1,
  })
  const y = layer.forward(Tensor.from([1, 2, 3, 4], [2, 1, 2, 1]))
  expect(y.toArray()).toEqual([
    [
      [[-1], [-1], [-1]],
      [[1], [2], [-1]],
    ],
    [
      [[-1], [-1], [-1]],
      [[3], [4], [-1]],
    ],
  ])
  const dx = layer.backward(Tensor.from([9, 9, 9, 1, 2, 9, 9, 9, 9, 3, 4, 9], [2, 2, 3, 1]))
  expect([...dx.data]).toEqual([1, 2, 3, 4])
})

test.each(['channels_last', 'channels_first'] as const)('with 0 it is ZeroPadding2D: %s', dataFormat => {
  const x = randomTensor('x', 3, 4, 5, 2)
  const padding = [
    [2, 0],
    [1, 3],
  ] as const
  const [found, expected] = [ConstantPadding2D, ZeroPadding2D].map(Class => {
    const layer = new Class({ padding, dataFormat })
    const y = layer.forward(x)
    return { y, dx: layer.backward(y) }
  })
  expect(found.y.shape).toEqual(expected.y.shape)
  expectSameBits(found.y.data, expected.y.data)
  expectSameBits(found.dx.data, expected.dx.data)
})

test.each([
  [{ value: Number.NaN }, /^value: expected a finite number/],
  [{ value: 1e39 }, /^value: expected a finite number/],
  [{ value: '1' }, /^value: expected/],
  [{ value: null }, /^value: expected/],
  [{ padding: -1 }, /^padding: expected/],
  [{ mode: 'reflect' }, /^ConstantPadding2D, option: expected one of/],
])('refuses %j', (wrong, message) => {
  expect(() => new ConstantPadding2D(wrong as never)).toThrow(message)
})
