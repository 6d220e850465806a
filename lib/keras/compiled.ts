// Converts Keras' compile configs, from either file layout, to options of `compile`; and optimizers from before
// TensorFlow 2.11, if their arithmetic is the same as ours.

import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { type LossIdentifier, losses } from '../losses/index.ts'
import { type MetricIdentifier, metrics } from '../metrics/index.ts'
import type { CompileOptions } from '../models/options.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { Adadelta, Adam, optimizers } from '../optimizers/optimizers.ts'
import { fromKeras } from './config.ts'
import { bareName, isObject, unwrapped } from './dialect.ts'
import type { Json, JsonObject, StoredArray } from './model-file.ts'

const advice = 'To load the model uncompiled: loadModel(source, { compile: false })'

export interface Compiled extends CompileOptions {
  readonly optimizer: Optimizer
  /** Whether the file stores the slots like legacy optimizers: slot by slot, not weight by weight. */
  readonly slotsFirst: boolean
}

/** @throws ArgumentError for unsupported settings, with advice */
export function compileOptions(training: JsonObject): Compiled {
  const plain = unwrapped(training) as JsonObject
  const { loss_weights, optimizer_config, optimizer = optimizer_config } = plain
  if (Array.isArray(loss_weights) ? loss_weights.some(w => w !== 1) : isObject(loss_weights))
    throw new ArgumentError('loss_weights', loss_weights, 'none: a Sequential has one loss', advice)
  const { made, slotsFirst } = optimizerOf(optimizer)
  const loss = theOne('loss', plain.loss ?? null)
  return {
    optimizer: made,
    slotsFirst,
    ...(loss === null ? {} : { loss: lossOf(loss) }),
    metrics: flat(plain.metrics).map(metricOf),
    weightedMetrics: flat(plain.weighted_metrics).map(metricOf),
  }
}

/** The only entry, for a model with one output. Keras also accepts and writes lists, or objects keyed by output. */
function theOne(what: string, value: Json): Json {
  if (Array.isArray(value)) {
    if (value.length > 1) throw new ArgumentError(what, value, 'one for the one output', advice)
    return value[0] ?? null
  }
  if (isObject(value) && typeof value.class_name !== 'string') {
    const entries = Object.values(value)
    if (entries.length > 1) throw new ArgumentError(what, value, 'one for the one output', advice)
    return entries[0] ?? null
  }
  return value
}

function flat(value: Json | undefined): Json[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap(flat)
  if (isObject(value) && typeof value.class_name !== 'string') return Object.values(value).flatMap(flat)
  return [value]
}

const ours = (config: Json) => {
  const { dtype: _, ...rest } = (fromKeras(config) ?? {}) as Config
  return rest
}

function advised<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    throw Object.assign(error, { message: `${error.message}. ${advice}` })
  }
}

function lossOf(loss: Json): LossIdentifier {
  if (!isObject(loss)) {
    advised(() => losses.get(loss))
    return loss as LossIdentifier
  }
  return advised(() => losses.get({ className: bareName(loss.class_name), config: ours(loss.config) }, 'loss'))
}

/** A metric given by name stays a name: as in Keras, 'accuracy' is resolved once the shapes are known. */
function metricOf(metric: Json): MetricIdentifier {
  if (typeof metric === 'string') return metric as MetricIdentifier
  if (!isObject(metric)) throw new ArgumentError('metrics', metric, 'a name or { class_name, config }', advice)
  const { fn, ...config } = ours(metric.config)
  const className = bareName(metric.class_name)
  if (className !== 'MeanMetricWrapper' || typeof fn !== 'string')
    return advised(() => metrics.get({ className, config }, 'metrics'))
  const name = fn.slice(fn.lastIndexOf('>') + 1)
  return advised(() => metrics.get({ className: metrics.get(name, 'metrics').className, config }, 'metrics'))
}

/**
 * Optimizers whose legacy formula is the same as ours. In Keras 2.10, the others add epsilon, or weight past gradients,
 * differently.
 */
const sameArithmetic = ['SGD', 'Adam', 'Adadelta', 'Adamax']

/**
 * Converts a legacy optimizer's state to TensorFlow's form. Keras 2.2 stores no step count for Adadelta, which does not
 * need one; and for Adam without amsgrad, it stores a single number in place of each array that amsgrad would have.
 */
export function legacyState(stored: readonly StoredArray[], optimizer: Optimizer, weights: number): StoredArray[] {
  if (stored.length === 0) return []
  const isUncounted = optimizer instanceof Adadelta && !optimizer.schedule && stored[0].shape.length > 0
  if (isUncounted) return [{ name: 'iterations', shape: [], id: -1, value: 0 }, ...stored]
  const last = stored.slice(-weights)
  const isPlain = optimizer instanceof Adam && !optimizer.amsgrad && stored.length === 1 + 3 * weights
  return isPlain && last.every(({ shape }) => shape.join() === '1') ? stored.slice(0, -weights) : [...stored]
}

/** Makes an optimizer from Keras' config. @throws ArgumentError for a legacy optimizer that computes differently */
export function optimizerOf(optimizer: Json | undefined): { made: Optimizer; slotsFirst: boolean } {
  if (typeof optimizer === 'string') return { made: optimizers.get(optimizer), slotsFirst: false }
  if (!isObject(optimizer) || !isObject(optimizer.config))
    throw new ArgumentError('optimizer', optimizer, 'a name or { class_name, config }', advice)
  const name = bareName(optimizer.class_name)
  const config = ours(optimizer.config)
  const { isLegacyOptimizer, loss_scale_factor: _, gradientAccumulationSteps, lossScaleFactor, ...rest } = config
  const isLegacy = isLegacyOptimizer === true || 'decay' in rest || 'lr' in rest
  for (const [key, value] of Object.entries({ gradientAccumulationSteps, lossScaleFactor }))
    if (value !== undefined && value !== null) throw new ArgumentError(key, value, 'none', advice)
  if (!isLegacy) return { made: advised(() => optimizers.get({ className: name, config: rest })), slotsFirst: false }
  const className = optimizers.names.find(known => known.toLowerCase() === name.toLowerCase()) ?? name
  const legacy = sameArithmetic.find(known => known.toLowerCase() === className.toLowerCase())
  if (!legacy)
    throw new ArgumentError(
      'optimizer',
      `the legacy ${name}`,
      `a legacy ${sameArithmetic.join(', ')}, or an optimizer of TensorFlow 2.11 or later: others compute differently here`,
      `${advice}, then compile it with a new optimizer`,
    )
  const { decay = 0, lr, learningRate = lr, name: _name, epsilon, ...others } = rest
  const rate =
    decay === 0
      ? learningRate
      : {
          className: 'InverseTimeDecay',
          config: { initialLearningRate: learningRate, decaySteps: 1, decayRate: decay },
        }
  if (decay !== 0 && typeof learningRate !== 'number')
    throw new ArgumentError('decay', decay, 'none with a schedule', advice)
  const given = { learningRate: rate, ...(typeof epsilon === 'number' ? { epsilon } : {}), ...others }
  return { made: advised(() => optimizers.get({ className: legacy, config: given })), slotsFirst: true }
}
