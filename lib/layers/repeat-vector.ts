// A vector, again and again.

import { type BatchShape, knownOptions, positiveInteger, type Shape } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'
import { offsetsOf, Rearrangement } from './rearrangement.ts'

/** The options of RepeatVector. */
export interface RepeatVectorOptions extends LayerOptions {
  readonly n: number
}

/** `[batch, features]` to `[batch, n, features]`. */
export class RepeatVector extends Rearrangement {
  readonly className = 'RepeatVector'
  declare readonly n: number

  constructor(options: RepeatVectorOptions) {
    knownOptions('RepeatVector', options, [...layerOptionNames, 'n'])
    super(options)
    const check = ({ n }: RepeatVectorOptions) => ({ n: positiveInteger('n', n) })
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 2) throw new ArgumentError('inputShape', inputShape, '[batch, features]')
    return [inputShape[0], this.n, inputShape[1]]
  }

  protected tableFor([features]: Shape): Int32Array {
    return offsetsOf([this.n, features], [0, 1])
  }

  protected override ownConfig() {
    return { n: this.n }
  }
}
