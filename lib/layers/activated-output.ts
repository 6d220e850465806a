// The end of a layer with an activation: y = activation(z), its gradient, and the penalty on y.

import { type Activation, getActivation } from '../activations.ts'
import { type Shape, sizeOf } from '../check.ts'
import type { Block, Engine } from '../engine.ts'
import type { Regularizer } from '../regularizers.ts'
import type { Pass } from './layer.ts'

export interface OutputBuffers {
  /** What the activation is applied to. */
  readonly z: Block
  readonly y: Block
  readonly dz: Block
}

export class ActivatedOutput {
  readonly activation: Activation
  readonly activityRegularizer: Regularizer | null
  /** True where the loss reads z, the logits, and its gradient comes back as that of z (set in `compile`). */
  gradientIsOfLogits = false
  readonly #buffers: OutputBuffers
  readonly #shape: Shape
  readonly #size: number
  readonly #engine: Engine

  constructor(
    activation: Activation,
    penalty: Regularizer | null,
    buffers: OutputBuffers,
    shape: Shape,
    engine: Engine,
  ) {
    this.activation = activation
    this.activityRegularizer = penalty
    this.#buffers = buffers
    this.#shape = shape
    this.#size = sizeOf(shape)
    this.#engine = engine
  }

  /** What the activation was applied to. */
  get logits(): Float32Array {
    return this.#buffers.z.array
  }

  forward(pass: Pass): Float32Array {
    const z = this.#buffers.z.array
    if (isLinear(this.activation)) return z
    const y = this.#buffers.y.array
    this.activation.forward(y, z, pass.batch, this.#shape, this.#engine.kernels.activations)
    return y
  }

  /** dz from dy, which is overwritten where a penalty is added. */
  backward(dy: Float32Array, pass: Pass): Float32Array {
    const n = pass.batch * this.#size
    const regularizer = pass.penalties ? this.activityRegularizer : null
    if (!this.gradientIsOfLogits) {
      if (regularizer)
        regularizer.addGradient(dy, this.#output(), 1 / pass.batch, n, [pass.batch, ...this.#shape])
      return this.#throughActivation(dy, pass)
    }
    if (!regularizer) return dy
    const dPenalty = this.#buffers.dz.array.fill(0)
    regularizer.addGradient(dPenalty, this.#output(), 1 / pass.batch, n, [pass.batch, ...this.#shape])
    const dz = this.#throughActivation(dPenalty, pass)
    for (let i = 0; i < n; i++) dy[i] += dz[i]
    return dy
  }

  penalty(pass: Pass): number {
    if (!this.activityRegularizer) return 0
    const shape = [pass.batch, ...this.#shape]
    return this.activityRegularizer.penalty(this.#output(), pass.batch * this.#size, shape) / pass.batch
  }

  #output(): Float32Array {
    return isLinear(this.activation) ? this.#buffers.z.array : this.#buffers.y.array
  }

  #throughActivation(dy: Float32Array, { batch }: Pass): Float32Array {
    if (isLinear(this.activation)) return dy
    const { z, y, dz } = this.#buffers
    this.activation.backward(
      dz.array,
      dy,
      z.array,
      y.array,
      batch,
      this.#shape,
      this.#engine.kernels.activations,
    )
    return dz.array
  }
}

/** Linear needs no arithmetic and no memory. */
export const isLinear = (activation: Activation) => activation.className === 'linear'
export { getActivation }
