// Makes the layers and models that the config of a file describes. Checks that their weights can be in the file before
// memory is allocated for them.

import { type BatchShape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Seed } from '../core/random.ts'
import type { Config } from '../core/registry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Layer } from '../layers/layer.ts'
import type { Leaf, Visit } from '../layers/module.ts'
import { layers as layerTable } from '../layers/registry.ts'
import { TimeDistributed } from '../layers/time-distributed.ts'
import { assertModest, nameModels, networkFrom, referenceIn } from '../models/from-config.ts'
import { Model, type ModelOptions, Sequential, type SequentialOptions } from '../models/model.ts'
import { networkOf, shapesThrough } from '../models/network.ts'
import type { Reference } from '../models/network-config.ts'
import { withResuming } from '../models/resume.ts'
import { withSummary } from '../models/with-summary.ts'
import { withFastEngine } from '../simd/fast.ts'
import { fromKeras } from './config.ts'
import { Customs, hintFor, researchHint } from './custom-objects.ts'
import { bareName, currentName, isObject, layerConfig, unwrapped } from './dialect.ts'
import type { Json, JsonObject } from './model-file.ts'

export interface MakeOptions {
  readonly customs?: Customs
  /** The version of Keras that wrote the config. */
  readonly version?: string | null
  /** The number of weight elements in the file. */
  readonly most?: number
  /** The implementation of all locally connected layers; by default, as in the config. */
  readonly implementation?: Implementation | undefined
  readonly dtype?: 'float32' | undefined
  /** The shape of one sample, if the config does not have it. */
  readonly inputShape?: readonly number[] | undefined
  readonly seed?: Seed | undefined
}

type SequentialClass = new (layers: readonly (Layer | Model)[], options: SequentialOptions) => Sequential
type ModelClass = new (options: ModelOptions) => Model

/** The largest plausible output of one sample. Larger ones are a mistake, or meant to exhaust memory. */
const mostOutputs = 2 ** 24
/** The most models, or layers around layers, inside one another. */
const mostDepth = 100

/** @throws ArgumentError naming the layer that is unknown or does not fit */
export function modelFrom(config: JsonObject, options: MakeOptions = {}): Model {
  nameModels()
  return withFastEngine(withResuming(withSummary(new Maker(options)))).root(config)
}

/** A layer of a config, and why it can't be made; `null` if it can. */
export interface Checked {
  /** Its name, after those of the models around it: `encoder/dense`. */
  readonly name: string
  readonly className: string
  readonly reason: string | null
}

/** Tries every layer of a config by itself. What only shows in their connections is not among the reasons. */
export function checkLayers(config: JsonObject, options: MakeOptions = {}, path = ''): Checked[] {
  const inner = isObject(config.config) ? config.config.layers : config.config
  return listOf(inner)
    .filter(isObject)
    .flatMap((layer, i) => {
      const name = `${path}${nameOf(layer)}`
      if (isModelConfig(layer)) return checkLayers(layer, options, `${name}/`)
      return [{ name, className: String(layer.class_name), reason: new Maker(options).refusal(layer, i) }]
    })
}

class Maker {
  readonly #options: MakeOptions
  readonly #customs: Customs
  readonly #counted = new Set<Leaf>()
  /** Layers whose implementation was chosen, as the file has them. */
  readonly #asStored = new Map<Leaf, Layer>()
  #left: number
  #layers = 0
  #depth = 0

  constructor(options: MakeOptions) {
    this.#options = options
    this.#customs = options.customs ?? new Customs()
    this.#left = options.most ?? Infinity
  }

  root(config: JsonObject): Model {
    const model = this.#model(config, true)
    if (model?.built) return model
    if (model)
      throw new ArgumentError(
        'inputShape',
        null,
        'a known shape of samples',
        'loadModel(source, { inputShape: [28, 28, 1] }) gives it',
      )
    const name = String(config.class_name)
    throw new ArgumentError(
      'class_name',
      config.class_name,
      '"Sequential", or "Functional"',
      `${hintFor(name)}, if it extends Sequential; else build the model, and loadWeights(model, source)`,
    )
  }

