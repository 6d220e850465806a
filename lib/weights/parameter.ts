// What an optimizer sees of a layer: a weight, its gradient, and what else acts on it.
//
// The weight is the layer's; the gradient belongs to whoever runs the layer. So a layer, and each model that it stands in,
// has a parameter of its own for the same weight.

import type { Shape } from '../core/check.ts'
import { StateError } from '../core/errors.ts'
import type { Block, Region } from '../engine/engine.ts'
import type { Constraint } from './constraints.ts'
import type { Regularizer } from './regularizers.ts'

export interface ParameterOptions {
  readonly regularizer?: Regularizer | null
  readonly constraint?: Constraint | null
  /** Whether training may change it at all; the moving averages of a normalization are never trained. */
  readonly trainable?: boolean
}

/** A weight, and its gradient in one's own runs: two flat arrays of the same length, in the engine's memory. */
export class Parameter {
  readonly name: string
  readonly shape: Shape
  readonly size: number
  readonly trainable: boolean
  readonly regularizer: Regularizer | null
  readonly constraint: Constraint | null
  readonly #value: Block
  readonly #options: ParameterOptions
  #grad: Block | null = null

  constructor(name: string, shape: Shape, size: number, value: Block, options: ParameterOptions = {}) {
    this.name = name
    this.shape = shape
    this.size = size
    this.#value = value
    this.#options = options
    this.trainable = options.trainable ?? true
    this.regularizer = options.regularizer ?? null
    this.constraint = options.constraint ?? null
  }

  /** The same weight, with a gradient of its own. */
  twin(): Parameter {
    return new Parameter(this.name, this.shape, this.size, this.#value, this.#options)
  }

  /** Whether another one is of the same weight. */
  isTwinOf(other: Parameter): boolean {
    return other.#value === this.#value
  }

  get value(): Float32Array {
    return this.#value.array
  }

  /**
   * The gradient of the last backward pass: the data's part, then the regularizer's. It may be changed at any time, so
   * steps pass over all of it from then on; `gradients()` of a layer or a model only looks, and costs no step anything.
   * @throws StateError before the first backward pass
   */
  get grad(): Float32Array {
    return this.gradient.open()
  }

  /** The same numbers, for kernels and for reading. @throws StateError before the first backward pass */
  get gradient(): Block {
    if (this.#grad) return this.#grad
    throw new StateError(`the weight ${this.name} has no gradient before the first backward pass`)
  }

  get hasGradient(): boolean {
    return this.#grad !== null
  }

  /** Takes memory for the gradient, once, when it is first needed: prediction does not pay for it. */
  allocateGradient(region: Region): void {
    this.#grad ??= region.alloc(this.size)
  }
}
