// An activation as a layer of its own.

import {
  type Activation as ActivationFunction,
  type ActivationIdentifier,
  serializeActivation,
} from '../activations.ts'
import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { ActivatedOutput, getActivation, isLinear } from './activated-output.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'

export interface ActivationOptions extends LayerOptions {
  readonly activation: ActivationIdentifier
}

/**
 * Applies an activation; the shape stays.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Activation
 */
export class Activation extends Layer {
  readonly className = 'Activation'
  declare readonly activation: ActivationFunction

  readonly #z: { array: Float32Array } = { array: new Float32Array(0) } // the input, which is the output of the layer before
  #output!: ActivatedOutput

  constructor(options: ActivationOptions) {
    knownOptions('Activation', options, [...layerOptionNames, 'activation'])
    super(options)
    if (options.activation === undefined || options.activation === null)
      throw new ArgumentError('activation', options.activation, 'an activation')
    const attributesOf = (given: ActivationOptions) => ({ activation: getActivation(given.activation) })
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  override get isLinear(): boolean {
    return isLinear(this.activation)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    const size = sizeOf(inputShape)
    const buffers = { z: this.#z, y: this.buffer(size), dz: this.gradientBuffer(size) }
    this.#output = new ActivatedOutput(this.activation, null, buffers, inputShape, this.engine)
    this.activated = this.#output
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#z.array = x
    return this.#output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    return this.#output.backward(dy, pass)
  }

  protected ownConfig() {
    return { activation: serializeActivation(this.activation) }
  }
}
