// UpSampling: enlarges images and sequences by repetition or interpolation.

import { type BatchShape, inputBatch, oneOf, type Shape, single, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { field } from '../core/options.ts'
import { interpolate } from '../kernels/interpolate.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { knownItem, offsetsOf, Rearrangement } from './rearrangement.ts'
import { type DataFormatOption, dataFormat, overImages, rowAxisOf } from './window-options.ts'

/** The options of UpSampling2D. */
export interface UpSampling2DOptions extends LayerOptions {
  /** The factors by which the rows and columns grow. Default 2. */
  readonly size?: number | readonly [number, number]
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /** 'nearest' (the default) repeats pixels; 'bilinear' interpolates between four neighbours, with half-pixel centres. */
  readonly interpolation?: 'nearest' | 'bilinear'
}

const upSampling2D = {
  className: 'UpSampling2D',
  fields: {
    size: field(overImages.sizes, 2),
    dataFormat,
    interpolation: field((name, given) => oneOf(name, given, ['nearest', 'bilinear'] as const), 'nearest'),
  },
}

interface Neighbours {
  /** The four inputs around each output. */
  readonly index: Int32Array
  /** Each output's position between the first and the second neighbour (0 to 1), along rows and along columns. */
  readonly lerp: Float32Array
}

/** Multiplies the rows and columns of images. */
export class UpSampling2D extends Layer<Neighbours> {
  declare readonly className: 'UpSampling2D'
  declare readonly size: readonly [number, number]
  declare readonly dataFormat: DataFormat
  declare readonly interpolation: 'nearest' | 'bilinear'

  constructor(options: UpSampling2DOptions = {}) {
    super(options, upSampling2D)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    const item = knownItem(inputShape)
    const axis = rowAxisOf(this.dataFormat)
    item[axis] *= this.size[0]
    item[axis + 1] *= this.size[1]
    return [inputShape[0], ...item]
  }

  override prepare({ inputShape }: Call): Neighbours {
    const axis = rowAxisOf(this.dataFormat)
    const outputShape = this.computeOutputShape([null, ...inputShape]).slice(1) as number[]
    const strides = stridesOf(inputShape)
    const outputStrides = stridesOf(outputShape)
    const size = sizeOf(outputShape)
    const index = new Int32Array(4 * size)
    const lerp = new Float32Array(2 * size)
    for (let o = 0; o < size; o++) {
      const at = outputShape.map((n, a) => Math.floor(o / outputStrides[a]) % n)
      const channel = axis === 0 ? 2 : 0
      const rows = this.#between(at[axis], this.size[0], inputShape[axis])
      const cols = this.#between(at[axis + 1], this.size[1], inputShape[axis + 1])
      for (let corner = 0; corner < 4; corner++)
        index[4 * o + corner] =
          rows.around[corner >> 1] * strides[axis] +
          cols.around[corner & 1] * strides[axis + 1] +
          at[channel] * strides[channel]
      lerp.set([rows.share, cols.share], 2 * o)
    }
    return { index, lerp }
  }

  /** The two inputs around an output along one axis, and the output's position between them (0 to 1). */
  #between(place: number, times: number, size: number): { around: [number, number]; share: number } {
    if (this.interpolation === 'nearest') {
      const nearest = Math.floor(place / times)
      return { around: [nearest, nearest], share: 0 }
    }
    const centre = (place + 0.5) / times - 0.5
    const before = Math.floor(centre)
    return { around: [Math.max(before, 0), Math.min(before + 1, size - 1)], share: centre - before }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Neighbours>): void {
    const { index, lerp } = call.state
    call.kernel(interpolate).forward(y, x, index, lerp, call.batch, sizeOf(call.inputShape))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Neighbours>): void {
    const { index, lerp } = call.state
    call.kernel(interpolate).backward(dx, dy, index, lerp, call.batch, sizeOf(call.inputShape))
  }
}

// ---- Sequences ----------------------------------------------------------------------------------------------------

const upSampling1D = { className: 'UpSampling1D', fields: { size: field((name, given) => single(name, given)[0], 2) } }

/** Repeats every step `size` times. */
export class UpSampling1D extends Rearrangement {
  declare readonly className: 'UpSampling1D'
  /** How many times each step is repeated. Default 2. */
  declare readonly size: number

  constructor(options: LayerOptions & { /** Default 2. */ readonly size?: number } = {}) {
    super(options, upSampling1D)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 3)
      throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = knownItem(inputShape)
    return [inputShape[0], steps * this.size, channels]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    return repeated(inputShape, axis => (axis === 0 ? this.size : 1))
  }
}

/** A table that repeats each element `times(axis)` times along each axis. */
function repeated(inputShape: Shape, times: (axis: number) => number): Int32Array {
  const strides = stridesOf(inputShape)
  const shape = inputShape.flatMap((n, axis) => [n, times(axis)])
  return offsetsOf(
    shape,
    strides.flatMap(stride => [stride, 0]),
  )
}
