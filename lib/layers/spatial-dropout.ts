// Dropout of whole channels.

import type { BatchShape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { DataFormat } from '../geometry.ts'
import { Dropout, type DropoutOptions } from './dropout.ts'
import { type DataFormatOption, dataFormatOf } from './window.ts'

type SpatialOptions = Omit<DropoutOptions, 'noiseShape'> & { readonly noiseShape?: null }

/** Sets whole channels of sequences `[batch, steps, channels]` to 0 in training. */
export class SpatialDropout1D extends Dropout {
  override readonly className: string = 'SpatialDropout1D'

  constructor(options: SpatialOptions) {
    super(options)
  }

  override computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    return [...inputShape]
  }

  protected override maskShape(): BatchShape {
    return [null, 1, null]
  }
}

/** Sets whole channels of images to 0 in training. */
export class SpatialDropout2D extends Dropout {
  override readonly className: string = 'SpatialDropout2D'
  readonly #format: DataFormat

  constructor(options: SpatialOptions & { readonly dataFormat?: DataFormatOption }) {
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
