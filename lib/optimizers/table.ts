// The optimizers, without names: see registry.ts.

import { type KerasSerialized, registry, type Serialized, type Table } from '../core/registry.ts'
import { Optimizer } from './optimizer.ts'

const table = /* @__PURE__ */ registry<Optimizer>('optimizer', value => value instanceof Optimizer)

/** Converts a name to lower case if the registry has only that form. */
function inKnownCase(name: string): string {
  const small = name.toLowerCase()
  return !table.names.includes(name) && table.names.includes(small) ? small : name
}

function get(identifier: unknown, argument?: string): Optimizer {
  if (typeof identifier === 'string') return table.get(inKnownCase(identifier), argument)
  if (typeof identifier === 'object' && identifier !== null && !(identifier instanceof Optimizer)) {
    const { className, class_name = className } = identifier as Partial<Serialized & KerasSerialized>
    if (typeof class_name === 'string')
      return table.get({ ...identifier, class_name: inKnownCase(class_name) }, argument)
  }
  return table.get(identifier, argument)
}

/** Names in any case. */
export const optimizers: Table<Optimizer> = /* @__PURE__ */ (() => ({
  ...table,
  get,
  getOptional: (identifier: unknown, argument?: string) =>
    identifier === null || identifier === undefined ? null : get(identifier, argument),
  fill: (...names: Parameters<typeof table.fill>) => {
    table.fill(...names)
    return optimizers
  },
}))()
