// Each sample by itself brought to length 1, along some of its axes.

import { type BatchShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import type { Groups } from '../kernels/normalization.ts'
import { type Axis, axisOf, GroupTable, sampleAxes } from './axes.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'

/** The options of UnitNormalization. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axes of a vector, the batch counted as 0. Default −1. */
  readonly axis?: Axis
}

/**
 * Vectors of length 1; a shorter one than 1e-6 is divided by 1e-6.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/UnitNormalization
 */
export class UnitNormalization extends Layer {
  readonly className = 'UnitNormalization'
  declare readonly axis: Axis
  #table!: GroupTable
  #groups!: Groups // of the last run
  #scale = new Float32Array(0)
  #y!: Block
  #dx!: Block

  constructor(options: UnitNormalizationOptions = {}) {
    knownOptions('UnitNormalization', options, [...layerOptionNames, 'axis'])
    super(options)
    const check = ({ axis = -1 }: UnitNormalizationOptions) => ({ axis: axisOf(axis) })
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    this.#table = new GroupTable(sampleAxes(this.axis, inputShape), inputShape)
    this.#y = this.buffer(sizeOf(inputShape))
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.#groups = this.#table.for(batch)
    if (this.#scale.length !== this.#groups.starts.length)
      this.#scale = new Float32Array(this.#groups.starts.length)
    this.engine.kernels.normalization.unitForward(this.#y.array, this.#scale, x, this.#groups)
    return this.#y.array
  }

  backpropagate(dy: Float32Array): Float32Array {
    this.engine.kernels.normalization.unitBackward(
      this.#dx.array,
      dy,
      this.#y.array,
      this.#scale,
      this.#groups,
    )
    return this.#dx.array
  }

  protected ownConfig() {
    return { axis: typeof this.axis === 'number' ? this.axis : [...this.axis] }
  }
}
