// elu with its option.

import { type Activation as ActivationFunction, elu } from '../activations.ts'
import { knownOptions } from '../check.ts'
import { type AlphaOptions, alphaOf, FunctionLayer } from './function-layer.ts'
import { layerOptionNames } from './layer.ts'

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
    return elu({ alpha: this.alpha })
  }

  protected override ownConfig() {
    return { alpha: this.alpha }
  }
}
