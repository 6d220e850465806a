// A model prepared for writing: Keras' configs, and named arrays in the form required by the file.

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { toSnakeCase } from '../core/names.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import type { Leaf, Module } from '../layers/module.ts'
import { Loss } from '../losses/loss.ts'
import { losses } from '../losses/registry.ts'
import { Metric } from '../metrics/metric.ts'
import { metrics } from '../metrics/registry.ts'
import { isNamed } from '../models/data.ts'
import { type Model, type Outputs, Sequential } from '../models/model.ts'
import { metricsPerOutput } from '../models/training.ts'
import { LegacyOptimizer } from '../optimizers/legacy.ts'
import { toKeras } from './config.ts'
import { isObject } from './dialect.ts'
import { isFunctionName, legacyMetrics } from './legacy-metrics.ts'
import { groupsOf, layerOf, leavesIn, type Slot, targetsIn, trainableSlots } from './matching.ts'
import type { Json, JsonObject } from './model-file.ts'
import { placesOf, variablesForFiles, WholeOptimizer } from './optimizer-variables.ts'

export interface PlainArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A layer of the model, or a model in it, with the weights of all layers inside. */
export interface PlainLayer {
  readonly name: string
  /** The weights in the order of Keras' legacy layout, with their layers' names: `dense/kernel`. */
  readonly weights: readonly PlainArray[]
}

/** A group of the v3 layout, which may have no weights. */
export interface PlainGroup {
  readonly path: string
  /** The last part of the path. */
  readonly name: string
  /** The name of the layer. */
  readonly owner: string
  readonly weights: readonly PlainArray[]
}

/** A layer inside the model, at any depth. */
export interface PlainLeaf {
  readonly name: string
  /** The names of the models around it, and its own. */
  readonly path: string
  readonly weights: readonly PlainArray[]
}

export interface PlainModel {
  /** `{ class_name, config }`. */
  readonly config: JsonObject
  /** The input shape of each layer of a Sequential, batch first. */
  readonly inputShapes: readonly Json[]
  readonly layers: readonly PlainLayer[]
  readonly groups: readonly PlainGroup[]
  readonly leaves: readonly PlainLeaf[]
  readonly training: PlainTraining | null
  /** Keras' classes of the mean loss and of the metrics; empty if the model is not compiled. */
  readonly metricClasses: readonly string[]
}

export interface PlainTraining {
  readonly optimizer: { readonly class_name: string; readonly config: JsonObject }
  readonly isLegacy: boolean
  readonly loss: Json
  readonly lossWeights: Json
  readonly metrics: Json
  readonly weightedMetrics: Json
  /** The same metrics as `.h5` holds them. */
  readonly legacyMetrics: { readonly metrics: Json; readonly weighted_metrics: Json }
  readonly iterations: number
  /** The optimizer's slots. */
  readonly slots: readonly PlainArray[]
}

export interface PlainOptions {
  /** Whether to write the optimizer, its state, loss and metrics too. */
  readonly includeOptimizer: boolean
  /** The implementation in whose form to write locally connected kernels; by default, the layer's own. */
  readonly implementation: Implementation | undefined
  /** Whether Keras must be able to read the file: it does not support `padding: 'same'` with implementation 1. */
  readonly forKeras: boolean
}

/** @throws ArgumentError for a model that Keras cannot read. StateError before the model is built */
export function plainModel(model: Model<Outputs>, options: PlainOptions): PlainModel {
  model.countParams() // throws if the model is not built
  const { implementation } = options
  const paths = leavesIn(model)
  if (options.forKeras) for (const { leaf } of paths) assertKnownToKeras(layerOf(leaf), implementation)
  const config = toKeras(model.getConfig()) as JsonObject
  if (implementation !== undefined) setImplementation(config, implementation)
  const nameOf = new Map(paths.map(({ name, leaf }) => [leaf as Module, name]))
  const stored = ({ parameter, layer }: Slot, name: string) => {
    const { shape, value } = parameter
    return asStored(layer, parameter === layer.parameters[0], { name, shape, data: value }, implementation)
  }
  const own = (leaf: Leaf) =>
    leaf.parameters.map(parameter => stored({ parameter, layer: layerOf(leaf) }, parameter.name))
  return {
    config: { class_name: model.className, config },
    inputShapes:
      model instanceof Sequential ? model.layers.map(({ inputShapes }) => (inputShapes?.[0] ?? null) as Json) : [],
    // A format needs one of these views, and each may convert every kernel.
    get layers() {
      return targetsIn(model, 'h5').map(({ name, slots }) => ({
        name,
        weights: slots.map(slot => stored(slot, `${nameOf.get(slot.layer)}/${slot.parameter.name}`)),
      }))
    },
    get groups() {
      return groupsOf(model).map(({ path, name, module, isLeaf }) => {
        return { path, name, owner: module.name, weights: isLeaf ? module.leaves.flatMap(own) : [] }
      })
    },
    get leaves() {
      return paths.map(({ path, name, leaf }) => ({ path, name, weights: own(leaf) }))
    },
    metricClasses: metricClasses(model),
    training: options.includeOptimizer ? plainTraining(model, nameOf, implementation) : null,
  }
}

