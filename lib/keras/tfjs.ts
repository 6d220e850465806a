// TensorFlow.js models: a JSON file with Keras' config and a list of weights, and the weights' bytes in shards.
// Format: https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { decodeUtf8, utf8 } from '../files/bytes.ts'
import { isObject } from './dialect.ts'
import { parseObject } from './h5-layout.ts'
import type { Limits } from './limits.ts'
import type { Json, JsonObject, ModelReader, StoredArray } from './model-file.ts'

/** The two parts of a TensorFlow.js model: `model.json`, and its shards, keyed by path or concatenated. */
export interface TfjsFiles {
  /** The content of `model.json`, as text or parsed. */
  readonly modelJson: string | JsonObject
  /** The bytes of all shards in a row, or each by the path that `modelJson` names. */
  readonly weights: Uint8Array | ArrayBuffer | Readonly<Record<string, Uint8Array | ArrayBuffer>>
}

type ReadShard = (path: string) => Promise<Uint8Array>

/** Whether bytes look like a JSON object. */
export function isTfjs(bytes: Uint8Array): boolean {
  const first = bytes.findIndex(byte => ![0x20, 0x09, 0x0a, 0x0d].includes(byte))
  return bytes[first] === 0x7b
}

/** The parts of a model given as `TfjsFiles`; `null` for any other source. */
export function tfjsOf(source: unknown): { modelJson: Uint8Array; shard: ReadShard } | null {
  if (typeof source !== 'object' || source === null || !('modelJson' in source)) return null
  const { modelJson, weights } = source as Partial<TfjsFiles>
  return {
    modelJson: utf8(typeof modelJson === 'string' ? modelJson : jsonOf(modelJson)),
    async shard(path) {
      const isWhole = weights instanceof Uint8Array || weights instanceof ArrayBuffer
      const found = isWhole ? weights : Object.hasOwn(weights ?? {}, path) ? weights?.[path] : undefined
      if (found === undefined) throw new ArgumentError('weights', `nothing for ${path}`, 'the bytes of every shard')
      return found instanceof Uint8Array ? found : new Uint8Array(found)
    },
  }
}

function jsonOf(modelJson: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(modelJson) // throws for an object that contains itself, or is nested too deep
  } catch {}
  if (json?.startsWith('{')) return json
  throw new ArgumentError('source.modelJson', modelJson, 'the text of a model.json, or its object, without cycles')
}

interface Spec extends StoredArray {
  /** The offset in the bytes of its group. */
  readonly start: number
  readonly group: number
}

/**
 * @param shard reads a shard by its path; `null` if there are no shards to read
 * @param limits count the bytes of shards, unless `shard` does
 */
