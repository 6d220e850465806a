// BatchNormalization: normalizes each channel by its mean and variance over the batch; in prediction, by their moving
// averages.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field, number } from '../core/options.ts'
import { type Groups, normalization } from '../kernels/normalization.ts'
import { type Initializer, type InitializerIdentifier, Ones, Zeros } from '../weights/initializers.ts'
import { indexAlong, sampleAxes } from './axes.ts'
import type { Call } from './call.ts'
import {
  type Moments,
  Normalization,
  type NormalizationOptions,
  penaltyFields,
  scaleAndShiftFields,
} from './normalization.ts'
import { initializer } from './options.ts'

/** The options of BatchNormalization. */
export interface BatchNormalizationOptions extends NormalizationOptions {
  /** The channel axis, counting the batch as 0. Default −1. */
  readonly axis?: number | readonly [number]
  /** The share of the moving averages kept at each step. Default 0.99. */
  readonly momentum?: number
  /** Default 'zeros'. */
  readonly movingMeanInitializer?: InitializerIdentifier
  /** Default 'ones'. */
  readonly movingVarianceInitializer?: InitializerIdentifier
}

const batchNormalization = {
  className: 'BatchNormalization',
  fields: {
    axis: field((name, given) => {
      if (Array.isArray(given) ? given.length === 1 : Number.isSafeInteger(given)) return given as number | [number]
      throw new ArgumentError(name, given, 'one axis')
    }, -1),
    momentum: number(0.99, 0, 1),
    ...scaleAndShiftFields,
    movingMeanInitializer: initializer(Zeros),
    movingVarianceInitializer: initializer(Ones),
    ...penaltyFields,
  },
}

interface Channels extends Moments {
  /** Whether the last forward pass used the batch's moments rather than the moving averages. */
  ofBatch: boolean
}

/**
 * Weights: `gamma`, `beta`, `moving_mean` and `moving_variance`; training updates the moving averages, the optimizer does
 * not. As in Keras, the moving variance divides by N − 1 for images (four axes), and by N otherwise. With `trainable`
 * false, training uses the moving averages too.
 *
 * @see Ioffe and Szegedy 2015, arXiv:1502.03167
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/BatchNormalization
 */
export class BatchNormalization extends Normalization<Channels> {
  declare readonly className: 'BatchNormalization'
  declare readonly axis: number | readonly [number]
  declare readonly momentum: number
  declare readonly movingMeanInitializer: Initializer
  declare readonly movingVarianceInitializer: Initializer

  constructor(options: BatchNormalizationOptions = {}) {
    super(options, batchNormalization)
  }

  override weightsFor(inputShape: Shape) {
    const axes = sampleAxes(this, this.axis, inputShape)
    const shape = axes.map(axis => inputShape[axis])
    return {
      ...this.scaleAndShift(axes, inputShape),
      moving_mean: { ...this.weightSpec('movingMean', shape), trainable: false },
      moving_variance: { ...this.weightSpec('movingVariance', shape), trainable: false },
    }
  }

  override prepare(call: Call): Channels {
    const { inputShape } = call
    const axes = sampleAxes(this, this.axis, inputShape)
    const channels = inputShape[axes[0]]
    return {
      groups: { starts: new Int32Array(0), offsets: new Int32Array(0) },
      count: 0,
      index: indexAlong(axes, inputShape),
      mean: { array: new Float32Array(channels) },
      variance: { array: new Float32Array(channels) },
      normal: call.buffer(sizeOf(inputShape)),
      ofBatch: false,
    }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Channels>): void {
    const { state, training, batch, weights } = call
    const [mean, variance] = [state.mean.array, state.variance.array]
    groupChannels(state, batch)
    state.ofBatch = training && call.trainable && batch > 0
    if (state.ofBatch) {
      call.kernel(normalization).moments(mean, variance, x, state.groups, state.count)
      this.#moveAverages(call)
    } else {
      mean.set(weights.moving_mean.value)
      variance.set(weights.moving_variance.value)
    }
    this.normalize(y, x, call)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Channels>): void {
    this.normalizeBackward(dx, dy, call, !call.state.ofBatch)
  }

  #moveAverages({ state, weights, inputShape }: Call<Channels>): void {
    const { count } = state
    const step = Math.fround(1 - this.momentum)
    const bessel = inputShape.length === 3 && count > 1 ? Math.fround(count / (count - 1)) : 1
    const [mean, variance] = [weights.moving_mean.value, weights.moving_variance.value]
    for (let c = 0; c < mean.length; c++) {
      mean[c] -= Math.fround(Math.fround(mean[c] - state.mean.array[c]) * step)
      const spread = Math.fround(state.variance.array[c] * bessel)
      variance[c] -= Math.fround(Math.fround(variance[c] - spread) * step)
    }
  }

  /** Once the layer is built, `axis` counts from the front, as in Keras. */
  protected override ownConfig() {
    const config = super.ownConfig()
    return this.built ? { ...config, axis: [sampleAxes(this, this.axis, this.inputShape)[0] + 1] } : config
  }
}

/** Sets the group size for a batch, and extends the offset table if the batch is the largest so far. */
function groupChannels(state: Channels, batch: number): void {
  const channels = state.mean.array.length
  const perSample = state.index.length / channels
  if (state.groups.offsets.length < batch * perSample || state.groups.starts.length === 0)
    state.groups = channelGroups(state.index, channels, batch)
  state.count = batch * perSample
}

/** The positions of each channel's values in a batch. All channels share the same offsets. */
function channelGroups(index: Int32Array, channels: number, batch: number): Groups {
  const first = index.map((_, i) => i).filter(i => index[i] === 0)
  const starts = Int32Array.from({ length: channels }, (_, c) => index.indexOf(c))
  const offsets = new Int32Array(first.length * batch)
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < first.length; j++) offsets[b * first.length + j] = b * index.length + first[j]
  return { starts, offsets }
}
