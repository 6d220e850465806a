// What the locally connected layers of one and two dimensions share. One dimension is a picture with one row: the same
// geometry, the same kernels, the same memory.
import { oneOf, positiveInteger } from '../check.ts'
import { assertAddressable, localKernelShape } from '../geometry.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import { kernelBiasAttributes, kernelBiasOptionNames } from './kernel-bias.ts'
import { dataFormatOf, paddingOf } from './window.ts'
import { WindowedLayer } from './windowed.ts'
export const locallyConnectedOptionNames = [
  ...kernelBiasOptionNames,
  ...['filters', 'kernelSize', 'strides', 'padding', 'dataFormat', 'implementation'],
]
/** @param sizes checks a window's size or strides */
export function locallyConnectedAttributes(options, sizes) {
  const { padding = 'valid', strides = 1, implementation = 1 } = options
  return {
    ...kernelBiasAttributes(options),
    filters: positiveInteger('filters', options.filters),
    kernelSize: sizes('kernelSize', options.kernelSize),
    strides: sizes('strides', strides),
    padding: paddingOf(padding, ['valid', 'same']),
    dataFormat: dataFormatOf(options.dataFormat),
    implementation: oneOf('implementation', implementation, [1, 2, 3]),
  }
}
export class LocallyConnected extends WindowedLayer {
  computeOutputShape(inputShape) {
    return [inputShape[0], ...this.#outputItem(this.geometryOf(inputShape))]
  }
  /**
   * The shape in which an implementation stores the kernel.
   * @param inputShape of one sample: `[28, 28, 1]`; nothing is built for it. Default: what the layer was built for
   * @throws StateError without `inputShape`, before the layer is built; ArgumentError where the shape does not suit it
   */
  kernelShape(implementation = this.implementation, inputShape) {
    const g = inputShape ? this.geometryOf([null, ...inputShape]) : this.geometry
    const shape = localKernelShape(g, implementation)
    return implementation === 2 ? this.withoutRows(shape, g.channelsFirst ? [1, 4] : [0, 3]) : shape
  }
  create(inputShape) {
    const g = this.geometryOf([null, ...inputShape])
    const stored = this.kernelShape(this.implementation, inputShape)
    assertAddressable(stored)
    this.createKernelAndBias(stored, this.withoutRows([g.OH, g.OW, g.F], [0]))
    this.createWindows(g, inputShape, this.#outputItem(g))
  }
  get windowKernel() {
    return this.engine.kernels.local2d[this.implementation]
  }
  /**
   * The same layer, built, with its kernel stored as another implementation does. Connected weights are kept exactly;
   * entries that are masked (2) or outside the image (1 with 'same') come back as 0.
   */
  withImplementation(implementation) {
    const Class = this.constructor
    const other = new Class({ ...this.getConfig(), implementation })
    other.build([null, ...this.inputShape])
    const [kernel, bias] = this.parameters
    const [otherKernel, otherBias] = other.parameters
    convertLocalKernel(otherKernel.value, implementation, kernel.value, this.implementation, this.geometry)
    if (bias) otherBias.value.set(bias.value)
    return other
  }
  ownConfig() {
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
  #outputItem({ OH, OW, F, channelsFirst }) {
    return channelsFirst ? this.withoutRows([F, OH, OW], [1]) : this.withoutRows([OH, OW, F], [0])
  }
}
