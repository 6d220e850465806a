// Saves whole models, or only their weights.

import { writeModelFile } from '#model-files'
import { boolean, knownOptions, oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { utf8 } from '../files/bytes.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { Model, type Outputs } from '../models/model.ts'
import type { JsonObject } from './model-file.ts'
import { type PlainModel, plainModel } from './plain-model.ts'
import { hrefOf, type UrlLike } from './sources.ts'
import { legacyModel, legacyWeights, v3Weights } from './write-hdf5.ts'
import { kerasArchive, safetensorsWeights, tfjsModel } from './write-others.ts'

/**
 * 'h5': Keras' legacy format; 'keras': the format since Keras 2.12; 'tfjs': `model.json` and its shard; 'onnx': for ONNX
 * runtimes, prediction only.
 */
export type ModelFormat = 'h5' | 'keras' | 'tfjs' | 'onnx'
/** 'h5': the legacy layout; 'weights.h5': the layout since Keras 2.12; 'safetensors': names such as `dense/kernel`. */
export type WeightsFormat = 'h5' | 'weights.h5' | 'safetensors'

interface Written {
  /** The implementation in whose form to write locally connected kernels. Default: the layer's own. */
  readonly implementation?: Implementation
}
/** The options of `saveModel`. */
export interface SaveModelOptions<F extends ModelFormat = ModelFormat> extends Written {
  /** Default: determined by the file extension: `.h5`, `.hdf5`, `.keras`, `.json`, `.onnx`. */
  readonly format?: F
  /** Whether to write the optimizer, its state, loss and metrics too ('h5' and 'keras'). Default true. */
  readonly includeOptimizer?: boolean
}
/** The options of `saveWeights`. */
export interface SaveWeightsOptions extends Written {
  /** Default: determined by the file extension: `.weights.h5`, `.h5`, `.hdf5`, `.safetensors`. */
  readonly format?: WeightsFormat
}

/** A TensorFlow.js model: the content of `model.json` as an object, and the bytes of its only shard. */
export interface SavedTfjs {
  /** The content of `model.json`. */
  readonly modelJson: JsonObject
  /** The bytes of the shard that it names. */
  readonly weights: Uint8Array
}
/** The result of saving without a path, by format. */
export type Saved<F extends ModelFormat> = F extends 'tfjs' ? SavedTfjs : Uint8Array

const modelEndings: Readonly<Record<string, ModelFormat>> = {
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.keras': 'keras',
  '.json': 'tfjs',
  '.onnx': 'onnx',
}
const weightsEndings: Readonly<Record<string, WeightsFormat>> = {
  '.weights.h5': 'weights.h5',
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.safetensors': 'safetensors',
}

/**
 * Saves a whole built model in a format that Keras 2 and `loadModel` can read, or for ONNX runtimes (`toOnnx` of
 * `unshared/onnx`). In Node, writes to a path atomically; without a path, returns the bytes, for a download or upload.
 *
 * ```ts
 * await saveModel(model, 'faces.keras')
 * const bytes = await saveModel(model, { format: 'h5' })
 * ```
 *
 * @throws ArgumentError for an unknown extension or format, and for a model that Keras, or ONNX, cannot hold. StateError before the
 * model is built, and if a package required for writing is not installed
 */
export function saveModel<F extends ModelFormat>(
  model: Model<Outputs>,
  options: SaveModelOptions<F> & { readonly format: F },
): Promise<Saved<F>>
export function saveModel(model: Model<Outputs>, target: string | UrlLike, options?: SaveModelOptions): Promise<void>
export async function saveModel(
  model: Model<Outputs>,
  target: string | UrlLike | SaveModelOptions,
  options: SaveModelOptions = {},
): Promise<unknown> {
  const { path, settings } = sorted(model, target, options, ['format', 'includeOptimizer', 'implementation'])
  if (path !== null && /\.(safetensors|weights\.h5)$/i.test(path))
    throw new ArgumentError('target', path, 'a path of a model file', 'saveWeights writes such files')
  const format = formatOf(path, settings.format, modelEndings)
  const includeOptimizer = boolean('includeOptimizer', settings.includeOptimizer ?? true) && format !== 'tfjs'
  if (format === 'onnx') {
    const { toOnnx } = await import('../onnx/index.ts') // only those who ask for it load it
    const bytes = await toOnnx(model)
    return path === null ? bytes : writeModelFile(path, bytes)
  }
  const plain = plainOf(model, settings.implementation, includeOptimizer, true)
  if (format === 'tfjs') {
    const [name] = path?.match(/[^/\\]+(?=\.json$)/i) ?? ['model']
    const weightsFile = `${name}.weights.bin` // models in one folder each have their own
    const parts = tfjsModel(plain, weightsFile)
    if (path === null) return parts
    return writeModelFile(path, utf8(JSON.stringify(parts.modelJson)), { [weightsFile]: parts.weights })
  }
  const bytes = await (format === 'h5' ? legacyModel(plain) : kerasArchive(plain))
  return path === null ? bytes : writeModelFile(path, bytes)
}

/**
 * Saves only the weights of a built model. In Node, writes to a path atomically; without a path, returns the bytes.
 *
 * @throws the same errors as `saveModel`
 */
export function saveWeights(
  model: Model<Outputs>,
  options: SaveWeightsOptions & { readonly format: WeightsFormat },
): Promise<Uint8Array>
export function saveWeights(
  model: Model<Outputs>,
  target: string | UrlLike,
  options?: SaveWeightsOptions,
): Promise<void>
export async function saveWeights(
  model: Model<Outputs>,
  target: string | UrlLike | SaveWeightsOptions,
  options: SaveWeightsOptions = {},
): Promise<unknown> {
  const { path, settings } = sorted(model, target, options, ['format', 'implementation'])
  if (path?.endsWith('.keras'))
    throw new ArgumentError('target', path, 'a weights path', 'saveModel writes .keras, the whole model')
  const format = formatOf(path, settings.format, weightsEndings)
  const plain = plainOf(model, settings.implementation, false, format !== 'safetensors')
  const writers = { h5: legacyWeights, 'weights.h5': v3Weights, safetensors: safetensorsWeights }
  const bytes = await writers[format](plain)
  return path === null ? bytes : writeModelFile(path, bytes)
}

function sorted<O extends object>(
  model: Model<Outputs>,
  target: string | UrlLike | O,
  options: O,
  known: readonly string[],
) {
  if (!(model instanceof Model)) throw new ArgumentError('model', model, 'a model')
  if (typeof target !== 'string' && (typeof target !== 'object' || target === null))
    throw new ArgumentError('target', target, 'a path, or options with a format to get bytes')
  const path = typeof target === 'string' ? target : hrefOf(target)
  const settings = path === null ? (target as O) : options
  knownOptions('options', settings, known)
  return { path, settings }
}

function formatOf<F extends string>(
  path: string | null,
  given: F | undefined,
  endings: Readonly<Record<string, F>>,
): F {
  const formats = [...new Set(Object.values(endings))]
  if (given !== undefined) return oneOf('format', given, formats)
  const ending = path === null ? undefined : Object.keys(endings).find(end => path.toLowerCase().endsWith(end))
  if (ending !== undefined) return endings[ending]
  if (path === null) throw new ArgumentError('format', given, `one of ${formats.join(', ')}`)
  throw new ArgumentError('target', path, `a path ending in ${Object.keys(endings).join(', ')}`)
}

function plainOf(
  model: Model<Outputs>,
  implementation: Implementation | undefined,
  includeOptimizer: boolean,
  forKeras: boolean,
): PlainModel {
  if (implementation !== undefined) oneOf('implementation', implementation, [1, 2, 3])
  return plainModel(model, { implementation, includeOptimizer, forKeras })
}
