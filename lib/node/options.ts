// Options that several callbacks have.

import { positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'

/** How often something is saved: after so many batches, or at the end of each epoch. */
export const frequency = (saveFreq: unknown): 'epoch' | number =>
  saveFreq === 'epoch' ? saveFreq : positiveInteger('saveFreq', saveFreq)

export function pathOf(name: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return path
  throw new ArgumentError(name, path, 'a path that is not empty')
}
