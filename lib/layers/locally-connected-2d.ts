// The layer this project is about: like a convolution, but every place has a kernel and a bias of its own. Here are its
// options and shapes; the two directions are in windowed.ts, the arithmetic in kernels/local2d-loop.ts.

import { type BatchShape, knownOptions, pair } from '../check.ts'
import { type Geometry, localGeometry } from '../geometry.ts'
import {
  LocallyConnected,
  type LocallyConnectedOptions,
  locallyConnectedAttributes,
  locallyConnectedOptionNames,
} from './locally-connected.ts'

/** The options of LocallyConnected2D. */
export interface LocallyConnected2DOptions extends LocallyConnectedOptions {
  /** Rows and columns of the window; one number means both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
}

const attributesOf = (options: LocallyConnected2DOptions) => locallyConnectedAttributes(options, pair)

/**
 * A locally connected layer over images, as `tf.keras.layers.LocallyConnected2D` of Keras 2.
 *
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first'
 * the channels and filters come second. Weights: `kernel`, whose shape depends on the implementation
 * (1: `[places, patch, filters]`), and `bias` `[new rows, new columns, filters]` in both data formats (with
 * 'channels_first' it is read as `[filters, new rows, new columns]`, as Keras does).
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LocallyConnected2D
 */
export class LocallyConnected2D extends LocallyConnected<[number, number]> {
  readonly className = 'LocallyConnected2D'

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected2DOptions) {
    knownOptions('LocallyConnected2D', options, locallyConnectedOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  protected geometryOf(inputShape: BatchShape): Geometry {
    return localGeometry(inputShape, this)
  }

  protected withoutRows(shape: readonly number[]): number[] {
    return [...shape]
  }
}
