import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ArgumentError, Tensor } from 'unshared'
import { crop, fromNdarray, pad, randomShift, resize, shift, shiftEach, toNdarray, transpose } from 'unshared/ndarray'
import { stream } from '../../lib/core/random.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'

const picture = (rows: number[][]) => Tensor.from(rows).reshape([1, rows.length, rows[0].length, 1])
const rowsOf = (images: Tensor) => images.reshape([images.shape[1], images.shape[2]]).toArray()
const random = (shape: number[], seed = 1) =>
  new Tensor(
    shape,
    randomNumbers(
      shape.reduce((a, b) => a * b, 1),
      stream(seed),
    ),
  )

const small = fc.integer({ min: 0, max: 3 })
const frames = fc.tuple(fc.tuple(small, small), fc.tuple(small, small))
const formats = fc.constantFrom('channels_last' as const, 'channels_first' as const)

describe('ndarray', () => {
  test('views share the numbers; what comes back is a copy', () => {
    const tensor = Tensor.from([
      [1, 2],
      [3, 4],
    ])
    const view = toNdarray(tensor)
    view.set(0, 1, 9)
    expect(tensor.toArray()).toEqual([
      [1, 9],
      [3, 4],
    ])
    const back = fromNdarray(view.transpose(1, 0))
    back.data[0] = 7
    expect(back.toArray()).toEqual([
      [7, 3],
      [9, 4],
    ])
    expect(tensor.data[0]).toBe(1)
  })
})

