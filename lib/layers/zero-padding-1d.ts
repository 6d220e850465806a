// Zeros before and after sequences.

import { knownOptions } from '../check.ts'
import { type Border, type Borders1D, borders1D, Frame1D } from './frame.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'

/** Steps of zeros before and after each sequence. */
export class ZeroPadding1D extends Frame1D {
  readonly className = 'ZeroPadding1D'
  declare readonly padding: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly padding?: Borders1D } = {}) {
    knownOptions('ZeroPadding1D', options, [...layerOptionNames, 'padding'])
    super(options)
    const check = ({ padding = 1 }: { readonly padding?: Borders1D }) => ({
      padding: borders1D('padding', padding),
    })
    this.defineAttributes(check(options), check)
  }

  protected border() {
    return this.padding
  }

  protected override ownConfig() {
    return { padding: [...this.padding] }
  }
}
