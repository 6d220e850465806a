// Pooling: less of a picture or sequence, by the largest number or the mean of each window, channel by channel. What is
// pooled (windows, or the whole) and how (largest, mean) are chosen apart from each other.

import { type BatchShape, boolean, knownOptions, type Shape } from '../check.ts'
import type { Block } from '../engine.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import type { Config } from '../registry.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'
import {
  type Axes,
  type DataFormatOption,
  dataFormatOf,
  overImages,
  overSequences,
  paddingOf,
  type Sizes,
} from './window.ts'

interface PoolingOptions<Size> extends LayerOptions {
  /** The window's size. Default 2. */
  readonly poolSize?: Size
  /** From one window to the next. Default: the window's size. */
  readonly strides?: Size | null
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  readonly dataFormat?: DataFormatOption
}
export type Pooling1DOptions = PoolingOptions<number | readonly [number]>
export type Pooling2DOptions = PoolingOptions<number | readonly [number, number]>

export interface GlobalPoolingOptions extends LayerOptions {
  readonly dataFormat?: DataFormatOption
  /** Whether the axes that are gone stay as sizes of 1. Default false. */
  readonly keepdims?: boolean
}

// ---- What is pooled -----------------------------------------------------------------------------------------------

/** The checked options of a layer, and what follows from them. */
interface Extent<A> {
  readonly optionNames: readonly string[]
  check(options: object): A
  geometryOf(attributes: A, inputShape: BatchShape): Geometry
  outputItem(attributes: A, g: Geometry): number[]
  config(attributes: A): Config
}

interface WindowAttributes<N> {
  readonly poolSize: N
  readonly strides: N
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

/** The geometry of windows that see one channel each. */
function poolGeometry(
  image: BatchShape,
  dataFormat: DataFormat,
  padding: Padding,
  window: Sizes,
  strides: Sizes,
) {
  const filters = image[dataFormat === 'channels_first' ? 1 : 3] ?? 0
  const pair = ([a, b]: Sizes) => [a, b] as const
  const windows = { kernelSize: pair(window), strides: pair(strides), dilationRate: [1, 1] } as const
  return convolutionGeometry(image, { filters, padding, dataFormat, ...windows }, 'poolSize')
}

function windows<N extends Sizes>(axes: Axes<N>, configOrder: readonly (keyof WindowAttributes<N>)[]) {
  const { sizes, image, imageShape, itemShape } = axes
  const extent: Extent<WindowAttributes<N>> = {
    optionNames: ['poolSize', 'strides', 'padding', 'dataFormat'],
    check(options: PoolingOptions<unknown>) {
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

interface WholeAttributes {
  readonly dataFormat: DataFormat
  readonly keepdims: boolean
}

/** One window as large as the input. */
function whole<N extends Sizes>({ imageShape, itemShape }: Axes<N>): Extent<WholeAttributes> {
  return {
    optionNames: ['dataFormat', 'keepdims'],
    check: (options: GlobalPoolingOptions) => ({
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
const channelsLast = <T>(options: T) => ({ dataFormat: 'channels_last' as const, ...options })

// ---- How ----------------------------------------------------------------------------------------------------------

abstract class Pooling<A extends object> extends Layer {
  declare readonly dataFormat: DataFormat
  protected geometry!: Geometry
  protected y!: Block
  protected dx!: Block
  readonly #extent: Extent<A>

  constructor(className: string, options: LayerOptions, extent: Extent<A>) {
    knownOptions(className, options, [...layerOptionNames, ...extent.optionNames])
    super(options)
    this.#extent = extent
    this.defineAttributes(extent.check(options), attributes => extent.check(attributes))
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [
      inputShape[0],
      ...this.#extent.outputItem(this.#attributes, this.#extent.geometryOf(this.#attributes, inputShape)),
    ]
  }

  protected create(inputShape: Shape): void {
    this.geometry = this.#extent.geometryOf(this.#attributes, [null, ...inputShape])
    this.y = this.buffer(this.geometry.outputSize)
    this.dx = this.gradientBuffer(this.geometry.inputSize)
  }

  protected ownConfig() {
    return this.#extent.config(this.#attributes)
  }

  get #attributes(): A {
    return this as unknown as A
  }
}

abstract class MaxPooling<A extends object> extends Pooling<A> {
  #argmax!: Block

  protected override create(inputShape: Shape): void {
    super.create(inputShape)
    this.#argmax = this.buffer(this.geometry.outputSize)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.max.forward(this.y.array, this.#argmax.array, x, batch, this.geometry)
    return this.y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.max.backward(this.dx.array, dy, this.#argmax.array, batch, this.geometry)
    return this.dx.array
  }
}

abstract class AveragePooling<A extends object> extends Pooling<A> {
  override get isLinear(): boolean {
    return true
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.average.forward(this.y.array, x, batch, this.geometry)
    return this.y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.average.backward(this.dx.array, dy, batch, this.geometry)
    return this.dx.array
  }
}

// ---- The layers of Keras ------------------------------------------------------------------------------------------

/** The largest number of each window, channel by channel. The gradient of equal ones goes to the first. */
export class MaxPooling2D extends MaxPooling<WindowAttributes<readonly [number, number]>> {
  readonly className = 'MaxPooling2D'
  declare readonly poolSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('MaxPooling2D', options, windows2D)
  }
}

/** The mean of each window, channel by channel; with 'same', of what lies in the image. */
export class AveragePooling2D extends AveragePooling<WindowAttributes<readonly [number, number]>> {
  readonly className = 'AveragePooling2D'
  declare readonly poolSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('AveragePooling2D', options, windows2D)
  }
}

/** The largest number of each window of a sequence. */
export class MaxPooling1D extends MaxPooling<WindowAttributes<readonly [number]>> {
  readonly className = 'MaxPooling1D'
  declare readonly poolSize: readonly [number]
  declare readonly strides: readonly [number]
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('MaxPooling1D', channelsLast(options), windows1D)
  }
}

/** The mean of each window of a sequence. */
export class AveragePooling1D extends AveragePooling<WindowAttributes<readonly [number]>> {
  readonly className = 'AveragePooling1D'
  declare readonly poolSize: readonly [number]
  declare readonly strides: readonly [number]
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('AveragePooling1D', channelsLast(options), windows1D)
  }
}

/** The largest number of each channel: `[batch, channels]`. */
export class GlobalMaxPooling2D extends MaxPooling<WholeAttributes> {
  readonly className = 'GlobalMaxPooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling2D', options, whole2D)
  }
}

/** The mean of each channel: `[batch, channels]`. */
export class GlobalAveragePooling2D extends AveragePooling<WholeAttributes> {
  readonly className = 'GlobalAveragePooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling2D', options, whole2D)
  }
}

/** The largest number of each channel of a sequence. */
export class GlobalMaxPooling1D extends MaxPooling<WholeAttributes> {
  readonly className = 'GlobalMaxPooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling1D', channelsLast(options), whole1D)
  }
}

/** The mean of each channel of a sequence. */
export class GlobalAveragePooling1D extends AveragePooling<WholeAttributes> {
  readonly className = 'GlobalAveragePooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling1D', channelsLast(options), whole1D)
  }
}
