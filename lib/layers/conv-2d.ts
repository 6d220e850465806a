// A convolution over images.

import { knownOptions } from '../check.ts'
import type { Padding } from '../geometry.ts'
import {
  Convolution,
  type ConvolutionLayerOptions,
  convolutionAttributes,
  convolutionOptionNames,
} from './convolution.ts'
import { overImages } from './window.ts'

/** The options of Conv2D. */
export interface Conv2DOptions extends ConvolutionLayerOptions {
  /** Rows and columns of the window; one number means both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Rows and columns from one element of the window to the next. Default 1. */
  readonly dilationRate?: number | readonly [number, number]
}

const attributesOf = (options: Conv2DOptions) => convolutionAttributes(options, overImages, ['valid', 'same'])

/**
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel` `[rows, columns, channels, filters]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv2D
 */
export class Conv2D extends Convolution<readonly [number, number]> {
  readonly className = 'Conv2D'
  protected readonly axes = overImages

  constructor(options: Conv2DOptions) {
    knownOptions('Conv2D', options, convolutionOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributes => attributesOf(attributes as Conv2DOptions))
  }
}
