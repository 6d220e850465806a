// Pooling: less of a picture or sequence, by the largest number or the mean of each window, channel by channel. What is
// pooled (windows, or the whole) and how (largest, mean) are chosen apart from each other.
import { boolean, knownOptions } from '../check.ts'
import { convolutionGeometry } from '../geometry.ts'
import { Layer, layerOptionNames } from './layer.ts'
import { dataFormatOf, overImages, overSequences, paddingOf } from './window.ts'

/** The geometry of windows that see one channel each. */
function poolGeometry(image, dataFormat, padding, window, strides) {
  const filters = image[dataFormat === 'channels_first' ? 1 : 3] ?? 0
  const pair = ([a, b]) => [a, b]
  const windows = { kernelSize: pair(window), strides: pair(strides), dilationRate: [1, 1] }
  return convolutionGeometry(image, { filters, padding, dataFormat, ...windows }, 'poolSize')
}
function windows(axes, configOrder) {
  const { sizes, image, imageShape, itemShape } = axes
  const extent = {
    optionNames: ['poolSize', 'strides', 'padding', 'dataFormat'],
    check(options) {
      const poolSize = sizes('poolSize', options.poolSize ?? 2)
      return {
        poolSize,
        strides:
          options.strides === undefined || options.strides === null
            ? poolSize
            : sizes('strides', options.strides),
        padding: paddingOf(options.padding ?? 'valid', ['valid', 'same']),
        dataFormat: dataFormatOf(options.dataFormat),
      }
    },
    geometryOf: ({ poolSize, strides, padding, dataFormat }, inputShape) =>
      poolGeometry(imageShape(inputShape, dataFormat), dataFormat, padding, image(poolSize), image(strides)),
    outputItem: ({ dataFormat }, { OH, OW, C }) => itemShape(OH, OW, C, dataFormat),
    config: attributes => Object.fromEntries(configOrder.map(key => [key, attributes[key]])),
  }
  return extent
}
/** One window as large as the input. */
function whole({ imageShape, itemShape }) {
  return {
    optionNames: ['dataFormat', 'keepdims'],
    check: options => ({
      dataFormat: dataFormatOf(options.dataFormat),
      keepdims: boolean('keepdims', options.keepdims ?? false),
    }),
    geometryOf({ dataFormat }, inputShape) {
      const shape = imageShape(inputShape, dataFormat)
      const all = (dataFormat === 'channels_first' ? shape.slice(2) : shape.slice(1, 3)).map(n => n ?? 1)
      return poolGeometry(shape, dataFormat, 'valid', all, [1, 1])
    },
    outputItem: ({ dataFormat, keepdims }, { C }) => (keepdims ? itemShape(1, 1, C, dataFormat) : [C]),
    config: ({ dataFormat, keepdims }) => ({ dataFormat, keepdims }),
  }
}
const windows2D = windows(overImages, ['poolSize', 'padding', 'strides', 'dataFormat'])
const windows1D = windows(overSequences, ['strides', 'poolSize', 'padding', 'dataFormat'])
const whole2D = whole(overImages)
const whole1D = whole(overSequences)
/** Keras' layers over sequences don't ask the configuration file. */
const channelsLast = options => ({ dataFormat: 'channels_last', ...options })
// ---- How ----------------------------------------------------------------------------------------------------------
class Pooling extends Layer {
  geometry
  y
  dx
  #extent
  constructor(className, options, extent) {
    knownOptions(className, options, [...layerOptionNames, ...extent.optionNames])
    super(options)
    this.#extent = extent
    this.defineAttributes(extent.check(options), attributes => extent.check(attributes))
  }
  computeOutputShape(inputShape) {
    return [
      inputShape[0],
      ...this.#extent.outputItem(this.#attributes, this.#extent.geometryOf(this.#attributes, inputShape)),
    ]
  }
  create(inputShape) {
    this.geometry = this.#extent.geometryOf(this.#attributes, [null, ...inputShape])
    this.y = this.buffer(this.geometry.outputSize)
    this.dx = this.gradientBuffer(this.geometry.inputSize)
  }
  ownConfig() {
    return this.#extent.config(this.#attributes)
  }
  get #attributes() {
    return this
  }
}
class MaxPooling extends Pooling {
  #argmax
  create(inputShape) {
    super.create(inputShape)
    this.#argmax = this.buffer(this.geometry.outputSize)
  }
  propagate(x, { batch }) {
    this.engine.kernels.pooling.max.forward(this.y.array, this.#argmax.array, x, batch, this.geometry)
    return this.y.array
  }
  backpropagate(dy, { batch }) {
    this.engine.kernels.pooling.max.backward(this.dx.array, dy, this.#argmax.array, batch, this.geometry)
    return this.dx.array
  }
}
class AveragePooling extends Pooling {
  get isLinear() {
    return true
  }
  propagate(x, { batch }) {
    this.engine.kernels.pooling.average.forward(this.y.array, x, batch, this.geometry)
    return this.y.array
  }
  backpropagate(dy, { batch }) {
    this.engine.kernels.pooling.average.backward(this.dx.array, dy, batch, this.geometry)
    return this.dx.array
  }
}
// ---- The layers of Keras ------------------------------------------------------------------------------------------
/** The largest number of each window, channel by channel. The gradient of equal ones goes to the first. */
export class MaxPooling2D extends MaxPooling {
  className = 'MaxPooling2D'
  constructor(options = {}) {
    super('MaxPooling2D', options, windows2D)
  }
}
/** The mean of each window, channel by channel; with 'same', of what lies in the image. */
export class AveragePooling2D extends AveragePooling {
  className = 'AveragePooling2D'
  constructor(options = {}) {
    super('AveragePooling2D', options, windows2D)
  }
}
/** The largest number of each window of a sequence. */
export class MaxPooling1D extends MaxPooling {
  className = 'MaxPooling1D'
  constructor(options = {}) {
    super('MaxPooling1D', channelsLast(options), windows1D)
  }
}
/** The mean of each window of a sequence. */
export class AveragePooling1D extends AveragePooling {
  className = 'AveragePooling1D'
  constructor(options = {}) {
    super('AveragePooling1D', channelsLast(options), windows1D)
  }
}
/** The largest number of each channel: `[batch, channels]`. */
export class GlobalMaxPooling2D extends MaxPooling {
  className = 'GlobalMaxPooling2D'
  constructor(options = {}) {
    super('GlobalMaxPooling2D', options, whole2D)
  }
}
/** The mean of each channel: `[batch, channels]`. */
export class GlobalAveragePooling2D extends AveragePooling {
  className = 'GlobalAveragePooling2D'
  constructor(options = {}) {
    super('GlobalAveragePooling2D', options, whole2D)
  }
}
/** The largest number of each channel of a sequence. */
export class GlobalMaxPooling1D extends MaxPooling {
  className = 'GlobalMaxPooling1D'
  constructor(options = {}) {
    super('GlobalMaxPooling1D', channelsLast(options), whole1D)
  }
}
/** The mean of each channel of a sequence. */
export class GlobalAveragePooling1D extends AveragePooling {
  className = 'GlobalAveragePooling1D'
  constructor(options = {}) {
    super('GlobalAveragePooling1D', channelsLast(options), whole1D)
  }
}
