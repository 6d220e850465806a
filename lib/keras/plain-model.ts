// A model prepared for writing: Keras' configs, and named arrays in the form required by the file.

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { toSnakeCase } from '../core/names.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { Loss, losses } from '../losses/index.ts'
import { Metric, type MetricIdentifier, metrics } from '../metrics/index.ts'
import type { Sequential } from '../models/model.ts'
import type { MetricIdentifiers } from '../models/options.ts'
import { LegacyOptimizer } from '../optimizers/legacy.ts'
import { toKeras } from './config.ts'
import { containerNames } from './matching.ts'
import type { Json, JsonObject } from './model-file.ts'
import { slotOf, variablesForFiles } from './optimizer-variables.ts'

export interface PlainArray {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export interface PlainLayer {
  readonly name: string
  /** The layer's name in the v3 layout. */
  readonly container: string
  readonly weights: readonly PlainArray[]
}

export interface PlainModel {
  /** `{ class_name: 'Sequential', config }`. */
  readonly config: JsonObject
  /** The input shape of each layer, batch first. */
  readonly inputShapes: readonly Json[]
  readonly layers: readonly PlainLayer[]
  readonly training: PlainTraining | null
  /** Keras' classes of the mean loss and of the metrics; empty if the model is not compiled. */
  readonly metricClasses: readonly string[]
}

export interface PlainTraining {
  readonly optimizer: { readonly class_name: string; readonly config: JsonObject }
  readonly isLegacy: boolean
  readonly loss: Json
  readonly metrics: Json[]
  readonly weightedMetrics: Json[]
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
export function plainModel(model: Sequential, options: PlainOptions): PlainModel {
  model.countParams() // throws if the model is not built
  const { implementation } = options
  const layers = model.layers as readonly Layer[]
  if (options.forKeras) for (const layer of layers) assertKnownToKeras(layer, implementation)
  const config = toKeras(model.getConfig()) as JsonObject
  const layerConfigs = config.layers as { class_name: string; config: JsonObject }[]
  if (implementation !== undefined)
    for (const layer of layerConfigs) if ('implementation' in layer.config) layer.config.implementation = implementation
  const containers = containerNames(model.layers.map(({ className }) => className))
  return {
    config: { class_name: 'Sequential', config },
    inputShapes: layers.map(({ inputShape }) => [null, ...inputShape]),
    layers: layers.map((layer, i) => ({
      name: model.nameOf(layer),
      container: containers[i],
      weights: layer.parameters.map(parameter => {
        const { name, shape, value } = parameter
        return asStored(layer, parameter === layer.parameters[0], { name, shape, data: value }, implementation)
      }),
    })),
    metricClasses: metricClasses(model),
    training: options.includeOptimizer ? plainTraining(model, implementation) : null,
  }
}

function metricClasses({ compileOptions: compiled }: Sequential): string[] {
  if (!compiled) return []
  const all = [compiled.metrics, compiled.weightedMetrics].flatMap(flat)
  return ['Mean', ...all.map(metric => (metric instanceof Metric ? metric.className : 'MeanMetricWrapper'))]
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

function plainTraining(model: Sequential, implementation: Implementation | undefined): PlainTraining | null {
  const { compileOptions, optimizer } = model
  if (!compileOptions || !optimizer) return null
  const { loss, metrics: measured = [], weightedMetrics = [] } = compileOptions
  const built = optimizer.iterations > 0
  if (built) optimizer.build(model.trainableParameters, model.engine)
  const owners = (model.layers as readonly Layer[]).flatMap(layer =>
    layer.trainableParameters.map(weight => ({ layer, weight, isKernel: weight === layer.parameters[0] })),
  )
  const seen: Record<string, number> = {}
  const variables = variablesForFiles(optimizer, built ? model.trainableParameters : [])
  const slots = variables.map(({ name, shape, value }) => {
    if (shape.length === 0) return { name, shape, data: value }
    const slot = slotOf(optimizer, name)
    const n = (seen[slot] = (seen[slot] ?? -1) + 1)
    const { layer, weight, isKernel } = owners[n]
    const full = `${optimizer.name}/${slot}/${model.nameOf(layer)}/${weight.name}`
    return asStored(layer, isKernel, { name: full, shape, data: value }, implementation)
  })
  return {
    optimizer: {
      class_name: optimizer.className.replace(/^legacy\./, ''),
      config: toKeras(optimizer.getConfig()) as JsonObject,
    },
    isLegacy: optimizer instanceof LegacyOptimizer,
    loss: serialized(loss ?? null, losses, Loss),
    metrics: flat(measured).map(metric => serialized(metric, metrics, Metric)),
    weightedMetrics: flat(weightedMetrics).map(metric => serialized(metric, metrics, Metric)),
    iterations: optimizer.iterations,
    slots,
  }
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

const flat = (given: MetricIdentifiers | undefined) => (given ?? []) as readonly MetricIdentifier[]
