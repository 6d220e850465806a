// The digits: 1,797 pictures of 8 × 8 pixels, and which digit each one shows. Where they are from: examples/data/README.md.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Tensor } from 'unshared'
import { split } from 'unshared/data'

export interface Digits {
  /** `[n, 8, 8, 1]`, from 0 (paper) to 1 (ink). */
  readonly images: Tensor
  /** `[n]` */
  readonly labels: Tensor
}

/** @param path a gzipped file with 64 pixels of 0 … 16 and the label in each line */
export function loadDigits(path = 'examples/data/digits.csv.gz'): Digits {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const rows = lines.map(line => line.split(',').map(Number))
  return {
    images: Tensor.from(rows.map(row => row.slice(0, 64).map(ink => ink / 16))).reshape([-1, 8, 8, 1]),
    labels: Tensor.from(rows.map(row => row[64])),
  }
}

/** The same 360 digits to test with, whatever the seed of the training. */
export function splitDigits({ images, labels }: Digits): { train: Digits; test: Digits } {
  const [[testImages, testLabels], [trainImages, trainLabels]] = split([images, labels], [360], { seed: 'digits' })
  return { train: { images: trainImages, labels: trainLabels }, test: { images: testImages, labels: testLabels } }
}
