// What an optimizer sees of a layer: a weight, its gradient, and what else acts on it.
//
// The weight is the layer's; the gradient belongs to whoever runs the layer. So a layer, and each model that it stands in,
// has a parameter of its own for the same weight.

import type { Shape } from './check.ts'
import type { Constraint } from './constraints.ts'
import type { Block, Region } from './engine.ts'
import { StateError } from './errors.ts'
import type { Stretches } from './kernels/stretches.ts'
import type { Regularizer } from './regularizers.ts'

export interface ParameterOptions {
  readonly regularizer?: Regularizer | null
  readonly constraint?: Constraint | null
  /** Whether training may change it at all; the moving averages of a normalization are never trained. */
  readonly trainable?: boolean
  /** Where the layer writes the gradient, if that is a small part of it. Asked for when training begins. */
  readonly stretches?: () => Stretches | null
}

/** A weight, and its gradient in one's own runs: two flat arrays of the same length, in the engine's memory. */
export class Parameter {
  readonly name: string
  readonly shape: Shape
  readonly size: number
  readonly trainable: boolean
  readonly regularizer: Regularizer | null
  readonly constraint: Constraint | null
  /**
   * Whether the gradient is 0 outside `stretches`. A layer says so after it has written its part, and cleared the rest
   * where that was necessary; asking for `grad`, which may be written, takes it back.
   */
  isZeroElsewhere = true
  readonly #value: Block
  readonly #options: ParameterOptions
  #grad: Block | null = null
  #stretches: Stretches | null | undefined

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

  /** Where the layer writes the gradient; null: everywhere. */
  get stretches(): Stretches | null {
    if (this.#stretches === undefined) this.#stretches = this.#options.stretches?.() ?? null
    return this.#stretches
  }

  /** The gradient of the last backward pass: the data's part, then the regularizer's. It may be changed. */
  get grad(): Float32Array {
    this.isZeroElsewhere = false
    return this.gradToRead
  }

  /** The same for those who leave it as it is. */
  get gradToRead(): Float32Array {
    const { gradient } = this
    if (gradient) return gradient
    throw new StateError(`the weight ${this.name} has no gradient before the first backward pass`)
  }

  /** `gradToRead`, or `null` before the first backward pass. */
  get gradient(): Float32Array | null {
    return this.#grad?.array ?? null
  }

  /** Takes memory for the gradient, once, when it is first needed: prediction does not pay for it. */
  allocateGradient(region: Region): void {
    this.#grad ??= region.alloc(this.size)
  }
}
