// The results on the test digits: readings and mistakes.

import type { Tensor } from 'unshared'

export interface Test {
  /** `[n, 8, 8, 1]`, from 0 (paper) to 1 (ink). */
  readonly images: Tensor
  /** `[n]` */
  readonly labels: ArrayLike<number>
  /** `[n, 10]`: how likely each digit is, according to the model. */
  readonly predictions: Tensor
}

/** A test digit and what the model said of it. */
export interface Reading {
  readonly index: number
  readonly truth: number
  readonly read: number
  /** The probabilities that the model gave to what it read, and to the truth. */
  readonly pRead: number
  readonly pTruth: number
}

export function readings({ labels, predictions }: Test): Reading[] {
  const [, classes] = predictions.shape
  return Array.from(labels, (truth, index) => {
    const probabilities = predictions.data.subarray(index * classes, (index + 1) * classes)
    const read = probabilities.indexOf(Math.max(...probabilities))
    return { index, truth, read, pRead: probabilities[read], pTruth: probabilities[truth] }
  })
}

/** `counts[truth][read]` */
export function confusion(all: readonly Reading[], classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  for (const { truth, read } of all) counts[truth][read]++
  return counts
}

/** The wrong readings, the highest loss first: the loss of one digit is −log of the truth's probability. */
export const worst = (all: readonly Reading[]): Reading[] =>
  all.filter(({ truth, read }) => truth !== read).sort((a, b) => a.pTruth - b.pTruth)
