// Keras' spelling of configs and ours. Keras writes keys in snake_case and marks serialized objects with
// `class_name`; here keys are camelCase and the mark is `className`. Values (names, numbers) are the same in both.
import { toCamelCase, toSnakeCase } from '../names.ts'

/** Keys whose spelling no rule gives. */
const irregular = { beta1: 'beta_1', beta2: 'beta_2' }
/** A config with Keras' keys, from ours: `{ kernelSize: [3, 3] }` → `{ kernel_size: [3, 3] }`. */
export const toKeras = config => mapKeys(config, key => irregular[key] ?? toSnakeCase(key))
/** A config with our keys, from Keras'. What only Keras 2.21 adds beside `class_name` is left out. */
export const fromKeras = config => mapKeys(config, toCamelCase)
function mapKeys(value, rename) {
  if (Array.isArray(value)) return value.map(item => mapKeys(item, rename))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [rename(key), mapKeys(item, rename)])
  return Object.fromEntries(entries)
}
