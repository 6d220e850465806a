// The transpose of a convolution: from few places to many.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import type { LocalGradients } from '../kernels/local2d-loop.ts'
import { type ConvolutionLayerOptions, convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { KernelBiasLayer } from './kernel-bias.ts'
import type { Pass } from './layer.ts'
import { overImages } from './window.ts'

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
export class Conv2DTranspose extends KernelBiasLayer {
  readonly className = 'Conv2DTranspose'
  declare readonly filters: number
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]
  declare readonly groups: number
  declare readonly outputPadding: null

  #geometry!: Geometry
  #x!: Float32Array
  #dx!: Block
  readonly #gradients: LocalGradients = { x: null, kernel: new Float32Array(0), bias: null }

  constructor(options: Conv2DTransposeOptions) {
    knownOptions('Conv2DTranspose', options, [...convolutionOptionNames, 'outputPadding'])
    super(options)
    this.defineAttributes(attributesOf(options), attributes =>
      attributesOf(attributes as Conv2DTransposeOptions),
    )
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { H, W } = this.#geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(H, W, this.filters, this.dataFormat)]
  }

  protected create(inputShape: Shape): void {
    const g = this.#geometryOf([null, ...inputShape])
    this.#geometry = g
    this.createKernelAndBias([...this.kernelSize, g.C, g.F], [g.C])
    this.createOutput(overImages.itemShape(g.H, g.W, g.C, this.dataFormat))
    this.#dx = this.gradientBuffer(g.outputSize)
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#x = x
    const { convolutionTranspose } = this.engine.kernels
    const bias = this.bias?.value ?? null
    convolutionTranspose.forward(this.z.array, x, this.kernel.value, bias, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    this.#gradients.x = pass.inputGradient ? dx : null
    this.#gradients.kernel = this.kernel.grad
    this.#gradients.bias = this.bias?.grad ?? null
    const { convolutionTranspose } = this.engine.kernels
    convolutionTranspose.backward(this.#gradients, dz, this.#x, this.kernel.value, pass.batch, this.#geometry)
    return dx
  }

  /** That of the convolution from the output to the input. */
  #geometryOf(inputShape: BatchShape): Geometry {
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

  protected ownConfig() {
    return {
      filters: this.filters,
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      padding: this.padding,
      dataFormat: this.dataFormat,
      dilationRate: [...this.dilationRate],
      groups: this.groups,
      ...this.kernelBiasConfig(),
      outputPadding: this.outputPadding,
    }
  }
}
