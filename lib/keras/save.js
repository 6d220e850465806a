// Saving: whole models, and weights alone.
import { writeModelFile } from '#model-files'
import { boolean, knownOptions, oneOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Sequential } from '../models/sequential.ts'
import { utf8 } from './bytes.ts'
import { plainModel } from './plain-model.ts'
import { isObjectWith } from './sources.ts'
import { legacyModel, legacyWeights, v3Weights } from './write-hdf5.ts'
import { kerasArchive, safetensorsWeights, tfjsModel } from './write-others.ts'

const modelEndings = {
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.keras': 'keras',
  '.json': 'tfjs',
}
const weightsEndings = {
  '.weights.h5': 'weights.h5',
  '.h5': 'h5',
  '.hdf5': 'h5',
  '.safetensors': 'safetensors',
}
export async function saveModel(model, target, options = {}) {
  const { path, settings } = sorted(target, options, ['format', 'includeOptimizer', 'implementation'])
  if (path?.endsWith('.safetensors'))
    throw new ArgumentError('target', path, 'a path of a whole model', 'saveWeights writes safetensors')
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
export async function saveWeights(model, target, options = {}) {
  const { path, settings } = sorted(target, options, ['format', 'implementation'])
  if (path?.endsWith('.keras'))
    throw new ArgumentError('target', path, 'a path of weights', 'saveModel writes .keras, the whole model')
  const format = formatOf(path, settings.format, weightsEndings)
  const plain = plainOf(model, settings.implementation, false, format !== 'safetensors')
  const writers = { h5: legacyWeights, 'weights.h5': v3Weights, safetensors: safetensorsWeights }
  const bytes = await writers[format](plain)
  return path === null ? bytes : writeModelFile(path, bytes)
}
function sorted(target, options, known) {
  const isName = typeof target === 'string' || isObjectWith(target, 'href')
  const settings = isName ? options : target
  knownOptions('options', settings, known)
  const path = isName ? String(typeof target === 'string' ? target : target.href) : null
  return { path, settings }
}
function formatOf(path, given, endings) {
  const formats = [...new Set(Object.values(endings))]
  if (given !== undefined) return oneOf('format', given, formats)
  const ending =
    path === null ? undefined : Object.keys(endings).find(end => path.toLowerCase().endsWith(end))
  if (ending !== undefined) return endings[ending]
  if (path === null) throw new ArgumentError('format', given, `one of ${formats.join(', ')}`)
  throw new ArgumentError('target', path, `a path that ends in ${Object.keys(endings).join(', ')}`)
}
function plainOf(model, implementation, includeOptimizer, forKeras) {
  if (!(model instanceof Sequential)) throw new ArgumentError('model', model, 'a model')
  if (implementation !== undefined) oneOf('implementation', implementation, [1, 2, 3])
  return plainModel(model, { implementation, includeOptimizer, forKeras })
}
