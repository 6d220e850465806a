// A convolution over sequences.
import { knownOptions } from '../check.ts'
import { Convolution, convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { overSequences } from './window.ts'

const attributesOf = options =>
  convolutionAttributes({ dataFormat: 'channels_last', ...options }, overSequences, [
    'valid',
    'same',
    'causal',
  ])
/**
 * Input `[batch, steps, channels]`, output `[batch, new steps, filters]`; with 'channels_first' the channels and filters
 * come second. Weights: `kernel` `[steps, channels, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv1D
 */
export class Conv1D extends Convolution {
  className = 'Conv1D'
  axes = overSequences
  constructor(options) {
    knownOptions('Conv1D', options, convolutionOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }
}
