// Each sample as one row.

import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import type { DataFormat } from '../geometry.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'
import { type DataFormatOption, dataFormatOf } from './window.ts'

/** The options of Flatten. */
export interface FlattenOptions extends LayerOptions {
  /** With 'channels_first' the channels are moved to the end first, so that both formats give the same order. */
  readonly dataFormat?: DataFormatOption
}

/**
 * `[batch, …]` to `[batch, product of …]`; a batch of single numbers becomes `[batch, 1]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Flatten
 */
export class Flatten extends Layer {
  readonly className = 'Flatten'
  declare readonly dataFormat: DataFormat

  #channels = 1
  #places = 1
  #y: Block | null = null
  #dx: Block | null = null

  constructor(options: FlattenOptions = {}) {
    knownOptions('Flatten', options, [...layerOptionNames, 'dataFormat'])
    super(options)
    const attributesOf = (given: FlattenOptions) => ({ dataFormat: dataFormatOf(given.dataFormat) })
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const sample = inputShape.slice(1)
    if (inputShape.length === 0 || !sample.every(n => n !== null))
      throw new ArgumentError('inputShape', inputShape, '[batch, …] with every size known but the batch')
    return [inputShape[0], sizeOf(sample)]
  }

  protected create(inputShape: Shape): void {
    if (this.dataFormat === 'channels_last' || inputShape.length < 2) return
    this.#channels = inputShape[0]
    this.#places = sizeOf(inputShape.slice(1))
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    if (!this.#y) return x
    this.engine.kernels.permute.channelsToLast(this.#y.array, x, batch, this.#channels, this.#places)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    if (!this.#dx) return dy
    this.engine.kernels.permute.channelsToFirst(this.#dx.array, dy, batch, this.#channels, this.#places)
    return this.#dx.array
  }

  protected ownConfig() {
    return { dataFormat: this.dataFormat }
  }
}
