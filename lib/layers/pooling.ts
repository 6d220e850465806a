// Pooling: the maximum or mean of each window, or of the whole input, channel by channel.

import type { BatchShape, Shape } from '../core/check.ts'
import { convolutionGeometry, type DataFormat, type Geometry, imageOf, type Padding } from '../core/geometry.ts'
import { type Field, field, flag, type OptionTable } from '../core/options.ts'
import { pool2d, wholeMax } from '../kernels/pool2d.ts'
import type { BatchBuffer, Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import {
  type Axes,
  type DataFormatOption,
  dataFormat,
  dataFormat1D,
  overImages,
  overSequences,
  padding,
  type Sizes,
} from './window-options.ts'

// ---- The pooling window -------------------------------------------------------------------------------------------

interface PoolingOptions<Size> extends LayerOptions {
  /** The window size. Default 2. */
  readonly poolSize?: Size
  /** The steps from one window to the next. Default: the window size. */
  readonly strides?: Size | null
  /** Default 'valid'. */
  readonly padding?: Padding | Uppercase<Padding>
  readonly dataFormat?: DataFormatOption
}
/** The options of pooling over windows of a sequence. */
export type Pooling1DOptions = PoolingOptions<number | readonly [number]>
/** The options of pooling over windows of an image. */
export type Pooling2DOptions = PoolingOptions<number | readonly [number, number]>

/** The options of pooling over a whole image or sequence. */
export interface GlobalPoolingOptions extends LayerOptions {
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /** Whether to keep the pooled axes, with size 1. Default false. */
  readonly keepdims?: boolean
}

/** The extent of pooling, by windows or over the whole input: its options, geometry and output shape. */
interface Extent<A> {
  readonly fields: OptionTable['fields']
  geometryOf(attributes: A, inputShape: BatchShape): Geometry
  outputItem(attributes: A, g: Geometry): number[]
}

interface WindowAttributes<N> {
  readonly poolSize: N
  readonly strides: N
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

interface WholeAttributes {
  readonly dataFormat: DataFormat
  readonly keepdims: boolean
}

/** The geometry of windows over a single channel each. */
function poolGeometry(image: BatchShape, dataFormat: DataFormat, padding: Padding, window: Sizes, strides: Sizes) {
  const [, , filters] = imageOf(image, dataFormat)
  const pair = ([a, b]: Sizes) => [a, b] as const
  const windows = { kernelSize: pair(window), strides: pair(strides), dilationRate: [1, 1] } as const
  return convolutionGeometry(image, { filters, padding, dataFormat, ...windows }, 'poolSize')
}

const sizeFields = <N extends Sizes>({ sizes }: Axes<N>) => ({
  poolSize: field(sizes, 2),
  strides: field((name, given, { poolSize }) =>
    given === undefined || given === null ? sizes('poolSize', poolSize ?? 2) : sizes(name, given),
  ),
})

const windows = <N extends Sizes>(
  { image, imageShape, itemShape }: Axes<N>,
  fields: OptionTable['fields'],
): Extent<WindowAttributes<N>> => ({
  fields,
  geometryOf: ({ poolSize, strides, padding, dataFormat }, inputShape) =>
    poolGeometry(imageShape(inputShape, dataFormat), dataFormat, padding, image(poolSize), image(strides)),
  outputItem: ({ dataFormat }, { OH, OW, C }) => itemShape(OH, OW, C, dataFormat),
})

/** One window as large as the input. */
const whole = <N extends Sizes>(
  { imageShape, itemShape }: Axes<N>,
  dataFormat: Field<DataFormat>,
): Extent<WholeAttributes> => ({
  fields: { dataFormat, keepdims: flag(false) },
  geometryOf({ dataFormat }, inputShape) {
    const shape = imageShape(inputShape, dataFormat)
    const [H, W] = imageOf(shape, dataFormat)
    return poolGeometry(shape, dataFormat, 'valid', [H, W], [1, 1])
  },
  outputItem: ({ dataFormat, keepdims }, { C }) => (keepdims ? itemShape(1, 1, C, dataFormat) : [C]),
})

// In Keras' order, which differs between 2D and 1D.
const sizes2D = sizeFields(overImages)
const { poolSize, strides } = sizeFields(overSequences)
const windows2D = windows(overImages, { poolSize: sizes2D.poolSize, padding, strides: sizes2D.strides, dataFormat })
const windows1D = windows(overSequences, { strides, poolSize, padding, dataFormat: dataFormat1D })
const whole2D = whole(overImages, dataFormat)
const whole1D = whole(overSequences, dataFormat1D)

// ---- Maximum and mean ---------------------------------------------------------------------------------------------

interface Windows {
  readonly geometry: Geometry
}

interface MaxWindows extends Windows {
  /** The index of each maximum within its window. */
  readonly argmax: BatchBuffer
}

abstract class Pooling<A extends object, S extends Windows> extends Layer<S> {
  /** Where the channels stand. */
  declare readonly dataFormat: DataFormat
  readonly #extent: Extent<A>

  constructor(className: string, options: LayerOptions, extent: Extent<A>) {
    super(options, { className, fields: extent.fields })
    this.#extent = extent
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const attributes = this as unknown as A
    const item = this.#extent.outputItem(attributes, this.#extent.geometryOf(attributes, inputShape))
    return [inputShape[0], ...item]
  }

  protected geometryOf(inputShape: Shape): Geometry {
    return this.#extent.geometryOf(this as unknown as A, [null, ...inputShape])
  }
}

abstract class MaxPooling<A extends object> extends Pooling<A, MaxWindows> {
  override prepare(call: Call): MaxWindows {
    const geometry = this.geometryOf(call.inputShape)
    return { geometry, argmax: call.buffer(geometry.outputSize) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<MaxWindows>): void {
    const { argmax, geometry } = call.state
    call.kernel(pool2d).max.forward(y, argmax.array, x, call.batch, geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<MaxWindows>): void {
    const { argmax, geometry } = call.state
    call.kernel(pool2d).max.backward(dx, dy, argmax.array, call.batch, geometry)
  }
}

abstract class GlobalMaxPooling extends MaxPooling<WholeAttributes> {
  override backwardInto(dx: Float32Array, dy: Float32Array, call: Call<MaxWindows>): void {
    call.kernel(wholeMax).backward(dx, dy, call.x, call.y, call.batch, call.state.geometry)
  }
}

abstract class AveragePooling<A extends object> extends Pooling<A, Windows> {
  override get isLinear(): boolean {
    return true
  }

  override prepare({ inputShape }: Call): Windows {
    return { geometry: this.geometryOf(inputShape) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Windows>): void {
    call.kernel(pool2d).average.forward(y, x, call.batch, call.state.geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Windows>): void {
    call.kernel(pool2d).average.backward(dx, dy, call.batch, call.state.geometry)
  }
}

// ---- The layers ---------------------------------------------------------------------------------------------------

/** The maximum of each window, channel by channel. Among equal values, the first one gets the gradient. */
export class MaxPooling2D extends MaxPooling<WindowAttributes<readonly [number, number]>> {
  declare readonly className: 'MaxPooling2D'
  /** The size of a window. */
  declare readonly poolSize: readonly [number, number]
  /** The distance from one window to the next. */
  declare readonly strides: readonly [number, number]
  /** 'valid': windows stay inside the input; 'same': they may reach beyond it. */
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('MaxPooling2D', options, windows2D)
  }
}

/** The mean of each window, channel by channel. With 'same', only the part inside the image counts. */
export class AveragePooling2D extends AveragePooling<WindowAttributes<readonly [number, number]>> {
  declare readonly className: 'AveragePooling2D'
  /** The size of a window. */
  declare readonly poolSize: readonly [number, number]
  /** The distance from one window to the next. */
  declare readonly strides: readonly [number, number]
  /** 'valid': windows stay inside the input; 'same': they may reach beyond it. */
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('AveragePooling2D', options, windows2D)
  }
}

/** The maximum of each channel: `[batch, channels]`. Equal maxima share the gradient. */
export class GlobalMaxPooling2D extends GlobalMaxPooling {
  declare readonly className: 'GlobalMaxPooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling2D', options, whole2D)
  }
}

/** The mean of each channel: `[batch, channels]`. */
export class GlobalAveragePooling2D extends AveragePooling<WholeAttributes> {
  declare readonly className: 'GlobalAveragePooling2D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling2D', options, whole2D)
  }
}

