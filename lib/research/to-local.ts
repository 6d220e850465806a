// The options of the LocallyConnected2D that computes what another layer does.

import type { DataFormat, Padding } from '../core/geometry.ts'
import type { KernelBiasLayer } from '../layers/kernel-bias.ts'
import type { LocallyConnected2DOptions } from '../layers/locally-connected.ts'

interface Layer2D extends KernelBiasLayer {
  readonly filters: number
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

/** Regularizers and constraints of weights are left out: they would act on other weights. */
export const localOptions = (layer: Layer2D, useBias: boolean): LocallyConnected2DOptions => ({
  ...(layer.isNamed && { name: layer.name }),
  trainable: layer.trainable,
  filters: layer.filters,
  kernelSize: layer.kernelSize,
  strides: layer.strides,
  padding: layer.padding,
  dataFormat: layer.dataFormat,
  activation: layer.activation,
  activityRegularizer: layer.activityRegularizer,
  useBias,
})
