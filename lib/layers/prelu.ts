// relu with slopes below zero that are learned.

import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Parameter } from '../parameter.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { indexAlong } from './axes.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'

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
export class PReLU extends Layer {
  readonly className = 'PReLU'
  declare readonly alphaInitializer: Initializer
  declare readonly alphaRegularizer: Regularizer | null
  declare readonly alphaConstraint: Constraint | null
  declare readonly sharedAxes: readonly number[] | null

  #alpha!: Parameter
  #index!: Int32Array // the alpha of each number of a sample
  #x = new Float32Array(0) as Float32Array
  #y!: Block
  #dx!: Block

  constructor(options: PReLUOptions = {}) {
    const names = ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes']
    knownOptions('PReLU', options, [...layerOptionNames, ...names])
    super(options)
    this.defineAttributes(preluAttributes(options), preluAttributes)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    const shared = this.sharedAxes ?? []
    if (shared.some(axis => !Number.isSafeInteger(axis) || axis < 1 || axis > inputShape.length))
      throw new ArgumentError('sharedAxes', shared, `axes from 1 to ${inputShape.length}`)
    const own = inputShape.map((_, axis) => axis).filter(axis => !shared.includes(axis + 1))
    this.#index = indexAlong(own, inputShape)
    const shape = inputShape.map((n, axis) => (shared.includes(axis + 1) ? 1 : n))
    this.#alpha = this.addWeight('alpha', shape, this.alphaInitializer, {
      ...{ regularizer: this.alphaRegularizer, constraint: this.alphaConstraint },
    })
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.#x = x
    this.engine.kernels.prelu.forward(this.#y.array, x, this.#alpha.value, this.#index, batch)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    const { value, grad } = this.#alpha
    this.engine.kernels.prelu.backward(this.#dx.array, grad, dy, this.#x, value, this.#index, batch)
    return this.#dx.array
  }

  protected ownConfig() {
    return {
      alphaInitializer: initializers.serialize(this.alphaInitializer),
      alphaRegularizer: serializeOptional(regularizers.serialize, this.alphaRegularizer),
      alphaConstraint: serializeOptional(constraints.serialize, this.alphaConstraint),
      sharedAxes: this.sharedAxes && [...this.sharedAxes],
    }
  }
}
