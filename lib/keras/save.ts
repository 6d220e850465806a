// Saving: whole models, and weights alone.

import { writeModelFile } from '#model-files'
import { boolean, knownOptions, oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { Sequential } from '../models/sequential.ts'
import { utf8 } from './bytes.ts'
import type { JsonObject } from './model-file.ts'
import { type PlainModel, plainModel } from './plain-model.ts'
import { isObjectWith, type UrlLike } from './sources.ts'
import { legacyModel, legacyWeights, v3Weights } from './write-hdf5.ts'
import { kerasArchive, safetensorsWeights, tfjsModel } from './write-others.ts'

/** 'h5': Keras' legacy file; 'keras': that of Keras since 2.12; 'tfjs': `model.json` and its shard. */
export type ModelFormat = 'h5' | 'keras' | 'tfjs'
/** 'h5': the legacy layout; 'weights.h5': that of Keras since 2.12; 'safetensors': names such as `dense/kernel`. */
export type WeightsFormat = 'h5' | 'weights.h5' | 'safetensors'

interface Written {
  /** In which form locally connected kernels are written. Default: each as its layer has it. */
  readonly implementation?: Implementation
}
/** The options of `saveModel`. */
export interface SaveModelOptions<F extends ModelFormat = ModelFormat> extends Written {
  /** Default: what the ending of the path says: `.h5`, `.hdf5`, `.keras`, `.json`. */
  readonly format?: F
  /** Whether optimizer, its state, loss and metrics are written too ('h5' and 'keras'). Default true. */
  readonly includeOptimizer?: boolean
}
/** The options of `saveWeights`. */
export interface SaveWeightsOptions extends Written {
  /** Default: what the ending of the path says: `.weights.h5`, `.h5`, `.hdf5`, `.safetensors`. */
  readonly format?: WeightsFormat
}

/** A model of TensorFlow.js: the JSON text's object, and the bytes of the one shard. */
export interface SavedTfjs {
  readonly modelJson: JsonObject
  readonly weights: Uint8Array
}
/** What saving gives, by format. */
export type Saved<F extends ModelFormat> = F extends 'tfjs' ? SavedTfjs : Uint8Array

const modelEndings: Readonly<Record<string, ModelFormat>> = {
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.keras': 'keras',
  '.json': 'tfjs',
}
const weightsEndings: Readonly<Record<string, WeightsFormat>> = {
  '.weights.h5': 'weights.h5',
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.safetensors': 'safetensors',
}

/**
 * Writes a built model whole, such that Keras 2 and `loadModel` read it. In Node to a path, whole or not at all;
 * without a path, the bytes come back, to be downloaded or sent.
 *
 * ```ts
 * await saveModel(model, 'faces.keras')
 * const bytes = await saveModel(model, { format: 'h5' })
 * ```
 *
 * @throws ArgumentError for an ending or format that isn't known, and for what Keras can't read. StateError before the
 * model is built, and where the package that writes isn't installed
 */
export function saveModel<F extends ModelFormat>(
  model: Sequential,
  options: SaveModelOptions<F> & { readonly format: F },
): Promise<Saved<F>>
export function saveModel(
  model: Sequential,
  target: string | UrlLike,
  options?: SaveModelOptions,
): Promise<void>
export async function saveModel(
  model: Sequential,
  target: string | UrlLike | SaveModelOptions,
  options: SaveModelOptions = {},
): Promise<unknown> {
  const { path, settings } = sorted(model, target, options, ['format', 'includeOptimizer', 'implementation'])
  if (path !== null && /\.(safetensors|weights\.h5)$/i.test(path))
    throw new ArgumentError('target', path, 'a path of a whole model', 'saveWeights writes such files')
  const format = formatOf(path, settings.format, modelEndings)
  const includeOptimizer = boolean('includeOptimizer', settings.includeOptimizer ?? true) && format !== 'tfjs'
  const plain = plainOf(model, settings.implementation, includeOptimizer, true)
  if (format === 'tfjs') {
    const parts = tfjsModel(plain)
    if (path === null) return parts
    return writeModelFile(path, utf8(JSON.stringify(parts.modelJson)), {
      'model.weights.bin': parts.weights,
    })
  }
  const bytes = await (format === 'h5' ? legacyModel(plain) : kerasArchive(plain))
  return path === null ? bytes : writeModelFile(path, bytes)
}

/**
 * Writes a built model's weights alone. In Node to a path, whole or not at all; without a path, the bytes come back.
 *
 * @throws as `saveModel`
 */
export function saveWeights(
  model: Sequential,
  options: SaveWeightsOptions & { readonly format: WeightsFormat },
): Promise<Uint8Array>
export function saveWeights(
  model: Sequential,
  target: string | UrlLike,
  options?: SaveWeightsOptions,
): Promise<void>
export async function saveWeights(
  model: Sequential,
  target: string | UrlLike | SaveWeightsOptions,
  options: SaveWeightsOptions = {},
): Promise<unknown> {
  const { path, settings } = sorted(model, target, options, ['format', 'implementation'])
  if (path?.endsWith('.keras'))
    throw new ArgumentError('target', path, 'a path of weights', 'saveModel writes .keras, the whole model')
  const format = formatOf(path, settings.format, weightsEndings)
  const plain = plainOf(model, settings.implementation, false, format !== 'safetensors')
  const writers = { h5: legacyWeights, 'weights.h5': v3Weights, safetensors: safetensorsWeights }
  const bytes = await writers[format](plain)
  return path === null ? bytes : writeModelFile(path, bytes)
}

function sorted<O extends object>(
  model: Sequential,
  target: string | UrlLike | O,
  options: O,
  known: readonly string[],
) {
  if (!(model instanceof Sequential)) throw new ArgumentError('model', model, 'a model')
  if (typeof target !== 'string' && (typeof target !== 'object' || target === null))
    throw new ArgumentError('target', target, 'a path; or options with a format, for the bytes')
  const isName = typeof target === 'string' || isObjectWith(target, 'href')
  const settings = isName ? options : (target as O)
  knownOptions('options', settings, known)
  const path = isName ? String(typeof target === 'string' ? target : target.href) : null
  return { path, settings }
}

function formatOf<F extends string>(
  path: string | null,
  given: F | undefined,
  endings: Readonly<Record<string, F>>,
): F {
  const formats = [...new Set(Object.values(endings))]
  if (given !== undefined) return oneOf('format', given, formats)
  const ending =
    path === null ? undefined : Object.keys(endings).find(end => path.toLowerCase().endsWith(end))
  if (ending !== undefined) return endings[ending]
  if (path === null) throw new ArgumentError('format', given, `one of ${formats.join(', ')}`)
  throw new ArgumentError('target', path, `a path that ends in ${Object.keys(endings).join(', ')}`)
}

function plainOf(
  model: Sequential,
  implementation: Implementation | undefined,
  includeOptimizer: boolean,
  forKeras: boolean,
): PlainModel {
  if (implementation !== undefined) oneOf('implementation', implementation, [1, 2, 3])
  return plainModel(model, { implementation, includeOptimizer, forKeras })
}
