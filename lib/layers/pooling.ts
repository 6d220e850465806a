// How windows are pooled: maximum or mean, per channel.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import type { DataFormat, Geometry } from '../geometry.ts'
import type { BatchBuffer } from './batch-buffer.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'
import type { Extent } from './pooled.ts'

interface Windows {
  readonly geometry: Geometry
}

interface MaxWindows extends Windows {
  /** Where in its window each largest number stands. */
  readonly argmax: BatchBuffer
}

abstract class Pooling<A extends object, S extends Windows> extends Layer<S> {
  declare readonly dataFormat: DataFormat
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

  protected geometryOf(inputShape: Shape): Geometry {
    return this.#extent.geometryOf(this.#attributes, [null, ...inputShape])
  }

  protected override ownConfig() {
    return this.#extent.config(this.#attributes)
  }

  get #attributes(): A {
    return this as unknown as A
  }
}

export abstract class MaxPooling<A extends object> extends Pooling<A, MaxWindows> {
  override prepare(call: Call): MaxWindows {
    const geometry = this.geometryOf(call.inputShape)
    return { geometry, argmax: call.buffer(geometry.outputSize) }
  }

  forwardInto(y: Float32Array, x: Float32Array, { kernels, state, batch }: Call<MaxWindows>): void {
    kernels.pooling.max.forward(y, state.argmax.array, x, batch, state.geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { kernels, state, batch }: Call<MaxWindows>): void {
    kernels.pooling.max.backward(dx, dy, state.argmax.array, batch, state.geometry)
  }
}

export abstract class AveragePooling<A extends object> extends Pooling<A, Windows> {
  override get isLinear(): boolean {
    return true
  }

  override prepare({ inputShape }: Call): Windows {
    return { geometry: this.geometryOf(inputShape) }
  }

  forwardInto(y: Float32Array, x: Float32Array, { kernels, state, batch }: Call<Windows>): void {
    kernels.pooling.average.forward(y, x, batch, state.geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { kernels, state, batch }: Call<Windows>): void {
    kernels.pooling.average.backward(dx, dy, batch, state.geometry)
  }
}
