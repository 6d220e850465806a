// A weight and its gradient, with the regularizer and the constraint that act on it.
//
// The layer owns the weight; whatever runs the layer owns the gradient. So the layer itself, and each model that
// contains it, has its own Parameter for the same weight.

import type { Shape } from '../core/check.ts'
import { StateError } from '../core/errors.ts'
import type { Block, Region } from '../engine/engine.ts'
import type { Constraint } from './constraints.ts'
import type { Regularizer } from './regularizers.ts'

export interface ParameterOptions {
  /** Default none. */
  readonly regularizer?: Regularizer | null
  /** Default none. */
  readonly constraint?: Constraint | null
  /** Whether training may update the weight. Default true; false for the moving averages of a normalization layer. */
  readonly trainable?: boolean
}

/** A weight and its gradient in the owner's runs: two flat arrays of equal length in the engine's memory. */
export class Parameter {
  static readonly name = 'Parameter'
  /** The name, as in Keras: `kernel`, `bias`. */
  readonly name: string
  /** The shape of the weight. */
  readonly shape: Shape
  /** How many numbers it has. */
  readonly size: number
  /** Whether training may update the weight. */
  readonly trainable: boolean
  /** The penalty on the weight. */
  readonly regularizer: Regularizer | null
  /** What is done to the weight after every step. */
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

  /** A new parameter for the same weight, with its own gradient. */
  twin(): Parameter {
    return new Parameter(this.name, this.shape, this.size, this.#value, this.#options)
  }

  /** Whether another parameter has the same weight. */
  isTwinOf(other: Parameter): boolean {
    return other.#value === this.#value
  }

  /** The current numbers. Read it again for every use: the array is replaced when its memory moves. */
  get value(): Float32Array {
    return this.#value.array
  }

  /**
   * The gradient of the last backward pass: that of the loss, plus that of the regularizer. Callers may change the
   * array at any time, so once it is read, optimizer steps no longer skip any part of it. `gradients()` of a layer or
   * model does not have this cost.
   * @throws StateError before the first backward pass
   */
  get grad(): Float32Array {
    return this.gradient.open()
  }

  /** The gradient's block, for kernels and for reading. @throws StateError before the first backward pass */
  get gradient(): Block {
    if (this.#grad) return this.#grad
    throw new StateError(`the weight ${this.name} has no gradient before the first backward pass`)
  }

  /** Whether there has been a backward pass. */
  get hasGradient(): boolean {
    return this.#grad !== null
  }

  /** Allocates the gradient on the first call, so that prediction alone needs no memory for it. */
  allocateGradient(region: Region): void {
    this.#grad ??= region.alloc(this.size)
  }
}
