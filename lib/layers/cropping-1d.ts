// Sequences without their ends.

import { knownOptions } from '../check.ts'
import { type Border, type Borders1D, borders1D, Frame1D, negated } from './frame.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** Each sequence without some steps at its ends. */
export class Cropping1D extends Frame1D {
  readonly className = 'Cropping1D'
  declare readonly cropping: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly cropping?: Borders1D } = {}) {
    knownOptions('Cropping1D', options, [...layerOptionNames, 'cropping'])
    super(options)
    const check = ({ cropping = 1 }: { readonly cropping?: Borders1D }) => ({
      cropping: borders1D('cropping', cropping),
    })
    this.defineAttributes(check(options), check)
  }

  protected border() {
    return negated(this.cropping)
  }

  protected override ownConfig() {
    return { cropping: [...this.cropping] }
  }
}
