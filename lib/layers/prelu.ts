// PReLU: relu with learned slopes below zero.

import { type BatchShape, inputBatch, type Shape, shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { optional } from '../core/options.ts'
import { prelu } from '../kernels/prelu.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { type Initializer, type InitializerIdentifier, Zeros } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import { indexAlong } from './axes.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { constraint, initializer, regularizer } from './options.ts'

/** The options of PReLU. */
export interface PReLUOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly alphaInitializer?: InitializerIdentifier
  /** Default none. */
  readonly alphaRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly alphaConstraint?: ConstraintIdentifier
  /** Axes, counted from 1, along which the slope is shared. Default none. */
  readonly sharedAxes?: readonly number[] | null
}

const preLU = {
  className: 'PReLU',
  fields: {
    alphaInitializer: initializer(Zeros),
    alphaRegularizer: regularizer,
    alphaConstraint: constraint,
    sharedAxes: optional((name, given) => shape(name, given, 1)),
  },
}

/** x where positive, else alpha·x, with a separate learned alpha for each element of a sample. */
export class PReLU extends Layer<Int32Array> {
  declare readonly className: 'PReLU'
  declare readonly alphaInitializer: Initializer
  declare readonly alphaRegularizer: Regularizer | null
  declare readonly alphaConstraint: Constraint | null
  declare readonly sharedAxes: readonly number[] | null

  constructor(options: PReLUOptions = {}) {
    super(options, preLU)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  override weightsFor(inputShape: Shape) {
    const shared = this.sharedAxes ?? []
    if (shared.some(axis => !Number.isSafeInteger(axis) || axis < 1 || axis > inputShape.length))
      throw new ArgumentError('sharedAxes', shared, `axes from 1 to ${inputShape.length}`)
    const alpha = inputShape.map((n, axis) => (shared.includes(axis + 1) ? 1 : n))
    return { alpha: this.weightSpec('alpha', alpha) }
  }

  /** The index of the alpha of each element of a sample. */
  override prepare({ inputShape }: Call): Int32Array {
    const axes = inputShape.map((_, axis) => axis)
    return indexAlong(
      axes.filter(axis => !this.sharedAxes?.includes(axis + 1)),
      inputShape,
    )
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Int32Array>): void {
    call.kernel(prelu).forward(y, x, call.weights.alpha.value, call.state, call.batch)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Int32Array>): void {
    const { value, grad } = call.weights.alpha
    call.kernel(prelu).backward(dx, grad, dy, call.x, value, call.state, call.batch)
  }
}
