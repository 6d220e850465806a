// The transpose of a convolution: from few places to many.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import type { Kernels } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import {
  type ConvolutionLayerOptions,
  convolutionAttributes,
  convolutionOptionNames,
  windowConfig,
} from './convolution.ts'
import { overImages } from './window.ts'
import { WindowedLayer } from './windowed.ts'

/** The options of Conv2DTranspose. */
export interface Conv2DTransposeOptions extends ConvolutionLayerOptions {
  readonly kernelSize: number | readonly [number, number]
  /** How many times more rows and columns come out. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Only 1. */
  readonly dilationRate?: 1 | readonly [1, 1]
  /** Only `null`. */
  readonly outputPadding?: null
}

function attributesOf(options: Conv2DTransposeOptions) {
  const { dilationRate, outputPadding = null, ...rest } = options
  const rate = overImages.sizes('dilationRate', dilationRate ?? 1)
  if (rate.some(n => n !== 1)) throw new ArgumentError('dilationRate', dilationRate, '1')
  if (outputPadding !== null) throw new ArgumentError('outputPadding', outputPadding, 'null')
  return { ...convolutionAttributes(rest, overImages, ['valid', 'same']), outputPadding }
}

/**
 * Input `[batch, rows, columns, channels]`, output with `rows · stride` rows for 'same', and `max(window − stride, 0)`
 * more for 'valid'. Weights: `kernel` `[rows, columns, filters, channels]`, `bias` `[filters]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Conv2DTranspose
 */
export class Conv2DTranspose extends WindowedLayer {
  readonly className = 'Conv2DTranspose'
  declare readonly filters: number
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]
  declare readonly groups: number
  declare readonly outputPadding: null

  constructor(options: Conv2DTransposeOptions) {
    knownOptions('Conv2DTranspose', options, [...convolutionOptionNames, 'outputPadding'])
    super(options)
    this.defineAttributes(attributesOf(options), attributes =>
      attributesOf(attributes as Conv2DTransposeOptions),
    )
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { H, W } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(H, W, this.filters, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const { C, F } = this.geometryOf([null, ...inputShape])
    return { kernel: this.kernelSpec([...this.kernelSize, C, F]), bias: this.biasSpec([C]) }
  }

  protected windowKernel({ convolutionTranspose }: Kernels) {
    return convolutionTranspose
  }

  /** That of the convolution from the output to the input. */
  protected geometryOf(inputShape: BatchShape): Geometry {
    const { dataFormat, filters, kernelSize, strides, padding } = this
    const sizes = dataFormat === 'channels_first' ? inputShape.slice(2) : inputShape.slice(1, 3)
    const channels = inputShape[dataFormat === 'channels_first' ? 1 : 3]
    if (inputShape.length !== 4 || !channels || !sizes.every(n => n !== null && n > 0))
      throw new ArgumentError(
        'inputShape',
        inputShape,
        'a batch of images, all sizes but the batch known and positive',
      )
    const [rows, cols] = sizes.map((n, axis) => {
      const more = padding === 'same' ? 0 : Math.max(kernelSize[axis] - strides[axis], 0)
      return (n as number) * strides[axis] + more
    })
    const image = [inputShape[0], ...overImages.itemShape(rows, cols, filters, dataFormat)]
    return convolutionGeometry(image, {
      filters: channels,
      kernelSize,
      strides,
      padding,
      dataFormat,
      dilationRate: [1, 1],
    })
  }

  protected override ownConfig() {
    return {
      filters: this.filters,
      ...windowConfig(this),
      ...this.kernelBiasConfig(),
      outputPadding: this.outputPadding,
    }
  }
}