  /** Why a layer can't be made; `null` if it can. */
  refusal(layer: JsonObject, index: number): string | null {
    try {
      this.#module(layer, index, null)
      return null
    } catch (error) {
      if (error instanceof ArgumentError) return error.message.replace(/^layer \d+ \([^)]*\)(, \w+)?: /, '')
      throw error
    }
  }

  /** The model that a config describes; `null` if it describes a layer. */
  #model(json: JsonObject, isRoot: boolean): Model | null {
    const { class_name: className, registered_name, config } = json
    const custom = this.#customs.find(className, registered_name, bareName(className))
    const Class: unknown = custom === undefined ? null : this.#customs.get(custom)
    const isModelClass = typeof Class === 'function' && (Class === Model || Class.prototype instanceof Model)
    if (isRoot && custom !== undefined && !isModelClass)
      throw new ArgumentError(`customObjects.${custom}`, Class, 'a class that extends Sequential: it names the model')
    if (!isModelClass && !['Sequential', 'Functional', 'Model'].includes(bareName(className))) return null
    // Keras before 2.2.3 wrote the layers of a Sequential without its name.
    const inner = Array.isArray(config) ? { layers: config } : config
    if (!isObject(inner) || !Array.isArray(inner.layers))
      throw new ArgumentError('config.layers', inner, 'a list of layers')
    this.#count(inner.layers.length)
    const layers = inner.layers.map((layer, i) => {
      if (isObject(layer) && typeof layer.class_name === 'string' && isObject(layer.config)) return layer
      if (isObject(layer) && typeof layer.class_name === 'string' && Array.isArray(layer.config)) return layer
      throw new ArgumentError(`config.layers[${i}]`, layer, '{ class_name, config }')
    })
    const name = typeof inner.name === 'string' && inner.name !== '' ? { name: inner.name } : {}
    const seed = this.#options.seed === undefined ? {} : { seed: this.#options.seed }
    if ('input_layers' in inner)
      return this.#functional(layers, inner, { ...name, ...seed }, isRoot, (Class ?? Model) as ModelClass)
    const built = isObject(json.build_config) ? unwrapped(json.build_config.input_shape ?? null) : null
    return this.#sequential(layers, built, { ...name, ...seed }, isRoot, (Class ?? Sequential) as SequentialClass)
  }

  #sequential(
    all: readonly JsonObject[],
    built: Json,
    options: SequentialOptions,
    isRoot: boolean,
    Class: SequentialClass,
  ): Sequential {
    const isInput = all[0]?.class_name === 'InputLayer'
    const found = inputShapeOf(all[0]) ?? (Array.isArray(built) ? (built as BatchShape) : null)
    const given = isRoot ? this.#options.inputShape : undefined
    const shape: BatchShape | null = given ? [null, ...given] : found
    const isKnown = shape?.slice(1).every(n => n !== null) ?? false
    const own = isInput ? all.slice(1) : all
    const modules = own.map((layer, i) => this.#module(layer, i, i === 0 && isKnown ? shape : null))
    if (!isKnown || !shape) return new Class(modules, options)
    let at: BatchShape = [null, ...shape.slice(1)]
    modules.forEach((module, i) => {
      inPlace(`layer ${i} (${module.name}), ${module.className}`, () => {
        ;[at] = module.outputShapes([at], this.#afford)
      })
    })
    const model = new Class(modules, options)
    model.build([null, ...shape.slice(1)])
    return model
  }

  #functional(
    all: readonly JsonObject[],
    { input_layers, output_layers }: JsonObject,
    options: { readonly name?: string; readonly seed?: Seed },
    isRoot: boolean,
    Class: ModelClass,
  ): Model {
    const models = all.filter(layer => isModelConfig(layer)).map(nameOf)
    this.#count(all.reduce((sum, layer) => sum + listOf(layer.inbound_nodes).length, 0))
    const calls = all.flatMap(layer => listOf(layer.inbound_nodes).map(node => referencesIn(nameOf(layer), node)))
    const ends = [input_layers, output_layers].map(list =>
      listed(list).map(one => referenceIn('input_layers, output_layers', one)),
    )
    // Keras 2 counts the calls of models from 1, Keras 3 from 0.
    const fromZero = new Set(
      [...calls, ...ends]
        .flat()
        .filter(([name, call]) => call === 0 && models.includes(name))
        .map(([name]) => name),
    )
    const counted = ([name, call, index]: Reference): Reference => [name, fromZero.has(name) ? call + 1 : call, index]
    const layers = all.map((layer, i) => ({
      className: String(layer.class_name),
      config: {},
      name: nameOf(layer),
      inboundNodes: listOf(layer.inbound_nodes).map(node => referencesIn(nameOf(layer), node).map(counted)),
      make: () => this.#module(layer, i, isRoot && layer.class_name === 'InputLayer' ? this.#rootShape(all) : null),
    }))
    const config = { layers, inputLayers: ends[0].map(counted), outputLayers: ends[1].map(counted) }
    const { inputs, outputs } = networkFrom(config, layer => (layer as (typeof layers)[number]).make())
    const network = networkOf(inputs, outputs)
    inPlace('the model', () =>
      shapesThrough(
        network,
        inputs.map(({ shape }) => shape),
        this.#afford,
      ),
    )
    return new Class({ inputs, outputs: outputs.length === 1 ? outputs[0] : outputs, ...options })
  }

  #count(more: number): void {
    this.#layers += more
    assertModest(this.#layers)
  }

  /** The input shape that the caller gave for a model with one input. */
  #rootShape(layers: readonly JsonObject[]): BatchShape | null {
    const { inputShape } = this.#options
    if (!inputShape) return null
    const count = layers.filter(layer => layer.class_name === 'InputLayer').length
    if (count === 1) return [null, ...inputShape]
    throw new ArgumentError('inputShape', inputShape, `none: the model has ${count} inputs, whose shapes it states`)
  }

  /** @param inputShape of a first layer, batch first; it replaces that in the config */
  #module(json: JsonObject, index: number, inputShape: BatchShape | null): Layer | Model {
    if (++this.#depth > mostDepth)
      throw new ArgumentError('config', 'more models and layers inside one another', `at most ${mostDepth}`)
    const module = this.#made(json, index, inputShape)
    this.#depth--
    return module
  }

  #made(json: JsonObject, index: number, inputShape: BatchShape | null): Layer | Model {
    const { class_name: found, registered_name } = json
    const place = `layer ${index} (${nameOf(json)}), ${currentName(bareName(found))}`
    return inPlace(place, () => {
      const model = this.#model(json, false)
      if (model) return model
      const custom = this.#customs.find(found, registered_name, bareName(found))
      const className = custom ?? currentName(bareName(found))
      const { implementation, dtype, version = null } = this.#options
      const raw = dtype === 'float32' ? { ...(json.config as JsonObject), dtype: null } : (json.config as JsonObject)
      if (className === 'TimeDistributed' && custom === undefined) return this.#timeDistributed(raw)
      const { batchInputShape, ...ours } = fromKeras(layerConfig(className, raw, version)) as Config
      if (className === 'InputLayer') Object.assign(ours, { batchInputShape: inputShape ?? batchInputShape })
      else if (inputShape && Array.isArray(batchInputShape) && sameShape(batchInputShape, inputShape))
        Object.assign(ours, { batchInputShape })
      const resolved = this.#customs.resolve(ours, custom === undefined) as Config
      if (custom !== undefined)
        return this.#named(
          layerTable.get(this.#customs.make(custom, resolved), `customObjects.${custom}`),
          json,
          custom,
        )
      if (implementation !== undefined && /^LocallyConnected[12]D$/.test(className)) {
        const layer = layerTable.get({ className, config: { ...resolved, implementation } })
        this.#asStored.set(layer, layerTable.get({ className, config: resolved }))
        return layer
      }
      const isCode = className === 'Lambda'
      if (layerTable.has(className) && !isCode) return layerTable.get({ className, config: resolved })
      const hint = isCode
        ? 'A file has no function that runs here: customObjects: { Lambda: config => new Lambda({ ...config, function: … }) }'
        : (researchHint(className) ??
          `Load it with loadModel(source, { customObjects: { ${className}: … } }), a class that extends Layer`)
      throw new ArgumentError(
        `layer ${index} (${nameOf(json)})`,
        className,
        isCode ? 'a layer without code' : 'a known layer',
        hint,
      )
    })
  }

  /** A custom layer with its name in the file: connections, losses and weights refer to it. */
  #named(layer: Layer, json: JsonObject, custom: string): Layer {
    const name = nameOf(json)
    if (!layer.hasName) layer.rename(name)
    if (layer.name === name) return layer
    const hint = `Pass the config on: ${custom}: config => new ${custom}({ ...config, … })`
    throw new ArgumentError(`customObjects.${custom}`, layer.name, `a layer with the file's name ${name}`, hint)
  }

  #timeDistributed({ layer, ...raw }: JsonObject): Layer {
    if (!isObject(layer)) throw new ArgumentError('layer', layer, '{ class_name, config }')
    const { batchInputShape: _, ...options } = fromKeras(layerConfig('TimeDistributed', raw, null)) as Config
    return new TimeDistributed({ ...options, layer: this.#module(layer, 0, null) })
  }

  /** Refuses layers whose weights cannot be in the file, and outputs that no model has. */
  readonly #afford: Visit = (leaf, inputShapes, output, repeats) => {
    const numbers = repeats * sizeOf(output.slice(1) as number[])
    if (!(numbers <= mostOutputs))
      throw new ArgumentError('output', numbers, `at most ${mostOutputs} numbers for a sample`)
    if (this.#counted.has(leaf) || leaf.built) return
    this.#counted.add(leaf)
    this.#left -= (this.#asStored.get(leaf) ?? leaf).plannedSize(
      ...inputShapes.map(shape => shape.slice(1) as number[]),
    )
    if (this.#left >= 0) return
    throw new ArgumentError('weights', 'more', `at most the ${this.#options.most} numbers in the file`)
  }
}

