// Pictures like those of 1989, which are lost: twelve drawings of each digit by one writer, which fill 16 × 13 binary pixels,
// at four horizontal positions. 32 of a digit's 48 pictures, drawn at random, are for training.

import { Tensor } from 'unshared'
import { type Pictures, readRows, shuffled } from './digits.ts'

const [drawn, positions, learned] = [12, 4, 32]

/** The file is 14 filled forms, of a person each, whose digits come in the same order; here they start. */
const formStarts = [0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667]

/** The drawings of each writer who left twelve of every digit: 11 do. @param csv as for `readDigits` */
export function readForms(csv: string): Pictures[] {
  const rows = readRows(csv)
  const forms = formStarts.map((start, form) => {
    const own = rows.slice(start, formStarts[form + 1])
    return {
      images: Float32Array.from(own.flatMap(row => row.slice(0, 64).map(ink => ink / 16))),
      labels: Float32Array.from(own, row => row[64]),
      size: 64,
    }
  })
  return forms.filter(({ labels }) =>
    Array.from({ length: 10 }, (_, digit) => labels.filter(label => label === digit)).every(
      ({ length }) => length >= drawn,
    ),
  )
}

/** Pictures `[n, 16, 16, 1]`: 1 for ink, −1 for paper. Targets `[n, 10]`: 1 for the digit, −1 for the others. */
export type Labelled = readonly [x: Tensor, y: Tensor]

export interface Split {
  readonly train: Labelled
  readonly test: Labelled
}

/** @param forms of `readForms` @param seed of the writer, of the drawings, and of which pictures are for training */
export function pictures1989(forms: readonly Pictures[], seed: number): Split {
  const { images, labels } = forms[seed % forms.length] // one writer
  const bitmaps = bitmapsOf(images)
  const order = [...shuffled(labels.length, `nets-1989/${seed}/drawings`)]
  const train: [number[], number[]] = [[], []]
  const test: [number[], number[]] = [[], []]
  for (let digit = 0; digit < 10; digit++) {
    const drawings = order.filter(i => labels[i] === digit).slice(0, drawn)
    const target = Array.from({ length: 10 }, (_, i) => (i === digit ? 1 : -1))
    const places = shuffled(drawn * positions, `nets-1989/${seed}/split/${digit}`)
    places.forEach((place, i) => {
      const [x, y] = i < learned ? train : test
      const bitmap = 208 * drawings[Math.floor(place / positions)]
      const left = place % positions
      for (let row = 0; row < 16; row++)
        for (let col = 0; col < 16; col++) {
          const isInside = col >= left && col < left + 13
          x.push(isInside && bitmaps[bitmap + 13 * row + col - left] > 0.5 ? 1 : -1)
        }
      y.push(...target)
    })
  }
  const tensors = ([x, y]: [number[], number[]]) =>
    [Tensor.from(x).reshape([-1, 16, 16, 1]), Tensor.from(y).reshape([-1, 10])] as const
  return { train: tensors(train), test: tensors(test) }
}

/**
 * Pictures of 8 × 8 pixels in 16 × 13, interpolated. The same as `resize` of unshared/data with the method 'bilinear', which
 * a page under a strict policy cannot import.
 */
export function bitmapsOf(images: Float32Array): Float32Array {
  const count = images.length / 64
  const tall = Float32Array.from({ length: count * 128 }, (_, i) => {
    const [image, row, col] = [Math.floor(i / 128), Math.floor(i / 8) % 16, i % 8]
    return between(row, 16, place => images[64 * image + 8 * place + col])
  })
  return Float32Array.from({ length: count * 208 }, (_, i) => {
    const [row, col] = [Math.floor(i / 13), i % 13]
    return between(col, 13, place => tall[8 * row + place])
  })
}

/** Between two of 8 values, for one of `size` places along them. */
function between(to: number, size: number, valueAt: (place: number) => number): number {
  const centre = Math.min(Math.max((to + 0.5) * (8 / size) - 0.5, 0), 7)
  const before = Math.floor(centre)
  const share = centre - before
  if (share === 0) return valueAt(before)
  return Math.fround((1 - share) * valueAt(before)) + share * valueAt(before + 1)
}
