// What the depthwise layers share: the geometry and the kernel of their first step.

import { type BatchShape, positiveInteger } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../geometry.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import { KernelBiasLayer } from './kernel-bias.ts'
import type { WeightSpec } from './layer.ts'

export interface WindowOptions {
  readonly kernelSize: number | readonly [number, number]
  readonly strides?: number | readonly [number, number]
  readonly padding?: Padding | Uppercase<Padding>
  readonly dilationRate?: number | readonly [number, number]
}

export interface DepthwiseOptions {
  /** Filters for each channel. Default 1. */
  readonly depthMultiplier?: number
  /** Default 'glorot_uniform'. */
  readonly depthwiseInitializer?: InitializerIdentifier
  readonly depthwiseRegularizer?: RegularizerIdentifier
  readonly depthwiseConstraint?: ConstraintIdentifier
}
export const depthwiseOptionNames = [
  'depthMultiplier',
  'depthwiseInitializer',
  'depthwiseRegularizer',
  'depthwiseConstraint',
]

export const depthwiseAttributes = (options: DepthwiseOptions) => ({
  depthMultiplier: positiveInteger('depthMultiplier', options.depthMultiplier ?? 1),
  depthwiseInitializer: initializers.get(options.depthwiseInitializer ?? 'glorot_uniform'),
  depthwiseRegularizer: regularizers.getOptional(options.depthwiseRegularizer),
  depthwiseConstraint: constraints.getOptional(options.depthwiseConstraint),
})

/** What both layers have in common: the geometry and the kernel of the first step. */
export abstract class Depthwise<S> extends KernelBiasLayer<S> {
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]
  declare readonly groups: number
  declare readonly depthMultiplier: number
  declare readonly depthwiseInitializer: Initializer
  declare readonly depthwiseRegularizer: Regularizer | null
  declare readonly depthwiseConstraint: Constraint | null

  protected geometryOf(inputShape: BatchShape): Geometry {
    const { kernelSize, strides, padding, dataFormat, dilationRate, depthMultiplier } = this
    const channels = inputShape[dataFormat === 'channels_first' ? 1 : 3] ?? 0
    const filters = channels * depthMultiplier
    return convolutionGeometry(inputShape, {
      filters,
      kernelSize,
      strides,
      padding,
      dataFormat,
      dilationRate,
    })
  }

  protected depthwiseSpec({ C }: Geometry): WeightSpec {
    return {
      shape: [...this.kernelSize, C, this.depthMultiplier],
      initializer: this.depthwiseInitializer,
      regularizer: this.depthwiseRegularizer,
      constraint: this.depthwiseConstraint,
    }
  }
}
