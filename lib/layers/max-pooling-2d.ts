// Pooling of images by the largest number.

import type { Padding } from '../geometry.ts'
import { type Pooling2DOptions, type WindowAttributes, windows2D } from './pooled.ts'
import { MaxPooling } from './pooling.ts'

/** The largest number of each window, channel by channel. The gradient of equal ones goes to the first. */
export class MaxPooling2D extends MaxPooling<WindowAttributes<readonly [number, number]>> {
  readonly className = 'MaxPooling2D'
  declare readonly poolSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('MaxPooling2D', options, windows2D)
  }
}
