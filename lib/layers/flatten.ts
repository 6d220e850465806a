// Each sample as one row.

import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { DataFormat } from '../geometry.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'
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

  override passesThrough(inputShape: Shape): boolean {
    return this.dataFormat === 'channels_last' || inputShape.length < 2
  }

  forwardInto(y: Float32Array, x: Float32Array, { kernels, batch, inputShape }: Call): void {
    const [channels, ...places] = inputShape
    kernels.permute.channelsToLast(y, x, batch, channels, sizeOf(places))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { kernels, batch, inputShape }: Call): void {
    const [channels, ...places] = inputShape
    kernels.permute.channelsToFirst(dx, dy, batch, channels, sizeOf(places))
  }

  protected override ownConfig() {
    return { dataFormat: this.dataFormat }
  }
}
