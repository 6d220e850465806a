// Each channel brought to mean 0 and variance 1 over the batch, and to the moving averages of these in prediction.
import { finite, knownOptions, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { initializers } from '../initializers.ts'
import { Layer } from './layer.ts'
import {
  betaAndGammaConfig,
  indexAlong,
  normalizationAttributes,
  normalizationOptionNames,
  sampleAxes,
} from './normalization.ts'

function attributesOf(options) {
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
export class BatchNormalization extends Layer {
  className = 'BatchNormalization'
  #channels = 0
  #index // the channel of each number of a sample
  #groups = { starts: new Int32Array(0), offsets: new Int32Array(0) }
  #gamma = null
  #beta = null
  #movingMean
  #movingVariance
  #mean // of the last run
  #variance
  #y
  #z
  #dx
  #ofBatch = false // whether the last run took the batch's moments
  constructor(options = {}) {
    const own = ['momentum', 'movingMeanInitializer', 'movingVarianceInitializer']
    knownOptions('BatchNormalization', options, [...normalizationOptionNames, ...own])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    const [axis] = sampleAxes(this.axis, inputShape)
    const size = sizeOf(inputShape)
    const channels = inputShape[axis]
    this.#channels = channels
    this.#index = indexAlong([axis], inputShape)
    const { gammaRegularizer, gammaConstraint, betaRegularizer, betaConstraint } = this
    if (this.scale)
      this.#gamma = this.addWeight('gamma', [channels], this.gammaInitializer, {
        ...{ regularizer: gammaRegularizer, constraint: gammaConstraint },
      })
    if (this.center)
      this.#beta = this.addWeight('beta', [channels], this.betaInitializer, {
        ...{ regularizer: betaRegularizer, constraint: betaConstraint },
      })
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
    this.#y = this.buffer(size)
    this.#z = this.buffer(size)
    this.#dx = this.gradientBuffer(size)
  }
  propagate(x, { batch, training }) {
    const { normalization } = this.engine.kernels
    const count = this.#countOf(batch)
    this.#ofBatch = training && this.trainable && batch > 0
    if (this.#ofBatch) {
      normalization.moments(this.#mean, this.#variance, x, this.#groups, count)
      this.#moveAverages(count)
    } else {
      this.#mean.set(this.#movingMean.value)
      this.#variance.set(this.#movingVariance.value)
    }
    const epsilon = Math.fround(this.epsilon)
    normalization.forward(this.#y.array, x, this.#mean, this.#variance, this.#groups, count, epsilon)
    const [gamma, beta] = [this.#gamma?.value ?? null, this.#beta?.value ?? null]
    normalization.affine(this.#z.array, this.#y.array, gamma, beta, this.#index, batch)
    return this.#z.array
  }
  backpropagate(dy, { batch }) {
    const { normalization } = this.engine.kernels
    const [gamma, beta] = [this.#gamma, this.#beta]
    const gradients = [gamma?.grad ?? null, beta?.grad ?? null]
    normalization.affineBackward(
      dy,
      ...gradients,
      dy,
      this.#y.array,
      gamma?.value ?? null,
      this.#index,
      batch,
    )
    const [dx, y, variance] = [this.#dx.array, this.#y.array, this.#variance]
    const epsilon = Math.fround(this.epsilon)
    normalization.backward(dx, dy, y, variance, this.#groups, this.#countOf(batch), epsilon, !this.#ofBatch)
    return dx
  }
  /** How many numbers each channel has in a batch; makes the table of where they are longer if need be. */
  #countOf(batch) {
    const perSample = this.#index.length / this.#channels
    if (this.#groups.offsets.length < batch * perSample || this.#groups.starts.length === 0)
      this.#groups = channelGroups(this.#index, this.#channels, batch)
    return batch * perSample
  }
  #moveAverages(count) {
    const step = Math.fround(1 - this.momentum)
    const bessel = this.inputShape.length === 3 && count > 1 ? Math.fround(count / (count - 1)) : 1
    const [mean, variance] = [this.#movingMean.value, this.#movingVariance.value]
    for (let c = 0; c < this.#channels; c++) {
      mean[c] -= Math.fround(Math.fround(mean[c] - this.#mean[c]) * step)
      const spread = Math.fround(this.#variance[c] * bessel)
      variance[c] -= Math.fround(Math.fround(variance[c] - spread) * step)
    }
  }
  ownConfig() {
    return {
      axis: this.built ? [sampleAxes(this.axis, this.inputShape)[0] + 1] : this.axis,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializers.serialize(this.betaInitializer),
      gammaInitializer: initializers.serialize(this.gammaInitializer),
      movingMeanInitializer: initializers.serialize(this.movingMeanInitializer),
      movingVarianceInitializer: initializers.serialize(this.movingVarianceInitializer),
      ...betaAndGammaConfig(this),
    }
  }
}
/** Where the numbers of each channel stand in a batch: all channels lie alike. */
function channelGroups(index, channels, batch) {
  const first = index.map((_, i) => i).filter(i => index[i] === 0)
  const starts = Int32Array.from({ length: channels }, (_, c) => index.indexOf(c))
  const offsets = new Int32Array(first.length * batch)
  for (let b = 0; b < batch; b++)
    for (let j = 0; j < first.length; j++) offsets[b * first.length + j] = b * index.length + first[j]
  return { starts, offsets }
}
