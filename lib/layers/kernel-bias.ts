// What Dense, the convolutions and the locally connected layers have in common: the options of a kernel, a bias
// and an activation, and the way they are checked, built and written down.

import { type Activation, type ActivationIdentifier, serializeActivation } from '../activations.ts'
import { boolean, type Shape, sizeOf } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import type { Block } from '../engine.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import type { Parameter, ParameterOptions } from '../parameter.ts'
import type { Config, Serialized } from '../registry.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { ActivatedOutput, getActivation, isLinear } from './activated-output.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'

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

/** A layer with a kernel, a bias and an activation. Its kernel writes `this.activated`'s z. */
export abstract class KernelBiasLayer extends Layer implements KernelBiasAttributes {
  declare readonly activation: Activation
  declare readonly useBias: boolean
  declare readonly kernelInitializer: Initializer
  declare readonly biasInitializer: Initializer
  declare readonly kernelRegularizer: Regularizer | null
  declare readonly biasRegularizer: Regularizer | null
  declare readonly activityRegularizer: Regularizer | null
  declare readonly kernelConstraint: Constraint | null
  declare readonly biasConstraint: Constraint | null

  protected kernel!: Parameter
  protected bias: Parameter | null = null
  protected output!: ActivatedOutput

  /** Where the layer's kernel writes. */
  protected z!: Block

  override get isLinear(): boolean {
    return isLinear(this.activation)
  }

  protected createKernelAndBias(kernelShape: Shape, biasShape: Shape, options: ParameterOptions = {}): void {
    this.kernel = this.addWeight('kernel', kernelShape, this.kernelInitializer, {
      ...options,
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    })
    this.createBias(biasShape)
  }

  protected createBias(biasShape: Shape): void {
    if (!this.useBias) return
    this.bias = this.addWeight('bias', biasShape, this.biasInitializer, {
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    })
  }

  protected createOutput(outputShape: Shape): void {
    const size = sizeOf(outputShape)
    const z = this.buffer(size)
    const linear = isLinear(this.activation)
    const y = linear ? z : this.buffer(size)
    const dz = linear && !this.activityRegularizer ? z : this.gradientBuffer(size)
    this.z = z
    this.output = new ActivatedOutput(
      this.activation,
      this.activityRegularizer,
      { z, y, dz },
      outputShape,
      this.engine,
    )
    this.activated = this.output
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
