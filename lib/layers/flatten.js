// Each sample as one row.
import { knownOptions, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Layer, layerOptionNames } from './layer.ts'
import { dataFormatOf } from './window.ts'
/**
 * `[batch, …]` to `[batch, product of …]`; a batch of single numbers becomes `[batch, 1]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Flatten
 */
export class Flatten extends Layer {
  className = 'Flatten'
  #channels = 1
  #places = 1
  #y = null
  #dx = null
  constructor(options = {}) {
    knownOptions('Flatten', options, [...layerOptionNames, 'dataFormat'])
    super(options)
    const attributesOf = given => ({ dataFormat: dataFormatOf(given.dataFormat) })
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  get isLinear() {
    return true
  }
  computeOutputShape(inputShape) {
    const sample = inputShape.slice(1)
    if (inputShape.length === 0 || !sample.every(n => n !== null))
      throw new ArgumentError('inputShape', inputShape, '[batch, …] with every size known but the batch')
    return [inputShape[0], sizeOf(sample)]
  }
  create(inputShape) {
    if (this.dataFormat === 'channels_last' || inputShape.length < 2) return
    this.#channels = inputShape[0]
    this.#places = sizeOf(inputShape.slice(1))
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }
  propagate(x, { batch }) {
    if (!this.#y) return x
    this.engine.kernels.permute.channelsToLast(this.#y.array, x, batch, this.#channels, this.#places)
    return this.#y.array
  }
  backpropagate(dy, { batch }) {
    if (!this.#dx) return dy
    this.engine.kernels.permute.channelsToFirst(this.#dx.array, dy, batch, this.#channels, this.#places)
    return this.#dx.array
  }
  ownConfig() {
    return { dataFormat: this.dataFormat }
  }
}
