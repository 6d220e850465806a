// Resizing of images, and the layout that all functions on images read.

import { boundedSize, knownOptions, oneOf, pair, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'

/** The layout of images in a tensor. */
export interface ImageOptions {
  /** The position of the channel axis: last (the default), or before rows and columns. */
  readonly dataFormat?: DataFormat
}

/** A batch of images, and its row axis and column axis. */
export interface Images {
  readonly images: Tensor
  readonly axes: readonly [number, number]
}

/** @param own the names of the function's options besides `dataFormat` */
export function imagesOf(what: string, given: TensorLike, options: ImageOptions, own: readonly string[]): Images {
  const images = toTensor('images', given)
  if (images.shape.length !== 4) throw new ArgumentError('images', images, 'a batch of images: four axes')
  knownOptions(what, options, ['dataFormat', ...own])
  const { dataFormat = 'channels_last' } = options
  const first = oneOf('dataFormat', dataFormat, ['channels_last', 'channels_first']) === 'channels_first'
  return { images, axes: first ? [2, 3] : [1, 2] }
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
  const { images, axes } = imagesOf('resize', given, options, ['method'])
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
