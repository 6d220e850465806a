// What is pooled over: windows, or the whole; of images, or of sequences.

import { type BatchShape, boolean } from '../check.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import type { Config } from '../registry.ts'
import type { LayerOptions } from './layer.ts'
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
/** The options of pooling over windows of a sequence. */
export type Pooling1DOptions = PoolingOptions<number | readonly [number]>
/** The options of pooling over windows of a picture. */
export type Pooling2DOptions = PoolingOptions<number | readonly [number, number]>

/** The options of pooling over the whole of a picture or sequence. */
export interface GlobalPoolingOptions extends LayerOptions {
  readonly dataFormat?: DataFormatOption
  /** Whether the axes that are gone stay as sizes of 1. Default false. */
  readonly keepdims?: boolean
}

/** The checked options of a layer, and what follows from them. */
export interface Extent<A> {
  readonly optionNames: readonly string[]
  check(options: object): A
  geometryOf(attributes: A, inputShape: BatchShape): Geometry
  outputItem(attributes: A, g: Geometry): number[]
  config(attributes: A): Config
}

export interface WindowAttributes<N> {
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

export interface WholeAttributes {
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

export const windows2D = windows(overImages, ['poolSize', 'padding', 'strides', 'dataFormat'])
export const windows1D = windows(overSequences, ['strides', 'poolSize', 'padding', 'dataFormat'])
export const whole2D = whole(overImages)
export const whole1D = whole(overSequences)
/** Keras' layers over sequences don't ask the configuration file. */
export const channelsLast = <T>(options: T) => ({ dataFormat: 'channels_last' as const, ...options })