describe('crop and pad', () => {
  test('of a small picture', () => {
    const image = picture([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(
      rowsOf(
        crop(image, [
          [1, 0],
          [0, 2],
        ]),
      ),
    ).toEqual([[4]])
    expect(
      rowsOf(
        pad(
          image,
          [
            [0, 1],
            [1, 0],
          ],
          { value: 9 },
        ),
      ),
    ).toEqual([
      [9, 1, 2, 3],
      [9, 4, 5, 6],
      [9, 9, 9, 9],
    ])
  })

  test('undo each other in both data formats', () => {
    fc.assert(
      fc.property(frames, formats, (frame, dataFormat) => {
        const images = random([2, 3, 4, 5])
        const kept = images.clone()
        expect(crop(pad(images, frame, { dataFormat, value: 3 }), frame, { dataFormat }).equals(images)).toBe(true)
        expectSameBits(images.data, kept.data)
      }),
      { seed: 1 },
    )
  })

  test.each<[unknown, RegExp]>([
    [
      [
        [1, 1],
        [0, 0],
      ],
      /^frame: expected a frame smaller than images/,
    ],
    [[1, 1], /^frame: expected \[\[top, bottom\], \[left, right\]\]/],
    [
      [
        [-1, 0],
        [0, 0],
      ],
      /^frame: expected an integer of at least 0, received -1/,
    ],
  ])('refuse the frame %j', (frame, message) => {
    expect(() =>
      crop(
        picture([
          [1, 2],
          [3, 4],
        ]),
        frame as never,
      ),
    ).toThrow(message)
    expect(() =>
      crop(Tensor.zeros([2, 2]), [
        [0, 0],
        [0, 0],
      ]),
    ).toThrow(/^images: expected a batch of images/)
  })
})

describe('shift', () => {
  test('moves down and to the right, and fills', () => {
    const image = picture([
      [1, 2],
      [3, 4],
    ])
    expect(rowsOf(shift(image, [1, 0]))).toEqual([
      [0, 0],
      [1, 2],
    ])
    expect(rowsOf(shift(image, [0, -1], { fill: 9 }))).toEqual([
      [2, 9],
      [4, 9],
    ])
    expect(rowsOf(shift(image, [5, 0]))).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  test('there and back empties the border and keeps the rest', () => {
    const offsets = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 }))
    fc.assert(
      fc.property(offsets, formats, ([down, right], dataFormat) => {
        const images = dataFormat === 'channels_last' ? random([2, 5, 6, 2]) : random([2, 2, 5, 6])
        const back = shift(shift(images, [down, right], { dataFormat }), [-down, -right], { dataFormat })
        const frame = [
          [Math.max(-down, 0), Math.max(down, 0)],
          [Math.max(-right, 0), Math.max(right, 0)],
        ] as const
        expect(back.equals(pad(crop(images, frame, { dataFormat }), frame, { dataFormat }))).toBe(true)
      }),
      { seed: 2 },
    )
  })

  test('moves each image by its own offset', () => {
    const images = Tensor.from([1, 2, 3, 4], [2, 1, 2, 1])
    expect(
      shiftEach(images, [
        [0, 1],
        [0, -1],
      ]).toArray(),
    ).toEqual([[[[0], [1]]], [[[4], [0]]]])
    expect(() => shiftEach(images, [[0, 1]])).toThrow(/^offsets: expected one for each of 2 images/)
    expect(() => shift(images, [0.5, 0])).toThrow(ArgumentError)
  })

  test('by chance is decided by the seed, and uses every offset', () => {
    const dots = new Tensor(
      [900, 3, 3, 1],
      new Float32Array(8100).map((_, i) => Number(i % 9 === 4)),
    )
    const moved = randomShift(dots, 1, 7)
    expect(moved.equals(randomShift(dots, 1, 7))).toBe(true)
    expect(moved.equals(randomShift(dots, 1, 8))).toBe(false)
    const counts = new Array(9).fill(0)
    for (const [i, v] of moved.data.entries()) counts[i % 9] += v
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(50)
    expect(randomShift(dots, 0, 7).equals(dots)).toBe(true)
  })
})

describe('transpose', () => {
  test('puts axes in another order, and back', () => {
    expect(
      transpose(
        Tensor.from([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        [1, 0],
      ).toArray(),
    ).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    const images = random([2, 3, 4, 5])
    expect(transpose(transpose(images, [0, 3, 1, 2]), [0, 2, 3, 1]).equals(images)).toBe(true)
    expect(() => transpose(images, [0, 1, 2])).toThrow(/^axes: expected a permutation of 0 … 3/)
  })
})

describe('resize', () => {
  const image = picture([
    [0, 1],
    [2, 3],
  ])

  test('by area is the mean of what a pixel covers', () => {
    expect(rowsOf(resize(image, [1, 1]))).toEqual([[1.5]])
    expect(rowsOf(resize(image, [4, 2]))).toEqual([
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
    ])
    const [[a, b]] = rowsOf(resize(picture([[0, 3, 9]]), [1, 2])) as number[][]
    expect([a, b]).toEqual([1, 7])
  })

  test('by the nearest pixel and between four, as tf.image.resize does', () => {
    expect(rowsOf(resize(image, [2, 4], { method: 'nearest' }))).toEqual([
      [0, 0, 1, 1],
      [2, 2, 3, 3],
    ])
    expect(rowsOf(resize(image, [3, 3], { method: 'bilinear' }))).toEqual([
      [0.0, 0.5, 1.0],
      [1.0, 1.5, 2.0],
      [2.0, 2.5, 3.0],
    ])
    expect(rowsOf(resize(image, [1, 4], { method: 'bilinear' }))).toEqual([[1.0, 1.25, 1.75, 2.0]])
  })

  test('to the same size changes nothing, and keeps the mean where it divides', () => {
    const images = random([2, 4, 6, 2])
    for (const method of ['area', 'bilinear', 'nearest'] as const)
      expect(resize(images, [4, 6], { method }).equals(images)).toBe(true)
    const mean = ({ data }: Tensor) => data.reduce((a, b) => a + b) / data.length
    expect(mean(resize(images, [2, 3]))).toBeCloseTo(mean(images), 6)
    expect(mean(resize(images, [3, 4]))).toBeCloseTo(mean(images), 6)
  })
})
