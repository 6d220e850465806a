// LayerNormalization: normalizes each sample separately to mean 0 and variance 1, along the chosen axes.

import { type Shape, sizeOf } from '../core/check.ts'
import { normalization } from '../kernels/normalization.ts'
import { type Axis, axis, GroupTable, indexAlong, sampleAxes } from './axes.ts'
import type { Call } from './call.ts'
import {
  type Moments,
  Normalization,
  type NormalizationOptions,
  penaltyFields,
  scaleAndShiftFields,
} from './normalization.ts'

/** The options of LayerNormalization. */
export interface LayerNormalizationOptions extends NormalizationOptions {
  /** The axes to normalize over, counting the batch as 0. Default −1. */
  readonly axis?: Axis
}

const layerNormalization = {
  className: 'LayerNormalization',
  fields: { axis, ...scaleAndShiftFields, ...penaltyFields },
}

interface Groups extends Moments {
  readonly table: GroupTable
}

/**
 * Weights: `gamma` and `beta`, shaped like the normalized axes.
 *
 * @see Ba et al. 2016, arXiv:1607.06450
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LayerNormalization
 */
export class LayerNormalization extends Normalization<Groups> {
  declare readonly className: 'LayerNormalization'
  declare readonly axis: Axis

  constructor(options: LayerNormalizationOptions = {}) {
    super(options, layerNormalization)
  }

  #axesOf(inputShape: Shape): number[] {
    return sampleAxes(this, this.axis, inputShape).sort((a, b) => a - b)
  }

  override weightsFor(inputShape: Shape) {
    return this.scaleAndShift(this.#axesOf(inputShape), inputShape)
  }

  override prepare(call: Call): Groups {
    const { inputShape } = call
    const axes = this.#axesOf(inputShape)
    const table = new GroupTable(axes, inputShape)
    return {
      table,
      groups: table.for(0),
      count: table.length,
      index: indexAlong(axes, inputShape),
      mean: call.buffer(table.perSample),
      variance: call.buffer(table.perSample),
      normal: call.buffer(sizeOf(inputShape)),
    }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Groups>): void {
    const { state, batch } = call
    state.groups = state.table.for(batch)
    const { moments } = call.kernel(normalization)
    moments(state.mean.array, state.variance.array, x, state.groups, state.count)
    this.normalize(y, x, call)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Groups>): void {
    this.normalizeBackward(dx, dy, call, false)
  }

  /** Once the layer is built, `axis` counts from the front, as in Keras. */
  protected override ownConfig() {
    const config = super.ownConfig()
    return this.built ? { ...config, axis: this.#axesOf(this.inputShape).map(a => a + 1) } : config
  }
}
