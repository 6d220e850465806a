// Options shared by several callbacks.

import { positiveInteger } from '../core/check.ts'

/** Checks `saveFreq`: a number of batches, or 'epoch' for the end of each epoch. */
export const frequency = (saveFreq: unknown): 'epoch' | number =>
  saveFreq === 'epoch' ? saveFreq : positiveInteger('saveFreq', saveFreq)
