// How is pooled: by the largest number, or by the mean, channel by channel.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import type { Block } from '../engine.ts'
import type { DataFormat, Geometry } from '../geometry.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'
import type { Extent } from './pooled.ts'

abstract class Pooling<A extends object> extends Layer {
  declare readonly dataFormat: DataFormat
  protected geometry!: Geometry
  protected y!: Block
  protected dx!: Block
  readonly #extent: Extent<A>

  constructor(className: string, options: LayerOptions, extent: Extent<A>) {
    knownOptions(className, options, [...layerOptionNames, ...extent.optionNames])
    super(options)
    this.#extent = extent
    this.defineAttributes(extent.check(options), attributes => extent.check(attributes))
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [
      inputShape[0],
      ...this.#extent.outputItem(this.#attributes, this.#extent.geometryOf(this.#attributes, inputShape)),
    ]
  }

  protected create(inputShape: Shape): void {
    this.geometry = this.#extent.geometryOf(this.#attributes, [null, ...inputShape])
    this.y = this.buffer(this.geometry.outputSize)
    this.dx = this.gradientBuffer(this.geometry.inputSize)
  }

  protected ownConfig() {
    return this.#extent.config(this.#attributes)
  }

  get #attributes(): A {
    return this as unknown as A
  }
}

export abstract class MaxPooling<A extends object> extends Pooling<A> {
  #argmax!: Block

  protected override create(inputShape: Shape): void {
    super.create(inputShape)
    this.#argmax = this.buffer(this.geometry.outputSize)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.max.forward(this.y.array, this.#argmax.array, x, batch, this.geometry)
    return this.y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.max.backward(this.dx.array, dy, this.#argmax.array, batch, this.geometry)
    return this.dx.array
  }
}

export abstract class AveragePooling<A extends object> extends Pooling<A> {
  override get isLinear(): boolean {
    return true
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.average.forward(this.y.array, x, batch, this.geometry)
    return this.y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.pooling.average.backward(this.dx.array, dy, batch, this.geometry)
    return this.dx.array
  }
}
