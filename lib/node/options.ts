// Options shared by several callbacks.

import { positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'

/** Checks `saveFreq`: a number of batches, or 'epoch' for the end of each epoch. */
export const frequency = (saveFreq: unknown): 'epoch' | number =>
  saveFreq === 'epoch' ? saveFreq : positiveInteger('saveFreq', saveFreq)

export function pathOf(name: string, path: unknown): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new ArgumentError(name, path, 'a non-empty path')
}
