// Longer sequences, by repeating.

import { type BatchShape, knownOptions, type Shape, single } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'
import { knownItem, offsetsOf, Rearrangement, stridesOf } from './rearrangement.ts'

/** Every step several times. */
export class UpSampling1D extends Rearrangement {
  readonly className = 'UpSampling1D'
  declare readonly size: number

  constructor(options: LayerOptions & { /** Default 2. */ readonly size?: number } = {}) {
    knownOptions('UpSampling1D', options, [...layerOptionNames, 'size'])
    super(options)
    const check = ({ size = 2 }: { readonly size?: number }) => ({ size: single('size', size)[0] })
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = knownItem(inputShape)
    return [inputShape[0], steps * this.size, channels]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    return repeated(inputShape, axis => (axis === 0 ? this.size : 1))
  }

  protected override ownConfig() {
    return { size: this.size }
  }
}

/** Each entry along an axis `times(axis)` times. */
function repeated(inputShape: Shape, times: (axis: number) => number): Int32Array {
  const strides = stridesOf(inputShape)
  const shape = inputShape.flatMap((n, axis) => [n, times(axis)])
  return offsetsOf(
    shape,
    strides.flatMap(stride => [stride, 0]),
  )
}
