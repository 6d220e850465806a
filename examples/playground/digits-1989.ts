// Pictures like those of 1989, which are lost: twelve drawings of each digit by one person, each with a size and a place
// of its own, put at four neighbouring positions in 16 × 16 pixels. Eight drawings of each digit are to learn from.

import { stream, Tensor } from 'unshared'
import { type Pictures, readRows, shuffled } from './digits.ts'

/** The file is 14 filled forms, of a person each, whose digits come in the same order; here they start. */
const formStarts = [0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667]

export interface Labelled {
  /** [n, 16, 16, 1] */
  readonly x: Tensor
  /** [n, 10]: 1 for the digit, −1 for the others. */
  readonly y: Tensor
}

/** The drawings of each person who left twelve of every digit: 11 do. @param csv as for `readDigits` */
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

const [learned, drawn, positions] = [8, 12, 4]

/** @param seed of the person, of the drawings, and of how large they are and where */
export function pictures1989(forms: readonly Pictures[], seed: number): { train: Labelled; test: Labelled } {
  const { images, labels } = forms[seed % forms.length]
  const order = [...shuffled(labels.length, `1989/${seed}/drawings`)]
  const ofEachDigit = Array.from({ length: 10 }, (_, digit) => order.filter(i => labels[i] === digit))
  const take = (from: number, to: number) =>
    draw(
      ofEachDigit.flatMap(own => own.slice(from, to)),
      { images, labels, size: 64 },
      seed,
    )
  return { train: take(0, learned), test: take(learned, drawn) }
}

function draw(drawings: readonly number[], { images, labels }: Pictures, seed: number): Labelled {
  const count = drawings.length * positions
  const x = Tensor.zeros([count, 16, 16, 1])
  const y = Tensor.zeros([count, 10])
  y.data.fill(-1)
  drawings.forEach((drawing, d) => {
    const random = stream(seed, '1989/size', drawing)
    const upTo = (most: number) => Math.floor(random() * (most + 1))
    const [height, width] = [16 - upTo(4), 13 - upTo(4)]
    const [top, left] = [upTo(16 - height), upTo(13 - width)]
    for (let position = 0; position < positions; position++) {
      const i = d * positions + position
      y.data[i * 10 + labels[drawing]] = 1
      for (let row = 0; row < height; row++)
        for (let col = 0; col < width; col++) {
          const to = (i * 16 + top + row) * 16 + left + position + col
          const [r, c] = [((row + 0.5) * 8) / height - 0.5, ((col + 0.5) * 8) / width - 0.5]
          x.data[to] = inkAt(images, drawing * 64, r, c)
        }
    }
  })
  return { x, y }
}

/** The ink between pixels: linear in both directions. */
function inkAt(images: Float32Array, at: number, row: number, col: number): number {
  const pixel = (r: number, c: number) => images[at + 8 * Math.min(7, Math.max(0, r)) + Math.min(7, Math.max(0, c))]
  const [r, c] = [Math.floor(row), Math.floor(col)]
  const [down, right] = [row - r, col - c]
  const upper = pixel(r, c) * (1 - right) + pixel(r, c + 1) * right
  const lower = pixel(r + 1, c) * (1 - right) + pixel(r + 1, c + 1) * right
  return upper * (1 - down) + lower * down
}
