// The end of a layer with an activation: y = activation(z), its gradient, and the penalty on y.
import { getActivation } from '../activations.ts'
import { sizeOf } from '../check.ts'
export class ActivatedOutput {
  activation
  activityRegularizer
  /** True where the loss reads z, the logits, and its gradient comes back as that of z (set in `compile`). */
  gradientIsOfLogits = false
  #buffers
  #shape
  #size
  #engine
  constructor(activation, penalty, buffers, shape, engine) {
    this.activation = activation
    this.activityRegularizer = penalty
    this.#buffers = buffers
    this.#shape = shape
    this.#size = sizeOf(shape)
    this.#engine = engine
  }
  /** What the activation was applied to. */
  get logits() {
    return this.#buffers.z.array
  }
  forward(pass) {
    const z = this.#buffers.z.array
    if (isLinear(this.activation)) return z
    const y = this.#buffers.y.array
    this.activation.forward(y, z, pass.batch, this.#shape, this.#engine.kernels.activations)
    return y
  }
  /** dz from dy, which is overwritten where a penalty is added. */
  backward(dy, pass) {
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
  penalty(pass) {
    if (!this.activityRegularizer) return 0
    const shape = [pass.batch, ...this.#shape]
    return this.activityRegularizer.penalty(this.#output(), pass.batch * this.#size, shape) / pass.batch
  }
  #output() {
    return isLinear(this.activation) ? this.#buffers.z.array : this.#buffers.y.array
  }
  #throughActivation(dy, { batch }) {
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
export const isLinear = activation => activation.className === 'linear'
export { getActivation }
