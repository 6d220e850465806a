// Names that a file format can't hold. Writers check them before they write anything.

import { ArgumentError } from '../core/errors.ts'
import { utf8 } from '../files/bytes.ts'

/** A name, and what it names. */
export interface Named {
  readonly what: string
  readonly name: string
}

/** HDF5 limits the size of an attribute, so longer lists of names are split; a single name can't be. */
export const mostAttributeBytes = 64512

/**
 * @param groups paths of groups, such as names of layers
 * @param datasets paths of datasets
 * @throws ArgumentError for a name that would be read back as another, or that is in the way of another
 */
export function assertHdf5Paths(groups: readonly Named[], datasets: readonly Named[]): void {
  const refuse = ({ what, name }: Named, expected: string): never => {
    throw new ArgumentError(`the name of ${what}`, name, `${expected}, for HDF5`, 'Choose another, or another format')
  }
  for (const named of [...groups, ...datasets]) {
    const parts = named.name.split('/')
    if (parts.includes('') || parts.includes('.')) refuse(named, 'one without empty parts or "." between slashes')
    if (/\0|\p{Surrogate}/u.test(named.name)) refuse(named, 'one without "\\0" and halves of characters')
    if (utf8(named.name).length > mostAttributeBytes) refuse(named, `at most ${mostAttributeBytes} bytes`)
  }
  const taken = new Set<string>()
  for (const named of datasets) {
    if (taken.has(named.name)) refuse(named, 'a name of its own')
    taken.add(named.name)
  }
  /** Refuses a path that leads through a dataset: its first parts, all but the last `own` ones, are a dataset's. */
  const assertFree = (named: Named, own: 0 | 1) => {
    const parts = named.name.split('/')
    for (let n = 1; n <= parts.length - own; n++)
      if (taken.has(parts.slice(0, n).join('/'))) refuse(named, 'one that no weight of another layer has')
  }
  for (const named of groups) assertFree(named, 0)
  for (const named of datasets) assertFree(named, 1)
}

/** @throws ArgumentError for names that don't tell the layer from the weight in `layer/weight` */
export function assertPlainWeights(
  leaves: readonly { readonly path: string; readonly weights: readonly { readonly name: string }[] }[],
): void {
  for (const { path, weights } of leaves)
    for (const { name } of weights)
      if (name.includes('/'))
        throw new ArgumentError(`the name of a weight of ${path}`, name, 'one without "/", for this format')
}
