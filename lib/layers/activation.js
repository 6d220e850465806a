// An activation as a layer of its own.
import { serializeActivation } from '../activations.ts'
import { knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { getActivation, isLinear } from './activated-output.ts'
import { FunctionLayer } from './activations.ts'
import { layerOptionNames } from './layer.ts'
/**
 * Applies an activation; the shape stays.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Activation
 */
export class Activation extends FunctionLayer {
  className = 'Activation'
  constructor(options) {
    knownOptions('Activation', options, [...layerOptionNames, 'activation'])
    super(options)
    const attributesOf = ({ activation }) => {
      if (activation === undefined || activation === null)
        throw new ArgumentError('activation', activation, 'an activation')
      return { activation: getActivation(activation) }
    }
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  get isLinear() {
    return isLinear(this.activation)
  }
  function() {
    return this.activation
  }
  ownConfig() {
    return { activation: serializeActivation(this.activation) }
  }
}
