// Losses of classes. After a softmax or a sigmoid they are worked out from the logits, the numbers that the
// activation was applied to: so no probability needs clipping, and the gradient never vanishes. Of other
// probabilities, those outside [1e-7, 1 − 1e-7] are clipped, and get no gradient.
import { boolean, finite } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { lossKernels as kernels } from '../kernels/losses.ts'
import { KernelLoss, Loss } from './loss.ts'
import { anyAxis } from './regression.ts'
import { axisOf, sizeAfter, sizeBefore } from './rows.ts'

const common = ({ fromLogits = false, labelSmoothing = 0, axis = -1 }) => ({
  fromLogits: boolean('fromLogits', fromLogits),
  labelSmoothing: finite('labelSmoothing', labelSmoothing, 0, 1),
  axis: anyAxis(axis),
})
/**
 * −Σ yTrue · log yPred along the axis of the classes; targets are one-hot or probabilities. Outputs that do not sum
 * to 1 are divided by their sum.
 */
export class CategoricalCrossentropy extends KernelLoss {
  fromLogits
  axis
  constructor(options = {}) {
    const config = common(options)
    const kernel = config.fromLogits ? 'categoricalCrossentropyOfLogits' : 'categoricalCrossentropy'
    const names = ['CategoricalCrossentropy', 'categorical_crossentropy']
    super(...names, options, config, kernels[kernel], [config.labelSmoothing])
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }
  afterActivation(activation) {
    if (activation !== 'softmax') return null
    return this.fromLogits ? this : new CategoricalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}
/** Categorical crossentropy where a target is the number of a class: `[batch]` or `[batch, 1]` for `[batch, classes]`. */
export class SparseCategoricalCrossentropy extends KernelLoss {
  targets = 'sparse'
  fromLogits
  ignoreClass
  axis
  /** @param axis of the classes; Keras has this option in the metric only */
  constructor(options = {}, axis = -1) {
    const fromLogits = boolean('fromLogits', options.fromLogits ?? false)
    const ignoreClass = options.ignoreClass ?? null
    if (ignoreClass !== null && !Number.isSafeInteger(ignoreClass))
      throw new ArgumentError('ignoreClass', ignoreClass, 'an integer, or null')
    const makesUp = options.reduction !== 'sum' && options.reduction !== 'none'
    const kernel = fromLogits ? 'sparseCategoricalCrossentropyOfLogits' : 'sparseCategoricalCrossentropy'
    const names = ['SparseCategoricalCrossentropy', 'sparse_categorical_crossentropy']
    const numbers = [ignoreClass ?? NaN, Number(makesUp)]
    super(...names, options, { fromLogits, ignoreClass }, kernels[kernel], numbers)
    this.fromLogits = fromLogits
    this.ignoreClass = ignoreClass
    this.axis = axis
  }
  afterActivation(activation) {
    if (activation !== 'softmax') return null
    return this.fromLogits
      ? this
      : new SparseCategoricalCrossentropy({ ...this.getConfig(), fromLogits: true }, this.axis)
  }
}
/** Mean of −yTrue · log yPred − (1 − yTrue) · log(1 − yPred) along an axis; every output is a probability of its own. */
export class BinaryCrossentropy extends KernelLoss {
  fromLogits
  axis
  constructor(options = {}) {
    const config = common(options)
    const kernel = config.fromLogits ? 'binaryCrossentropyOfLogits' : 'binaryCrossentropy'
    const names = ['BinaryCrossentropy', 'binary_crossentropy']
    super(...names, options, config, kernels[kernel], [config.labelSmoothing])
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }
  afterActivation(activation) {
    if (activation !== 'sigmoid') return null
    return this.fromLogits ? this : new BinaryCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}
/**
 * Binary crossentropy times (1 − q)^gamma, where q is the probability that was given to the truth.
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export class BinaryFocalCrossentropy extends KernelLoss {
  fromLogits
  axis
  constructor(options = {}) {
    const balanced = boolean('applyClassBalancing', options.applyClassBalancing ?? false)
    const alpha = finite('alpha', options.alpha ?? 0.25)
    const gamma = finite('gamma', options.gamma ?? 2)
    const config = { applyClassBalancing: balanced, alpha, gamma, ...common(options) }
    const kernel = config.fromLogits ? 'binaryFocalCrossentropyOfLogits' : 'binaryFocalCrossentropy'
    const names = ['BinaryFocalCrossentropy', 'binary_focal_crossentropy']
    const numbers = [config.labelSmoothing, gamma, balanced ? alpha : 1, balanced ? 1 - alpha : 1]
    super(...names, options, config, kernels[kernel], numbers)
    this.fromLogits = config.fromLogits
    this.axis = config.axis
  }
  afterActivation(activation) {
    if (activation !== 'sigmoid') return null
    return this.fromLogits ? this : new BinaryFocalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}
/**
 * −Σ alpha · (1 − yPred)^gamma · yTrue · log yPred along the axis of the classes. It clips, also from logits.
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export class CategoricalFocalCrossentropy extends Loss {
  fromLogits
  axis
  #kernel
  #alpha
  #gamma
  #smoothing
  constructor(options = {}) {
    const { alpha = 0.25 } = options
    const weights = (typeof alpha === 'number' ? [alpha] : alpha).map(weight => finite('alpha', weight))
    if (weights.length === 0) throw new ArgumentError('alpha', alpha, 'a number, or one for each class')
    const gamma = finite('gamma', options.gamma ?? 2)
    const config = { alpha: typeof alpha === 'number' ? alpha : weights, gamma, ...common(options) }
    super('CategoricalFocalCrossentropy', 'categorical_focal_crossentropy', options, config)
    this.fromLogits = config.fromLogits
    this.axis = config.axis
    this.#kernel =
      kernels[config.fromLogits ? 'categoricalFocalCrossentropyOfLogits' : 'categoricalFocalCrossentropy']
    this.#alpha = Float32Array.from(weights)
    this.#gamma = Math.fround(gamma)
    this.#smoothing = Math.fround(config.labelSmoothing)
  }
  forward(values, yTrue, yPred, shape) {
    const at = this.#classAxis(shape)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    this.#kernel.forward(
      values,
      yTrue,
      yPred,
      outer,
      shape[at],
      inner,
      this.#smoothing,
      this.#gamma,
      this.#alpha,
    )
  }
  backward(dPred, yTrue, yPred, scale, shape) {
    const at = this.#classAxis(shape)
    const outer = sizeBefore(shape, at)
    const inner = sizeAfter(shape, at)
    this.#kernel.backward(
      dPred,
      yTrue,
      yPred,
      scale,
      outer,
      shape[at],
      inner,
      this.#smoothing,
      this.#gamma,
      this.#alpha,
    )
  }
  #classAxis(shape) {
    const at = axisOf(shape, this.axis)
    if (this.#alpha.length === 1 || this.#alpha.length === shape[at]) return at
    throw new ArgumentError('alpha', [...this.#alpha], `a number, or one for each of ${shape[at]} classes`)
  }
  afterActivation(activation) {
    if (activation !== 'softmax') return null
    return this.fromLogits
      ? this
      : new CategoricalFocalCrossentropy({ ...this.getConfig(), fromLogits: true })
  }
}
