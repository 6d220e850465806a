// The factors of Adam and its variants that change with the step.

import { integerPow64, pow64 } from '../core/math.ts'

const fround = Math.fround

/**
 * The correction 1 − βᵗ: from 0, t equal gradients g give the average g·(1 − βᵗ). As in Keras, computed in float32, which
 * leaves 1 − β few digits.
 */
export const oneMinusPower = (beta: number, t: number) => fround(1 - fround(integerPow64(fround(beta), t)))

/** A momentum of Nadam, which grows with the exponent: β1·(1 − ½·0.96^exponent). */
export const nadamMomentum = (beta1: number, exponent: number): number =>
  fround(beta1 * fround(1 - fround(0.5 * fround(pow64(fround(0.96), exponent)))))

/** The momenta of Nadam's steps. */
export class Momenta {
  /** The momentum of step t, counted from 1. */
  readonly at: (t: number) => number
  #product = 1
  #factors = 0

  constructor(at: (t: number) => number) {
    this.at = at
  }

  /** The product of the momenta of the first steps, up to that of the last `advance`. */
  get product(): number {
    return this.#product
  }

  /** Multiplies up to the momentum of step t; starts again if t is an earlier step, as when training resumes. */
  advance(t: number): void {
    if (t < this.#factors) this.restore(1, 0)
    while (this.#factors < t) this.#product = fround(this.#product * this.at(++this.#factors))
  }

  /** Sets the product of the momenta of the first t steps. */
  restore(product: number, t: number): void {
    this.#product = fround(product)
    this.#factors = t
  }
}
