// relu with a slope below zero.

import { type Activation as ActivationFunction, leakyRelu } from '../activations.ts'
import { knownOptions } from '../check.ts'
import { type AlphaOptions, alphaOf, FunctionLayer } from './function-layer.ts'
import { layerOptionNames } from './layer.ts'

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

  protected override ownConfig() {
    return { alpha: this.alpha }
  }
}
