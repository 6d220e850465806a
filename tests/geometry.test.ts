import { describe, expect, test } from '@jest/globals'
import { inputIndex, localGeometry, localKernelShape, type WindowOptions } from '../lib/geometry.ts'

const options = (change: Partial<WindowOptions> = {}): WindowOptions => ({
  ...{ filters: 1, kernelSize: [3, 3], strides: [1, 1], padding: 'valid', dataFormat: 'channels_last' },
  ...change,
})
const places = (size: number, change: Partial<WindowOptions>) =>
  localGeometry([null, size, 1, 1], options(change)).OH

describe('output lengths', () => {
  test.each([
    [5, 3, 1, 'valid', 3],
    [5, 3, 2, 'valid', 2],
    [6, 3, 2, 'valid', 2],
    [7, 1, 3, 'valid', 3],
    [3, 3, 1, 'valid', 1],
    [5, 3, 1, 'same', 5],
    [5, 3, 2, 'same', 3],
    [2, 5, 1, 'same', 2],
  ] as const)('of size %i, window %i, stride %i, %s: %i', (size, k, s, padding, expected) => {
    expect(places(size, { kernelSize: [k, 1], strides: [s, 1], padding })).toBe(expected)
  })
})

/** The rows that the first and second place see. */
function rowsSeen(size: number, k: number, s: number): number[][] {
  const g = localGeometry(
    [null, size, 1, 1],
    options({ kernelSize: [k, 1], strides: [s, 1], padding: 'same' }),
  )
  const seen = (oh: number) =>
    Array.from({ length: k }, (_, n) => inputIndex(g, oh, 0, n)).filter(i => i >= 0)
  return Array.from({ length: g.OH }, (_, oh) => seen(oh))
}

describe("padding 'same' reaches floor(k / 2) to the left, as Keras' locally connected layers do", () => {
  test('a window of 3 is centred', () =>
    expect(rowsSeen(4, 3, 1)).toEqual([
      [0, 1],
      [0, 1, 2],
      [1, 2, 3],
      [2, 3],
    ]))
  test('a window of 2 looks left, where a convolution looks right', () =>
    expect(rowsSeen(3, 2, 1)).toEqual([[0], [0, 1], [1, 2]]))
  test('with stride 2 it starts at −1, where a convolution starts at 0', () =>
    expect(rowsSeen(6, 3, 2)).toEqual([
      [0, 1],
      [1, 2, 3],
      [3, 4, 5],
    ]))
})

describe('stored kernels', () => {
  test('have the shapes of Keras', () => {
    const g = localGeometry([null, 8, 8, 1], options({ strides: [2, 2], padding: 'same' }))
    expect(localKernelShape(g, 1)).toEqual([16, 9, 1])
    expect(localKernelShape(g, 2)).toEqual([8, 8, 1, 4, 4, 1])
    expect(localKernelShape(g, 3)).toEqual([11 * 11])
    const first = localGeometry([null, 2, 5, 6], options({ filters: 4, dataFormat: 'channels_first' }))
    expect(localKernelShape(first, 2)).toEqual([2, 5, 6, 4, 3, 4])
  })
})

describe('a shape that does not fit is refused', () => {
  test.each([
    [[null, 5, 5], 'inputShape: expected \\[batch, rows, columns, channels\\], received \\[null, 5, 5\\]'],
    [
      [null, null, 5, 1],
      'inputShape: .*all but the batch known and positive, received \\[null, null, 5, 1\\]',
    ],
    [[null, 5, 5, 0], 'inputShape: .*positive'],
    [[null, 2, 5, 1], "kernelSize: expected at most the input's 2 x 5 .*, received \\[3, 3\\]"],
  ])('%j', (shape, message) => {
    expect(() => localGeometry(shape, options())).toThrow(new RegExp(message))
  })
})
