// Additions: parts of the library that `unshared` includes and programs with `unshared/core` import when they need them.

import { StateError } from './errors.ts'

/**
 * The addition, if there is one.
 * @param entry brings it
 * @throws StateError if the program does not include it
 */
export function added<T>(what: string, entry: string, addition: T | null | undefined): T {
  if (addition) return addition
  throw new StateError(`${what}: the program does not include it: import 'unshared/${entry}' before`)
}
