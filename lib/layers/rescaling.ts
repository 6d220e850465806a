// Numbers brought to another range: pixels of 0 … 255 to 0 … 1.

import { type BatchShape, finite, knownOptions, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'

/** The options of Rescaling. */
export interface RescalingOptions extends LayerOptions {
  readonly scale: number
  /** Default 0. */
  readonly offset?: number
}

/** y = x · scale + offset */
export class Rescaling extends Layer {
  readonly className = 'Rescaling'
  declare readonly scale: number
  declare readonly offset: number
  #size = 0
  #y!: Block
  #dx!: Block

  constructor(options: RescalingOptions) {
    knownOptions('Rescaling', options, [...layerOptionNames, 'scale', 'offset'])
    super(options)
    const check = ({ scale, offset = 0 }: RescalingOptions) => ({
      scale: finite('scale', scale),
      offset: finite('offset', offset),
    })
    this.defineAttributes(check(options), check)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    this.#size = sizeOf(inputShape)
    this.#y = this.buffer(this.#size)
    this.#dx = this.gradientBuffer(this.#size)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    const [y, scale, offset] = [this.#y.array, Math.fround(this.scale), Math.fround(this.offset)]
    for (let i = 0; i < batch * this.#size; i++) y[i] = Math.fround(x[i] * scale) + offset
    return y
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    const [dx, scale] = [this.#dx.array, Math.fround(this.scale)]
    for (let i = 0; i < batch * this.#size; i++) dx[i] = dy[i] * scale
    return dx
  }

  protected ownConfig() {
    return { scale: this.scale, offset: this.offset }
  }
}
