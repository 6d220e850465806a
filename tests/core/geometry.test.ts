import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type ConvolutionOptions,
  connections,
  convolutionGeometry,
  type Geometry,
  inputIndex,
  localGeometry,
  localKernelShape,
  type WindowOptions,
} from '../../lib/core/geometry.ts'
import { localCases } from '../support/geometries.ts'

const options = (change: Partial<WindowOptions> = {}): WindowOptions => ({
  filters: 1,
  kernelSize: [3, 3],
  strides: [1, 1],
  padding: 'valid',
  dataFormat: 'channels_last',
  ...change,
})
const places = (size: number, change: Partial<WindowOptions>) => localGeometry([null, size, 1, 1], options(change)).OH

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
  const g = localGeometry([null, size, 1, 1], options({ kernelSize: [k, 1], strides: [s, 1], padding: 'same' }))
  const seen = (oh: number) => Array.from({ length: k }, (_, n) => inputIndex(g, oh, 0, n)).filter(i => i >= 0)
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

describe('convolutions centre their windows, with the odd row or column at the end', () => {
  // size, window, stride, dilation, padding; then what each place sees
  test.each<[number, number, number, number, ConvolutionOptions['padding'], number[][]]>([
    [
      5,
      3,
      1,
      1,
      'valid',
      [
        [0, 1, 2],
        [1, 2, 3],
        [2, 3, 4],
      ],
    ],
    [
      6,
      3,
      2,
      1,
      'valid',
      [
        [0, 1, 2],
        [2, 3, 4],
      ],
    ],
    [
      6,
      2,
      2,
      2,
      'valid',
      [
        [0, 2],
        [2, 4],
      ],
    ],
    [
      4,
      3,
      1,
      1,
      'same',
      [
        [0, 1],
        [0, 1, 2],
        [1, 2, 3],
        [2, 3],
      ],
    ],
    [3, 2, 1, 1, 'same', [[0, 1], [1, 2], [2]]],
    [
      6,
      3,
      2,
      1,
      'same',
      [
        [0, 1, 2],
        [2, 3, 4],
        [4, 5],
      ],
    ],
    [5, 1, 3, 1, 'same', [[0], [3]]],
    [
      5,
      3,
      2,
      1,
      'same',
      [
        [0, 1],
        [1, 2, 3],
        [3, 4],
      ],
    ],
    [
      5,
      3,
      1,
      2,
      'same',
      [
        [0, 2],
        [1, 3],
        [0, 2, 4],
        [1, 3],
        [2, 4],
      ],
    ],
    [4, 3, 1, 1, 'causal', [[0], [0, 1], [0, 1, 2], [1, 2, 3]]],
    [5, 2, 2, 2, 'causal', [[0], [0, 2], [2, 4]]],
  ])('of size %d, window %d, stride %d, dilation %d, %s', (size, k, s, d, padding, expected) => {
    const rest = { filters: 1, padding, dataFormat: 'channels_last' as const }
    const rows = convolutionGeometry([null, size, 1, 1], {
      ...rest,
      kernelSize: [k, 1],
      strides: [s, 1],
      dilationRate: [d, 1],
    })
    const cols = convolutionGeometry([null, 1, size, 1], {
      ...rest,
      kernelSize: [1, k],
      strides: [1, s],
      dilationRate: [1, d],
    })
    expect(allSeen(rows)).toEqual(expected)
    expect(allSeen(cols)).toEqual(expected)
  })

  /** What each place sees of an image that is one number wide. */
  function allSeen(g: Geometry): number[][] {
    return Array.from({ length: g.P }, (_, p) =>
      Array.from({ length: g.K }, (_, k) => inputIndex(g, Math.floor(p / g.OW), p % g.OW, k)).filter(i => i >= 0),
    )
  }
})

