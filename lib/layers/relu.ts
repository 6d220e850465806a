// relu with options.

import { type Activation as ActivationFunction, relu } from '../activations.ts'
import { finite, knownOptions } from '../check.ts'
import { FunctionLayer } from './function-layer.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of ReLU. */
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

  protected override ownConfig() {
    return { maxValue: this.maxValue, negativeSlope: this.negativeSlope, threshold: this.threshold }
  }
}
