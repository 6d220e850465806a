// UnitNormalization: scales each sample to length 1 along the chosen axes.

import { type BatchShape, inputBatch } from '../core/check.ts'
import { normalization } from '../kernels/normalization.ts'
import { type Axis, axis, GroupTable, sampleAxes } from './axes.ts'
import type { BatchBuffer, Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'

/** The options of UnitNormalization. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes along which vectors lie, counting the batch as 0. Default −1. */
  readonly axis?: Axis
}

interface Lengths {
  readonly table: GroupTable
  /** 1 / length of each vector; see kernels/normalization.ts. */
  readonly scale: BatchBuffer
}

/**
 * Scales vectors to length 1. Vectors shorter than 1e-6 are divided by 1e-6.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/UnitNormalization
 */
export class UnitNormalization extends Layer<Lengths> {
  declare readonly className: 'UnitNormalization'
  declare readonly axis: Axis

  constructor(options: UnitNormalizationOptions = {}) {
    super(options, { className: 'UnitNormalization', fields: { axis } })
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  override prepare(call: Call): Lengths {
    const { inputShape } = call
    const table = new GroupTable(sampleAxes(this, this.axis, inputShape), inputShape)
    return { table, scale: call.buffer(table.perSample) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Lengths>): void {
    const { scale, table } = call.state
    call.kernel(normalization).unitForward(y, scale.array, x, table.for(call.batch))
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Lengths>): void {
    const { state, batch, y } = call
    call.kernel(normalization).unitBackward(dx, dy, y, state.scale.array, state.table.for(batch))
  }
}
