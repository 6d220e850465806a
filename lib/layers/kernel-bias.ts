// What Dense, the convolutions and the locally connected layers have in common: the options of a kernel, a bias
// and an activation, and the way they are checked, built and written down.

import {
  type Activation,
  type ActivationIdentifier,
  getActivation,
  isLinear,
  serializeActivation,
} from '../activations.ts'
import { boolean, type Shape } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { ParameterOptions } from '../parameter.ts'
import type { Config, Serialized } from '../registry.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { Layer, type LayerOptions, layerOptionNames, type WeightSpec } from './layer.ts'

export interface KernelBiasOptions extends LayerOptions {
  /** Applied to the output; default none ('linear'). */
  readonly activation?: ActivationIdentifier
  /** Default true. */
  readonly useBias?: boolean
  /** Default 'glorot_uniform'. */
  readonly kernelInitializer?: InitializerIdentifier
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerIdentifier
  readonly kernelRegularizer?: RegularizerIdentifier
  readonly biasRegularizer?: RegularizerIdentifier
  /** A penalty on the output, divided by the batch size. */
  readonly activityRegularizer?: RegularizerIdentifier
  readonly kernelConstraint?: ConstraintIdentifier
  readonly biasConstraint?: ConstraintIdentifier
}

export const kernelBiasOptionNames = [
  ...layerOptionNames,
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'activityRegularizer',
  'kernelConstraint',
  'biasConstraint',
] as const

/** The checked form of the options. */
export interface KernelBiasAttributes {
  activation: Activation
  useBias: boolean
  kernelInitializer: Initializer
  biasInitializer: Initializer
  kernelRegularizer: Regularizer | null
  biasRegularizer: Regularizer | null
  activityRegularizer: Regularizer | null
  kernelConstraint: Constraint | null
  biasConstraint: Constraint | null
}

export function kernelBiasAttributes(options: KernelBiasOptions): KernelBiasAttributes {
  return {
    activation: getActivation(options.activation),
    useBias: boolean('useBias', options.useBias ?? true),
    kernelInitializer: initializers.get(options.kernelInitializer ?? 'glorot_uniform', 'kernelInitializer'),
    biasInitializer: initializers.get(options.biasInitializer ?? 'zeros', 'biasInitializer'),
    kernelRegularizer: regularizers.getOptional(options.kernelRegularizer, 'kernelRegularizer'),
    biasRegularizer: regularizers.getOptional(options.biasRegularizer, 'biasRegularizer'),
    activityRegularizer: regularizers.getOptional(options.activityRegularizer, 'activityRegularizer'),
    kernelConstraint: constraints.getOptional(options.kernelConstraint, 'kernelConstraint'),
    biasConstraint: constraints.getOptional(options.biasConstraint, 'biasConstraint'),
  }
}

/** A layer with a kernel, a bias and an activation. */
export abstract class KernelBiasLayer<S = unknown> extends Layer<S> implements KernelBiasAttributes {
  declare readonly activation: Activation
  declare readonly useBias: boolean
  declare readonly kernelInitializer: Initializer
  declare readonly biasInitializer: Initializer
  declare readonly kernelRegularizer: Regularizer | null
  declare readonly biasRegularizer: Regularizer | null
  declare readonly activityRegularizer: Regularizer | null
  declare readonly kernelConstraint: Constraint | null
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

  protected kernelSpec(shape: Shape, options: ParameterOptions = {}): WeightSpec {
    const [regularizer, constraint] = [this.kernelRegularizer, this.kernelConstraint]
    return { ...options, shape, initializer: this.kernelInitializer, regularizer, constraint }
  }

  protected biasSpec(shape: Shape): WeightSpec | null {
    const [regularizer, constraint] = [this.biasRegularizer, this.biasConstraint]
    return this.useBias ? { shape, initializer: this.biasInitializer, regularizer, constraint } : null
  }

  /** The common options as `getConfig` shows them: Keras puts a layer's own options around these. */
  protected kernelBiasConfig(): Config {
    return {
      activation: serializeActivation(this.activation),
      useBias: this.useBias,
      kernelInitializer: initializers.serialize(this.kernelInitializer),
      biasInitializer: initializers.serialize(this.biasInitializer),
      kernelRegularizer: serializeOptional(regularizers.serialize, this.kernelRegularizer),
      biasRegularizer: serializeOptional(regularizers.serialize, this.biasRegularizer),
      activityRegularizer: serializeOptional(regularizers.serialize, this.activityRegularizer),
      kernelConstraint: serializeOptional(constraints.serialize, this.kernelConstraint),
      biasConstraint: serializeOptional(constraints.serialize, this.biasConstraint),
    }
  }
}

export const serializeOptional = <T>(serialize: (object: T) => Serialized, object: T | null) =>
  object && serialize(object)
