// Rescaling: maps values to another range, such as pixels from 0 … 255 to 0 … 1.

import { type BatchShape, inputBatch } from '../core/check.ts'
import { number } from '../core/options.ts'
import { Layer, type LayerOptions } from './layer.ts'

/** The options of Rescaling. */
export interface RescalingOptions extends LayerOptions {
  /** The factor. */
  readonly scale: number
  /** Default 0. */
  readonly offset?: number
}

/** y = x · scale + offset */
export class Rescaling extends Layer {
  declare readonly className: 'Rescaling'
  declare readonly scale: number
  declare readonly offset: number

  constructor(options: RescalingOptions) {
    super(options, { className: 'Rescaling', fields: { scale: number(), offset: number(0) } })
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  forwardInto(y: Float32Array, x: Float32Array): void {
    const [scale, offset] = [Math.fround(this.scale), Math.fround(this.offset)]
    for (let i = 0; i < y.length; i++) y[i] = Math.fround(x[i] * scale) + offset
  }

  backwardInto(dx: Float32Array, dy: Float32Array): void {
    const scale = Math.fround(this.scale)
    for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * scale
  }
}
