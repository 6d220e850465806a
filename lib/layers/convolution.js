// What the convolutions of one and two dimensions share: one kernel for all places.
import { positiveInteger } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { convolutionGeometry } from '../geometry.ts'
import { kernelBiasAttributes, kernelBiasOptionNames } from './kernel-bias.ts'
import { dataFormatOf, paddingOf } from './window.ts'
import { WindowedLayer } from './windowed.ts'
export const convolutionOptionNames = [
  ...kernelBiasOptionNames,
  ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate', 'groups'],
]
export function convolutionAttributes(options, { sizes }, paddings) {
  const { strides = 1, padding = 'valid', dilationRate = 1, groups = 1 } = options
  const attributes = {
    ...kernelBiasAttributes(options),
    filters: positiveInteger('filters', options.filters),
    kernelSize: sizes('kernelSize', options.kernelSize),
    strides: sizes('strides', strides),
    padding: paddingOf(padding, paddings),
    dataFormat: dataFormatOf(options.dataFormat),
    dilationRate: sizes('dilationRate', dilationRate),
    groups,
  }
  if (groups !== 1)
    throw new ArgumentError('groups', groups, '1', 'Use DepthwiseConv2D for a kernel of each channel')
  if (attributes.strides.some(s => s > 1) && attributes.dilationRate.some(d => d > 1))
    throw new ArgumentError(
      'strides',
      strides,
      '1 where dilationRate is more than 1',
      'As in Keras, one of them only',
    )
  if (attributes.padding === 'causal' && attributes.dataFormat === 'channels_first')
    throw new ArgumentError('padding', padding, "'valid' or 'same' with channels_first")
  return attributes
}
export class Convolution extends WindowedLayer {
  computeOutputShape(inputShape) {
    const { OH, OW, F } = this.#geometryOf(inputShape)
    return [inputShape[0], ...this.axes.itemShape(OH, OW, F, this.dataFormat)]
  }
  create(inputShape) {
    const g = this.#geometryOf([null, ...inputShape])
    this.createKernelAndBias([...this.kernelSize, g.C, g.F], [g.F])
    this.createWindows(g, inputShape, this.axes.itemShape(g.OH, g.OW, g.F, this.dataFormat))
  }
  get windowKernel() {
    return this.engine.kernels.convolution
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
    }
  }
  #geometryOf(inputShape) {
    const { filters, padding, dataFormat, axes } = this
    return convolutionGeometry(axes.imageShape(inputShape, dataFormat), {
      ...{ filters, padding, dataFormat },
      kernelSize: axes.image(this.kernelSize),
      strides: axes.image(this.strides),
      dilationRate: axes.image(this.dilationRate),
    })
  }
}
