// A locally connected layer over sequences: every step has a kernel and a bias of its own.

import { type BatchShape, knownOptions, single } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type Geometry, localGeometry } from '../geometry.ts'
import {
  LocallyConnected,
  type LocallyConnectedOptions,
  locallyConnectedAttributes,
  locallyConnectedOptionNames,
} from './locally-connected.ts'

/** The options of LocallyConnected1D. */
export interface LocallyConnected1DOptions extends LocallyConnectedOptions {
  /** Steps of the window. */
  readonly kernelSize: number | readonly [number]
  /** Steps from one window to the next. Default 1. */
  readonly strides?: number | readonly [number]
}

const attributesOf = (options: LocallyConnected1DOptions) => locallyConnectedAttributes(options, single)

/**
 * A locally connected layer over sequences, as `tf.keras.layers.LocallyConnected1D` of Keras 2.
 *
 * Input `[batch, steps, channels]`, output `[batch, new steps, filters]`; with 'channels_first' the channels and
 * filters come second. Weights: `kernel` (implementation 1: `[new steps, patch, filters]`) and `bias`
 * `[new steps, filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LocallyConnected1D
 */
export class LocallyConnected1D extends LocallyConnected<[number]> {
  readonly className = 'LocallyConnected1D'

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected1DOptions) {
    knownOptions('LocallyConnected1D', options, locallyConnectedOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  /** That of a picture with one row. */
  protected geometryOf(inputShape: BatchShape): Geometry {
    const { filters, kernelSize, strides, padding, dataFormat } = this
    const isFirst = dataFormat === 'channels_first'
    const axes = isFirst ? '[batch, channels, steps]' : '[batch, steps, channels]'
    const [batch, ...item] = inputShape
    if (item.length !== 2 || !item.every(n => n !== null && n > 0)) {
      const hint = 'Every step has weights of its own, so the length must be known'
      throw new ArgumentError('inputShape', inputShape, `${axes}, all but the batch known and positive`, hint)
    }
    const steps = item[isFirst ? 1 : 0] as number
    if (padding === 'valid' && kernelSize[0] > steps)
      throw new ArgumentError(
        'kernelSize',
        kernelSize,
        `at most the input's ${steps} steps with padding 'valid'`,
      )
    const picture = isFirst ? [batch, item[0], 1, item[1]] : [batch, 1, ...item]
    return localGeometry(picture, {
      ...{ filters, padding, dataFormat },
      kernelSize: [1, ...kernelSize],
      strides: [1, ...strides],
    })
  }

  protected withoutRows(shape: readonly number[], rowAxes: readonly number[]): number[] {
    return shape.filter((_, axis) => !rowAxes.includes(axis))
  }
}