export async function readTfjs(bytes: Uint8Array, shard: ReadShard | null, limits?: Limits): Promise<ModelReader> {
  let text: string
  try {
    text = decodeUtf8(bytes)
  } catch {
    throw new ArgumentError('source', 'non-text bytes', 'a model.json of TensorFlow.js')
  }
  const json = parseObject('source', text)
  const { modelTopology: topology, weightsManifest: manifest, trainingConfig } = json
  if (json.format === 'graph-model')
    throw new ArgumentError(
      'source',
      'a graph model',
      'a layers model',
      'Convert it with output_format tfjs_layers_model',
    )
  if (typeof json.class_name === 'string')
    throw new ArgumentError(
      'source',
      'the JSON of a model without its weights',
      'a whole model',
      'Save it from Keras as .h5 or .keras',
    )
  if (!isObject(topology) || !Array.isArray(manifest))
    throw new ArgumentError('source', json, 'a model.json of TensorFlow.js: modelTopology and weightsManifest')
  const config = isObject(topology.model_config) ? topology.model_config : topology
  const specs: Spec[] = []
  const groups: Uint8Array[] = []
  for (const [g, group] of manifest.entries()) {
    const { paths, end } = specsOf(group, g, specs)
    if (!shard) throw new ArgumentError('source', 'only a model.json', '{ modelJson, weights }, with the shards')
    const parts: Uint8Array[] = []
    // saveModel returns one array, for all paths.
    for (const path of paths) parts.push(await shard(path))
    const whole = parts.length > 1 && parts.every(part => part === parts[0]) ? [parts[0]] : parts
    const size = whole.reduce((sum, { length }) => sum + length, 0)
    limits?.take(size)
    if (size !== end) throw new ArgumentError('weights', `${size} bytes`, `the ${end} bytes of ${paths.join(', ')}`)
    groups.push(joined(whole, size))
  }
  const training = isObject(trainingConfig) ? trainingConfig : topology.training_config
  return {
    description: {
      kind: 'tfjs',
      version:
        typeof topology.keras_version === 'string' ? topology.keras_version.replace(/^tfjs-layers .*/, '2') : null,
      backend: typeof topology.backend === 'string' ? topology.backend : null, // that of the file it was converted from
      config: config as JsonObject,
      training: isObject(training) ? training : null,
      layers: byLayer(specs),
      named: 'layer',
      optimizer: [],
    },
    *read(id) {
      const { group, start, shape } = specs[id]
      const view = new DataView(groups[group].buffer, groups[group].byteOffset, groups[group].length)
      yield new Float32Array(sizeOf(shape)).map((_, i) => view.getFloat32(start + 4 * i, true))
    },
    close() {},
  }
}

function specsOf(group: Json, index: number, specs: Spec[]): { paths: string[]; end: number } {
  const { paths, weights } = isObject(group) ? group : {}
  if (!Array.isArray(paths) || !Array.isArray(weights) || !paths.every(path => typeof path === 'string'))
    throw new ArgumentError(`weightsManifest[${index}]`, group, '{ paths, weights }')
  const outside = paths.find(path => leavesFolder(path as string))
  if (outside !== undefined)
    throw new ArgumentError(`weightsManifest[${index}]`, outside, "paths within the model's folder")
  let end = 0
  for (const weight of weights) {
    const { name, shape, dtype, quantization } = isObject(weight) ? weight : {}
    const isShape = Array.isArray(shape) && shape.every(n => Number.isSafeInteger(n) && Number(n) >= 0)
    if (typeof name !== 'string' || !isShape)
      throw new ArgumentError(`weightsManifest[${index}]`, weight, '{ name, shape, dtype }')
    if (dtype !== 'float32' || quantization !== undefined)
      throw new ArgumentError(
        `the weight ${name}`,
        quantization === undefined ? dtype : 'quantized numbers',
        'numbers of type float32',
        'Convert the model without quantization',
      )
    specs.push({ name, shape: shape as Shape, id: specs.length, start: end, group: index })
    end += 4 * sizeOf(shape as number[])
  }
  return { paths: paths as string[], end }
}

/** Whether a path, of a file or in a URL, may lead out of its folder: a model must not choose what else is read. */
function leavesFolder(path: string): boolean {
  const plain = path.replace(/%2e/gi, '.').replace(/%2f|%5c|\\/gi, '/')
  return /^(\/|[a-z][a-z\d+.-]*:)|\0|[\t\n\r]|^\s/i.test(plain) || plain.split(/[/;]/).includes('..')
}

export function joined(
  parts: readonly Uint8Array[],
  size = parts.reduce((sum, { length }) => sum + length, 0),
): Uint8Array {
  if (parts.length === 1) return parts[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Groups arrays by layer: `conv/kernel` and `conv/bias`, or `block/conv/kernel` and `block/conv/bias`. */
function byLayer(specs: readonly Spec[]) {
  const layers = new Map<string, StoredArray[]>()
  for (const { name, shape, id } of specs) {
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('/')))
    if (!layers.has(layer)) layers.set(layer, [])
    layers.get(layer)?.push({ name, shape, id })
  }
  return [...layers].map(([name, arrays]) => ({ name, arrays }))
}
