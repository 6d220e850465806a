// A vector for each of some numbers: words, categories.
import { knownOptions, positiveInteger, sizeOf } from '../check.ts'
import { constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, layerOptionNames } from './layer.ts'

function attributesOf(options) {
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
  className = 'Embedding'
  #embeddings
  #size = 0
  #x = new Float32Array(0)
  #y
  #dx
  constructor(options) {
    const names = ['inputDim', 'outputDim', 'activityRegularizer', 'maskZero', 'inputLength']
    const own = ['embeddingsInitializer', 'embeddingsRegularizer', 'embeddingsConstraint']
    knownOptions('Embedding', options, [...layerOptionNames, ...names, ...own])
    const { inputLength = null } = options
    const known = options.inputShape !== undefined || options.batchInputShape !== undefined
    super(known ? options : { ...options, batchInputShape: [null, inputLength] })
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  get hasInputGradient() {
    return false
  }
  computeOutputShape(inputShape) {
    return [...inputShape, this.outputDim]
  }
  create(inputShape) {
    this.#embeddings = this.addWeight(
      'embeddings',
      [this.inputDim, this.outputDim],
      this.embeddingsInitializer,
      {
        ...{ regularizer: this.embeddingsRegularizer, constraint: this.embeddingsConstraint },
      },
    )
    this.#size = sizeOf(inputShape)
    this.#y = this.buffer(this.#size * this.outputDim)
    this.#dx = this.gradientBuffer(this.#size)
  }
  /** @throws ArgumentError for an input that is no whole number from 0 to inputDim − 1 */
  propagate(x, { batch }) {
    const { inputDim, outputDim } = this
    const [y, { value }] = [this.#y.array, this.#embeddings]
    this.#x = x
    for (let i = 0; i < batch * this.#size; i++) {
      if (!(Number.isInteger(x[i]) && x[i] >= 0 && x[i] < inputDim))
        throw new ArgumentError(
          `x[${i}] of the layer ${this.name}`,
          x[i],
          `a whole number from 0 to ${inputDim - 1}`,
        )
      for (let d = 0; d < outputDim; d++) y[i * outputDim + d] = value[x[i] * outputDim + d]
    }
    return y
  }
  backpropagate(dy, { batch }) {
    const { outputDim } = this
    const [x, { grad }] = [this.#x, this.#embeddings]
    grad.fill(0)
    for (let i = 0; i < batch * this.#size; i++)
      for (let d = 0; d < outputDim; d++) grad[x[i] * outputDim + d] += dy[i * outputDim + d]
    return this.#dx.array.fill(0)
  }
  ownConfig() {
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
