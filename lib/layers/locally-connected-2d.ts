// The layer this project is about: like a convolution, but every place has a kernel and a bias of its own.

import { imageDataFormat } from '#platform'
import { type BatchShape, knownOptions, oneOf, pair, positiveInteger, type Shape } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import {
  assertAddressable,
  type DataFormat,
  type Geometry,
  localGeometry,
  localKernelShape,
  outputShapeOf,
  type Padding,
} from '../geometry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { LocalGradients } from '../kernels/local2d-loop.ts'
import {
  type KernelBiasAttributes,
  KernelBiasLayer,
  type KernelBiasOptions,
  kernelBiasAttributes,
  kernelBiasOptionNames,
} from './kernel-bias.ts'
import type { Pass } from './layer.ts'

export interface LocallyConnected2DOptions extends KernelBiasOptions {
  /** How many numbers each place gives. */
  readonly filters: number
  /** Rows and columns of the window; one number means both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
  /**
   * 'valid' (the default): windows stay inside the image. 'same': ⌈size / stride⌉ places; outside the image nothing
   * is connected. Windows start at `i·stride − ⌊kernelSize / 2⌋`, which is not how convolutions centre them.
   */
  readonly padding?: Padding | Uppercase<Padding>
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormat | 'channelsLast' | 'channelsFirst'
  /**
   * 1 (the default) loops over the places; 2 stores a dense matrix from all inputs to all outputs and masks it;
   * 3 stores the connected weights alone. All give the same bits; their stored kernels differ.
   */
  readonly implementation?: Implementation
}

interface Attributes extends KernelBiasAttributes {
  filters: number
  kernelSize: [number, number]
  strides: [number, number]
  padding: Padding
  dataFormat: DataFormat
  implementation: Implementation
}

const optionNames = [
  ...kernelBiasOptionNames,
  ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'implementation'],
]

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
export class LocallyConnected2D extends KernelBiasLayer implements Attributes {
  readonly className = 'LocallyConnected2D'
  declare readonly filters: number
  declare readonly kernelSize: [number, number]
  declare readonly strides: [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly implementation: Implementation

  #geometry!: Geometry
  #x!: Float32Array
  #dx!: Block
  readonly #gradients: LocalGradients = { x: null, kernel: new Float32Array(0), bias: null }

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected2DOptions) {
    knownOptions('LocallyConnected2D', options, optionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [inputShape[0], ...outputShapeOf(localGeometry(inputShape, this))]
  }

  protected create(inputShape: Shape): void {
    const g = localGeometry([null, ...inputShape], this)
    const kernelShape = localKernelShape(g, this.implementation)
    assertAddressable(kernelShape)
    this.#geometry = g
    this.createKernelAndBias(kernelShape, [g.OH, g.OW, g.F])
    this.createOutput(outputShapeOf(g))
    this.#dx = this.gradientBuffer(g.inputSize)
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#x = x
    const { forward } = this.engine.kernels.local2d[this.implementation]
    forward(this.z.array, x, this.kernel.value, this.bias?.value ?? null, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    this.#gradients.x = pass.inputGradient ? dx : null
    this.#gradients.kernel = this.kernel.grad
    this.#gradients.bias = this.bias?.grad ?? null
    const { backward } = this.engine.kernels.local2d[this.implementation]
    backward(this.#gradients, dz, this.#x, this.kernel.value, pass.batch, this.#geometry)
    return dx
  }

  /** The sizes of the built layer, for those who want to look at its kernel by place. */
  get geometry(): Geometry {
    if (!this.built) this.inputShape // throws the error that says what to do
    return this.#geometry
  }

  protected ownConfig() {
    const { activation, useBias, ...rest } = this.kernelBiasConfig()
    return {
      filters: this.filters,
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      padding: this.padding,
      dataFormat: this.dataFormat,
      activation,
      useBias,
      ...rest,
      implementation: this.implementation,
    }
  }
}

function attributesOf(options: LocallyConnected2DOptions): Attributes {
  const { padding = 'valid', strides = 1, implementation = 1 } = options
  return {
    ...kernelBiasAttributes(options),
    filters: positiveInteger('filters', options.filters),
    kernelSize: pair('kernelSize', options.kernelSize),
    strides: pair('strides', strides),
    padding: paddingOf(padding),
    dataFormat: dataFormatOf(options.dataFormat),
    implementation: oneOf('implementation', implementation, [1, 2, 3]),
  }
}

const paddingOf = (padding: unknown): Padding =>
  oneOf('padding', typeof padding === 'string' ? padding.toLowerCase() : padding, ['valid', 'same'])

export function dataFormatOf(format: unknown): DataFormat {
  if (format === undefined || format === null) return imageDataFormat()
  if (format === 'channelsLast' || format === 'channels_last') return 'channels_last'
  if (format === 'channelsFirst' || format === 'channels_first') return 'channels_first'
  throw new ArgumentError('dataFormat', format, '"channels_last" or "channels_first"')
}
