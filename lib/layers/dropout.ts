// Noise that keeps a network from relying on any one number: in training, some are left out.

import { type BatchShape, finite, integer, knownOptions, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type Random, stream } from '../random.ts'
import {
  type BatchBuffer,
  type BuildContext,
  Layer,
  type LayerOptions,
  layerOptionNames,
  type Pass,
} from './layer.ts'

/** The options of Dropout. */
export interface DropoutOptions extends LayerOptions {
  /** The share of numbers that is left out, at least 0 and less than 1. */
  readonly rate: number
  /** The shape of the mask, batch first; sizes of 1 are shared along that axis. Default: the input's shape. */
  readonly noiseShape?: BatchShape | null
  /** A stream of the layer's own; default: the model's seed decides. */
  readonly seed?: number | null
}

/** Whole channels are left out together: which, the layer decides. */
export type SpatialDropoutOptions = Omit<DropoutOptions, 'noiseShape'> & { readonly noiseShape?: null }

/**
 * Sets numbers to 0 with probability `rate` while training, and divides the others by 1 − rate; in prediction it
 * changes nothing.
 *
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Dropout
 */
export class Dropout extends Layer {
  readonly className: string = 'Dropout'
  declare readonly rate: number
  declare readonly noiseShape: BatchShape | null
  declare readonly seed: number | null

  #size = 0
  #random!: Random
  #mask!: BatchBuffer
  #y!: BatchBuffer
  #dx!: BatchBuffer
  #dropped = false // in the last run

  constructor(options: DropoutOptions) {
    knownOptions('Dropout', options, [...layerOptionNames, 'rate', 'noiseShape', 'seed'])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  /** For the draws of one pass. */
  override get isLinear(): boolean {
    return true
  }

  override get randomStreams() {
    return [this]
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  /** The shape of the mask, `null` where it is the input's; sizes of 1 are shared along that axis. */
  protected maskShape(): BatchShape | null {
    return this.noiseShape
  }

  protected create(inputShape: Shape, context: BuildContext): void {
    const noise = this.maskShape()
    const fits = noise === null || noise.length === inputShape.length + 1
    if (!fits || noise?.some((n, i) => i > 0 && n !== null && n !== 1 && n !== inputShape[i - 1]))
      throw new ArgumentError(
        'noiseShape',
        noise,
        `1, null or the input's size for each axis of [null, ${inputShape}]`,
      )
    this.#size = sizeOf(inputShape)
    this.#random = this.seed === null ? context.stream('dropout') : stream(this.seed, 'dropout')
    this.#mask = this.buffer(this.#size)
    this.#y = this.buffer(this.#size)
    this.#dx = this.gradientBuffer(this.#size)
  }

  propagate(x: Float32Array, { batch, training }: Pass): Float32Array {
    this.#dropped = training && this.rate > 0
    if (!this.#dropped) return x
    this.#drawMask(batch)
    this.engine.kernels.dropout.maskForward(this.#y.array, x, this.#mask.array, batch * this.#size)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    if (!this.#dropped) return dy
    this.engine.kernels.dropout.maskForward(this.#dx.array, dy, this.#mask.array, batch * this.#size)
    return this.#dx.array
  }

  /** The stream of masks, so that training can be taken up again where it stopped. */
  get random(): Random {
    return this.#random
  }

  set random(value: Random) {
    this.#random = value
  }

  protected ownConfig() {
    return { rate: this.rate, noiseShape: this.noiseShape && [...this.noiseShape], seed: this.seed }
  }

  #drawMask(batch: number): void {
    const mask = this.#mask.array
    const random = this.#random
    const { rate } = this
    const kept = Math.fround(1 / (1 - rate))
    const noiseShape = this.maskShape()
    if (noiseShape === null) {
      for (let i = 0; i < batch * this.#size; i++) mask[i] = random() >= rate ? kept : 0
      return
    }
    const shape = [batch, ...this.inputShape]
    const shared = noiseShape.map((n, axis) => n === 1 && shape[axis] !== 1)
    for (let i = 0; i < batch * this.#size; i++) {
      const first = firstOfItsKind(i, shape, shared)
      mask[i] = first < i ? mask[first] : random() >= rate ? kept : 0
    }
  }
}

/** The index of the element whose indices along the shared axes are 0. */
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

const attributesOf = ({ rate, noiseShape = null, seed = null }: DropoutOptions) => {
  if (finite('rate', rate, 0, 1) === 1) throw new ArgumentError('rate', rate, 'a number less than 1')
  return { rate, noiseShape, seed: seed === null ? null : integer('seed', seed, 0) }
}
