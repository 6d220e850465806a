// Pooling of sequences by the largest number.

import type { Padding } from '../geometry.ts'
import { channelsLast, type Pooling1DOptions, type WindowAttributes, windows1D } from './pooled.ts'
import { MaxPooling } from './pooling.ts'

/** The largest number of each window of a sequence. */
export class MaxPooling1D extends MaxPooling<WindowAttributes<readonly [number]>> {
  readonly className = 'MaxPooling1D'
  declare readonly poolSize: readonly [number]
  declare readonly strides: readonly [number]
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('MaxPooling1D', channelsLast(options), windows1D)
  }
}
