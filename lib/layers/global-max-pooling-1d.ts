// The largest number of a whole sequence.

import { channelsLast, type GlobalPoolingOptions, type WholeAttributes, whole1D } from './pooled.ts'
import { MaxPooling } from './pooling.ts'

/** The largest number of each channel of a sequence. */
export class GlobalMaxPooling1D extends MaxPooling<WholeAttributes> {
  readonly className = 'GlobalMaxPooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling1D', channelsLast(options), whole1D)
  }
}
