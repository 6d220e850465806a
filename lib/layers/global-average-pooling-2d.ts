// The mean of a whole image.

import { type GlobalPoolingOptions, type WholeAttributes, whole2D } from './pooled.ts'
import { AveragePooling } from './pooling.ts'

/** The mean of each channel: `[batch, channels]`. */
export class GlobalAveragePooling2D extends AveragePooling<WholeAttributes> {
  readonly className = 'GlobalAveragePooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling2D', options, whole2D)
  }
}
