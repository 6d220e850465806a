// Pictures like those of 1989, which are lost: twelve drawings of each digit by one writer, which fill 16 × 13 binary pixels,
// at four horizontal positions. 32 of a digit's 48 pictures, drawn at random, are for training.

import { Tensor } from 'unshared'
import { resize } from 'unshared/data'
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
  const bitmaps = resize(new Tensor([labels.length, 8, 8, 1], images), [16, 13], { method: 'bilinear' })
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
          x.push(isInside && bitmaps.data[bitmap + 13 * row + col - left] > 0.5 ? 1 : -1)
        }
      y.push(...target)
    })
  }
  const tensors = ([x, y]: [number[], number[]]) =>
    [Tensor.from(x).reshape([-1, 16, 16, 1]), Tensor.from(y).reshape([-1, 10])] as const
  return { train: tensors(train), test: tensors(test) }
}
