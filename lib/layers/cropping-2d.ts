// Images without their borders.

import { knownOptions } from '../check.ts'
import { type Border, type Borders2D, borders2D, Frame2D, negated } from './frame.ts'
import { type LayerOptions, layerOptionNames } from './layer.ts'
import { type DataFormatOption, dataFormatOf } from './window.ts'

/** The options of Cropping2D. */
export interface Cropping2DOptions extends LayerOptions {
  /** Default 0 on every side. */
  readonly cropping?: Borders2D
  readonly dataFormat?: DataFormatOption
}

/** Each image without some rows and columns at its sides. */
export class Cropping2D extends Frame2D {
  readonly className = 'Cropping2D'
  declare readonly cropping: readonly [Border, Border]

  constructor(options: Cropping2DOptions = {}) {
    knownOptions('Cropping2D', options, [...layerOptionNames, 'cropping', 'dataFormat'])
    super(options)
    const check = ({ cropping = 0, dataFormat }: Cropping2DOptions) => ({
      cropping: borders2D('cropping', cropping),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }

  protected borders() {
    return [negated(this.cropping[0]), negated(this.cropping[1])] as const
  }

  protected override ownConfig() {
    return { cropping: this.cropping.map(border => [...border]), dataFormat: this.dataFormat }
  }
}
