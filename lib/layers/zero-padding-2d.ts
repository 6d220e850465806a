// Zeros around images.

import { knownOptions } from '../check.ts'
import { type Border, type Borders2D, borders2D, Frame2D } from './frame.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'
import { type DataFormatOption, dataFormatOf } from './window.ts'

/** The options of ZeroPadding2D. */
export interface ZeroPadding2DOptions extends LayerOptions {
  /** Default 1 on every side. */
  readonly padding?: Borders2D
  readonly dataFormat?: DataFormatOption
}

/** Rows and columns of zeros around each image. */
export class ZeroPadding2D extends Frame2D {
  readonly className = 'ZeroPadding2D'
  declare readonly padding: readonly [Border, Border]

  constructor(options: ZeroPadding2DOptions = {}) {
    knownOptions('ZeroPadding2D', options, [...layerOptionNames, 'padding', 'dataFormat'])
    super(options)
    const check = ({ padding = 1, dataFormat }: ZeroPadding2DOptions) => ({
      padding: borders2D('padding', padding),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }

  protected borders() {
    return this.padding
  }

  protected override ownConfig() {
    return { padding: this.padding.map(border => [...border]), dataFormat: this.dataFormat }
  }
}
