// Preparation of images: crop, pad, shift, resize, transpose. All functions leave their input unchanged.

import ops from 'ndarray-ops'
import { boundedSize, finite, integer, knownOptions, oneOf, pair, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { type Seed, stream } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { filled, fromNdarray, toNdarray, type View } from './view.ts'

/** The layout of images in a tensor. */
export interface ImageOptions {
  /** The position of the channel axis: last (the default), or before rows and columns. */
  readonly dataFormat?: DataFormat
}

/** Rows to remove or add above and below, then columns left and right: `[[top, bottom], [left, right]]`. */
export type Frame = readonly [readonly [number, number], readonly [number, number]]

/** A batch of images, and its row axis and column axis. */
interface Images {
  readonly images: Tensor
  readonly axes: readonly [number, number]
}

/** @param own the names of the function's options besides `dataFormat` */
function read(what: string, given: TensorLike, options: ImageOptions, own: readonly string[]): Images {
  const images = toTensor('images', given)
  if (images.shape.length !== 4) throw new ArgumentError('images', images, 'a batch of images: four axes')
  knownOptions(what, options, ['dataFormat', ...own])
  const { dataFormat = 'channels_last' } = options
  const first = oneOf('dataFormat', dataFormat, ['channels_last', 'channels_first']) === 'channels_first'
  return { images, axes: first ? [2, 3] : [1, 2] }
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
function part(
  view: View,
  [rows, cols]: readonly [number, number],
  from: readonly number[],
  size: readonly number[],
): View {
  const low = view.shape.map(() => 0)
  const high = [...view.shape]
  for (const [i, axis] of [rows, cols].entries()) {
    low[axis] = from[i]
    high[axis] = size[i]
  }
  return view.lo(...low).hi(...high)
}

/** Removes rows and columns at the sides. @throws ArgumentError when nothing would be left */
export function crop(given: TensorLike, frame: Frame, options: ImageOptions = {}): Tensor {
  const { images, axes } = read('crop', given, options, [])
  const [[top, bottom], [left, right]] = checkFrame('frame', frame)
  const size = [images.shape[axes[0]] - top - bottom, images.shape[axes[1]] - left - right]
  if (size.some(n => n < 1)) throw new ArgumentError('frame', frame, `a frame smaller than images [${images.shape}]`)
  return fromNdarray(part(toNdarray(images), axes, [top, left], size))
}

/** Adds rows and columns at the sides. @param options.value the value of the new pixels; default 0 */
export function pad(given: TensorLike, frame: Frame, options: ImageOptions & { readonly value?: number } = {}): Tensor {
  const { images, axes } = read('pad', given, options, ['value'])
  const value = finite('value', options.value ?? 0)
  const [[top, bottom], [left, right]] = checkFrame('frame', frame)
  const shape = [...images.shape]
  shape[axes[0]] += top + bottom
  shape[axes[1]] += left + right
  const size = axes.map(axis => images.shape[axis])
  boundedSize('frame', shape)
  return filled(shape, view => {
    ops.assigns(view, value)
    ops.assign(part(view, axes, [top, left], size), toNdarray(images))
  })
}

/** Shifts all images by whole pixels, down and to the right. @param options.fill the value moved in; default 0 */
export function shift(given: TensorLike, offset: readonly [number, number], options: ShiftOptions = {}): Tensor {
  checkOffset('offset', offset)
  return shifted(read('shift', given, options, ['fill']), () => offset, options)
}

/** The options of `shift`, `shiftEach` and `randomShift`. */
export interface ShiftOptions extends ImageOptions {
  /** The value moved in. Default 0. */
  readonly fill?: number
}

function checkOffset(name: string, offset: unknown): void {
  if (!Array.isArray(offset) || offset.length !== 2 || !offset.every(Number.isSafeInteger))
    throw new ArgumentError(name, offset, '[rows, columns], whole numbers')
}

/** Shifts each image by its own offset, `[rows, columns]`. @param options.fill the value moved in; default 0 */
export function shiftEach(
  given: TensorLike,
  offsets: readonly (readonly [number, number])[],
  options: ShiftOptions = {},
): Tensor {
  const source = read('shiftEach', given, options, ['fill'])
  const [count] = source.images.shape
  if (!Array.isArray(offsets) || offsets.length !== count)
    throw new ArgumentError('offsets', offsets, `one for each of ${count} images: [rows, columns]`)
  for (const [n, offset] of offsets.entries()) checkOffset(`offsets[${n}]`, offset)
  return shifted(source, n => offsets[n], options)
}

function shifted(
  { images, axes: [rows, cols] }: Images,
  offsetOf: (n: number) => readonly [number, number],
  options: ShiftOptions,
): Tensor {
  const fill = finite('fill', options.fill ?? 0)
  const source = toNdarray(images)
  return filled(images.shape, view => {
    ops.assigns(view, fill)
    for (let n = 0; n < images.shape[0]; n++) {
      const [down, right] = offsetOf(n)
      const size = [images.shape[rows] - Math.abs(down), images.shape[cols] - Math.abs(right)]
      if (size.some(k => k < 1)) continue
      const axes = [rows - 1, cols - 1] as const
      const to = part(view.pick(n), axes, [Math.max(down, 0), Math.max(right, 0)], size)
      const from = part(source.pick(n), axes, [Math.max(-down, 0), Math.max(-right, 0)], size)
      ops.assign(to, from)
    }
  })
}

/** Shifts each image by up to `most` pixels along both axes, all offsets equally likely: for data augmentation. */
export function randomShift(given: TensorLike, most: number, seed: Seed, options: ShiftOptions = {}): Tensor {
  const images = read('randomShift', given, options, ['fill'])
  integer('most', most, 0)
  const random = stream(seed, 'shift')
  const draw = () => Math.floor(random() * (2 * most + 1)) - most
  return shifted(images, () => [draw(), draw()], options)
}

/** Reorders the axes: `transpose(images, [0, 3, 1, 2])` moves the channels before rows and columns. */
export function transpose(given: TensorLike, axes: readonly number[]): Tensor {
  const tensor = toTensor('tensor', given)
  if (!Array.isArray(axes) || axes.length !== tensor.shape.length || !tensor.shape.every((_, i) => axes.includes(i)))
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
export function resize(given: TensorLike, size: readonly [number, number], options: ResizeOptions = {}): Tensor {
  const { images, axes } = read('resize', given, options, ['method'])
  const method = oneOf('method', options.method ?? 'area', ['area', 'bilinear', 'nearest'])
  const target = pair('size', Array.isArray(size) ? size : [size])
  const { shape } = images
  if (axes.some(axis => shape[axis] === 0)) throw new ArgumentError('images', images, 'images with rows and columns')
  const sizes = shape.map((n, axis) => target[axes.indexOf(axis)] ?? n)
  boundedSize('size', sizes)
  boundedSize(
    'size',
    sizes.map((n, axis) => (axis === axes[1] ? shape[axis] : n)),
  ) // after the first of two steps
  return resizeAxis(resizeAxis(images, axes[0], target[0], method), axes[1], target[1], method)
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
