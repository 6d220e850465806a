// Converts the keys of configs between Keras' spelling and ours. Keras writes keys in snake_case, including the
// `class_name` of serialized objects; ours are in camelCase. Values (names, numbers) are the same in both.

import { ArgumentError } from '../core/errors.ts'
import { toCamelCase, toSnakeCase } from '../core/names.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Keys with irregular spellings. */
const irregular: Readonly<Record<string, string>> = { beta1: 'beta_1', beta2: 'beta_2' }

/** Converts a config to Keras' keys: `{ kernelSize: [3, 3] }` → `{ kernel_size: [3, 3] }`. */
export const toKeras = (config: unknown): Json => mapKeys(config as Json, key => irregular[key] ?? toSnakeCase(key))

/** Converts a config from Keras' keys to ours. */
export const fromKeras = (config: unknown): Json => mapKeys(config as Json, toCamelCase)

/** Deeper than any config, which are nested by layers in models. */
const mostDepth = 100

function mapKeys(value: Json, rename: (key: string) => string, depth = 0): Json {
  if (depth > mostDepth)
    throw new ArgumentError('config', value, `at most ${mostDepth} levels`, 'It may contain itself')
  if (Array.isArray(value)) return value.map(item => mapKeys(item, rename, depth + 1))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [rename(key), mapKeys(item, rename, depth + 1)])
  return Object.fromEntries(entries)
}
