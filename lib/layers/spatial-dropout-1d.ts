// Dropout of whole channels of sequences.

import type { BatchShape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Dropout, type SpatialDropoutOptions } from './dropout.ts'

/** Sets whole channels of sequences `[batch, steps, channels]` to 0 in training. */
export class SpatialDropout1D extends Dropout {
  override readonly className: string = 'SpatialDropout1D'

  constructor(options: SpatialDropoutOptions) {
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
