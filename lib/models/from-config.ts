// Models from their configs. A config names its layers, so `unshared/names` brings this.

import type { BatchShape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Config, Serialized } from '../core/registry.ts'
import { InputLayer } from '../layers/input-layer.ts'
import type { Layer } from '../layers/layer.ts'
import type { Module, SymbolicTensor } from '../layers/module.ts'
import { layers as layerTable } from '../layers/table.ts'
import { addToModels, Model, type ModelSettings, type Outputs, Sequential, type SequentialOptions } from './model.ts'
import { firstCall, type Reference } from './network-config.ts'
import { withGraphs } from './with-graphs.ts'

/** Makes `fromConfig` work, and registers models as layers, since they can be part of other models. */
export function nameModels(): void {
  addToModels({ names: { modelFrom, sequentialFrom } })
  withGraphs(null)
  const makeModel = (config: Config) => modelFrom(config, {}) as Module as Layer
  layerTable.fill({
    Functional: makeModel,
    Model: makeModel,
    Sequential: config => sequentialFrom(config, {}) as Module as Layer,
  })
}

function modelFrom(config: Config, options: Omit<ModelSettings, 'name'>): Model<Outputs> {
  const { inputs, outputs, name } = networkFrom(config)
  return new Model({ inputs, outputs, ...(name === undefined ? {} : { name }), ...options })
}

function sequentialFrom(config: Config, options: Omit<SequentialOptions, 'name'>): Sequential {
  const { name, layers } = (config ?? {}) as { name?: string; layers?: Serialized[] }
  if (!Array.isArray(layers)) throw new ArgumentError('config.layers', layers, 'a list of { className, config }')
  if ('inputLayers' in config) throw new ArgumentError('config', 'a graph', 'a stack', 'Use Model.fromConfig')
  const [first, ...others] = layers
  const isInput = first?.className === 'InputLayer'
  const model = new Sequential(
    (isInput ? others : layers).map(layer => layerTable.get(layer)),
    { ...options, ...(name === undefined ? {} : { name }) },
  )
  if (isInput && !model.built) model.build(first.config?.batchInputShape as BatchShape)
  return model
}

/** A call that waits for its inputs. */
interface Waiting {
  readonly layer: string
  readonly inputs: readonly Reference[]
  readonly number: number
}

/**
 * The network that a config describes, with new layers.
 * @param make makes a layer from its config
 * @throws ArgumentError for an unknown layer, a missing or cyclic connection
 */
export function networkFrom(
  config: Config,
  make: (layer: Serialized, name: string) => Module = (layer, name) => layerTable.get(layer, `the layer ${name}`),
): { name?: string; inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } {
  const { name, layers, inputLayers, outputLayers } = (config ?? {}) as Record<string, unknown>
  if (!Array.isArray(layers)) throw new ArgumentError('config.layers', layers, 'a list of { className, config }')
  if (inputLayers === undefined) throw new ArgumentError('config', 'a stack', 'a graph', 'Use Sequential.fromConfig')
  assertModest(layers.reduce((sum, layer) => sum + 1 + (layer?.inboundNodes?.length ?? 0), 0))
  const modules = new Map<string, Module>()
  const values = new Map<string, readonly SymbolicTensor[]>() // by layer and call
  const waiting: Waiting[] = []
  for (const [i, layer] of (layers as Serialized[]).entries()) {
    const { name: own = layer?.config?.name, inboundNodes = [] } = layer as { name?: unknown; inboundNodes?: unknown }
    const place = `config.layers[${i}]`
    if (typeof own !== 'string' || modules.has(own)) throw new ArgumentError(`${place}.name`, own, 'a name of its own')
    if (!Array.isArray(inboundNodes)) throw new ArgumentError(`${place}.inboundNodes`, inboundNodes, 'a list of calls')
    const module = make(layer, own)
    modules.set(own, module)
    if (module instanceof InputLayer) values.set(`${own}/0`, [module.output])
    inboundNodes.forEach((node, n) => {
      if (!Array.isArray(node)) throw new ArgumentError(`${place}.inboundNodes[${n}]`, node, 'a list of inputs')
      waiting.push({
        layer: own,
        number: n + firstCall(module),
        inputs: node.map(one => referenceIn(`an input of ${own}`, one)),
      })
    })
  }
  connect(modules, values, waiting)
  const find = (what: string, list: unknown) => {
    if (!Array.isArray(list)) throw new ArgumentError(what, list, 'a list of [layer, call, output]')
    return list.map(one => {
      const [layer, call, index] = referenceIn(what, one)
      const tensor = values.get(`${layer}/${call}`)?.[index]
      if (tensor) return tensor
      throw new ArgumentError(what, one, 'an output of a layer: [layer, call, output]')
    })
  }
  const ends = { inputs: find('inputLayers', listed(inputLayers)), outputs: find('outputLayers', listed(outputLayers)) }
  return typeof name === 'string' && name !== '' ? { name, ...ends } : ends
}

