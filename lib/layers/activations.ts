// Activations that are layers of their own, because they have options or weights.

import * as functions from '../activations.ts'
import { type Activation as ActivationFunction, leakyRelu, relu, softmax } from '../activations.ts'
import { type BatchShape, finite, knownOptions, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Parameter } from '../parameter.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { ActivatedOutput } from './activated-output.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'
import { indexAlong } from './normalization.ts'

/** A layer that is one function. */
export abstract class FunctionLayer extends Layer {
  readonly #z: { array: Float32Array } = { array: new Float32Array(0) } // the input, which is another layer's output
  #output!: ActivatedOutput

  /** The function, with the options that the layer has when it is built. */
  protected abstract function(): ActivationFunction

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    const size = sizeOf(inputShape)
    const buffers = { z: this.#z, y: this.buffer(size), dz: this.gradientBuffer(size) }
    this.#output = new ActivatedOutput(this.function(), null, buffers, inputShape, this.engine)
    this.activated = this.#output
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#z.array = x
    return this.#output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    return this.#output.backward(dy, pass)
  }
}

export interface ReLUOptions extends LayerOptions {
  /** The largest output. Default none. */
  readonly maxValue?: number | null
  /** The slope below the threshold. Default 0. */
  readonly negativeSlope?: number
  /** Default 0. */
  readonly threshold?: number
}

/** max(x, 0), with a maximum, a slope and a threshold. */
export class ReLU extends FunctionLayer {
  readonly className = 'ReLU'
  declare readonly maxValue: number | null
  declare readonly negativeSlope: number
  declare readonly threshold: number

  constructor(options: ReLUOptions = {}) {
    knownOptions('ReLU', options, [...layerOptionNames, 'maxValue', 'negativeSlope', 'threshold'])
    super(options)
    const check = ({ maxValue = null, negativeSlope = 0, threshold = 0 }: ReLUOptions) => ({
      maxValue: maxValue === null ? null : finite('maxValue', maxValue, 0),
      negativeSlope: finite('negativeSlope', negativeSlope, 0),
      threshold: finite('threshold', threshold, 0),
    })
    this.defineAttributes(check(options), check)
  }

  protected function(): ActivationFunction {
    return relu({ alpha: this.negativeSlope, maxValue: this.maxValue, threshold: this.threshold })
  }

  protected ownConfig() {
    return { maxValue: this.maxValue, negativeSlope: this.negativeSlope, threshold: this.threshold }
  }
}

interface AlphaOptions extends LayerOptions {
  readonly alpha?: number
}

const alphaOf = (alpha: unknown) => ({ alpha: Math.fround(finite('alpha', alpha)) })

/** x where positive, else alpha·x. Default alpha 0.3. */
export class LeakyReLU extends FunctionLayer {
  readonly className = 'LeakyReLU'
  declare readonly alpha: number

  constructor(options: AlphaOptions = {}) {
    knownOptions('LeakyReLU', options, [...layerOptionNames, 'alpha'])
    super(options)
    const check = ({ alpha = 0.3 }: AlphaOptions) => alphaOf(alpha)
    this.defineAttributes(check(options), check)
  }

  protected function(): ActivationFunction {
    return leakyRelu({ alpha: this.alpha })
  }

  protected ownConfig() {
    return { alpha: this.alpha }
  }
}

/** x where positive, else alpha·(eˣ − 1). Default alpha 1. */
export class ELU extends FunctionLayer {
  readonly className = 'ELU'
  declare readonly alpha: number

  constructor(options: AlphaOptions = {}) {
    knownOptions('ELU', options, [...layerOptionNames, 'alpha'])
    super(options)
    const check = ({ alpha = 1 }: AlphaOptions) => alphaOf(alpha)
    this.defineAttributes(check(options), check)
  }

  protected function(): ActivationFunction {
    return functions.elu({ alpha: this.alpha })
  }

  protected ownConfig() {
    return { alpha: this.alpha }
  }
}

