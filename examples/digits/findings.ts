// The numbers of the report: what was read as what, where the model erred most, how much neighbouring kernels differ.

import type { LocallyConnected2D, Tensor } from 'unshared'

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

/** The weight of place (oh, ow), window row kh and column kw, filter f and the first channel (implementation 1). */
export function weightAt(layer: LocallyConnected2D) {
  const { geometry: g } = layer
  const [{ data: kernel }] = layer.getWeights()
  const pixel = g.channelsFirst ? 1 : g.C
  return (oh: number, ow: number, kh: number, kw: number, f: number): number =>
    kernel[((oh * g.OW + ow) * g.K + (kh * g.KW + kw) * pixel) * g.F + f]
}

/** Means over all places and filters (implementation 1): Euclidean distance to the next kernel, and length of a kernel. */
export function kernelSpread(layer: LocallyConnected2D) {
  const { geometry: g } = layer
  const [{ data: kernel }] = layer.getWeights()
  const norm = (f: number, p: number, q?: number): number => {
    let sum = 0
    for (let k = 0; k < g.K; k++) {
      const other = q === undefined ? 0 : kernel[(q * g.K + k) * g.F + f]
      sum += (kernel[(p * g.K + k) * g.F + f] - other) ** 2
    }
    return Math.sqrt(sum)
  }
  const distances: number[] = []
  const lengths: number[] = []
  for (let f = 0; f < g.F; f++)
    for (let p = 0; p < g.P; p++) {
      lengths.push(norm(f, p))
      if (p % g.OW < g.OW - 1) distances.push(norm(f, p, p + 1)) // to the right
      if (p + g.OW < g.P) distances.push(norm(f, p, p + g.OW)) // below
    }
  return { distance: mean(distances), length: mean(lengths) }
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length
