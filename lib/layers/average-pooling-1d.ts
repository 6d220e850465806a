// Pooling of sequences by the mean.

import type { Padding } from '../geometry.ts'
import { channelsLast, type Pooling1DOptions, type WindowAttributes, windows1D } from './pooled.ts'
import { AveragePooling } from './pooling.ts'

/** The mean of each window of a sequence. */
export class AveragePooling1D extends AveragePooling<WindowAttributes<readonly [number]>> {
  readonly className = 'AveragePooling1D'
  declare readonly poolSize: readonly [number]
  declare readonly strides: readonly [number]
  declare readonly padding: Padding

  constructor(options: Pooling1DOptions = {}) {
    super('AveragePooling1D', channelsLast(options), windows1D)
  }
}
