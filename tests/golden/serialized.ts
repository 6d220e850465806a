// What stands in fixtures, and the objects that it describes.

import type { Serialized } from '../../lib/core/registry.ts'
import { fromKeras } from '../../lib/keras/config.ts'
import { type Comparer, Unsupported } from './compare.ts'

// biome-ignore lint/suspicious/noExplicitAny: fixtures are JSON of many shapes
export type Json = any

export interface Case {
  readonly name: string
  run(compare: Comparer): void | Promise<void>
}

/** A table of classes, as far as asking whether one is there goes. */
interface Table {
  has(className: string): boolean
}

export function requireClass(kind: string, table: Table, className: string): void {
  if (!table.has(className)) throw new Unsupported(`${kind} ${className}`)
}

export const ours = (serialized: Json): Serialized => fromKeras(serialized) as unknown as Serialized
