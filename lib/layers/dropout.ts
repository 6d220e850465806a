// Dropout: in training, sets randomly chosen values to 0, so that a network cannot rely on any single one.

import { type BatchShape, batchShape, inputBatch, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { field, type OptionTable, optional } from '../core/options.ts'
import { dropoutKernel } from '../kernels/dropout.ts'
import type { BatchBuffer, Call, RandomStream } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { rate, seed } from './options.ts'
import { type DataFormatOption, dataFormatOf } from './window-options.ts'

/** The options of Dropout. */
export interface DropoutOptions extends LayerOptions {
  /** The share of values to drop, at least 0 and less than 1. */
  readonly rate: number
  /** The shape of the mask, batch first; along an axis of size 1, the mask is shared. Default: the input's shape. */
  readonly noiseShape?: BatchShape | null
  /** The seed of the layer's own stream. Default: derived from the model's seed. */
  readonly seed?: number | null
}

/** The options of SpatialDropout1D and SpatialDropout2D, which set `noiseShape` themselves. */
export type SpatialDropoutOptions = Omit<DropoutOptions, 'noiseShape'> & { readonly noiseShape?: null }

const fields = { rate, noiseShape: optional((name, given) => batchShape(name, given, 1, true)), seed }
const dropout = { className: 'Dropout', fields }

/** The last mask, and the stream that it was drawn from. */
interface Draws {
  readonly mask: BatchBuffer
  readonly stream: RandomStream
}

/**
 * In training, sets values to 0 with probability `rate` and divides the others by 1 − rate. In prediction, changes
 * nothing.
 *
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Dropout
 */
export class Dropout extends Layer<Draws> {
  declare readonly className: string
  declare readonly rate: number
  declare readonly noiseShape: BatchShape | null
  declare readonly seed: number | null

  constructor(options: DropoutOptions)
  /** @internal */
  constructor(options: LayerOptions, table: OptionTable)
  constructor(options: LayerOptions, table: OptionTable = dropout) {
    super(options, table)
  }

  /** Linear for a fixed mask. */
  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  /** The shape of the mask, or `null` for the input's shape. Along an axis of size 1, the mask is shared. */
  protected maskShape(): BatchShape | null {
    return this.noiseShape
  }

  override passesThrough(_inputShape: Shape, training: boolean): boolean {
    return !training || this.rate === 0
  }

  override prepare(call: Call): Draws {
    const { inputShape } = call
    const noise = this.maskShape()
    const fits = noise === null || noise.length === inputShape.length + 1
    if (!fits || noise?.some((n, i) => i > 0 && n !== null && n !== 1 && n !== inputShape[i - 1]))
      throw new ArgumentError('noiseShape', noise, `1, null or the input's size for each axis of [null, ${inputShape}]`)
    return { mask: call.buffer(sizeOf(inputShape)), stream: call.stream('dropout', this.seed) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Draws>): void {
    this.#drawMask(call)
    call.kernel(dropoutKernel).maskForward(y, x, call.state.mask.array, y.length)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Draws>): void {
    call.kernel(dropoutKernel).maskForward(dx, dy, call.state.mask.array, dx.length)
  }

  #drawMask({ state, batch, inputShape }: Call<Draws>): void {
    const mask = state.mask.array
    const { random } = state.stream
    const { rate } = this
    const kept = Math.fround(1 / (1 - rate))
    const noiseShape = this.maskShape()
    if (noiseShape === null) {
      for (let i = 0; i < mask.length; i++) mask[i] = random() >= rate ? kept : 0
      return
    }
    const shape = [batch, ...inputShape]
    const shared = noiseShape.map((n, axis) => n === 1 && shape[axis] !== 1)
    for (let i = 0; i < mask.length; i++) {
      const first = firstOfItsKind(i, shape, shared)
      mask[i] = first < i ? mask[first] : random() >= rate ? kept : 0
    }
  }
}

/** The element that shares its draw with this one: the same indices, but 0 along the shared axes. */
function firstOfItsKind(index: number, shape: Shape, shared: readonly boolean[]): number {
  let first = 0
  let step = 1
  for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
    if (!shared[axis]) first += (rest % shape[axis]) * step
    rest = Math.floor(rest / shape[axis])
    step *= shape[axis]
  }
  return first
}

// ---- Spatial dropout ----------------------------------------------------------------------------------------------

/** Sets whole channels of sequences `[batch, steps, channels]` to 0 in training. */
export class SpatialDropout1D extends Dropout {
  constructor(options: SpatialDropoutOptions) {
    super(options, { className: 'SpatialDropout1D', fields })
  }

  override computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 3)
      throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    return [...inputShape]
  }

  protected override maskShape(): BatchShape {
    return [null, 1, null]
  }
}

/** As in Keras, `getConfig` omits it. */
const dataFormat = { ...field(dataFormatOf), isHidden: true }

/** Sets whole channels of images to 0 in training. */
export class SpatialDropout2D extends Dropout {
  /** Where the channels stand. */
  declare readonly dataFormat: DataFormat

  constructor(options: SpatialDropoutOptions & { readonly dataFormat?: DataFormatOption }) {
    super(options, { className: 'SpatialDropout2D', fields: { ...fields, dataFormat } })
  }

  override computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    return [...inputShape]
  }

  protected override maskShape(): BatchShape {
    return this.dataFormat === 'channels_first' ? [null, null, 1, 1] : [null, 1, 1, null]
  }
}
