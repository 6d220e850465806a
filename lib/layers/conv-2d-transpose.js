// The transpose of a convolution: from few places to many.
import { knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { convolutionGeometry } from '../geometry.ts'
import { convolutionAttributes, convolutionOptionNames } from './convolution.ts'
import { overImages } from './window.ts'
import { WindowedLayer } from './windowed.ts'

function attributesOf(options) {
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
  className = 'Conv2DTranspose'
  constructor(options) {
    knownOptions('Conv2DTranspose', options, [...convolutionOptionNames, 'outputPadding'])
    super(options)
    this.defineAttributes(attributesOf(options), attributes => attributesOf(attributes))
  }
  computeOutputShape(inputShape) {
    const { H, W } = this.#geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(H, W, this.filters, this.dataFormat)]
  }
  create(inputShape) {
    const g = this.#geometryOf([null, ...inputShape])
    this.createKernelAndBias([...this.kernelSize, g.C, g.F], [g.C])
    this.createWindows(g, inputShape, overImages.itemShape(g.H, g.W, g.C, this.dataFormat))
  }
  get windowKernel() {
    return this.engine.kernels.convolutionTranspose
  }
  /** That of the convolution from the output to the input. */
  #geometryOf(inputShape) {
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
      return n * strides[axis] + more
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
  ownConfig() {
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
