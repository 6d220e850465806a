// A vector for each of some numbers: words, categories.

import { type BatchShape, knownOptions, positiveInteger } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import type { Call } from './call.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of Embedding. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many numbers there are: 0 … inputDim − 1. */
  readonly inputDim: number
  /** The length of a vector. */
  readonly outputDim: number
  /** Default 'uniform'. */
  readonly embeddingsInitializer?: InitializerIdentifier
  readonly embeddingsRegularizer?: RegularizerIdentifier
  readonly embeddingsConstraint?: ConstraintIdentifier
  /** Only `null`. */
  readonly activityRegularizer?: null
  /** Only false: no layer here reads a mask. */
  readonly maskZero?: false
  /** How many numbers a sample has, if that is fixed. */
  readonly inputLength?: number | null
}

function attributesOf(options: EmbeddingOptions) {
  const { activityRegularizer = null, maskZero = false, inputLength = null } = options
  if (maskZero !== false) throw new ArgumentError('maskZero', maskZero, 'false: no layer here reads a mask')
  if (activityRegularizer !== null)
    throw new ArgumentError('activityRegularizer', activityRegularizer, 'null')
  return {
    inputDim: positiveInteger('inputDim', options.inputDim),
    outputDim: positiveInteger('outputDim', options.outputDim),
    embeddingsInitializer: initializers.get(options.embeddingsInitializer ?? 'uniform'),
    embeddingsRegularizer: regularizers.getOptional(options.embeddingsRegularizer),
    activityRegularizer,
    embeddingsConstraint: constraints.getOptional(options.embeddingsConstraint),
    maskZero,
    inputLength: inputLength === null ? null : positiveInteger('inputLength', inputLength),
  }
}

/**
 * Input `[batch, …]` of whole numbers, output `[batch, …, outputDim]`. Weights: `embeddings` `[inputDim, outputDim]`.
 * There is no gradient of the input: it comes back as zeros.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Embedding
 */
export class Embedding extends Layer {
  readonly className = 'Embedding'
  declare readonly inputDim: number
  declare readonly outputDim: number
  declare readonly embeddingsInitializer: Initializer
  declare readonly embeddingsRegularizer: Regularizer | null
  declare readonly activityRegularizer: null
  declare readonly embeddingsConstraint: Constraint | null
  declare readonly maskZero: false
  declare readonly inputLength: number | null

  constructor(options: EmbeddingOptions) {
    const names = ['inputDim', 'outputDim', 'activityRegularizer', 'maskZero', 'inputLength']
    const own = ['embeddingsInitializer', 'embeddingsRegularizer', 'embeddingsConstraint']
    knownOptions('Embedding', options, [...layerOptionNames, ...names, ...own])
    const { inputLength = null } = options
    const known = options.inputShape !== undefined || options.batchInputShape !== undefined
    super(known ? options : { ...options, batchInputShape: [null, inputLength] })
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  override get hasInputGradient(): boolean {
    return false
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape, this.outputDim]
  }

  override weightsFor() {
    return {
      embeddings: {
        shape: [this.inputDim, this.outputDim],
        initializer: this.embeddingsInitializer,
        regularizer: this.embeddingsRegularizer,
        constraint: this.embeddingsConstraint,
      },
    }
  }

  /** @throws ArgumentError for an input that is no whole number from 0 to inputDim − 1 */
  forwardInto(y: Float32Array, x: Float32Array, { weights }: Call): void {
    const { inputDim, outputDim } = this
    const { value } = weights.embeddings
    for (let i = 0; i < x.length; i++) {
      if (!(Number.isInteger(x[i]) && x[i] >= 0 && x[i] < inputDim))
        throw new ArgumentError(
          `x[${i}] of the layer ${this.name}`,
          x[i],
          `a whole number from 0 to ${inputDim - 1}`,
        )
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

  protected override ownConfig() {
    return {
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      embeddingsInitializer: initializers.serialize(this.embeddingsInitializer),
      embeddingsRegularizer: serializeOptional(regularizers.serialize, this.embeddingsRegularizer),
      activityRegularizer: this.activityRegularizer,
      embeddingsConstraint: serializeOptional(constraints.serialize, this.embeddingsConstraint),
      maskZero: this.maskZero,
      inputLength: this.inputLength,
    }
  }
}
