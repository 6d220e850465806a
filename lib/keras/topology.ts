// Extracts the chain of layers from the config of a Sequential model, or of a functional model without branches.

import type { BatchShape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Layer } from '../layers/layer.ts'
import { Sequential, type SequentialOptions } from '../models/model.ts'
import { Customs, hintFor } from './custom-objects.ts'
import { bareName, isObject, unwrapped } from './dialect.ts'
import type { Json, JsonObject } from './model-file.ts'

type ModelClass = new (layers: readonly Layer[], options: SequentialOptions) => Sequential

export interface RowOfLayers {
  /** Sequential, or a custom subclass. */
  readonly Class: ModelClass
  readonly name: string | null
  /** `{ class_name, config }` of each layer, without the InputLayer. */
  readonly layers: readonly JsonObject[]
  /** The input shape, batch first; `null` if the config does not have it. */
  readonly inputShape: BatchShape | null
}

/** @throws ArgumentError for a model that is not a chain of layers, naming the layer that branches */
export function rowOfLayers(model: JsonObject, customs = new Customs()): RowOfLayers {
  const { class_name: className, registered_name, config } = model
  const custom = customs.find(className, registered_name, bareName(className))
  const Class = custom === undefined ? Sequential : customs.get(custom)
  if (Class !== Sequential && !(Class.prototype instanceof Sequential))
    throw new ArgumentError(`customObjects.${custom}`, Class, 'a class that extends Sequential: it names the model')
  const isCustomRow = custom !== undefined && isObject(config) && !('input_layers' in config)
  const isSequential = className === 'Sequential' || isCustomRow
  // Keras before 2.2.3 wrote the layers of a Sequential without its name.
  const inner = Array.isArray(config) ? { layers: config } : config
  if (!isObject(inner) || !Array.isArray(inner.layers))
    throw new ArgumentError('config.layers', inner, 'a list of layers')
  if (!isSequential && custom === undefined && className !== 'Functional' && className !== 'Model')
    throw new ArgumentError(
      'class_name',
      className,
      '"Sequential", or "Functional" if its layers form a chain',
      `${hintFor(String(className))}, if it extends Sequential; else build the model, and loadWeights(model, source)`,
    )
  const all = inner.layers.map((layer, i) => {
    if (isObject(layer) && typeof layer.class_name === 'string' && isObject(layer.config)) return layer
    throw new ArgumentError(`config.layers[${i}]`, layer, '{ class_name, config }')
  })
  const inOrder = isSequential ? all : chain(all, inner)
  const isInput = inOrder[0]?.class_name === 'InputLayer'
  const first = isObject(inOrder[0]?.config) ? inOrder[0].config : {}
  const given = unwrapped(first.batch_shape ?? first.batch_input_shape ?? null)
  const built = isObject(model.build_config) ? unwrapped(model.build_config.input_shape ?? null) : null
  const shape = Array.isArray(given) ? given : built
  return {
    Class: Class as unknown as ModelClass,
    name: typeof inner.name === 'string' && inner.name !== '' ? inner.name : null,
    layers: isInput ? inOrder.slice(1) : inOrder,
    inputShape: Array.isArray(shape) ? (shape as (number | null)[]) : null,
  }
}

const nameOf = (layer: JsonObject) => String(layer.name ?? (layer.config as JsonObject).name)

/** The layers of a functional model from input to output. */
function chain(layers: readonly JsonObject[], { input_layers, output_layers }: JsonObject): JsonObject[] {
  const refuse = (layer: string, why: string): never => {
    throw new ArgumentError(
      `the layer ${layer}`,
      why,
      'one input from one layer, and one layer that uses its output',
      'Branching models are unsupported; loadWeights(model, source, { byName: true }) loads single layers',
    )
  }
  const byName = new Map(layers.map(layer => [nameOf(layer), layer]))
  const followers = new Map<string, string>()
  const inputs: string[] = []
  for (const layer of layers) {
    const name = nameOf(layer)
    const nodes = Array.isArray(layer.inbound_nodes) ? layer.inbound_nodes : []
    if (layer.class_name === 'InputLayer') {
      inputs.push(name)
      continue
    }
    if (nodes.length !== 1) refuse(name, `${nodes.length} calls of it`)
    const sources = sourcesOf(nodes[0])
    if (sources.length !== 1) refuse(name, `${sources.length} inputs: ${sources.join(', ')}`)
    if (trainingIn(nodes[0])) refuse(name, 'a call with training: true')
    const [source] = sources
    if (!byName.has(source)) refuse(name, `an input from ${source}, which is missing`)
    if (followers.has(source)) refuse(source, `${followers.get(source)} and ${name} after it`)
    followers.set(source, name)
  }
  if (inputs.length !== 1) refuse(inputs[1] ?? 'input', `${inputs.length} inputs of the model`)
  const ends = namesIn(output_layers)
  if (namesIn(input_layers).length > 1) refuse(inputs[0], 'several inputs of the model')
  if (ends.length > 1) refuse(ends[1], `${ends.length} outputs of the model`)
  const row: JsonObject[] = []
  let name: string | undefined = inputs[0]
  while (name !== undefined && row.length <= layers.length) {
    row.push(byName.get(name) as JsonObject)
    name = followers.get(name)
  }
  if (row.length !== layers.length) {
    const left = layers.find(layer => !row.includes(layer))
    refuse(left ? nameOf(left) : 'input', 'no path from the input')
  }
  const last = nameOf(row[row.length - 1])
  if (ends.length === 1 && ends[0] !== last)
    refuse(ends[0], `the model's output, and ${followers.get(ends[0])} after it`)
  return row
}

/** The layer names in `[["dense", 0, 0]]`, or in Keras 3's form for a single one, `["dense", 0, 0]`. */
function namesIn(list: Json | undefined): string[] {
  if (!Array.isArray(list)) return []
  if (typeof list[0] === 'string' && typeof list[1] === 'number') return [list[0]]
  return list.flatMap(item => (Array.isArray(item) && typeof item[0] === 'string' ? [item[0]] : []))
}

/** The layers from which a call takes its input, in Keras 2's form (`[["dense", 0, 0, {}]]`) or Keras 3's. */
function sourcesOf(node: Json): string[] {
  if (Array.isArray(node)) {
    if (typeof node[0] === 'string' && typeof node[1] === 'number') return [node[0]]
    return node.flatMap(sourcesOf)
  }
  if (!isObject(node)) return []
  const history = isObject(node.config) ? node.config.keras_history : undefined
  if (node.class_name === '__keras_tensor__' && Array.isArray(history)) return [String(history[0])]
  return Object.values(node).flatMap(sourcesOf)
}

function trainingIn(node: Json): boolean {
  if (Array.isArray(node)) return node.some(trainingIn)
  return isObject(node) && (node.training === true || Object.values(node).some(trainingIn))
}