/** Names the place in errors of what runs there. */
function inPlace<T>(place: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ArgumentError) || error.message.startsWith('layer ')) throw error
    throw Object.assign(error, { message: `${place}: ${error.message}` })
  }
}

const nameOf = ({ name, config }: JsonObject): string =>
  String(name ?? (isObject(config) ? config.name : undefined) ?? '')

const isModelConfig = ({ config }: JsonObject) =>
  Array.isArray(config) || (isObject(config) && Array.isArray(config.layers))

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : [])

/** Lists of references; Keras 3 writes a single one without its list. */
const listed = (value: Json | undefined): Json[] => {
  const list = listOf(value)
  return typeof list[0] === 'string' ? [list] : list
}

/** The shape in the config of a first layer, batch first. */
function inputShapeOf(layer: JsonObject | undefined): BatchShape | null {
  const config = isObject(layer?.config) ? layer.config : {}
  const shape = unwrapped(config.batch_shape ?? config.batch_input_shape ?? null)
  if (Array.isArray(shape)) return shape as BatchShape
  return layer && isModelConfig(layer)
    ? inputShapeOf(listOf(isObject(layer.config) ? layer.config.layers : layer.config).find(isObject))
    : null
}

/** The inputs of a call, in Keras 2's form (`[["dense", 0, 0, {}]]`) or Keras 3's. */
function referencesIn(layer: string, node: Json): Reference[] {
  const refuse = (why: Json): never => {
    throw new ArgumentError(
      `a call of ${layer}`,
      why,
      'a call with tensors alone',
      'Arguments of calls are not supported',
    )
  }
  if (isObject(node)) {
    const { args, kwargs } = node
    assertPlain(kwargs, refuse)
    return tensorsIn(args, refuse)
  }
  return listed(node).map(each => {
    assertPlain(listOf(each)[3], refuse)
    return referenceIn(`an input of ${layer}`, each)
  })
}

/** Refuses arguments that change what a call computes. */
function assertPlain(kwargs: Json | undefined, refuse: (why: Json) => never): void {
  if (kwargs === undefined || kwargs === null) return
  if (!isObject(kwargs)) refuse(kwargs)
  else
    for (const [name, value] of Object.entries(kwargs)) if (value !== null && value !== false) refuse({ [name]: value })
}

function tensorsIn(value: Json | undefined, refuse: (why: Json) => never): Reference[] {
  if (Array.isArray(value)) return value.flatMap(item => tensorsIn(item, refuse))
  if (!isObject(value)) return value === undefined || value === null ? [] : refuse(value)
  const history = isObject(value.config) ? value.config.keras_history : undefined
  return value.class_name === '__keras_tensor__' && history !== undefined
    ? [referenceIn('keras_history', history)]
    : refuse(value)
}
