// Each sample by itself brought to mean 0 and variance 1, along some of its axes.

import { knownOptions, type Shape } from '../check.ts'
import { type Axis, axisOf, GroupTable, sampleAxes } from './axes.ts'
import type { Pass } from './layer.ts'
import {
  Normalization,
  type NormalizationOptions,
  normalizationAttributes,
  normalizationOptionNames,
} from './normalization.ts'

/** The options of LayerNormalization. */
export interface LayerNormalizationOptions extends NormalizationOptions {
  /** The axes that are taken together, the batch counted as 0. Default −1. */
  readonly axis?: Axis
}

const attributesOf = (options: LayerNormalizationOptions) => ({
  ...normalizationAttributes(options),
  axis: axisOf(options.axis ?? -1),
})

/**
 * Weights: `gamma` and `beta` of the axes' shape.
 *
 * @see Ba et al. 2016, arXiv:1607.06450
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/LayerNormalization
 */
export class LayerNormalization extends Normalization {
  readonly className = 'LayerNormalization'
  declare readonly axis: Axis

  #axes: number[] = []
  #table!: GroupTable
  #mean = new Float32Array(0)
  #variance = new Float32Array(0)

  constructor(options: LayerNormalizationOptions = {}) {
    knownOptions('LayerNormalization', options, normalizationOptionNames)
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  protected create(inputShape: Shape): void {
    this.#axes = sampleAxes(this.axis, inputShape).sort((a, b) => a - b)
    this.#table = new GroupTable(this.#axes, inputShape)
    this.createScaleAndShift(this.#axes, inputShape)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    const groups = this.#table.for(batch)
    const count = groups.offsets.length
    if (this.#mean.length !== groups.starts.length) {
      this.#mean = new Float32Array(groups.starts.length)
      this.#variance = new Float32Array(groups.starts.length)
    }
    this.engine.kernels.normalization.moments(this.#mean, this.#variance, x, groups, count)
    return this.normalize(x, this.#mean, this.#variance, groups, count, batch)
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    const groups = this.#table.for(batch)
    return this.normalizeBackward(dy, this.#variance, groups, groups.offsets.length, batch, false)
  }

  protected ownConfig() {
    const axis = typeof this.axis === 'number' ? this.axis : [...this.axis]
    return {
      axis: this.built ? this.#axes.map(a => a + 1) : axis,
      ...this.scaleAndShiftConfig(),
      ...this.penaltyConfig(),
    }
  }
}
