// The kernel, bias and activation shared by Dense, convolutions and locally connected layers.

import type { Shape } from '../core/check.ts'
import { flag } from '../core/options.ts'
import type { Config } from '../core/registry.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { GlorotUniform, type Initializer, type InitializerIdentifier, Zeros } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import { type Activation, type ActivationIdentifier, isLinear } from './activations.ts'
import { Layer, type LayerOptions, type WeightSpec } from './layer.ts'
import { activation, constraint, initializer, regularizer } from './options.ts'

export interface BiasOptions extends LayerOptions {
  /** The activation of the output. Default none ('linear'). */
  readonly activation?: ActivationIdentifier
  /** Default true. */
  readonly useBias?: boolean
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerIdentifier
  /** A penalty on the bias. Default none. */
  readonly biasRegularizer?: RegularizerIdentifier
  /** A penalty on the output, divided by the batch size. */
  readonly activityRegularizer?: RegularizerIdentifier
  /** What is done to the bias after every step. Default none. */
  readonly biasConstraint?: ConstraintIdentifier
}

export interface KernelBiasOptions extends BiasOptions {
  /** Default 'glorot_uniform'. */
  readonly kernelInitializer?: InitializerIdentifier
  /** A penalty on the kernel. Default none. */
  readonly kernelRegularizer?: RegularizerIdentifier
  /** What is done to the kernel after every step. Default none. */
  readonly kernelConstraint?: ConstraintIdentifier
}

export const kernelBiasFields = /* @__PURE__ */ (() => ({
  activation,
  useBias: flag(true),
  kernelInitializer: initializer(GlorotUniform),
  biasInitializer: initializer(Zeros),
  kernelRegularizer: regularizer,
  biasRegularizer: regularizer,
  activityRegularizer: regularizer,
  kernelConstraint: constraint,
  biasConstraint: constraint,
}))()

/** A layer with a bias and an activation. */
export abstract class BiasLayer<S = unknown> extends Layer<S> {
  declare readonly activation: Activation
  declare readonly useBias: boolean
  declare readonly biasInitializer: Initializer
  declare readonly biasRegularizer: Regularizer | null
  declare readonly activityRegularizer: Regularizer | null
  declare readonly biasConstraint: Constraint | null

  override get isLinear(): boolean {
    return isLinear(this.activation)
  }

  override get outputActivation(): Activation | null {
    return isLinear(this.activation) ? null : this.activation
  }

  override get outputRegularizer(): Regularizer | null {
    return this.activityRegularizer
  }

  protected biasSpec(shape: Shape): WeightSpec | null {
    return this.useBias ? this.weightSpec('bias', shape) : null
  }
}

/** A layer with a kernel, a bias and an activation. */
export abstract class KernelBiasLayer<S = unknown> extends BiasLayer<S> {
  declare readonly kernelInitializer: Initializer
  declare readonly kernelRegularizer: Regularizer | null
  declare readonly kernelConstraint: Constraint | null
}

/**
 * What the constructor needs to make a layer with the same options. Initializers, activations and the like are the layer's
 * own objects: a name or a config of them would be known only with `unshared/names`.
 */
export function optionsOf(layer: KernelBiasLayer): Config {
  const own = Object.keys(kernelBiasFields).map(name => [name, layer[name as keyof typeof kernelBiasFields]])
  return { ...layer.getConfig(), ...Object.fromEntries(own) }
}
