// Keras' HDF5 layouts: the legacy layout (whole models, or weights), and the v3 layout of `.weights.h5` and of the HDF5
// file inside `.keras`.

import { ArgumentError } from '../core/errors.ts'
import { bareName, isObject } from './dialect.ts'
import type { Hdf5File, Numbers } from './hdf5.ts'
import { containerNames } from './matching.ts'
import type { Json, JsonObject, ModelDescription, StoredArray, StoredLayer } from './model-file.ts'

/** The version of Keras of a file that states none. */
export const noVersion = '1'

/** The part of a description that depends on the layout. */
type Layout = Pick<ModelDescription, 'layers' | 'named' | 'optimizer'>

/** The datasets of a file, indexed by the ids in its description. */
export class Datasets {
  readonly file: Hdf5File
  readonly all: Numbers[] = []

  constructor(file: Hdf5File) {
    this.file = file
  }

  /** @throws ArgumentError if there is no such dataset */
  add(path: string, name: string): StoredArray {
    const numbers = this.file.numbers(path)
    if (!numbers) throw new ArgumentError('source', `no dataset ${path}`, 'a file with all its weights')
    const id = this.all.push(numbers) - 1
    const { shape } = numbers
    return { name, shape, id, ...(shape.length === 0 ? { value: this.file.number(path) } : {}) }
  }
}

/** Parses a JSON object. @throws ArgumentError if the text is not JSON, or not an object */
export function parseObject(what: string, text: string): JsonObject {
  let value: unknown
  try {
    // Python writes NaN and Infinity, which JSON does not have.
    value = JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|\bNaN\b|-?\bInfinity\b/g, (_, quoted) => quoted ?? 'null'))
  } catch {
    throw new ArgumentError(what, text, 'JSON')
  }
  if (isDeeperThan(deepest, value)) throw new ArgumentError(what, text, `JSON of at most ${deepest} levels`)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new ArgumentError(what, value, 'a JSON object')
}

/** The deepest nesting allowed. Configs have about ten levels; files crafted to exhaust the stack have thousands. */
const deepest = 64

function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth <= levels; depth++)
    level = level.flatMap(item => (typeof item === 'object' && item !== null ? Object.values(item) : []))
  return level.length > 0
}

/** @throws ArgumentError unless the file holds a model or weights of Keras */
export function describeHdf5(
  datasets: Datasets,
): Layout & Pick<ModelDescription, 'kind' | 'version' | 'backend' | 'config' | 'training'> {
  const { file } = datasets
  const root = file.keys('/') ?? []
  const config = file.text('/', 'model_config')
  const training = file.text('/', 'training_config')
  // The group with the weights says who wrote them; Keras 1 wrote nothing there, and Keras 2 takes its lack for Keras 1.
  const home = file.texts('/', 'layer_names') === null && root.includes('model_weights') ? '/model_weights' : '/'
  const [version, backend] = ['keras_version', 'backend'].map(name => file.text(home, name) ?? file.text('/', name))
  const legacy = { kind: 'h5', version: version ?? noVersion, backend } as const
  if (config !== null || root.includes('model_weights'))
    return {
      ...legacy,
      config: config === null ? null : parseObject('model_config', config),
      training: training === null ? null : parseObject('training_config', training),
      ...legacyLayout(datasets, home),
      optimizer: root.includes('optimizer_weights') ? optimizerWeights(datasets) : [],
    }
  if (file.texts('/', 'layer_names') !== null)
    return { ...legacy, config: null, training: null, ...legacyLayout(datasets, '/') }
  if (!root.some(key => ['layers', '_layer_checkpoint_dependencies', 'vars'].includes(key)))
    throw new ArgumentError(
      'source',
      `an HDF5 file with ${root.slice(0, 5).join(', ') || 'nothing'}`,
      'a model or weights of Keras',
    )
  return { kind: 'weights.h5', version, backend, config: null, training: null, ...v3Layout(datasets) }
}

/** The legacy layout: attributes hold the names of layers and weights. */
function legacyLayout(datasets: Datasets, root: string): Layout {
  const { file } = datasets
  const names = file.texts(root, 'layer_names')
  if (!names) throw new ArgumentError('source', `no attribute layer_names in ${root}`, 'a file with weights of Keras')
  const layers = names.map(name => {
    const weights = file.texts(join(root, name), 'weight_names') ?? []
    const arrays = weights.map(weight => datasets.add(join(root, name, weight), weight))
    return { name, arrays, inner: byOwner(arrays) }
  })
  return { layers: layers.filter(({ arrays }) => arrays.length > 0), named: 'layer', optimizer: [] }
}

