// Golden numbers: how they are read, and how close ours must come.

import { Tensor } from 'unshared'

export type GoldenNumber = number | 'NaN' | 'Infinity' | '-Infinity'

export interface GoldenTensor {
  readonly shape: number[]
  readonly data: GoldenNumber[]
  readonly dtype?: 'int32' | 'bool'
}

/** How far a number may be from the expected one: abs + rel · |expected|. The reasons are in README.md. */
export interface Tolerance {
  readonly abs: number
  readonly rel: number
}
export const tolerances = {
  layer: { abs: 1e-5, rel: 1e-5 },
  activation: { abs: 1e-6, rel: 1e-5 },
  /**
   * TensorFlow's tanh is up to 4.8 ulp, 2.9e-7, off between −9 and −3 (measured at 20,001 points). The slope of gelu by
   * tanh has it times |x|·√(2/π)·(1 + 0.134·x²), which is 17 at x = −5: 5e-6. Ours is within 2e-7 of the float64 value.
   */
  geluByTanhSlope: { abs: 5e-6, rel: 1e-5 },
  optimizer: { abs: 1e-6, rel: 1e-5 },
  /**
   * TensorFlow's vectors of x^0.5 are up to 1.33 ulp off, and Ftrl divides their differences by the learning rate, 0.001:
   * Keras itself, run on one number at a time, differs from Keras run on vectors by so much, and agrees with ours.
   */
  ftrl: { abs: 1e-6, rel: 1.5e-4 },
  exact: { abs: 1e-7, rel: 1e-6 },
  training: { abs: 1e-4, rel: 1e-4 },
} satisfies Record<string, Tolerance>

export const tensorOf = ({ shape, data }: GoldenTensor) => new Tensor(shape, Float32Array.from(data, Number))

/** A case that uses something which isn't there; the reason names it. */
export class Unsupported extends Error {}

/** Compares, and keeps the worst error as a share of its tolerance. */
export class Comparer {
  worst = 0

  shapes(what: string, ours: readonly number[], expected: readonly number[]): void {
    if (ours.join() !== expected.join()) throw new Error(`${what}: shape [${ours}], expected [${expected}]`)
  }

  tensors(
    what: string,
    ours: Tensor,
    expected: GoldenTensor,
    tolerance: Tolerance,
    skip?: (i: number) => boolean,
  ): void {
    this.shapes(what, ours.shape, expected.shape)
    expected.data.forEach((value, i) => {
      if (!skip?.(i)) this.number(`${what}[${i}]`, ours.data[i], value, tolerance)
    })
  }

  number(what: string, ours: number, golden: GoldenNumber, { abs, rel }: Tolerance): void {
    const expected = Math.fround(Number(golden))
    if (Object.is(ours, expected) || ours === expected) return
    const share = Math.abs(ours - expected) / (abs + rel * Math.abs(expected))
    if (!(share <= 1)) throw new Error(`${what}: ${ours}, expected ${expected}`)
    this.worst = Math.max(this.worst, share)
  }

  same(what: string, ours: unknown, expected: unknown): void {
    const [a, b] = [JSON.stringify(ours), JSON.stringify(expected)]
    if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`)
  }
}
