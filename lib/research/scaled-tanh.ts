// LeCun's activation: tanh with such scales that f(1) ≈ 1 and f(−1) ≈ −1.

import { sizeOf } from '../core/check.ts'
import { tanh } from '../kernels/activations.ts'
import type { Activation } from '../layers/activations.ts'

const { fround } = Math
const AMPLITUDE = fround(1.7159)
const SLOPE = fround(2 / 3)

/**
 * f(x) = 1.7159 · tanh(2x/3): f(±1) ≈ ±1, and the curvature is largest there, so targets of ±1 don't drive the units into
 * saturation. The name 'scaled_tanh' finds it in configs and files.
 *
 * @see LeCun 1989, "Generalization and Network Design Strategies", technical report CRG-TR-89-4, University of Toronto
 */
export const scaledTanh: Activation = {
  className: 'scaled_tanh',
  getConfig: () => ({}),
  forward(y, x, batch, shape, engine) {
    const n = batch * sizeOf(shape)
    for (let i = 0; i < n; i++) y[i] = SLOPE * x[i]
    engine.kernel(tanh).forward(y, y, n, 0, 0, 0)
    for (let i = 0; i < n; i++) y[i] *= AMPLITUDE
  },
  /** f′(x) = 2/3 · (1.7159 − y² / 1.7159) */
  backward(dx, dy, _x, y, batch, shape) {
    const n = batch * sizeOf(shape)
    for (let i = 0; i < n; i++)
      dx[i] = dy[i] * fround(SLOPE * fround(AMPLITUDE - fround(fround(y[i] * y[i]) / AMPLITUDE)))
  },
}
