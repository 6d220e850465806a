// Option tables. Each option is declared once: its check, its default, and its form in `getConfig`. Tables list options
// in Keras' order.

import { boolean, finite, knownOptions, positiveInteger } from './check.ts'
import { ArgumentError } from './errors.ts'
import type { Config } from './registry.ts'

/** The options as the user passed them. */
export type Given = Readonly<Record<string, unknown>>

/** The declaration of one option. */
export interface Field<T> {
  /** Converts the given value to its checked form. @throws ArgumentError */
  check(name: string, given: unknown, all: Given): T
  /** Converts the checked value to its form in `getConfig`. */
  show(value: T): unknown
  /** Whether `getConfig` omits the option. */
  readonly isHidden?: boolean
}

/** The options of a class, other than those all layers share. */
export interface OptionTable {
  readonly className: string
  readonly fields: Readonly<Record<string, Field<unknown>>>
  /** Checks that involve several options, in their checked form. */
  readonly check?: (attributes: never, given: Given) => void
}

/** The checked options of a table. */
export type Checked<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/**
 * Checks the options; returns the checked values by name.
 * @param common names of further valid options, which the caller checks
 * @param defaults defaults of the class, which override those of the table
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

/** The options in the form that `getConfig` returns. */
export function shownOptions({ fields }: OptionTable, attributes: Given): Config {
  const shown = Object.entries(fields).filter(([, { isHidden }]) => !isHidden)
  return Object.fromEntries(shown.map(([name, { show }]) => [name, show(attributes[name])]))
}

const copied = (value: unknown): unknown => (Array.isArray(value) ? value.map(copied) : value)

/** Declares an option. @param byDefault the value to check when none is given */
export const field = <T>(
  check: (name: string, given: unknown, all: Given) => T,
  byDefault?: unknown,
  show: (value: T) => unknown = copied,
): Field<T> => ({ check: (name, given = byDefault, all) => check(name, given, all), show })

export const flag = (byDefault: boolean) => field(boolean, byDefault)
export const positive = (byDefault?: number) => field(positiveInteger, byDefault)
export const number = (byDefault?: number, least?: number, most?: number) =>
  field((name, given) => finite(name, given, least, most), byDefault)
/** A number that is rounded to float32 when checked. */
export const float32 = (byDefault?: number, least?: number) =>
  field((name, given) => Math.fround(finite(name, given, least)), byDefault)

/** An option that may be `null`, which is the default. */
export const optional = <T>(check: (name: string, given: unknown) => T) =>
  field((name, given) => (given === null ? null : check(name, given)), null)

/** An option of Keras for which only one value is supported here. */
export const only = <T>(value: T, expected = String(value), hint = '') =>
  field((name, given) => {
    if (given === value) return value
    throw new ArgumentError(name, given, expected, hint)
  }, value)

/** Base class that exposes its class name and its options, checked by a table, as properties. */
export abstract class Configured {
  readonly #table: OptionTable

  /** @throws ArgumentError naming the unknown or invalid option */
  constructor(className: string, options: object, fields: OptionTable['fields']) {
    this.#table = { className, fields }
    Object.assign(this, { className }, checkOptions(this.#table, options as Given))
  }

  /** The options, from which the object can be made again. */
  getConfig(): Config {
    return shownOptions(this.#table, this as unknown as Given)
  }
}
