// A convolution over images.
import { knownOptions } from '../check.ts'
import { Convolution, convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { overImages } from './window.ts'

const attributesOf = options => convolutionAttributes(options, overImages, ['valid', 'same'])
/**
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel` `[rows, columns, channels, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv2D
 */
export class Conv2D extends Convolution {
  className = 'Conv2D'
  axes = overImages
  constructor(options) {
    knownOptions('Conv2D', options, convolutionOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributes => attributesOf(attributes))
  }
}
