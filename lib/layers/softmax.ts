// softmax along an axis.

import { type Activation as ActivationFunction, softmax } from '../activations.ts'
import { knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { FunctionLayer } from './function-layer.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of Softmax. */
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

  protected override ownConfig() {
    return { axis: this.axis }
  }
}
