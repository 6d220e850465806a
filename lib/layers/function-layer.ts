// What the layers share that are one function.

import { type Activation as ActivationFunction, isLinear } from '../activations.ts'
import { type BatchShape, finite } from '../check.ts'
import { Layer, type LayerOptions } from './layer.ts'

/** A layer that does nothing but its activation. */
export abstract class FunctionLayer extends Layer {
  /** The function, with the options that the layer has when it is built. */
  protected abstract function(): ActivationFunction

  override get outputActivation(): ActivationFunction | null {
    const activation = this.function()
    return isLinear(activation) ? null : activation
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  override passesThrough(): boolean {
    return true
  }

  forwardInto(): void {}

  backwardInto(): void {}
}

export interface AlphaOptions extends LayerOptions {
  readonly alpha?: number
}

export const alphaOf = (alpha: unknown) => ({ alpha: Math.fround(finite('alpha', alpha)) })
