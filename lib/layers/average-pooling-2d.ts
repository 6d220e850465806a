// Pooling of images by the mean.

import type { Padding } from '../geometry.ts'
import { type Pooling2DOptions, type WindowAttributes, windows2D } from './pooled.ts'
import { AveragePooling } from './pooling.ts'

/** The mean of each window, channel by channel; with 'same', of what lies in the image. */
export class AveragePooling2D extends AveragePooling<WindowAttributes<readonly [number, number]>> {
  readonly className = 'AveragePooling2D'
  declare readonly poolSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding

  constructor(options: Pooling2DOptions = {}) {
    super('AveragePooling2D', options, windows2D)
  }
}
