// Converts the dialects of Keras' configs, from 2.0 to 3, to a single form: `{ class_name, config }` with Keras 2's keys.
// Removes wrappers and added keys, and reverts renamed ones.

import { ArgumentError } from '../core/errors.ts'
import { initializers } from '../weights/registry.ts'
import type { Json, JsonObject } from './model-file.ts'

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A class name without its package: `Custom>Adam` → `Adam`. */
export const bareName = (className: Json | undefined) => String(className).split('>').at(-1) as string

/** Keys next to `class_name` and `config` that carry no information. */
const wrapping = ['module', 'registered_name', 'build_config', 'shared_object_id', 'compile_config']
/** Keys that Keras 3 adds to initializers, with no effect while null. */
const added = ['input_axes', 'output_axes']

/** Removes the wrappers that Keras puts around tuples, numbers, types and functions. */
export function unwrapped(value: Json): Json {
  if (Array.isArray(value)) return value.map(unwrapped)
  if (!isObject(value)) return value
  const { class_name: name, config, items } = value
  if ((name === '__tuple__' || name === 'tuple') && Array.isArray(items)) return items.map(unwrapped)
  if ((name === '__numpy__' || name === '__tensor__') && isObject(config)) return unwrapped(config.value)
  if (typeof name === 'string' && /^(DType)?Policy$/.test(name) && isObject(config)) return config.name ?? null
  if (name === 'function' && typeof config === 'string') return config
  if (value.type === 'ndarray' && Object.keys(value).length === 2) return value.value // numbers of Keras before 2.3
  const isWrapping = (key: string) => typeof name === 'string' && wrapping.includes(key)
  const entries = Object.entries(value).filter(
    ([key, item]) => !isWrapping(key) && !(added.includes(key) && item === null),
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, unwrapped(item)]))
}

/** Keys of layers that have no effect while they have one of these values. */
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

/** Keys that Keras 3 renamed, by class. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = { LeakyReLU: { negative_slope: 'alpha' } }

/** Names of classes that Keras reads and no longer writes. */
const formerNames: Readonly<Record<string, string>> = {
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  Convolution1D: 'Conv1D',
  Convolution2D: 'Conv2D',
  Convolution2DTranspose: 'Conv2DTranspose',
  SeparableConvolution2D: 'SeparableConv2D',
  MaxPool1D: 'MaxPooling1D',
  MaxPool2D: 'MaxPooling2D',
  AvgPool1D: 'AveragePooling1D',
  AvgPool2D: 'AveragePooling2D',
  GlobalMaxPool1D: 'GlobalMaxPooling1D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  GlobalAvgPool1D: 'GlobalAveragePooling1D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
}

/** The name of a layer's class today. */
export const currentName = (className: string) =>
  Object.hasOwn(formerNames, className) ? formerNames[className] : className

/** Activations that are different functions in Keras 3 and Keras 2. */
const changed = ['hard_sigmoid']

/**
 * tf.keras 1.13 to 2.1 stored a dtype with each initializer. Weights have the layer's dtype, so it has no effect. Some
 * versions added V1 or V2 to the name.
 */
function plainInitializer(initializer: Json): Json {
  if (!isObject(initializer)) return initializer
  const { class_name: name, config, ...rest } = initializer
  const { dtype: _, ...kept } = isObject(config) ? config : {}
  const known = String(name).replace(/V[12]$/, '')
  return { ...rest, class_name: initializers.has(known) ? known : (name ?? null), config: kept }
}

/** Converts a layer's config to Keras 2's form. @param version the version of Keras: '3.4.1' */
export function layerConfig(className: string, raw: JsonObject, version: string | null): JsonObject {
  const config = unwrapped(raw) as JsonObject
  const entries: [string, Json][] = []
  for (const [key, value] of Object.entries(config)) {
    if (Object.hasOwn(neutral, key) && neutral[key].includes(value)) continue
    const names = Object.hasOwn(renamed, className) ? renamed[className] : {}
    let name = Object.hasOwn(names, key) ? names[key] : key
    if (name === 'batch_shape') name = 'batch_input_shape'
    if (key === 'layer' && isObject(value) && isObject(value.config)) {
      const inner = currentName(bareName(value.class_name))
      entries.push([name, { class_name: inner, config: layerConfig(inner, value.config, version) }])
    } else entries.push([name, key.endsWith('_initializer') ? plainInitializer(value) : value])
  }
  const result: JsonObject = Object.fromEntries(entries)
  const { activation } = result
  if (version?.startsWith('3') && typeof activation === 'string' && changed.includes(activation))
    throw new ArgumentError(
      'activation',
      activation,
      'an activation that is the same in Keras 2 and 3',
      "In Keras 3 it is relu6(x + 3) / 6; here it is Keras 2's function",
    )
  if (className === 'InputLayer') return result
  if (result.dtype !== undefined && result.dtype !== 'float32' && result.dtype !== null)
    throw new ArgumentError(
      'dtype',
      result.dtype,
      '"float32"',
      "loadModel(source, { dtype: 'float32' }) computes in float32 anyway",
    )
  if (result.dtype === null) delete result.dtype
  return result
}
