// Preparation of images: crop, pad, shift, transpose. All functions leave their input unchanged.

import ops from 'ndarray-ops'
import { boundedSize, finite, integer } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Seed, stream } from '../core/random.ts'
import { type Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { type ImageOptions, type Images, imagesOf } from '../data/resize.ts'
import { filled, fromNdarray, toNdarray, type View } from './view.ts'

/** Rows to remove or add above and below, then columns left and right: `[[top, bottom], [left, right]]`. */
export type Frame = readonly [readonly [number, number], readonly [number, number]]

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
  const { images, axes } = imagesOf('crop', given, options, [])
  const [[top, bottom], [left, right]] = checkFrame('frame', frame)
  const size = [images.shape[axes[0]] - top - bottom, images.shape[axes[1]] - left - right]
  if (size.some(n => n < 1)) throw new ArgumentError('frame', frame, `a frame smaller than images [${images.shape}]`)
  return fromNdarray(part(toNdarray(images), axes, [top, left], size))
}

/** Adds rows and columns at the sides. @param options.value the value of the new pixels; default 0 */
export function pad(given: TensorLike, frame: Frame, options: ImageOptions & { readonly value?: number } = {}): Tensor {
  const { images, axes } = imagesOf('pad', given, options, ['value'])
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
  return shifted(imagesOf('shift', given, options, ['fill']), () => offset, options)
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
  const source = imagesOf('shiftEach', given, options, ['fill'])
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
  const images = imagesOf('randomShift', given, options, ['fill'])
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
