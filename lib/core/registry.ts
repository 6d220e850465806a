// One registry of classes per kind (initializers, losses …), which turns identifiers into objects.

import { assertOptions, isObject, named } from './check.ts'
import { ArgumentError } from './errors.ts'
import { toCamelCase, toSnakeCase } from './names.ts'

/** The options of an object, keyed by the names that its constructor takes. */
export type Config = Record<string, unknown>

/** What `serialize` returns and `get` accepts: `{ className: 'L2', config: { l2: 0.01 } }`. */
export interface Serialized {
  /** The name of the class. */
  readonly className: string
  /** The options, with camelCase keys. */
  readonly config: Config
}

/** Keras' form of `Serialized`: `{ class_name: 'L2', config: { l2: 0.01 } }`. */
export interface KerasSerialized {
  /** The name of the class. */
  readonly class_name: string
  /** The options, with Keras' keys. */
  readonly config: Config
}

/** An object that can be serialized and recreated. */
export interface Serializable {
  /** The name under which the class is registered. */
  readonly className: string
  /** The options from which the object can be made again. */
  getConfig(): Config
}

/** The classes of one kind, by name. */
export interface Registry<T extends Serializable> {
  /** The names that `get` accepts, sorted; it also accepts their camelCase forms. */
  readonly names: readonly string[]
  /** Whether a class of this name is registered. */
  has(className: string): boolean
  /**
   * Returns the object for a name, a serialized object, or the object itself.
   * @param argument the argument's name, for error messages; default: the kind
   * @throws ArgumentError for anything else
   */
  get(identifier: unknown, argument?: string): T
  /** Like `get`, but returns `null` for `null` and `undefined`. */
  getOptional(identifier: unknown, argument?: string): T | null
  /** Returns the class name and the config of an object. */
  serialize(object: T): Serialized
  /** Registers a custom class by name, so that configs can refer to it. @throws ArgumentError if the name is taken */
  register(className: string, create: (config: Config) => T): void
}

/** A registry that a table of names may fill. */
export interface Table<T extends Serializable> extends Registry<T> {
  /**
   * Adds all names of the library, but not where a name is taken.
   * @param classes class name → constructor call
   * @param aliases Keras' snake_case names → a class name, or a constructor call where the defaults differ
   * @returns the registry itself
   */
  fill(classes: Makers<T>, aliases?: Readonly<Record<string, string | (() => T)>>): Registry<T>
}

type Makers<T> = Readonly<Record<string, (config: Config) => T>>

/**
 * A registry without names. Tables of names keep every class that they name in a bundle, so they are modules of their own.
 * @param kind the kind of object, for error messages: 'initializer'
 * @param isOfKind recognises objects of the kind
 * @param otherForm the form of a name to look up where there is no such name
 */
export function registry<T extends Serializable>(
  kind: string,
  isOfKind: (value: object) => boolean,
  otherForm: (name: string) => string = toSnakeCase,
): Table<T> {
  const classes = new Map<string, (config: Config) => T>()
  const aliases = new Map<string, string | (() => T)>()
  let isFilled = false

  const isTaken = (name: string) => classes.has(name) || aliases.has(name)

  function checked(argument: string, object: unknown): T {
    if (isObject(object) && isOfKind(object)) return object as T
    throw new ArgumentError(argument, object, `an object of this kind: ${kind}`)
  }

  function create(name: string, config: Config, argument: string): T {
    for (const key of [name, otherForm(name)]) {
      const target = classes.get(key) ?? aliases.get(key)
      if (typeof target === 'string') return create(target, config, argument)
      if (target) return checked(`what creates ${key}`, target(config))
    }
    const names = table.names.join(', ')
    const hint = isFilled ? '' : "import 'unshared/names' makes all names known"
    throw new ArgumentError(argument, name, `${names && `one of ${names}, or `}the ${kind} itself`, hint)
  }

  function get(identifier: unknown, where?: string): T {
    const argument = typeof where === 'string' && where ? where : kind
    if (typeof identifier === 'string') return create(identifier, {}, argument)
    if (isObject(identifier)) {
      if (isOfKind(identifier)) return identifier as T
      const { className, class_name = className, config = {} } = identifier as Partial<Serialized & KerasSerialized>
      assertOptions(`config of ${argument}`, config)
      if (typeof class_name === 'string') return create(class_name, camelCaseKeys(config), argument)
    }
    throw new ArgumentError(argument, identifier, `a name, { className, config }, or the ${kind} itself`)
  }

  const table: Table<T> = {
    get names() {
      return [...classes.keys(), ...aliases.keys()].sort()
    },
    has: className => classes.has(className),
    get,
    getOptional: (identifier, argument) =>
      identifier === null || identifier === undefined ? null : get(identifier, argument),
    serialize(object) {
      const { className } = checked(kind, object)
      return { className, config: object.getConfig() }
    },
    register(className, makeOne) {
      const argument = `${kind} to register`
      if (isTaken(named(argument, className))) throw new ArgumentError(argument, className, 'a name that is not taken')
      if (typeof makeOne !== 'function')
        throw new ArgumentError(`${kind} ${className}`, makeOne, 'a function that creates one from its config')
      classes.set(className, makeOne)
    },
    fill(newClasses, newAliases = {}) {
      for (const [name, make] of Object.entries(newClasses)) if (!isTaken(name)) classes.set(name, make)
      for (const [name, target] of Object.entries(newAliases)) if (!isTaken(name)) aliases.set(name, target)
      isFilled = true
      return table
    },
  }
  return table
}

/** Gives classes the names that they are exported by, which bundlers change: users see them in messages and consoles. */
export function withNames<C extends object>(classes: Record<string, C>): [string, C][] {
  for (const [name, Class] of Object.entries(classes)) Object.defineProperty(Class, 'name', { value: name })
  return Object.entries(classes)
}

/** Constructor calls for the classes of a registry. Constructors check configs in full: they may come from files. */
export const makers = <T>(classes: Record<string, new (options: never) => T>): Record<string, (config: Config) => T> =>
  Object.fromEntries(withNames(classes).map(([name, Class]) => [name, config => new Class(config as never)]))

const camelCaseKeys = (config: Config) =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [toCamelCase(key), value]))
