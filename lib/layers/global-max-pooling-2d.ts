// The largest number of a whole image.

import { type GlobalPoolingOptions, type WholeAttributes, whole2D } from './pooled.ts'
import { MaxPooling } from './pooling.ts'

/** The largest number of each channel: `[batch, channels]`. */
export class GlobalMaxPooling2D extends MaxPooling<WholeAttributes> {
  readonly className = 'GlobalMaxPooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling2D', options, whole2D)
  }
}
