// Keras' spelling of configs and ours. Keras writes keys in snake_case and marks serialized objects with
// `class_name`; here keys are camelCase and the mark is `className`. Values (names, numbers) are the same in both.

import { toCamelCase, toSnakeCase } from '../core/names.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Keys whose spelling no rule gives. */
const irregular: Readonly<Record<string, string>> = { beta1: 'beta_1', beta2: 'beta_2' }

/** A config with Keras' keys, from ours: `{ kernelSize: [3, 3] }` → `{ kernel_size: [3, 3] }`. */
export const toKeras = (config: unknown): Json =>
  mapKeys(config as Json, key => irregular[key] ?? toSnakeCase(key))

/** A config with our keys, from Keras'. What only Keras 2.21 adds beside `class_name` is left out. */
export const fromKeras = (config: unknown): Json => mapKeys(config as Json, toCamelCase)

function mapKeys(value: Json, rename: (key: string) => string): Json {
  if (Array.isArray(value)) return value.map(item => mapKeys(item, rename))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [rename(key), mapKeys(item, rename)])
  return Object.fromEntries(entries)
}
