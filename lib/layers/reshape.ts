// The same numbers in another shape.

import { type BatchShape, shape as checkShape, knownOptions, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'
import { knownItem } from './rearrangement.ts'

/** The options of Reshape. */
export interface ReshapeOptions extends LayerOptions {
  /** The shape of one sample; one size may be −1, and is worked out. */
  readonly targetShape: Shape
}

/** The same numbers in another shape. */
export class Reshape extends Layer {
  readonly className = 'Reshape'
  declare readonly targetShape: Shape

  constructor(options: ReshapeOptions) {
    knownOptions('Reshape', options, [...layerOptionNames, 'targetShape'])
    super(options)
    const check = ({ targetShape }: ReshapeOptions) => {
      checkShape('targetShape', targetShape, -1)
      if (targetShape.filter(n => n === -1).length > 1)
        throw new ArgumentError('targetShape', targetShape, 'at most one size of -1')
      return { targetShape: [...targetShape] }
    }
    this.defineAttributes(check(options), check)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const size = sizeOf(knownItem(inputShape))
    const rest = sizeOf(this.targetShape.filter(n => n !== -1))
    const target = this.targetShape.map(n => (n === -1 ? size / rest : n))
    if (!target.every(Number.isSafeInteger) || sizeOf(target) !== size)
      throw new ArgumentError(
        'targetShape',
        this.targetShape,
        `a shape for the ${size} numbers of [${inputShape.slice(1)}]`,
      )
    return [inputShape[0], ...target]
  }

  override passesThrough(): boolean {
    return true
  }

  forwardInto(): void {}

  backwardInto(): void {}

  protected override ownConfig() {
    return { targetShape: [...this.targetShape] }
  }
}
