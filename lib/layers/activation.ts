// Layers that apply a single function: any activation, or one with options.

import { type BatchShape, finite, inputBatch, integer } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field, float32, number, optional } from '../core/options.ts'
import {
  type Activation as ActivationFunction,
  type ActivationIdentifier,
  type ActivationLayer,
  elu,
  getActivation,
  isLinear,
  leakyRelu,
  relu,
  serializeActivation,
  softmax,
} from './activations.ts'
import { Layer, type LayerOptions } from './layer.ts'

/** A layer that only applies an activation. */
abstract class FunctionLayer extends Layer implements ActivationLayer {
  /** The activation, with the layer's current options. */
  protected abstract function(): ActivationFunction

  /** The layer as the `activation` of another one: `new Dense({ units: 2, activation: new LeakyReLU() })`. */
  asActivation(): ActivationFunction {
    return { ...this.function(), layer: this }
  }

  override get outputActivation(): ActivationFunction | null {
    const activation = this.function()
    return isLinear(activation) ? null : activation
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  override passesThrough(): boolean {
    return true
  }

  forwardInto(): void {}

  backwardInto(): void {}
}

// ---- Any function -------------------------------------------------------------------------------------------------

/** The options of Activation. */
export interface ActivationOptions extends LayerOptions {
  /** A name, `{ className, config }`, or an object with `forward` and `backward`. */
  readonly activation: ActivationIdentifier
}

const required = field(
  (name, given) => {
    if (given === undefined) throw new ArgumentError(name, given, 'an activation')
    return getActivation(given)
  },
  undefined,
  serializeActivation,
)

/**
 * Applies an activation. The shape does not change.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Activation
 */
export class Activation extends FunctionLayer {
  declare readonly className: 'Activation'
  declare readonly activation: ActivationFunction

  constructor(options: ActivationOptions) {
    super(options, { className: 'Activation', fields: { activation: required } })
  }

  override get isLinear(): boolean {
    return isLinear(this.activation)
  }

  protected function(): ActivationFunction {
    return this.activation
  }
}

// ---- relu and variants --------------------------------------------------------------------------------------------

/** The options of ReLU. */
export interface ReLUOptions extends LayerOptions {
  /** The largest output. Default none. */
  readonly maxValue?: number | null
  /** The slope below the threshold. Default 0. */
  readonly negativeSlope?: number
  /** Default 0. */
  readonly threshold?: number
}

const reLU = {
  className: 'ReLU',
  fields: {
    maxValue: optional((name, given) => finite(name, given, 0)),
    negativeSlope: number(0, 0),
    threshold: number(0, 0),
  },
}

/** max(x, 0), with an optional maximum, slope and threshold. */
export class ReLU extends FunctionLayer {
  declare readonly className: 'ReLU'
  declare readonly maxValue: number | null
  declare readonly negativeSlope: number
  declare readonly threshold: number

  constructor(options: ReLUOptions = {}) {
    super(options, reLU)
  }

  protected function(): ActivationFunction {
    return relu({ alpha: this.negativeSlope, maxValue: this.maxValue, threshold: this.threshold })
  }
}

/** The options of LeakyReLU and ELU. */
export interface AlphaOptions extends LayerOptions {
  /** The factor below 0: of x in LeakyReLU, of eˣ − 1 in ELU. */
  readonly alpha?: number
}

/** x where positive, else alpha·x. Default alpha 0.3. */
export class LeakyReLU extends FunctionLayer {
  declare readonly className: 'LeakyReLU'
  declare readonly alpha: number

  constructor(options: AlphaOptions = {}) {
    super(options, { className: 'LeakyReLU', fields: { alpha: float32(0.3) } })
  }

  protected function(): ActivationFunction {
    return leakyRelu({ alpha: this.alpha })
  }
}

/** x where positive, else alpha·(eˣ − 1). Default alpha 1. */
export class ELU extends FunctionLayer {
  declare readonly className: 'ELU'
  declare readonly alpha: number

  constructor(options: AlphaOptions = {}) {
    super(options, { className: 'ELU', fields: { alpha: float32(1) } })
  }

  protected function(): ActivationFunction {
    return elu({ alpha: this.alpha })
  }
}

/** The options of ThresholdedReLU. */
export interface ThresholdedReLUOptions extends LayerOptions {
  /** Inputs up to this value become 0. Default 1. */
  readonly theta?: number
}

/** x above theta, else 0. Default theta 1. */
export class ThresholdedReLU extends FunctionLayer {
  declare readonly className: 'ThresholdedReLU'
  declare readonly theta: number

  constructor(options: ThresholdedReLUOptions = {}) {
    super(options, { className: 'ThresholdedReLU', fields: { theta: float32(1, 0) } })
  }

  protected function(): ActivationFunction {
    return relu({ threshold: this.theta })
  }
}

// ---- softmax ------------------------------------------------------------------------------------------------------

/** The options of Softmax. */
export interface SoftmaxOptions extends LayerOptions {
  /** The axis to normalize, counting the batch as 0. Default −1. */
  readonly axis?: number
}

const anyInteger = field((name, given) => integer(name, given, -Infinity), -1)

/** eˣ divided by its sum along an axis. */
export class Softmax extends FunctionLayer {
  declare readonly className: 'Softmax'
  declare readonly axis: number

  constructor(options: SoftmaxOptions = {}) {
    super(options, { className: 'Softmax', fields: { axis: anyInteger } })
  }

  protected function(): ActivationFunction {
    return softmax({ axis: this.axis })
  }
}
