// The mean of a whole sequence.

import { channelsLast, type GlobalPoolingOptions, type WholeAttributes, whole1D } from './pooled.ts'
import { AveragePooling } from './pooling.ts'

/** The mean of each channel of a sequence. */
export class GlobalAveragePooling1D extends AveragePooling<WholeAttributes> {
  readonly className = 'GlobalAveragePooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling1D', channelsLast(options), whole1D)
  }
}