export interface ThresholdedReLUOptions extends LayerOptions {
  readonly theta?: number
}

/** x above theta, else 0. Default theta 1. */
export class ThresholdedReLU extends FunctionLayer {
  readonly className = 'ThresholdedReLU'
  declare readonly theta: number

  constructor(options: ThresholdedReLUOptions = {}) {
    knownOptions('ThresholdedReLU', options, [...layerOptionNames, 'theta'])
    super(options)
    const check = ({ theta = 1 }: ThresholdedReLUOptions) => ({
      theta: Math.fround(finite('theta', theta, 0)),
    })
    this.defineAttributes(check(options), check)
  }

  protected function(): ActivationFunction {
    return relu({ threshold: this.theta })
  }

  protected ownConfig() {
    return { theta: this.theta }
  }
}

export interface SoftmaxOptions extends LayerOptions {
  /** The batch counted as 0. Default −1. */
  readonly axis?: number
}

/** eˣ over its sum along an axis. */
export class Softmax extends FunctionLayer {
  readonly className = 'Softmax'
  declare readonly axis: number

  constructor(options: SoftmaxOptions = {}) {
    knownOptions('Softmax', options, [...layerOptionNames, 'axis'])
    super(options)
    const check = ({ axis = -1 }: SoftmaxOptions) => {
      if (!Number.isSafeInteger(axis)) throw new ArgumentError('axis', axis, 'an integer')
      return { axis }
    }
    this.defineAttributes(check(options), check)
  }

  protected function(): ActivationFunction {
    return softmax({ axis: this.axis })
  }

  protected ownConfig() {
    return { axis: this.axis }
  }
}

export interface PReLUOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly alphaInitializer?: InitializerIdentifier
  readonly alphaRegularizer?: RegularizerIdentifier
  readonly alphaConstraint?: ConstraintIdentifier
  /** Axes, counted from 1, along which the slope is one. Default none. */
  readonly sharedAxes?: readonly number[] | null
}

const preluAttributes = (options: PReLUOptions) => ({
  alphaInitializer: initializers.get(options.alphaInitializer ?? 'zeros'),
  alphaRegularizer: regularizers.getOptional(options.alphaRegularizer),
  alphaConstraint: constraints.getOptional(options.alphaConstraint),
  sharedAxes: options.sharedAxes ? [...options.sharedAxes] : null,
})

/** x where positive, else alpha·x with an alpha that is learned, for each number of a sample by itself. */
export class PReLU extends Layer {
  readonly className = 'PReLU'
  declare readonly alphaInitializer: Initializer
  declare readonly alphaRegularizer: Regularizer | null
  declare readonly alphaConstraint: Constraint | null
  declare readonly sharedAxes: readonly number[] | null

  #alpha!: Parameter
  #index!: Int32Array // the alpha of each number of a sample
  #x = new Float32Array(0) as Float32Array
  #y!: Block
  #dx!: Block

  constructor(options: PReLUOptions = {}) {
    const names = ['alphaInitializer', 'alphaRegularizer', 'alphaConstraint', 'sharedAxes']
    knownOptions('PReLU', options, [...layerOptionNames, ...names])
    super(options)
    this.defineAttributes(preluAttributes(options), preluAttributes)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
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

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.#x = x
    this.engine.kernels.prelu.forward(this.#y.array, x, this.#alpha.value, this.#index, batch)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    const { value, grad } = this.#alpha
    this.engine.kernels.prelu.backward(this.#dx.array, grad, dy, this.#x, value, this.#index, batch)
    return this.#dx.array
  }

  protected ownConfig() {
    return {
      alphaInitializer: initializers.serialize(this.alphaInitializer),
      alphaRegularizer: serializeOptional(regularizers.serialize, this.alphaRegularizer),
      alphaConstraint: serializeOptional(constraints.serialize, this.alphaConstraint),
      sharedAxes: this.sharedAxes && [...this.sharedAxes],
    }
  }
}
