// Each channel brought to mean 0 and variance 1 over the batch, and to the moving averages of these in prediction.

import { finite, knownOptions, type Shape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Groups } from '../kernels/normalization.ts'
import type { Parameter } from '../parameter.ts'
import { sampleAxes } from './axes.ts'
import type { Pass } from './layer.ts'
import {
  Normalization,
  type NormalizationAttributes,
  type NormalizationOptions,
  normalizationAttributes,
  normalizationOptionNames,
} from './normalization.ts'

/** The options of BatchNormalization. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** The axis of the channels, the batch counted as 0. Default −1. */
  readonly axis?: number | readonly [number]
  /** How much of the moving averages stays at each step. Default 0.99. */
  readonly momentum?: number
  /** Default 'zeros'. */
  readonly movingMeanInitializer?: InitializerIdentifier
  /** Default 'ones'. */
  readonly movingVarianceInitializer?: InitializerIdentifier
}

interface Attributes extends NormalizationAttributes {
  axis: number | readonly [number]
  momentum: number
  movingMeanInitializer: Initializer
  movingVarianceInitializer: Initializer
}

function attributesOf(options: BatchNormalizationOptions): Attributes {
  const { axis = -1 } = options
  if (Array.isArray(axis) ? axis.length !== 1 : !Number.isSafeInteger(axis))
    throw new ArgumentError('axis', axis, 'one axis')
  return {
    ...normalizationAttributes(options),
    axis,
    momentum: finite('momentum', options.momentum ?? 0.99, 0, 1),
    movingMeanInitializer: initializers.get(options.movingMeanInitializer ?? 'zeros'),
    movingVarianceInitializer: initializers.get(options.movingVarianceInitializer ?? 'ones'),
  }
}

/**
 * Weights: `gamma`, `beta`, and the moving averages, which training changes but the optimizer does not. For images
 * (four axes) the moving variance is that of a sample, with N − 1; for others with N: as Keras has it. With
 * `trainable` false the moving averages are used in training too.
 *
 * @see Ioffe and Szegedy 2015, arXiv:1502.03167
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/BatchNormalization
 */
export class BatchNormalization extends Normalization {
  readonly className = 'BatchNormalization'
  declare readonly axis: number | readonly [number]
  declare readonly momentum: number
  declare readonly movingMeanInitializer: Initializer
  declare readonly movingVarianceInitializer: Initializer

  #channels = 0
  #groups: Groups = { starts: new Int32Array(0), offsets: new Int32Array(0) }
  #movingMean!: Parameter
  #movingVariance!: Parameter
  #mean!: Float32Array // of the last run
  #variance!: Float32Array
  #ofBatch = false // whether the last run took the batch's moments

  constructor(options: BatchNormalizationOptions = {}) {
    const own = ['momentum', 'movingMeanInitializer', 'movingVarianceInitializer']
    knownOptions('BatchNormalization', options, [...normalizationOptionNames, ...own])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  protected create(inputShape: Shape): void {
    const [axis] = sampleAxes(this.axis, inputShape)
    const channels = inputShape[axis]
    this.#channels = channels
    this.#groups = { starts: new Int32Array(0), offsets: new Int32Array(0) }
    this.createScaleAndShift([axis], inputShape)
    const untrained = { trainable: false }
    this.#movingMean = this.addWeight('moving_mean', [channels], this.movingMeanInitializer, untrained)
    this.#movingVariance = this.addWeight(
      'moving_variance',
      [channels],
      this.movingVarianceInitializer,
      untrained,
    )
    this.#mean = new Float32Array(channels)
    this.#variance = new Float32Array(channels)
  }

  propagate(x: Float32Array, { batch, training }: Pass): Float32Array {
    const count = this.#countOf(batch)
    this.#ofBatch = training && this.trainable && batch > 0
    if (this.#ofBatch) {
      this.engine.kernels.normalization.moments(this.#mean, this.#variance, x, this.#groups, count)
      this.#moveAverages(count)
    } else {
      this.#mean.set(this.#movingMean.value)
      this.#variance.set(this.#movingVariance.value)
    }
    return this.normalize(x, this.#mean, this.#variance, this.#groups, count, batch)
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    const count = this.#countOf(batch)
    return this.normalizeBackward(dy, this.#variance, this.#groups, count, batch, !this.#ofBatch)
  }

  /** How many numbers each channel has in a batch; makes the table of where they are longer if need be. */
  #countOf(batch: number): number {
    const perSample = this.index.length / this.#channels
    if (this.#groups.offsets.length < batch * perSample || this.#groups.starts.length === 0)
      this.#groups = channelGroups(this.index, this.#channels, batch)
    return batch * perSample
  }

  #moveAverages(count: number): void {
    const step = Math.fround(1 - this.momentum)
    const bessel = this.inputShape.length === 3 && count > 1 ? Math.fround(count / (count - 1)) : 1
    const [mean, variance] = [this.#movingMean.value, this.#movingVariance.value]
    for (let c = 0; c < this.#channels; c++) {
      mean[c] -= Math.fround(Math.fround(mean[c] - this.#mean[c]) * step)
      const spread = Math.fround(this.#variance[c] * bessel)
      variance[c] -= Math.fround(Math.fround(variance[c] - spread) * step)
    }
  }

  protected ownConfig() {
    return {
      axis: this.built ? [sampleAxes(this.axis, this.inputShape)[0] + 1] : this.axis,
      momentum: this.momentum,
      ...this.scaleAndShiftConfig(),
      movingMeanInitializer: initializers.serialize(this.movingMeanInitializer),
      movingVarianceInitializer: initializers.serialize(this.movingVarianceInitializer),
      ...this.penaltyConfig(),
    }
  }
}

/** Where the numbers of each channel stand in a batch: all channels lie alike. */
function channelGroups(index: Int32Array, channels: number, batch: number): Groups {
  const first = index.map((_, i) => i).filter(i => index[i] === 0)
  const starts = Int32Array.from({ length: channels }, (_, c) => index.indexOf(c))
  const offsets = new Int32Array(first.length * batch)
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < first.length; j++) offsets[b * first.length + j] = b * index.length + first[j]
  return { starts, offsets }
}
