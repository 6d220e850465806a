// One case of a locally connected layer: its sizes and its numbers.

import type { Shape } from '../core/check.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'

/** The sizes and options with which a layer under test is called. */
export interface LayerSizes {
  /** Samples in the batch. */
  readonly B: number
  /** Rows of the input. */
  readonly H: number
  /** Columns of the input. */
  readonly W: number
  /** Channels of the input. */
  readonly C: number
  /** Rows of the window. */
  readonly KH: number
  /** Columns of the window. */
  readonly KW: number
  /** Rows from one window to the next. */
  readonly SH: number
  /** Columns from one window to the next. */
  readonly SW: number
  /** Filters. */
  readonly F: number
  /** 'valid' or 'same'. */
  readonly padding: Padding
  /** Where the channels stand. */
  readonly dataFormat: DataFormat
}

/** What a layer computes: its output, and the gradients of its input, kernel and bias. */
export type Quantity = 'y' | 'dx' | 'dkernel' | 'dbias'
export const gradients = ['dx', 'dkernel', 'dbias'] as const

/** The numbers of a case, flat, in the order of their shapes. */
export interface LayerNumbers {
  readonly x: Float64Array // [B, H, W, C]; channels first: [B, C, H, W]
  readonly kernel: Float64Array // [OH·OW, KH·KW·C, F]
  readonly bias: Float64Array // [OH, OW, F]; channels first: [F, OH, OW]
  readonly dy: Float64Array // [B, OH, OW, F]; channels first: [B, F, OH, OW]
}

export interface LayerCase extends LayerNumbers {
  readonly sizes: LayerSizes
}

/** Along one axis: the number of places, and how far before the image the first window starts. As in Keras 2. */
export function alongAxis(size: number, k: number, stride: number, padding: Padding): [places: number, before: number] {
  if (padding === 'same') return [Math.ceil(size / stride), Math.floor(k / 2)]
  return [Math.floor((size - k) / stride) + 1, 0]
}

/** Rows and columns of the output. */
export const placesOf = ({ H, W, KH, KW, SH, SW, padding }: LayerSizes): [OH: number, OW: number] => [
  alongAxis(H, KH, SH, padding)[0],
  alongAxis(W, KW, SW, padding)[0],
]

/** The shapes of the numbers of a case. */
export function shapesOf(sizes: LayerSizes): { readonly [name in keyof LayerNumbers]: Shape } {
  const { B, H, W, C, KH, KW, F, dataFormat } = sizes
  const [OH, OW] = placesOf(sizes)
  const isFirst = dataFormat === 'channels_first'
  const bias = isFirst ? [F, OH, OW] : [OH, OW, F]
  return { x: isFirst ? [B, C, H, W] : [B, H, W, C], kernel: [OH * OW, KH * KW * C, F], bias, dy: [B, ...bias] }
}

/** The shape of a result. */
export const shapeOfResult = (quantity: Quantity, sizes: LayerSizes): Shape =>
  shapesOf(sizes)[quantity === 'y' ? 'dy' : (quantity.slice(1) as 'x' | 'kernel' | 'bias')]
