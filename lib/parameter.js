// What an optimizer sees of a layer: a weight, its gradient, and what else acts on it.
import { StateError } from './errors.ts'
/** A weight and its gradient: two flat arrays of the same length, in the engine's memory. */
export class Parameter {
  name
  shape
  size
  trainable
  regularizer
  constraint
  #value
  #grad = null
  constructor(name, shape, size, value, options = {}) {
    this.name = name
    this.shape = shape
    this.size = size
    this.#value = value
    this.trainable = options.trainable ?? true
    this.regularizer = options.regularizer ?? null
    this.constraint = options.constraint ?? null
  }
  get value() {
    return this.#value.array
  }
  /** The gradient of the last backward pass: the data's part, then the regularizer's. */
  get grad() {
    if (!this.#grad)
      throw new StateError(`the weight ${this.name} has no gradient before the first backward pass`)
    return this.#grad.array
  }
  /** Memory for the gradient, taken when a model is first trained: prediction does not pay for it. */
  allocateGradient(region) {
    this.#grad ??= region.alloc(this.size)
  }
}
