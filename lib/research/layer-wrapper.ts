// The base of layers that change how another layer trains.

import { type BatchShape, type Shape, sameShape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Field, field, type OptionTable } from '../core/options.ts'
import type { Serialized } from '../core/registry.ts'
import type { Activation } from '../layers/activations.ts'
import type { Call } from '../layers/call.ts'
import { KernelBiasLayer, optionsOf } from '../layers/kernel-bias.ts'
import { Layer, type LayerOptions, type WeightSpec } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { layers } from '../layers/table.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import { LocallyConnected3D } from './locally-connected-3d.ts'

/** The options of layers around another layer. */
export interface LayerWrapperOptions<L extends Layer> extends LayerOptions {
  /** A layer that is not built: the wrapper owns the weights. */
  readonly layer: L
}

/** The option `layer`. @param suits whether a layer may be wrapped */
export const layerField = (suits: (layer: Layer) => boolean, expected: string): Field<Layer> =>
  field(
    (name, given) => {
      const layer = given instanceof Layer ? given : layers.get(given, name)
      if (!suits(layer)) throw new ArgumentError(name, layer, expected)
      if (!layer.built) return layer
      const hint = 'setWeights of the new layer can copy its weights'
      throw new ArgumentError(name, layer, 'a layer that is not built, since the new one makes its own weights', hint)
    },
    undefined,
    (layer): Serialized => ({ className: layer.className, config: layer.getConfig() }),
  )

/**
 * Computes what the layer inside computes, with weights of its own: those of the layer inside, by the same names. The layer
 * inside stays as it is, and is never built.
 */
export abstract class LayerWrapper<L extends Layer> extends Layer {
  /** The layer inside. */
  declare readonly layer: L

  constructor(options: LayerWrapperOptions<L>, table: OptionTable) {
    super(options, table)
  }

  /** Whether both the wrapper and the layer inside are trainable. Setting it sets both. */
  override get trainable(): boolean {
    return super.trainable && this.layer.trainable
  }

  override set trainable(value: boolean) {
    super.trainable = value
    this.layer.trainable = value
  }

  /**
   * A built copy of the layer inside, with copies of the weights: for files of Keras, `toConv`, and other functions that
   * take a plain layer.
   * @throws StateError before the wrapper is built
   */
  unwrapped(): L {
    const { inputShape, layer } = this
    const Class = layer.constructor as new (config: unknown) => L
    const { name, ...config } = layer instanceof KernelBiasLayer ? optionsOf(layer) : layer.getConfig()
    const copy = new Class({ ...config, ...(layer.isNamed && { name }) })
    copy.build([null, ...inputShape])
    copy.setWeights(this.getWeights().slice(0, copy.parameters.length))
    return copy
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return this.layer.computeOutputShape(inputShape)
  }

  override weightsFor(inputShape: Shape): Readonly<Record<string, WeightSpec | null>> {
    return this.layer.weightsFor(inputShape)
  }

  override prepare(call: Call): unknown {
    return this.layer.prepare(call)
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call): void {
    this.layer.forwardInto(y, x, call)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    this.layer.backwardInto(dx, dy, call)
  }

  override get outputActivation(): Activation | null {
    return this.layer.outputActivation
  }

  override get outputRegularizer(): Regularizer | null {
    return this.layer.outputRegularizer
  }

  override get isLinear(): boolean {
    return this.layer.isLinear
  }

  override macsFor(inputShape: Shape): number {
    return this.layer.macsFor(inputShape)
  }

  /** As for the layer inside: a locally connected layer takes one size of input only. */
  protected override suits(inputShape: Shape, built: Shape): boolean {
    const { layer } = this
    if (layer instanceof LayerWrapper) return layer.suits(inputShape, built)
    const isFixed = layer instanceof LocallyConnected || layer instanceof LocallyConnected3D
    return !isFixed || sameShape(inputShape, built)
  }
}
