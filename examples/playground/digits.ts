// The digits of ../data: 1,797 pictures of 8 × 8 pixels. 360 of them are for testing.

import { stream } from 'unshared'

export interface Pictures {
  /** Picture after picture, row after row: from 0 (paper) to 1 (ink). */
  readonly images: Float32Array
  readonly labels: Float32Array
  /** Pixels of a picture. */
  readonly size: number
}

export interface DataSet {
  readonly train: Pictures
  readonly test: Pictures
}

const testDigits = 360

/** @param csv 64 pixels of 0 … 16 and the label in each line */
export const readRows = (csv: string): number[][] =>
  csv
    .trim()
    .split('\n')
    .map(line => line.split(',').map(Number))

/** @param csv as for `readRows` */
export function readDigits(csv: string): DataSet {
  const rows = readRows(csv)
  const order = shuffled(rows.length, 'playground/split')
  const pictures = (indices: Int32Array): Pictures => ({
    images: Float32Array.from([...indices].flatMap(i => rows[i].slice(0, 64).map(ink => ink / 16))),
    labels: Float32Array.from(indices, i => rows[i][64]),
    size: 64,
  })
  return { test: pictures(order.subarray(0, testDigits)), train: pictures(order.subarray(testDigits)) }
}

/** The numbers from 0 to n − 1 in an order of this seed: Fisher and Yates. */
export function shuffled(n: number, seed: string): Int32Array {
  const random = stream(seed)
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = order[i]
    order[i] = order[j]
    order[j] = item
  }
  return order
}

/** Copies a picture, moved to the right by dx and down by dy pixels; what comes in is paper. */
export function copyShifted(
  to: Float32Array,
  toAt: number,
  from: ArrayLike<number>,
  fromAt: number,
  dx: number,
  dy: number,
  side = 8,
): void {
  for (let row = 0; row < side; row++)
    for (let col = 0; col < side; col++) {
      const [r, c] = [row - dy, col - dx]
      const inside = r >= 0 && r < side && c >= 0 && c < side
      to[toAt + row * side + col] = inside ? from[fromAt + r * side + c] : 0
    }
}

export function shiftAll({ images, labels, size }: Pictures, dx: number, dy: number): Pictures {
  const moved = new Float32Array(images.length)
  for (let at = 0; at < images.length; at += size) copyShifted(moved, at, images, at, dx, dy)
  return { images: moved, labels, size }
}
