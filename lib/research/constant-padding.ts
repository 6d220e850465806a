// Padding with any value: the networks of 1989 surround their ±1 pictures with −1, the background.

import { field, float32 } from '../core/options.ts'
import type { Call } from '../layers/call.ts'
import { type Border, type Borders2D, borders2D, Frame2D } from '../layers/frame.ts'
import type { LayerOptions } from '../layers/layer.ts'
import { type DataFormatOption, dataFormat } from '../layers/window-options.ts'

/** The options of ConstantPadding2D. */
export interface ConstantPadding2DOptions extends LayerOptions {
  /** A number for all sides, [rows, columns], or [[top, bottom], [left, right]]. Default 1 on every side. */
  readonly padding?: Borders2D
  /** The value of the added rows and columns, rounded to float32. Default 0, as in ZeroPadding2D. */
  readonly value?: number
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
}

const constantPadding2D = {
  className: 'ConstantPadding2D',
  fields: { padding: field(borders2D, 1), value: float32(0), dataFormat },
}

/**
 * Adds rows and columns of one value around each image. Input `[batch, rows, columns, channels]`, output with the rows and
 * columns of the padding in addition; with 'channels_first' the channels come second.
 *
 * @see LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition", Neural Computation 1:541–551:
 * pads with −1
 */
export class ConstantPadding2D extends Frame2D {
  declare readonly className: 'ConstantPadding2D'
  declare readonly padding: readonly [Border, Border]
  declare readonly value: number

  /** @throws ArgumentError naming the unknown or invalid option */
  constructor(options: ConstantPadding2DOptions = {}) {
    super(options, constantPadding2D)
  }

  protected borders() {
    return this.padding
  }

  override forwardInto(y: Float32Array, x: Float32Array, call: Call<Int32Array>): void {
    super.forwardInto(y, x, call)
    const { state: table, batch } = call
    const n = table.length
    for (let b = 0; b < batch; b++) for (let o = 0; o < n; o++) if (table[o] < 0) y[b * n + o] = this.value
  }
}
