// Shared by all layers with windows: sequences as images with one row, and the checks of window options.

import { imageDataFormat } from '#platform'
import { type BatchShape, inputBatch, oneOf, pair, single } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'
import { field } from '../core/options.ts'

/** One number for each axis that a window moves along. */
export type Sizes = readonly number[]

/** The difference between layers over sequences (one axis) and layers over images (two). */
export interface Axes<N extends Sizes> {
  /** Checks a window size: one number, or one for each axis. */
  readonly sizes: (name: string, value: unknown) => N
  /** Converts sizes to those of a window over images. */
  readonly image: (sizes: N) => readonly [number, number]
  /** Converts a shape, batch first, to that of a batch of images. */
  readonly imageShape: (shape: BatchShape, format: DataFormat) => BatchShape
  /** Converts the shape of one image to that of the layer's samples. */
  readonly itemShape: (rows: number, cols: number, channels: number, format: DataFormat) => number[]
}

export const overImages: Axes<readonly [number, number]> = {
  sizes: (name, value) => pair(name, value),
  image: sizes => sizes,
  imageShape: shape => shape,
  itemShape: (rows, cols, channels, format) =>
    format === 'channels_first' ? [channels, rows, cols] : [rows, cols, channels],
}

export const overSequences: Axes<readonly [number]> = {
  sizes: single,
  image: ([size]) => [1, size],
  imageShape(shape, format) {
    const [batch, a, b] = inputBatch(shape)
    const axes = format === 'channels_first' ? '[batch, channels, steps]' : '[batch, steps, channels]'
    if (shape.length !== 3) throw new ArgumentError('inputShape', shape, axes)
    return format === 'channels_first' ? [batch, a, 1, b] : [batch, 1, a, b]
  },
  itemShape: (_rows, cols, channels, format) => (format === 'channels_first' ? [channels, cols] : [cols, channels]),
}

/** A padding field. Case does not matter, as in Keras: 'SAME' means 'same'. */
export const paddingOf = <P extends string>(choices: readonly P[]) =>
  field((name, given) => oneOf(name, typeof given === 'string' ? given.toLowerCase() : given, choices), 'valid')
export const padding = /* @__PURE__ */ paddingOf<Padding>(['valid', 'same'])

/** Keras' spellings, and ours in camelCase. */
export type DataFormatOption = DataFormat | Uppercase<DataFormat> | 'channelsLast' | 'channelsFirst'
const lastNames: readonly unknown[] = ['channels_last', 'CHANNELS_LAST', 'channelsLast']
const firstNames: readonly unknown[] = ['channels_first', 'CHANNELS_FIRST', 'channelsFirst']

/** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
export function dataFormatOf(name: string, format: unknown): DataFormat {
  if (format === undefined || format === null) return imageDataFormat()
  if (lastNames.includes(format)) return 'channels_last'
  if (firstNames.includes(format)) return 'channels_first'
  throw new ArgumentError(name, format, '"channels_last" or "channels_first"')
}
export const dataFormat = /* @__PURE__ */ field(dataFormatOf)
/** Like most of Keras' layers over sequences, ignores the configuration file. */
export const dataFormat1D = /* @__PURE__ */ field(dataFormatOf, 'channels_last')

/** The row axis of a sample. */
export const rowAxisOf = (format: DataFormat) => (format === 'channels_first' ? 1 : 0)