/** Sets the implementation of all locally connected layers in a config. */
function setImplementation(config: Json, implementation: Implementation): void {
  if (Array.isArray(config)) for (const item of config) setImplementation(item, implementation)
  else if (isObject(config)) {
    if ('implementation' in config) config.implementation = implementation
    for (const item of Object.values(config)) setImplementation(item, implementation)
  }
}

function metricClasses({ compileOptions: compiled, outputNames }: Model<Outputs>): string[] {
  if (!compiled) return []
  const all = [compiled.metrics, compiled.weightedMetrics].flatMap(given =>
    metricsPerOutput('metrics', given, outputNames).flat(),
  )
  const losses = outputNames.length > 1 ? outputNames.map(() => 'Mean') : []
  return [
    'Mean',
    ...losses,
    ...all.map(metric => (isFunctionName(metric) ? 'MeanMetricWrapper' : metrics.get(metric).className)),
  ]
}

function assertKnownToKeras(layer: Layer, implementation: Implementation | undefined): void {
  if (!(layer instanceof LocallyConnected) || layer.padding !== 'same') return
  if ((implementation ?? layer.implementation) !== 1) return
  throw new ArgumentError(
    `padding of the layer ${layer.name}`,
    'same',
    `'valid' with implementation 1: Keras has no other`,
    'Write it as another: saveModel(model, target, { implementation: 2 }), or 3, which is smaller',
  )
}

/** Converts a weight, or one of its optimizer slots, to the form of an implementation. */
function asStored(
  layer: Layer,
  isKernel: boolean,
  array: PlainArray,
  implementation: Implementation | undefined,
): PlainArray {
  if (!(layer instanceof LocallyConnected) || !isKernel) return array
  if (implementation === undefined || implementation === layer.implementation) return array
  const shape = layer.kernelShape(implementation)
  const data = new Float32Array(sizeOf(shape))
  convertLocalKernel(data, implementation, array.data, layer.implementation, layer.geometry)
  return { name: array.name, shape, data }
}

function plainTraining(
  model: Model<Outputs>,
  nameOf: ReadonlyMap<Module, string>,
  implementation: Implementation | undefined,
): PlainTraining | null {
  const { compileOptions, optimizer } = model
  if (!compileOptions || !optimizer) return null
  const { loss, lossWeights, metrics: measured, weightedMetrics } = compileOptions
  const built = optimizer.iterations > 0
  const trained = trainableSlots(model)
  if (built) model.compiled.buildOptimizer()
  const whole = built ? new WholeOptimizer(optimizer, trained) : null
  whole?.read()
  const stored = whole?.optimizer ?? optimizer
  const parameters = built ? trained.map(({ parameter }) => model.parameterOf(parameter)) : []
  const place = placesOf(stored)
  const variables = variablesForFiles(stored, parameters)
  const slots = variables.map(({ name, shape, value }) => {
    if (shape.length === 0) return { name, shape, data: value }
    const { slot, n } = place(name)
    const { layer, parameter } = trained[n]
    const full = `${optimizer.name}/${slot}/${nameOf.get(layer)}/${parameter.name}`
    return asStored(layer, parameter === layer.parameters[0], { name: full, shape, data: value }, implementation)
  })
  const lossOf = (each: unknown): Json => serialized(each ?? null, losses, Loss)
  const metricOf = (each: unknown): Json => serialized(each, metrics, Metric)
  return {
    optimizer: {
      class_name: optimizer.className.replace(/^legacy\./, ''),
      config: toKeras(optimizer.getConfig()) as JsonObject,
    },
    isLegacy: optimizer instanceof LegacyOptimizer,
    loss: mapped(loss ?? null, lossOf),
    lossWeights: (lossWeights ?? null) as Json,
    metrics: mapped(measured ?? [], metricOf),
    weightedMetrics: mapped(weightedMetrics ?? [], metricOf),
    legacyMetrics: legacyMetrics(model, compileOptions),
    iterations: optimizer.iterations,
    slots,
  }
}

/** What `compile` was given, each item serialized: alone, in lists, or by the outputs' names. */
function mapped(given: unknown, serialize: (each: unknown) => Json): Json {
  if (Array.isArray(given)) return given.map(each => (each === null ? null : mapped(each, serialize)))
  if (!isNamed(given)) return serialize(given)
  return Object.fromEntries(
    Object.entries(given).map(([name, each]) => [name, each === null ? null : mapped(each, serialize)]),
  )
}

/** Serializes a loss or metric. A name stays a name, in Keras' spelling; the reader resolves it. */
function serialized<T extends object>(
  identifier: unknown,
  table: { serialize(object: T): unknown },
  Class: abstract new (...args: never[]) => T,
): Json {
  if (typeof identifier === 'string') return /^[a-z]/.test(identifier) ? toSnakeCase(identifier) : identifier
  return toKeras(identifier instanceof Class ? table.serialize(identifier) : identifier) as Json
}
