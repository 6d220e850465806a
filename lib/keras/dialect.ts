// The dialects of Keras' configs, from 2.0 to 3: what they wrap, rename and add, taken away, so that one form is left:
// `{ class_name, config }` with Keras 2's keys.

import { ArgumentError } from '../core/errors.ts'
import type { Json, JsonObject } from './model-file.ts'

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A class's own name: `Custom>Adam` → `Adam`. */
export const bareName = (className: Json | undefined) => String(className).split('>').at(-1) as string

/** What carries nothing beside `class_name` and `config`. */
const wrapping = ['module', 'registered_name', 'build_config', 'shared_object_id', 'compile_config']
/** What Keras 3 adds to initializers, and means nothing while it is null. */
const added = ['input_axes', 'output_axes']

/** A value without the wrappers that Keras puts around tuples, numbers, types and functions. */
export function unwrapped(value: Json): Json {
  if (Array.isArray(value)) return value.map(unwrapped)
  if (!isObject(value)) return value
  const { class_name: name, config, items } = value
  if ((name === '__tuple__' || name === 'tuple') && Array.isArray(items)) return items.map(unwrapped)
  if ((name === '__numpy__' || name === '__tensor__') && isObject(config)) return unwrapped(config.value)
  if (typeof name === 'string' && /^(DType)?Policy$/.test(name) && isObject(config))
    return config.name ?? null
  if (name === 'function' && typeof config === 'string') return config
  const isWrapping = (key: string) => typeof name === 'string' && wrapping.includes(key)
  const entries = Object.entries(value).filter(
    ([key, item]) => !isWrapping(key) && !(added.includes(key) && item === null),
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, unwrapped(item)]))
}

/** Keys of layers that mean nothing here while they have one of these values. */
const neutral: Readonly<Record<string, readonly unknown[]>> = {
  dynamic: [false],
  sparse: [false, null],
  ragged: [false, null],
  optional: [false],
  autocast: [true, null],
  renorm: [false],
  renorm_clipping: [null],
  renorm_momentum: [0.99, null],
  synchronized: [false],
  fused: [null, true, false],
  virtual_batch_size: [null],
  adjustment: [null],
  quantization_config: [null],
  lora_rank: [null],
  lora_alpha: [null],
  rms_scaling: [false],
  input_dtype: [null, 'float32'],
}

/** Keys whose names Keras 3 changed, by class. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  LeakyReLU: { negative_slope: 'alpha' },
}

/** What means another function in Keras 3 than in Keras 2. */
const changed = ['hard_sigmoid']

/** The config of a layer in Keras 2's words. @param version Keras' version, '3.4.1' */
export function layerConfig(className: string, raw: JsonObject, version: string | null): JsonObject {
  const config = unwrapped(raw) as JsonObject
  const entries: [string, Json][] = []
  for (const [key, value] of Object.entries(config)) {
    if (Object.hasOwn(neutral, key) && neutral[key].includes(value)) continue
    const names = Object.hasOwn(renamed, className) ? renamed[className] : {}
    let name = Object.hasOwn(names, key) ? names[key] : key
    if (name === 'batch_shape') name = 'batch_input_shape'
    entries.push([name, value])
  }
  const result: JsonObject = Object.fromEntries(entries)
  const { activation } = result
  if (version?.startsWith('3') && typeof activation === 'string' && changed.includes(activation))
    throw new ArgumentError(
      'activation',
      activation,
      'an activation that is the same in Keras 2 and 3',
      'Keras 3 has relu6(x + 3) / 6 under this name; here it is that of Keras 2',
    )
  if (className === 'InputLayer') return result
  if (result.dtype !== undefined && result.dtype !== 'float32' && result.dtype !== null)
    throw new ArgumentError(
      'dtype',
      result.dtype,
      '"float32"',
      "loadModel(source, { dtype: 'float32' }) computes in float32 all the same",
    )
  if (result.dtype === null) delete result.dtype
  return result
}