/** The maximum of each window of a sequence. */
export class MaxPooling1D extends MaxPooling<WindowAttributes<readonly [number]>> {
  declare readonly className: 'MaxPooling1D'
  /** The size of a window. */
  declare readonly poolSize: readonly [number]
  /** The distance from one window to the next. */
  declare readonly strides: readonly [number]
  /** 'valid': windows stay inside the input; 'same': they may reach beyond it. */
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('MaxPooling1D', options, windows1D)
  }
}

/** The mean of each window of a sequence. */
export class AveragePooling1D extends AveragePooling<WindowAttributes<readonly [number]>> {
  declare readonly className: 'AveragePooling1D'
  /** The size of a window. */
  declare readonly poolSize: readonly [number]
  /** The distance from one window to the next. */
  declare readonly strides: readonly [number]
  /** 'valid': windows stay inside the input; 'same': they may reach beyond it. */
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('AveragePooling1D', options, windows1D)
  }
}

/** The maximum of each channel of a sequence. Equal maxima share the gradient. */
export class GlobalMaxPooling1D extends GlobalMaxPooling {
  declare readonly className: 'GlobalMaxPooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalMaxPooling1D', options, whole1D)
  }
}

/** The mean of each channel of a sequence. */
export class GlobalAveragePooling1D extends AveragePooling<WholeAttributes> {
  declare readonly className: 'GlobalAveragePooling1D'
  declare readonly keepdims: boolean

  constructor(options: GlobalPoolingOptions = {}) {
    super('GlobalAveragePooling1D', options, whole1D)
  }
}
