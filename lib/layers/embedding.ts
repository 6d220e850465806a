// Embedding: maps integer ids (words, categories) to trainable vectors.

import { type BatchShape, inputBatch, positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { only, optional, positive } from '../core/options.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { type Initializer, type InitializerIdentifier, RandomUniform } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { constraint, initializer, regularizer } from './options.ts'

/** The options of Embedding. */
export interface EmbeddingOptions extends LayerOptions {
  /** The number of ids: 0 … inputDim − 1. */
  readonly inputDim: number
  /** The length of each vector. */
  readonly outputDim: number
  /** Default 'uniform'. */
  readonly embeddingsInitializer?: InitializerIdentifier
  /** Default none. */
  readonly embeddingsRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly embeddingsConstraint?: ConstraintIdentifier
  /** Only `null`. */
  readonly activityRegularizer?: null
  /** Only false: masks are not supported. */
  readonly maskZero?: false
  /** The number of ids in a sample, if fixed. */
  readonly inputLength?: number | null
}

const embedding = {
  className: 'Embedding',
  fields: {
    inputDim: positive(),
    outputDim: positive(),
    embeddingsInitializer: initializer(RandomUniform),
    embeddingsRegularizer: regularizer,
    activityRegularizer: only(null),
    embeddingsConstraint: constraint,
    maskZero: only(false, 'false: masks are not supported'),
    inputLength: optional(positiveInteger),
  },
}

/**
 * Input `[batch, …]` of integers, output `[batch, …, outputDim]`. Weights: `embeddings` `[inputDim, outputDim]`.
 * Integers have no gradient: `dx` is all zeros.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Embedding
 */
export class Embedding extends Layer {
  declare readonly className: 'Embedding'
  declare readonly inputDim: number
  declare readonly outputDim: number
  declare readonly embeddingsInitializer: Initializer
  declare readonly embeddingsRegularizer: Regularizer | null
  declare readonly activityRegularizer: null
  declare readonly embeddingsConstraint: Constraint | null
  declare readonly maskZero: false
  declare readonly inputLength: number | null

  constructor(options: EmbeddingOptions) {
    const { inputShape, batchInputShape, inputLength = null } = options ?? {}
    const known = inputShape !== undefined || batchInputShape !== undefined
    super(known ? options : { ...options, batchInputShape: [null, inputLength] }, embedding)
  }

  override get hasInputGradient(): boolean {
    return false
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputBatch(inputShape), this.outputDim]
  }

  override weightsFor() {
    return { embeddings: this.weightSpec('embeddings', [this.inputDim, this.outputDim]) }
  }

  /** @throws ArgumentError for an input that is not an integer from 0 to inputDim − 1 */
  forwardInto(y: Float32Array, x: Float32Array, { weights }: Call): void {
    const { inputDim, outputDim } = this
    const { value } = weights.embeddings
    for (let i = 0; i < x.length; i++) {
      if (!(Number.isInteger(x[i]) && x[i] >= 0 && x[i] < inputDim))
        throw new ArgumentError(`x[${i}] of the layer ${this.name}`, x[i], `an integer from 0 to ${inputDim - 1}`)
      for (let d = 0; d < outputDim; d++) y[i * outputDim + d] = value[x[i] * outputDim + d]
    }
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { x, weights }: Call): void {
    const { outputDim } = this
    const grad = weights.embeddings.grad.fill(0)
    for (let i = 0; i < x.length; i++)
      for (let d = 0; d < outputDim; d++) grad[x[i] * outputDim + d] += dy[i * outputDim + d]
    dx.fill(0)
  }
}
