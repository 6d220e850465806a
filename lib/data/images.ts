// Preparation of images: crop, pad, shift, resize, transpose. All functions leave their input unchanged.

import ops from 'ndarray-ops'
import { finite, integer, oneOf, pair, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { type Seed, stream } from '../core/random.ts'
import { Tensor } from '../core/tensor.ts'
import { filled, fromNdarray, toNdarray, type View } from './ndarray.ts'

/** The layout of images in a tensor. */
export interface ImageOptions {
  /** The position of the channel axis: last (the default), or before rows and columns. */
  readonly dataFormat?: DataFormat
}

/** Rows to remove or add above and below, then columns left and right: `[[top, bottom], [left, right]]`. */
export type Frame = readonly [readonly [number, number], readonly [number, number]]

/** The row axis and the column axis of a batch of images. */
function axesOf(images: Tensor, dataFormat: DataFormat = 'channels_last'): [number, number] {
  if (images.shape.length !== 4) throw new ArgumentError('images', images, 'a batch of images: four axes')
  const first = oneOf('dataFormat', dataFormat, ['channels_last', 'channels_first']) === 'channels_first'
  return first ? [2, 3] : [1, 2]
}

function checkFrame(name: string, frame: Frame): Frame {
  const isSide = (side: unknown) => Array.isArray(side) && side.length === 2
  if (Array.isArray(frame) && frame.length === 2 && frame.every(isSide)) {
    for (const n of frame.flat()) integer(name, n, 0)
    return frame
  }
  throw new ArgumentError(name, frame, '[[top, bottom], [left, right]]')
}

/** A part of a view: `size` entries starting at `from`, along two axes. */
function part(view: View, [rows, cols]: [number, number], from: readonly number[], size: readonly number[]): View {
  const low = view.shape.map(() => 0)
  const high = [...view.shape]
  for (const [i, axis] of [rows, cols].entries()) {
    low[axis] = from[i]
    high[axis] = size[i]
  }
  return view.lo(...low).hi(...high)
}

/** Removes rows and columns at the sides. @throws ArgumentError when nothing would be left */
export function crop(images: Tensor, frame: Frame, { dataFormat }: ImageOptions = {}): Tensor {
  const axes = axesOf(images, dataFormat)
  const [[top, bottom], [left, right]] = checkFrame('frame', frame)
  const size = [images.shape[axes[0]] - top - bottom, images.shape[axes[1]] - left - right]
  if (size.some(n => n < 1)) throw new ArgumentError('frame', frame, `a frame smaller than images [${images.shape}]`)
  return fromNdarray(part(toNdarray(images), axes, [top, left], size))
}

/** Adds rows and columns at the sides. @param options.value the value of the new pixels; default 0 */
export function pad(images: Tensor, frame: Frame, options: ImageOptions & { readonly value?: number } = {}): Tensor {
  const { dataFormat, value = 0 } = options
  const axes = axesOf(images, dataFormat)
  const [[top, bottom], [left, right]] = checkFrame('frame', frame)
  const shape = [...images.shape]
  shape[axes[0]] += top + bottom
  shape[axes[1]] += left + right
  const size = axes.map(axis => images.shape[axis])
  return filled(shape, view => {
    ops.assigns(view, finite('value', value))
    ops.assign(part(view, axes, [top, left], size), toNdarray(images))
  })
}

/** Shifts all images by whole pixels, down and to the right. @param options.fill the value moved in; default 0 */
export function shift(
  images: Tensor,
  offset: readonly [number, number],
  options: ImageOptions & { readonly fill?: number } = {},
): Tensor {
  if (!Array.isArray(offset) || offset.length !== 2 || !offset.every(Number.isSafeInteger))
    throw new ArgumentError('offset', offset, '[rows, columns], whole numbers')
  return shiftEach(images, new Array(images.shape[0]).fill(offset), options)
}

/** Shifts each image by its own offset, `[rows, columns]`. @param options.fill the value moved in; default 0 */
export function shiftEach(
  images: Tensor,
  offsets: readonly (readonly [number, number])[],
  options: ImageOptions & { readonly fill?: number } = {},
): Tensor {
  const { dataFormat, fill = 0 } = options
  const [rows, cols] = axesOf(images, dataFormat)
  if (offsets.length !== images.shape[0])
    throw new ArgumentError('offsets', `${offsets.length} offsets`, `one for each of ${images.shape[0]} images`)
  const source = toNdarray(images)
  return filled(images.shape, view => {
    ops.assigns(view, finite('fill', fill))
    offsets.forEach(([down, right], n) => {
      const size = [images.shape[rows] - Math.abs(down), images.shape[cols] - Math.abs(right)]
      if (size.some(k => k < 1)) return
      const axes: [number, number] = [rows - 1, cols - 1]
      const to = part(view.pick(n), axes, [Math.max(down, 0), Math.max(right, 0)], size)
      const from = part(source.pick(n), axes, [Math.max(-down, 0), Math.max(-right, 0)], size)
      ops.assign(to, from)
    })
  })
}

/** Shifts each image by up to `most` pixels along both axes, all offsets equally likely: for data augmentation. */
export function randomShift(
  images: Tensor,
  most: number,
  seed: Seed,
  options: ImageOptions & { readonly fill?: number } = {},
): Tensor {
  integer('most', most, 0)
  const random = stream(seed, 'shift')
  const draw = () => Math.floor(random() * (2 * most + 1)) - most
  const offsets = Array.from({ length: images.shape[0] }, (): [number, number] => [draw(), draw()])
  return shiftEach(images, offsets, options)
}

/** Reorders the axes: `transpose(images, [0, 3, 1, 2])` moves the channels before rows and columns. */
export function transpose(tensor: Tensor, axes: readonly number[]): Tensor {
  const sorted = [...axes].sort((a, b) => a - b)
  if (axes.length !== tensor.shape.length || sorted.some((axis, i) => axis !== i))
    throw new ArgumentError('axes', axes, `a permutation of 0 … ${tensor.shape.length - 1}`)
  return fromNdarray(toNdarray(tensor).transpose(...axes))
}

/** The options of `resize`. */
export interface ResizeOptions extends ImageOptions {
  /** 'area' (the default): the mean over the area of a new pixel; 'bilinear': interpolated; 'nearest': one pixel. */
  readonly method?: 'area' | 'bilinear' | 'nearest'
}

/**
 * Resizes images. Pixel centres are at half-integer coordinates, as in `tf.image.resize`.
 * @param size the new `[rows, columns]`
 */
export function resize(images: Tensor, size: readonly [number, number], options: ResizeOptions = {}): Tensor {
  const [rowAxis, colAxis] = axesOf(images, options.dataFormat)
  const method = oneOf('method', options.method ?? 'area', ['area', 'bilinear', 'nearest'])
  const target = pair('size', [...size])
  return resizeAxis(resizeAxis(images, rowAxis, target[0], method), colAxis, target[1], method)
}

/** Resizes along one axis; all methods are separable. */
function resizeAxis(images: Tensor, axis: number, size: number, method: 'area' | 'bilinear' | 'nearest'): Tensor {
  const from = images.shape[axis]
  const inner = sizeOf(images.shape.slice(axis + 1))
  const outer = sizeOf(images.shape.slice(0, axis))
  const shape = images.shape.map((n, a) => (a === axis ? size : n))
  const result = Tensor.zeros(shape)
  for (let to = 0; to < size; to++)
    for (const [source, weight] of sources[method](to, from / size, from))
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++)
          result.data[(o * size + to) * inner + i] += weight * images.data[(o * from + source) * inner + i]
  return result
}

type Sources = (to: number, scale: number, size: number) => [source: number, weight: number][]

/** The source pixels of a new pixel along one axis, and their weights. */
const sources: Record<'area' | 'bilinear' | 'nearest', Sources> = {
  area(to, scale, size) {
    const [begin, end] = [to * scale, (to + 1) * scale]
    const covered = (n: number) => Math.min(end, n + 1) - Math.max(begin, n)
    const last = Math.min(Math.ceil(end - 1e-9), size)
    const pixels = Array.from({ length: last - Math.floor(begin) }, (_, i) => Math.floor(begin) + i)
    return pixels.map(n => [n, covered(n) / scale])
  },
  bilinear(to, scale, size) {
    const centre = Math.min(Math.max((to + 0.5) * scale - 0.5, 0), size - 1)
    const before = Math.floor(centre)
    const share = centre - before
    return share === 0
      ? [[before, 1]]
      : [
          [before, 1 - share],
          [before + 1, share],
        ]
  },
  nearest: (to, scale, size) => [[Math.min(Math.floor((to + 0.5) * scale), size - 1), 1]],
}