describe('all sizes of', () => {
  const image = { H: 4, W: 5, C: 2, KH: 2, KW: 3, SH: 1, SW: 2, F: 3, K: 12 }
  const window = { filters: 3, kernelSize: [2, 3], strides: [1, 2] } as const

  test('a locally connected layer, channels last', () => {
    const g = localGeometry([null, 4, 5, 2], { ...window, padding: 'valid', dataFormat: 'channels_last' })
    expect(g).toEqual({
      ...image,
      OH: 3,
      OW: 2,
      P: 6,
      top: 0,
      left: 0,
      inputSize: 40,
      outputSize: 18,
      channelsFirst: false,
      dilation: [1, 1],
      patchChannelsFirst: false,
      inputRow: 10,
      inputCol: 2,
      inputChannel: 1,
      outputPlace: 3,
      outputFilter: 1,
      kernelPlace: 36,
      biasPlace: 3,
      biasFilter: 1,
      patchRow: Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1),
      patchCol: Int32Array.of(0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2),
      patchOffset: Int32Array.of(0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15),
    })
  })

  test("a locally connected layer, channels first, padding 'same'", () => {
    const g = localGeometry([null, 2, 4, 5], { ...window, padding: 'same', dataFormat: 'channels_first' })
    expect(g).toEqual({
      ...image,
      OH: 4,
      OW: 3,
      P: 12,
      top: 1,
      left: 1,
      inputSize: 40,
      outputSize: 36,
      channelsFirst: true,
      dilation: [1, 1],
      patchChannelsFirst: true,
      inputRow: 5,
      inputCol: 1,
      inputChannel: 20,
      outputPlace: 1,
      outputFilter: 12,
      kernelPlace: 36,
      biasPlace: 1,
      biasFilter: 12,
      patchRow: Int32Array.of(0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1),
      patchCol: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2),
      patchOffset: Int32Array.of(0, 1, 2, 5, 6, 7, 20, 21, 22, 25, 26, 27),
    })
  })

  test('a dilated convolution, channels first: its patch is in the order of its kernel all the same', () => {
    const g = convolutionGeometry([null, 2, 4, 5], {
      ...window,
      padding: 'valid',
      dataFormat: 'channels_first',
      dilationRate: [3, 2],
    })
    expect(g).toEqual({
      ...image,
      OH: 1,
      OW: 1,
      P: 1,
      top: 0,
      left: 0,
      inputSize: 40,
      outputSize: 3,
      channelsFirst: true,
      dilation: [3, 2],
      patchChannelsFirst: false,
      inputRow: 5,
      inputCol: 1,
      inputChannel: 20,
      outputPlace: 1,
      outputFilter: 1,
      kernelPlace: 0,
      biasPlace: 0,
      biasFilter: 1,
      patchRow: Int32Array.of(0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3, 3),
      patchCol: Int32Array.of(0, 0, 2, 2, 4, 4, 0, 0, 2, 2, 4, 4),
      patchOffset: Int32Array.of(0, 20, 2, 22, 4, 24, 15, 35, 17, 37, 19, 39),
    })
  })
})

test('the count of connections is the count of what the places of a dilated convolution see', () => {
  const rate = fc.integer({ min: 1, max: 3 })
  fc.assert(
    fc.property(localCases, rate, rate, ({ inputShape, options }, rows, cols) => {
      const g = convolutionGeometry([null, ...inputShape], { ...options, padding: 'same', dilationRate: [rows, cols] })
      let seen = 0
      for (let p = 0; p < g.P; p++)
        for (let k = 0; k < g.K; k++) if (inputIndex(g, Math.floor(p / g.OW), p % g.OW, k) >= 0) seen++
      expect(connections(g)).toBe(seen)
    }),
    { seed: 1 },
  )
})

describe('stored kernels', () => {
  test('have the shapes of Keras', () => {
    const g = localGeometry([null, 8, 8, 1], options({ strides: [2, 2], padding: 'same' }))
    expect(localKernelShape(g, 1)).toEqual([16, 9, 1])
    expect(localKernelShape(g, 2)).toEqual([8, 8, 1, 4, 4, 1])
    expect(localKernelShape(g, 3)).toEqual([11 * 11])
    const first = localGeometry([null, 2, 5, 6], options({ filters: 4, dataFormat: 'channels_first' }))
    expect(localKernelShape(first, 2)).toEqual([2, 5, 6, 4, 3, 4])
    expect(localKernelShape(first, 3)).toEqual([3 * 4 * 9 * 2 * 4])
  })
})

describe('a shape that does not fit is refused', () => {
  test.each([
    [
      [null, 5, 5],
      'inputShape: expected \\[batch, rows, columns, channels\\], all but the batch known and positive, received \\[null, 5, 5\\]',
    ],
    [[null, null, 5, 1], 'inputShape: .*all but the batch known and positive, received \\[null, null, 5, 1\\]'],
    [[null, 5, 5, 0], 'inputShape: .*positive'],
    [[null, 2, 5, 1], "kernelSize: expected at most the input's 2 x 5 .*, received \\[3, 3\\]"],
    [[null, 5, 2, 1], "kernelSize: expected at most the input's 5 x 2 .*, received \\[3, 3\\]"],
  ])('%j', (shape, message) => {
    expect(() => localGeometry(shape, options())).toThrow(new RegExp(message))
  })

  test('and the message tells the order of the axes', () => {
    const first = { dataFormat: 'channels_first' } as const
    expect(() => localGeometry([null, 5, 5], options(first))).toThrow('[batch, channels, rows, columns]')
  })

  test("a dilated window counts with its gaps, by its layer's name for it", () => {
    const dilated = { ...options(), dilationRate: [2, 1] } as const
    expect(convolutionGeometry([null, 5, 3, 1], dilated, 'poolSize').P).toBe(1)
    expect(() => convolutionGeometry([null, 4, 3, 1], dilated, 'poolSize')).toThrow(
      /^poolSize: expected at most the input's 4 x 3 .*, received \[5, 3\]/,
    )
    expect(convolutionGeometry([null, 2, 2, 1], { ...dilated, padding: 'same' }).P).toBe(4)
  })
})
