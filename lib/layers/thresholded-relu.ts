// relu from a threshold on.

import { type Activation as ActivationFunction, relu } from '../activations.ts'
import { finite, knownOptions } from '../check.ts'
import { FunctionLayer } from './function-layer.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of ThresholdedReLU. */
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

  protected override ownConfig() {
    return { theta: this.theta }
  }
}
