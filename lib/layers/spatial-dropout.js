// Dropout of whole channels.
import { ArgumentError } from '../errors.ts'
import { Dropout } from './dropout.ts'
import { dataFormatOf } from './window.ts'
/** Sets whole channels of sequences `[batch, steps, channels]` to 0 in training. */
export class SpatialDropout1D extends Dropout {
  className = 'SpatialDropout1D'
  constructor(options) {
    super(options)
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    return [...inputShape]
  }
  maskShape() {
    return [null, 1, null]
  }
}
/** Sets whole channels of images to 0 in training. */
export class SpatialDropout2D extends Dropout {
  className = 'SpatialDropout2D'
  #format
  constructor(options) {
    const { dataFormat, ...rest } = options
    super(rest)
    this.#format = dataFormatOf(dataFormat)
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    return [...inputShape]
  }
  maskShape() {
    return this.#format === 'channels_first' ? [null, null, 1, 1] : [null, 1, 1, null]
  }
}
