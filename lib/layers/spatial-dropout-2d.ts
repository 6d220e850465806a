// Dropout of whole channels of images.

import type { BatchShape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { DataFormat } from '../geometry.ts'
import { Dropout, type SpatialDropoutOptions } from './dropout.ts'
import { type DataFormatOption, dataFormatOf } from './window.ts'

/** Sets whole channels of images to 0 in training. */
export class SpatialDropout2D extends Dropout {
  override readonly className: string = 'SpatialDropout2D'
  readonly #format: DataFormat

  constructor(options: SpatialDropoutOptions & { readonly dataFormat?: DataFormatOption }) {
    const { dataFormat, ...rest } = options
    super(rest)
    this.#format = dataFormatOf(dataFormat)
  }

  override computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    return [...inputShape]
  }

  protected override maskShape(): BatchShape {
    return this.#format === 'channels_first' ? [null, null, 1, 1] : [null, 1, 1, null]
  }
}
