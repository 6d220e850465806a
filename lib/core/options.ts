// Options of layers and optimizers, each written once: how it is checked, what it is by default, and how getConfig shows it.
// A table has them in Keras' order.

import { boolean, finite, knownOptions, positiveInteger } from './check.ts'
import { ArgumentError } from './errors.ts'
import type { Config } from './registry.ts'

/** The options as they were given. */
export type Given = Readonly<Record<string, unknown>>

/** One option. */
export interface Field<T> {
  /** The checked form of what was given. @throws ArgumentError */
  check(name: string, given: unknown, all: Given): T
  /** As `getConfig` shows it. */
  show(value: T): unknown
  /** Whether `getConfig` leaves it out. */
  readonly isHidden?: boolean
}

/** The options of a layer beside those that every layer has. */
export interface OptionTable {
  readonly className: string
  readonly fields: Readonly<Record<string, Field<unknown>>>
  /** Checks that concern several of them, in their checked form. */
  readonly check?: (attributes: never, given: Given) => void
}

/** The checked form of a table's options. */
export type Checked<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/**
 * The options in their checked form, by name.
 * @param common names of options that others check
 * @param defaults those of a class, before those of the table
 */
export function checkOptions(
  table: OptionTable,
  options: Given,
  common: readonly string[] = [],
  defaults: Given = {},
): Config {
  const { className, fields } = table
  knownOptions(className, options, [...new Set([...common, ...Object.keys(fields)])])
  const checked = Object.fromEntries(
    Object.entries(fields).map(([name, f]) => {
      const given = options[name] === undefined ? defaults[name] : options[name]
      return [name, f.check(name, given, options)]
    }),
  )
  table.check?.(checked as never, options)
  return checked
}

/** The options as `getConfig` shows them. */
export function shownOptions({ fields }: OptionTable, attributes: Given): Config {
  const shown = Object.entries(fields).filter(([, { isHidden }]) => !isHidden)
  return Object.fromEntries(shown.map(([name, { show }]) => [name, show(attributes[name])]))
}

const copied = (value: unknown): unknown => (Array.isArray(value) ? value.map(copied) : value)

/** @param byDefault what is meant where nothing is given */
export const field = <T>(
  check: (name: string, given: unknown, all: Given) => T,
  byDefault?: unknown,
  show: (value: T) => unknown = copied,
): Field<T> => ({ check: (name, given = byDefault, all) => check(name, given, all), show })

export const flag = (byDefault: boolean) => field(boolean, byDefault)
export const positive = (byDefault?: number) => field(positiveInteger, byDefault)
export const number = (byDefault?: number, least?: number, most?: number) =>
  field((name, given) => finite(name, given, least, most), byDefault)
/** One that is rounded to float32 at once. */
export const float32 = (byDefault?: number, least?: number) =>
  field((name, given) => Math.fround(finite(name, given, least)), byDefault)

/** An option that may be `null`, and is by default. */
export const optional = <T>(check: (name: string, given: unknown) => T) =>
  field((name, given) => (given === null ? null : check(name, given)), null)

/** An option that Keras has, and of which only one value makes sense here. */
export const only = <T>(value: T, expected = String(value), hint = '') =>
  field((name, given) => {
    if (given === value) return value
    throw new ArgumentError(name, given, expected, hint)
  }, value)

/** An object whose class name and options are properties; a table checks them. */
export abstract class Configured {
  readonly #table: OptionTable

  /** @throws ArgumentError naming the option that is unknown or wrong */
  constructor(className: string, options: object, fields: OptionTable['fields']) {
    this.#table = { className, fields }
    Object.assign(this, { className }, checkOptions(this.#table, options as Given))
  }

  getConfig(): Config {
    return shownOptions(this.#table, this as unknown as Given)
  }
}
