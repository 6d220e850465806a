// relu with slopes below zero that are learned.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { indexAlong } from './axes.ts'
import type { Call } from './call.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of PReLU. */
export interface PReLUOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly alphaInitializer?: InitializerIdentifier
  readonly alphaRegularizer?: RegularizerIdentifier
  readonly alphaConstraint?: ConstraintIdentifier
  /** Axes, counted from 1, along which the slope is one. Default none. */
  readonly sharedAxes?: readonly number[] | null
}

const preluAttributes = (options: PReLUOptions) => ({
  alphaInitializer: initializers.get(options.alphaInitializer ?? 'zeros'),
  alphaRegularizer: regularizers.getOptional(options.alphaRegularizer),
  alphaConstraint: constraints.getOptional(options.alphaConstraint),
  sharedAxes: options.sharedAxes ? [...options.sharedAxes] : null,
})

/** x where positive, else alpha·x with an alpha that is learned, for each number of a sample by itself. */
export class PReLU extends Layer<Int32Array> {
  readonly className = 'PReLU'
  declare readonly alphaInitializer: Initializer
  declare readonly alphaRegularizer: Regularizer | null
  declare readonly alphaConstraint: Constraint | null
  declare readonly sharedAxes: readonly number[] | null

  constructor(options: PReLUOptions = {}) {
    const names = ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes']
    knownOptions('PReLU', options, [...layerOptionNames, ...names])
    super(options)
    this.defineAttributes(preluAttributes(options), preluAttributes)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  override weightsFor(inputShape: Shape) {
    const shared = this.sharedAxes ?? []
    if (shared.some(axis => !Number.isSafeInteger(axis) || axis < 1 || axis > inputShape.length))
      throw new ArgumentError('sharedAxes', shared, `axes from 1 to ${inputShape.length}`)
    return {
      alpha: {
        shape: inputShape.map((n, axis) => (shared.includes(axis + 1) ? 1 : n)),
        initializer: this.alphaInitializer,
        regularizer: this.alphaRegularizer,
        constraint: this.alphaConstraint,
      },
    }
  }

  /** The alpha of each number of a sample. */
  override prepare({ inputShape }: Call): Int32Array {
    const axes = inputShape.map((_, axis) => axis)
    return indexAlong(
      axes.filter(axis => !this.sharedAxes?.includes(axis + 1)),
      inputShape,
    )
  }

  forwardInto(y: Float32Array, x: Float32Array, { kernels, weights, state, batch }: Call<Int32Array>): void {
    kernels.prelu.forward(y, x, weights.alpha.value, state, batch)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Int32Array>): void {
    const { value, grad } = call.weights.alpha
    call.kernels.prelu.backward(dx, grad, dy, call.x, value, call.state, call.batch)
  }

  protected override ownConfig() {
    return {
      alphaInitializer: initializers.serialize(this.alphaInitializer),
      alphaRegularizer: serializeOptional(regularizers.serialize, this.alphaRegularizer),
      alphaConstraint: serializeOptional(constraints.serialize, this.alphaConstraint),
      sharedAxes: this.sharedAxes && [...this.sharedAxes],
    }
  }
}
