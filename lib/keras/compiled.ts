// Converts Keras' compile configs, from either file layout, to options of `compile`.

import { ArgumentError } from '../core/errors.ts'
import type { Config } from '../core/registry.ts'
import { type LossIdentifier, losses } from '../losses/registry.ts'
import { type MetricIdentifier, metrics } from '../metrics/registry.ts'
import type { CompileOptions } from '../models/options.ts'
import { legacyOptimizers } from '../optimizers/legacy.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { optimizers } from '../optimizers/registry.ts'
import { fromKeras } from './config.ts'
import { Customs } from './custom-objects.ts'
import { bareName, isObject, unwrapped } from './dialect.ts'
import type { Json, JsonObject, ModelDescription, StoredArray } from './model-file.ts'

const advice =
  'To load the model uncompiled: loadModel(source, { compile: false }); what you wrote yourself goes into customObjects'

export interface Compiled extends CompileOptions {
  readonly optimizer: Optimizer
}

type CompiledOrigin = Partial<Pick<ModelDescription, 'kind' | 'version'>>

/**
 * @param outputs the names of the model's outputs
 * @throws ArgumentError for unsupported settings, with advice
 */
export function compileOptions(
  training: JsonObject,
  origin: CompiledOrigin = {},
  customs = new Customs(),
  outputs: readonly string[] = [],
): Compiled {
  const plain = unwrapped(training) as JsonObject
  const { loss_weights, optimizer_config, optimizer = optimizer_config } = plain
  const made = optimizerOf(optimizer, origin, customs)
  if (outputs.length > 1) return { optimizer: made, ...perOutput(plain, outputs, customs) }
  const [weight = 1, ...more] = flat(loss_weights)
  if (more.length > 0 || typeof weight !== 'number')
    throw new ArgumentError('loss_weights', loss_weights, 'one number: the model has one loss', advice)
  const loss = theOne('loss', plain.loss ?? null)
  return {
    optimizer: made,
    ...(loss === null ? {} : { loss: lossOf(loss, customs) }),
    ...(weight === 1 ? {} : { lossWeights: [weight] }),
    metrics: flat(plain.metrics).map(metric => metricOf(metric, customs)),
    weightedMetrics: flat(plain.weighted_metrics).map(metric => metricOf(metric, customs)),
  }
}

/** Losses, their weights and metrics of a model with several outputs. */
function perOutput(
  { loss = null, loss_weights, metrics = null, weighted_metrics = null }: JsonObject,
  outputs: readonly string[],
  customs: Customs,
): Omit<CompileOptions, 'optimizer'> {
  const losses = eachOf('loss', loss, outputs).map(each => (each === null ? null : lossOf(each, customs)))
  const weights = isGiven(loss_weights)
    ? eachOf('loss_weights', loss_weights, outputs).map(each => Number(each ?? 1))
    : null
  const measured = (value: Json) =>
    eachOf('metrics', value, outputs).map((each, i) =>
      flat(each)
        .filter(isGiven)
        .map(metric => metricOf(unprefixed(metric, outputs[i]), customs)),
    )
  return {
    ...(losses.some(each => each !== null) ? { loss: losses } : {}),
    ...(weights ? { lossWeights: weights } : {}),
    metrics: measured(metrics),
    weightedMetrics: measured(weighted_metrics),
  }
}

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null

const isClass = (value: Json) => isObject(value) && typeof value.class_name === 'string'

/** Keras' setting for each output: by name, as a list with one entry per output, or one for all. */
function eachOf(what: string, value: Json, outputs: readonly string[]): Json[] {
  if (isObject(value) && !isClass(value)) return outputs.map(name => (Object.hasOwn(value, name) ? value[name] : null))
  const isPerOutput =
    Array.isArray(value) && (what === 'loss' || what === 'loss_weights' || value.some(each => Array.isArray(each)))
  if (!isPerOutput) return outputs.map(() => value)
  if (value.length === outputs.length) return value
  throw new ArgumentError(what, value, `one for each of the outputs ${outputs.join(', ')}`, advice)
}

