// Activations that are layers of their own, because they have options or weights.
import * as functions from '../activations.ts'
import { leakyRelu, relu, softmax } from '../activations.ts'
import { finite, knownOptions, sizeOf } from '../check.ts'
import { constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
import { ActivatedOutput } from './activated-output.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, layerOptionNames } from './layer.ts'
import { indexAlong } from './normalization.ts'
/** A layer that is one function. */
export class FunctionLayer extends Layer {
  #z = { array: new Float32Array(0) } // the input, which is another layer's output
  #output
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    const size = sizeOf(inputShape)
    const buffers = { z: this.#z, y: this.buffer(size), dz: this.gradientBuffer(size) }
    this.#output = new ActivatedOutput(this.function(), null, buffers, inputShape, this.engine)
    this.activated = this.#output
  }
  propagate(x, pass) {
    this.#z.array = x
    return this.#output.forward(pass)
  }
  backpropagate(dy, pass) {
    return this.#output.backward(dy, pass)
  }
}
/** max(x, 0), with a maximum, a slope and a threshold. */
export class ReLU extends FunctionLayer {
  className = 'ReLU'
  constructor(options = {}) {
    knownOptions('ReLU', options, [...layerOptionNames, 'maxValue', 'negativeSlope', 'threshold'])
    super(options)
    const check = ({ maxValue = null, negativeSlope = 0, threshold = 0 }) => ({
      maxValue: maxValue === null ? null : finite('maxValue', maxValue, 0),
      negativeSlope: finite('negativeSlope', negativeSlope, 0),
      threshold: finite('threshold', threshold, 0),
    })
    this.defineAttributes(check(options), check)
  }
  function() {
    return relu({ alpha: this.negativeSlope, maxValue: this.maxValue, threshold: this.threshold })
  }
  ownConfig() {
    return { maxValue: this.maxValue, negativeSlope: this.negativeSlope, threshold: this.threshold }
  }
}
const alphaOf = alpha => ({ alpha: Math.fround(finite('alpha', alpha)) })
/** x where positive, else alpha·x. Default alpha 0.3. */
export class LeakyReLU extends FunctionLayer {
  className = 'LeakyReLU'
  constructor(options = {}) {
    knownOptions('LeakyReLU', options, [...layerOptionNames, 'alpha'])
    super(options)
    const check = ({ alpha = 0.3 }) => alphaOf(alpha)
    this.defineAttributes(check(options), check)
  }
  function() {
    return leakyRelu({ alpha: this.alpha })
  }
  ownConfig() {
    return { alpha: this.alpha }
  }
}
/** x where positive, else alpha·(eˣ − 1). Default alpha 1. */
export class ELU extends FunctionLayer {
  className = 'ELU'
  constructor(options = {}) {
    knownOptions('ELU', options, [...layerOptionNames, 'alpha'])
    super(options)
    const check = ({ alpha = 1 }) => alphaOf(alpha)
    this.defineAttributes(check(options), check)
  }
  function() {
    return functions.elu({ alpha: this.alpha })
  }
  ownConfig() {
    return { alpha: this.alpha }
  }
}
/** x above theta, else 0. Default theta 1. */
export class ThresholdedReLU extends FunctionLayer {
  className = 'ThresholdedReLU'
  constructor(options = {}) {
    knownOptions('ThresholdedReLU', options, [...layerOptionNames, 'theta'])
    super(options)
    const check = ({ theta = 1 }) => ({
      theta: Math.fround(finite('theta', theta, 0)),
    })
    this.defineAttributes(check(options), check)
  }
  function() {
    return relu({ threshold: this.theta })
  }
  ownConfig() {
    return { theta: this.theta }
  }
}
/** eˣ over its sum along an axis. */
export class Softmax extends FunctionLayer {
  className = 'Softmax'
  constructor(options = {}) {
    knownOptions('Softmax', options, [...layerOptionNames, 'axis'])
    super(options)
    const check = ({ axis = -1 }) => {
      if (!Number.isSafeInteger(axis)) throw new ArgumentError('axis', axis, 'an integer')
      return { axis }
    }
    this.defineAttributes(check(options), check)
  }
  function() {
    return softmax({ axis: this.axis })
  }
  ownConfig() {
    return { axis: this.axis }
  }
}
const preluAttributes = options => ({
  alphaInitializer: initializers.get(options.alphaInitializer ?? 'zeros'),
  alphaRegularizer: regularizers.getOptional(options.alphaRegularizer),
  alphaConstraint: constraints.getOptional(options.alphaConstraint),
  sharedAxes: options.sharedAxes ? [...options.sharedAxes] : null,
})
/** x where positive, else alpha·x with an alpha that is learned, for each number of a sample by itself. */
export class PReLU extends Layer {
  className = 'PReLU'
  #alpha
  #index // the alpha of each number of a sample
  #x = new Float32Array(0)
  #y
  #dx
  constructor(options = {}) {
    const names = ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes']
    knownOptions('PReLU', options, [...layerOptionNames, ...names])
    super(options)
    this.defineAttributes(preluAttributes(options), preluAttributes)
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    const shared = this.sharedAxes ?? []
    if (shared.some(axis => !Number.isSafeInteger(axis) || axis < 1 || axis > inputShape.length))
      throw new ArgumentError('sharedAxes', shared, `axes from 1 to ${inputShape.length}`)
    const own = inputShape.map((_, axis) => axis).filter(axis => !shared.includes(axis + 1))
    this.#index = indexAlong(own, inputShape)
    const shape = inputShape.map((n, axis) => (shared.includes(axis + 1) ? 1 : n))
    this.#alpha = this.addWeight('alpha', shape, this.alphaInitializer, {
      ...{ regularizer: this.alphaRegularizer, constraint: this.alphaConstraint },
    })
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }
  propagate(x, { batch }) {
    this.#x = x
    this.engine.kernels.prelu.forward(this.#y.array, x, this.#alpha.value, this.#index, batch)
    return this.#y.array
  }
  backpropagate(dy, { batch }) {
    const { value, grad } = this.#alpha
    this.engine.kernels.prelu.backward(this.#dx.array, grad, dy, this.#x, value, this.#index, batch)
    return this.#dx.array
  }
  ownConfig() {
    return {
      alphaInitializer: initializers.serialize(this.alphaInitializer),
      alphaRegularizer: serializeOptional(regularizers.serialize, this.alphaRegularizer),
      alphaConstraint: serializeOptional(constraints.serialize, this.alphaConstraint),
      sharedAxes: this.sharedAxes && [...this.sharedAxes],
    }
  }
}
