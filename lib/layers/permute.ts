// The axes of a sample in another order.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'
import { offsetsOf, Rearrangement, stridesOf } from './rearrangement.ts'

/** The options of Permute. */
export interface PermuteOptions extends LayerOptions {
  /** The new order of a sample's axes, counted from 1. */
  readonly dims: readonly number[]
}

/** The axes of each sample in another order. */
export class Permute extends Rearrangement {
  readonly className = 'Permute'
  declare readonly dims: readonly number[]

  constructor(options: PermuteOptions) {
    knownOptions('Permute', options, [...layerOptionNames, 'dims'])
    super(options)
    const check = ({ dims }: PermuteOptions) => {
      if (!Array.isArray(dims) || [...dims].sort((a, b) => a - b).some((n, i) => n !== i + 1))
        throw new ArgumentError('dims', dims, 'the numbers 1, 2, … of all axes but the batch, in some order')
      return { dims: [...dims] }
    }
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== this.dims.length + 1)
      throw new ArgumentError('inputShape', inputShape, `a batch with ${this.dims.length} axes more`)
    return [inputShape[0], ...this.dims.map(axis => inputShape[axis])]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    const strides = stridesOf(inputShape)
    const order = this.dims.map(axis => axis - 1)
    return offsetsOf(
      order.map(axis => inputShape[axis]),
      order.map(axis => strides[axis]),
    )
  }

  protected override ownConfig() {
    return { dims: [...this.dims] }
  }
}