/** A metric without the output's name, which Keras puts before its own when it has been used. */
function unprefixed(metric: Json, output: string): Json {
  if (!isObject(metric) || !isObject(metric.config) || typeof metric.config.name !== 'string') return metric
  const { name } = metric.config
  return name.startsWith(`${output}_`)
    ? { ...metric, config: { ...metric.config, name: name.slice(output.length + 1) } }
    : metric
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

/** The custom object that an identifier names, checked by the registry of its kind; `null` if it names none. */
function customOf<T>(
  identifier: Json,
  customs: Customs,
  table: { get(object: object, argument: string): T },
): T | null {
  const { class_name: className, registered_name, config } = isObject(identifier) ? identifier : {}
  const found = isObject(identifier) ? className : identifier
  const name = customs.find(found, registered_name, bareName(found))
  if (name === undefined) return null
  return table.get(customs.make(name, customs.resolve(ours(config ?? null)) as Config), `customObjects.${name}`)
}

function lossOf(loss: Json, customs: Customs): LossIdentifier {
  const custom = customOf(loss, customs, losses)
  if (custom) return custom
  if (!isObject(loss)) {
    advised(() => losses.get(loss))
    return loss as LossIdentifier
  }
  return advised(() => losses.get({ className: bareName(loss.class_name), config: ours(loss.config) }, 'loss'))
}

/** A metric given by name stays a name: as in Keras, 'accuracy' is resolved once the shapes are known. */
function metricOf(metric: Json, customs: Customs): MetricIdentifier {
  const custom = customOf(metric, customs, metrics)
  if (custom) return custom
  if (typeof metric === 'string') return metric as MetricIdentifier
  if (!isObject(metric)) throw new ArgumentError('metrics', metric, 'a name or { class_name, config }', advice)
  const { fn, ...config } = ours(metric.config)
  const className = bareName(metric.class_name)
  if (className !== 'MeanMetricWrapper' || typeof fn !== 'string')
    return advised(() => metrics.get({ className, config }, 'metrics'))
  const name = bareName(fn)
  const wrapped = customOf({ class_name: name, config: metric.config }, customs, metrics)
  return wrapped ?? advised(() => metrics.get({ className: metrics.get(name, 'metrics').className, config }, 'metrics'))
}

/**
 * The state in TensorFlow's form: the step count first. Keras 2.2 stores none for RMSprop, Adagrad and Adadelta; and for
 * Adam without amsgrad, it stores a single number in place of each array that amsgrad would have.
 * @param variables the number of the optimizer's variables
 */
export function withStepCount(stored: readonly StoredArray[], variables: number, weights: number): StoredArray[] {
  if (stored.length === 0) return []
  const isUncounted = stored.length === variables && stored[0].shape.length > 0
  if (isUncounted) return [{ name: 'iterations', shape: [], id: -1, value: 0 }, ...stored]
  const isPlain = stored.length === 1 + variables + weights
  const last = stored.slice(-weights)
  return isPlain && last.every(({ shape }) => shape.join() === '1') ? stored.slice(0, -weights) : [...stored]
}

/**
 * Makes an optimizer from Keras' config. As in tf-keras, one that isn't marked as new is a legacy optimizer.
 * @param origin the file's kind and version
 */
export function optimizerOf(
  optimizer: Json | undefined,
  { kind, version }: CompiledOrigin = {},
  customs = new Customs(),
): Optimizer {
  const custom = customOf(optimizer ?? null, customs, optimizers)
  if (custom) return custom
  if (typeof optimizer === 'string') return advised(() => optimizers.get(optimizer))
  if (!isObject(optimizer) || !isObject(optimizer.config))
    throw new ArgumentError('optimizer', optimizer, 'a name or { class_name, config }', advice)
  const { class_name: found, config: given } = optimizer
  const { isLegacyOptimizer, gradientAccumulationSteps, lossScaleFactor, ...rest } = ours(given)
  const config = customs.resolve(rest) as Config
  for (const [key, value] of Object.entries({ gradientAccumulationSteps, lossScaleFactor }))
    if (value !== undefined && value !== null) throw new ArgumentError(key, value, 'none', advice)
  const name = bareName(found).replace(/^Experimental/, '')
  const isNew =
    isLegacyOptimizer === false ||
    name !== found || // a registered class, or an experimental one: both are newer
    version?.startsWith('3') === true ||
    Object.keys(config).length === 0
  // TensorFlow.js writes neither mark: its own configs have no decay, those of a converted file may.
  const isLegacy = kind === 'tfjs' ? 'decay' in config || 'lr' in config : !isNew
  const table = isLegacy ? legacyOptimizers : optimizers
  const asked = isLegacy ? `legacy.${name}` : name
  const className = table.names.find(known => known.toLowerCase() === asked.toLowerCase()) ?? asked
  const { lr, learningRate = lr, decay, ...others } = config
  const isNadam = className === 'legacy.Nadam' // which Keras gives the decay of its schedule only
  const rates = { ...(learningRate === undefined ? {} : { learningRate }), ...(isNadam ? {} : { decay }) }
  return advised(() => table.get({ className, config: isLegacy ? { ...others, ...rates } : config }, 'optimizer'))
}
