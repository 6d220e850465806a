// A convolution over sequences.

import { knownOptions } from '../check.ts'
import type { Padding } from '../geometry.ts'
import {
  Convolution,
  type ConvolutionLayerOptions,
  convolutionAttributes,
  convolutionOptionNames,
} from './convolution.ts'
import { overSequences } from './window.ts'

/** The options of Conv1D. */
export interface Conv1DOptions extends ConvolutionLayerOptions {
  /** Steps of the window. */
  readonly kernelSize: number | readonly [number]
  /** Steps from one window to the next. Default 1. */
  readonly strides?: number | readonly [number]
  /** Default 'valid'. 'causal': a place sees nothing that comes after it. */
  readonly padding?: Padding | Uppercase<Padding> | 'causal'
  /** Steps from one element of the window to the next. Default 1. */
  readonly dilationRate?: number | readonly [number]
}

const attributesOf = (options: Conv1DOptions) =>
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
export class Conv1D extends Convolution<readonly [number]> {
  readonly className = 'Conv1D'
  protected readonly axes = overSequences

  constructor(options: Conv1DOptions) {
    knownOptions('Conv1D', options, convolutionOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }
}
