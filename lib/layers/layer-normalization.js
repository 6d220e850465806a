// Each sample by itself brought to mean 0 and variance 1, or to length 1, along some of its axes.
import { knownOptions, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { initializers } from '../initializers.ts'
import { Layer, layerOptionNames } from './layer.ts'
import {
  betaAndGammaConfig,
  indexAlong,
  normalizationAttributes,
  normalizationOptionNames,
  sampleAxes,
} from './normalization.ts'

function axisOf(axis) {
  const axes = Array.isArray(axis) ? axis : [axis]
  if (axes.length > 0 && axes.every(Number.isSafeInteger)) return Array.isArray(axis) ? [...axis] : axis
  throw new ArgumentError('axis', axis, 'an integer or a list of integers')
}
/** Where the numbers of each group stand in a batch: a group is what lies along the axes. */
function groupsAlong(axes, shape, batch) {
  const size = sizeOf(shape)
  const others = shape.map((_, axis) => axis).filter(axis => !axes.includes(axis))
  const [along, across] = [indexAlong(axes, shape), indexAlong(others, shape)]
  const offsets = new Int32Array(sizeOf(axes.map(axis => shape[axis])))
  const starts = new Int32Array((size / offsets.length) * batch)
  for (let i = 0; i < size; i++) {
    if (across[i] === 0) offsets[along[i]] = i
    if (along[i] === 0)
      for (let b = 0; b < batch; b++) starts[(b * size) / offsets.length + across[i]] = b * size + i
  }
  return { starts, offsets }
}
const attributesOf = options => ({
  ...normalizationAttributes(options),
  axis: axisOf(options.axis ?? -1),
})
/**
 * Weights: `gamma` and `beta` of the axes' shape.
 *
 * @see Ba et al. 2016, arXiv:1607.06450
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LayerNormalization
 */
export class LayerNormalization extends Layer {
  className = 'LayerNormalization'
  #axes = []
  #index
  #groups = { starts: new Int32Array(0), offsets: new Int32Array(0) }
  #batch = 0
  #gamma = null
  #beta = null
  #mean = new Float32Array(0)
  #variance = new Float32Array(0)
  #y
  #z
  #dx
  constructor(options = {}) {
    knownOptions('LayerNormalization', options, normalizationOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    this.#axes = sampleAxes(this.axis, inputShape).sort((a, b) => a - b)
    this.#index = indexAlong(this.#axes, inputShape)
    const shape = this.#axes.map(axis => inputShape[axis])
    const { gammaRegularizer, gammaConstraint, betaRegularizer, betaConstraint } = this
    if (this.scale)
      this.#gamma = this.addWeight('gamma', shape, this.gammaInitializer, {
        ...{ regularizer: gammaRegularizer, constraint: gammaConstraint },
      })
    if (this.center)
      this.#beta = this.addWeight('beta', shape, this.betaInitializer, {
        ...{ regularizer: betaRegularizer, constraint: betaConstraint },
      })
    const size = sizeOf(inputShape)
    this.#y = this.buffer(size)
    this.#z = this.buffer(size)
    this.#dx = this.gradientBuffer(size)
  }
  propagate(x, { batch }) {
    if (batch !== this.#batch) {
      this.#groups = groupsAlong(this.#axes, this.inputShape, batch)
      this.#batch = batch
      this.#mean = new Float32Array(this.#groups.starts.length)
      this.#variance = new Float32Array(this.#groups.starts.length)
    }
    const { normalization } = this.engine.kernels
    const count = this.#groups.offsets.length
    normalization.moments(this.#mean, this.#variance, x, this.#groups, count)
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
    const [dx, y, variance, groups] = [this.#dx.array, this.#y.array, this.#variance, this.#groups]
    normalization.backward(
      dx,
      dy,
      y,
      variance,
      groups,
      groups.offsets.length,
      Math.fround(this.epsilon),
      false,
    )
    return dx
  }
  ownConfig() {
    const axis = this.built
      ? this.#axes.map(a => a + 1)
      : typeof this.axis === 'number'
        ? this.axis
        : [...this.axis]
    return {
      axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      betaInitializer: initializers.serialize(this.betaInitializer),
      gammaInitializer: initializers.serialize(this.gammaInitializer),
      ...betaAndGammaConfig(this),
    }
  }
}
/**
 * Vectors of length 1; a shorter one than 1e-6 is divided by 1e-6.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/UnitNormalization
 */
export class UnitNormalization extends Layer {
  className = 'UnitNormalization'
  #groups = { starts: new Int32Array(0), offsets: new Int32Array(0) }
  #batch = 0
  #axes = []
  #scale = new Float32Array(0)
  #y
  #dx
  constructor(options = {}) {
    knownOptions('UnitNormalization', options, [...layerOptionNames, 'axis'])
    super(options)
    const check = ({ axis = -1 }) => ({ axis: axisOf(axis) })
    this.defineAttributes(check(options), check)
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    this.#axes = sampleAxes(this.axis, inputShape)
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }
  propagate(x, { batch }) {
    if (batch !== this.#batch) {
      this.#groups = groupsAlong(this.#axes, this.inputShape, batch)
      this.#batch = batch
      this.#scale = new Float32Array(this.#groups.starts.length)
    }
    this.engine.kernels.normalization.unitForward(this.#y.array, this.#scale, x, this.#groups)
    return this.#y.array
  }
  backpropagate(dy) {
    this.engine.kernels.normalization.unitBackward(
      this.#dx.array,
      dy,
      this.#y.array,
      this.#scale,
      this.#groups,
    )
    return this.#dx.array
  }
  ownConfig() {
    return { axis: typeof this.axis === 'number' ? this.axis : [...this.axis] }
  }
}