/** Enough for any model built by hand; more is a mistake, or an attempt to exhaust memory. */
const mostLayers = 20_000

/** @throws ArgumentError for a config with too many layers and calls */
export function assertModest(count: number): void {
  if (count > mostLayers) throw new ArgumentError('config.layers', `${count} layers and calls`, `at most ${mostLayers}`)
}

/** Keras 3 writes a single reference without its list. */
const listed = (given: unknown) => (Array.isArray(given) && typeof given[0] === 'string' ? [given] : given)

/** A reference in a config. @throws ArgumentError for anything else */
export function referenceIn(argument: string, given: unknown): Reference {
  const [layer, call, index] = Array.isArray(given) ? given : []
  if (typeof layer === 'string' && Number.isSafeInteger(call) && Number.isSafeInteger(index))
    return [layer, call, index]
  throw new ArgumentError(argument, given, '[layer, call, output]')
}

/** Makes the calls, each as soon as its inputs exist. */
function connect(
  modules: ReadonlyMap<string, Module>,
  values: Map<string, readonly SymbolicTensor[]>,
  all: readonly Waiting[],
): void {
  const readers = new Map<string, Waiting[]>()
  const missing = new Map<Waiting, number>()
  const ready: Waiting[] = []
  for (const call of all) {
    const { layer, number, inputs } = call
    const needed = inputs.map(([source, n]) => `${source}/${n}`)
    if (number > firstCall(modules.get(layer) as Module)) needed.push(`${layer}/${number - 1}`) // calls keep their order
    const open = new Set(needed.filter(key => !values.has(key)))
    missing.set(call, open.size)
    for (const key of open) {
      if (!readers.has(key)) readers.set(key, [])
      readers.get(key)?.push(call)
    }
    if (open.size === 0) ready.push(call)
  }
  for (let call = ready.pop(); call; call = ready.pop()) {
    const { layer, number, inputs } = call
    const tensors = inputs.map(reference => {
      const tensor = values.get(`${reference[0]}/${reference[1]}`)?.[reference[2]]
      if (tensor) return tensor
      throw new ArgumentError(`an input of ${layer}`, reference, 'an output that the layer has')
    })
    const module = modules.get(layer) as Module
    const outputs = module.record(tensors, module.outputShapesOf(tensors))
    values.set(`${layer}/${number}`, outputs)
    missing.delete(call)
    for (const reader of readers.get(`${layer}/${number}`) ?? []) {
      const left = (missing.get(reader) as number) - 1
      missing.set(reader, left)
      if (left === 0) ready.push(reader)
    }
  }
  const [stuck] = missing.keys()
  if (!stuck) return
  const source = stuck.inputs.find(([layer, number]) => !values.has(`${layer}/${number}`)) ?? [stuck.layer]
  const why = modules.has(source[0]) ? 'which waits for it, or is not called so often' : 'which is missing'
  throw new ArgumentError(
    `the layer ${stuck.layer}`,
    `an input from ${source[0]}, ${why}`,
    'connections without a cycle',
  )
}
