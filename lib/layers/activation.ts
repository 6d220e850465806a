// An activation as a layer of its own.

import {
  type Activation as ActivationFunction,
  type ActivationIdentifier,
  getActivation,
  isLinear,
  serializeActivation,
} from '../activations.ts'
import { knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { FunctionLayer } from './function-layer.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of Activation. */
export interface ActivationOptions extends LayerOptions {
  readonly activation: ActivationIdentifier
}

/**
 * Applies an activation; the shape stays.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Activation
 */
export class Activation extends FunctionLayer {
  readonly className = 'Activation'
  declare readonly activation: ActivationFunction

  constructor(options: ActivationOptions) {
    knownOptions('Activation', options, [...layerOptionNames, 'activation'])
    super(options)
    const attributesOf = ({ activation }: ActivationOptions) => {
      if (activation === undefined || activation === null)
        throw new ArgumentError('activation', activation, 'an activation')
      return { activation: getActivation(activation) }
    }
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  override get isLinear(): boolean {
    return isLinear(this.activation)
  }

  protected function(): ActivationFunction {
    return this.activation
  }

  protected override ownConfig() {
    return { activation: serializeActivation(this.activation) }
  }
}