/** The arrays of each layer, whose name is in theirs: `dense/kernel:0`. */
function byOwner(arrays: readonly StoredArray[]): StoredLayer[] {
  const owners = new Map<string, StoredArray[]>()
  for (const array of arrays) {
    const owner = array.name.slice(0, Math.max(array.name.lastIndexOf('/'), 0))
    owners.set(owner, [...(owners.get(owner) ?? []), array])
  }
  return [...owners].map(([name, own]) => ({ name, arrays: own }))
}

function optimizerWeights(datasets: Datasets): StoredArray[] {
  const names = datasets.file.texts('/optimizer_weights', 'weight_names') ?? []
  return names.map(name => datasets.add(join('/optimizer_weights', name), name))
}

/** The v3 layout: groups are named by class and number, weights by number. Groups of models have groups of layers. */
export function v3Layout(datasets: Datasets): Layout {
  const { file } = datasets
  const root = file.keys('/layers') ? '/layers' : '/_layer_checkpoint_dependencies'
  const layers: StoredLayer[] = []
  const collect = (path: string, name: string, depth: number): void => {
    if (depth > deepest) throw new ArgumentError('source', name, `groups of at most ${deepest} levels`)
    const arrays = variables(datasets, join(path, 'vars'))
    if (arrays.length > 0) layers.push({ name, arrays })
    for (const inner of file.keys(join(path, 'layers')) ?? [])
      collect(join(path, 'layers', inner), `${name}/layers/${inner}`, depth + 1)
    if (file.keys(join(path, 'layer'))) collect(join(path, 'layer'), `${name}/layer`, depth + 1)
  }
  for (const name of file.keys(root) ?? []) collect(join(root, name), name, 0)
  return { layers, named: 'container', optimizer: variables(datasets, '/optimizer/vars') }
}

/** The layers of the v3 layout, with the order and names of the config; a model in it is one layer. */
export function asConfigured(stored: readonly StoredLayer[], { config }: JsonObject): StoredLayer[] {
  const configs = layersIn(config)
  const groups = groupNames(configs)
  const left = new Map(stored.map(layer => [layer.name, layer]))
  const layers: StoredLayer[] = []
  for (const [i, layer] of configs.entries()) {
    const found = configuredGroups(layer, groups[i]).flatMap(({ group, name }) => {
      const stored = left.get(group)
      left.delete(group)
      return stored ? [{ name, arrays: stored.arrays }] : []
    })
    const arrays = found.flatMap(({ arrays }) => arrays)
    if (arrays.length > 0) layers.push({ name: nameOf(layer) ?? groups[i], arrays, inner: found })
  }
  return [...layers, ...left.values()]
}

function layersIn(config: Json | undefined): JsonObject[] {
  const listed = isObject(config) ? config.layers : config
  return (Array.isArray(listed) ? listed : []).filter(isObject)
}

/** A functional model's class is Functional, also where a config says Model. */
const groupNames = (layers: readonly JsonObject[]) =>
  containerNames(layers.map(layer => bareName(layer.class_name).replace(/^Model$/, 'Functional')))

const nameOf = ({ name, config }: JsonObject): string | undefined => {
  const own = isObject(config) ? (config.name ?? name) : name
  return own === undefined ? undefined : String(own)
}

/** The groups of the layers inside a configured layer, in order, with the layers' names. */
function configuredGroups(layer: JsonObject, group: string): { group: string; name: string }[] {
  const { class_name, config } = layer
  if (bareName(class_name) === 'TimeDistributed' && isObject(config) && isObject(config.layer))
    return configuredGroups(config.layer, `${group}/layer`)
  const inner = layersIn(config)
  if (inner.length === 0) return [{ group, name: nameOf(layer) ?? group }]
  const names = groupNames(inner)
  return inner.flatMap((each, i) => configuredGroups(each, `${group}/layers/${names[i]}`))
}

/** The datasets named 0, 1, 2 …, in numeric order. */
function variables(datasets: Datasets, path: string): StoredArray[] {
  const keys = datasets.file.keys(path) ?? []
  return keys
    .filter(key => /^\d+$/.test(key))
    .sort((a, b) => Number(a) - Number(b))
    .map(key => datasets.add(join(path, key), join(path, key).slice(1)))
}

const join = (...parts: string[]) => parts.join('/').replace(/\/+/g, '/')
