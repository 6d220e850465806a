// The classes that a user gives to `loadModel` for names in the file.

import { ArgumentError } from '../core/errors.ts'
import { toSnakeCase } from '../core/names.ts'
import type { Config } from '../core/registry.ts'
import { activations } from '../layers/activation-names.ts'
import { layers } from '../layers/registry.ts'
import { constraints, initializers, regularizers } from '../weights/registry.ts'
import { bareName, isObject } from './dialect.ts'
import type { Json } from './model-file.ts'

/** A class, or a function that makes an object from its config. */
export type CustomObject = (new (options: never, others?: never) => object) | ((config: Config) => object)
/** Custom classes by the names that a file uses. A known name, such as `Dense` or `Sequential`, is replaced. */
export type CustomObjects = Readonly<Record<string, CustomObject>>

/** Kinds of objects in the config of a layer, by the ends of their keys. */
const kinds = [
  { end: /initializer$/i, table: initializers },
  { end: /regularizer$/i, table: regularizers },
  { end: /constraint$/i, table: constraints },
  { end: /activation$/i, table: activations },
] as const

export class Customs {
  readonly #objects: CustomObjects

  /**
   * @param mentions configs of the file
   * @throws ArgumentError for a value that creates no object, and for a name that does not occur in the file
   */
  constructor(objects: CustomObjects = {}, ...mentions: readonly Json[]) {
    if (!isObject(objects as unknown as Json))
      throw new ArgumentError('customObjects', objects, 'an object: { MyLayer }')
    this.#objects = objects
    const found = new Set<string>()
    mentions.forEach(config => {
      collect(config, found)
    })
    for (const [name, value] of Object.entries(objects)) {
      if (typeof value !== 'function')
        throw new ArgumentError(
          `customObjects.${name}`,
          value,
          'a class, or a function that makes an object of a config',
        )
      if (!found.has(name)) {
        const names = [...found].filter(text => /^[A-Z]\w*$/.test(text)).join(', ')
        throw new ArgumentError('customObjects', name, 'names that the file uses', `Its classes: ${names}`)
      }
    }
  }

  /** The first of these names that is among the custom objects. */
  find(...names: readonly unknown[]): string | undefined {
    return names.map(String).find(name => Object.hasOwn(this.#objects, name))
  }

  get(name: string): CustomObject {
    return this.#objects[name]
  }

  make(name: string, config: Config): object {
    const maker = this.#objects[name]
    const isClass = Object.getOwnPropertyDescriptor(maker, 'prototype')?.writable === false
    return isClass
      ? new (maker as new (options: Config) => object)(config)
      : (maker as (config: Config) => object)(config)
  }

  /**
   * Replaces the identifiers in a config, with our keys, that name custom classes.
   * @param isOurs whether a class of the library will read it
   * @throws ArgumentError for an unknown identifier; the message says how to provide it
   */
  resolve(value: unknown, isOurs = false, key = ''): unknown {
    if (Array.isArray(value)) return value.map(item => this.resolve(item, isOurs))
    const kind = kinds.find(({ end }) => end.test(key))
    const { className, class_name = className, config = {} } = Object(value) as Record<string, unknown>
    const identifier = typeof value === 'string' && kind ? value : class_name
    if (typeof identifier === 'string') {
      const name = this.find(identifier, bareName(identifier))
      if (name !== undefined) return this.make(name, this.resolve(config) as Config)
      const names = [identifier, toSnakeCase(identifier)]
      if (kind && isOurs && !layers.has(identifier) && !names.some(known => kind.table.names.includes(known)))
        throw new ArgumentError(key, identifier, `one of ${kind.table.names.join(', ')}`, hintFor(identifier))
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.resolve(item, isOurs, name)]))
  }
}

/** Names that importing `unshared/research` registers. */
const ofResearch = [
  ...['ConnectionTableConv2D', 'ConstantPadding2D', 'LocallyConnected3D', 'LowRankLocallyConnected2D'],
  ...['Feedback', 'SheetSmoothness', 'SoftThreshold', 'TiledLocallyConnected2D', 'scaled_tanh'],
  ...['Glorot', 'He', 'Lecun'].flatMap(name => [`Patch${name}Uniform`, `Patch${name}Normal`]),
  'PatchVarianceScaling',
]

export const researchHint = (name: string) =>
  ofResearch.includes(name) ? "import 'unshared/research' makes it known" : null

export const hintFor = (name: string) =>
  researchHint(name) ??
  `loadModel(source, { customObjects: { ${/^\w+$/.test(name) ? name : JSON.stringify(name)}: … } }) makes it known`

/** All strings in a config, and class names without their packages. */
function collect(value: Json, found: Set<string>): void {
  if (typeof value === 'string') found.add(value).add(bareName(value))
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) collect(item, found)
}
