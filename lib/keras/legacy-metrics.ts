// The metrics of a compiled model as `.h5` files hold them: for each output, as objects named like their logs.

import { automaticName, toSnakeCase } from '../core/names.ts'
import { losses } from '../losses/registry.ts'
import { type MetricIdentifier, type MetricName, metrics } from '../metrics/registry.ts'
import { resolveMetric } from '../metrics/resolve.ts'
import type { Model, Outputs } from '../models/model.ts'
import type { CompileOptions } from '../models/options.ts'
import { metricsPerOutput, perOutput } from '../models/training.ts'
import { toKeras } from './config.ts'
import type { Json } from './model-file.ts'

/** What Keras, too, resolves once it knows the shapes. */
const byShape = /^(accuracy|acc|crossentropy|ce)$/i

/** Whether an identifier names a function in Keras, which makes a MeanMetricWrapper of it. */
export const isFunctionName = (identifier: MetricIdentifier): identifier is MetricName =>
  typeof identifier === 'string' && !metrics.has(identifier)

/**
 * Keras uses the names in these files as they are: it neither prefixes them with the names of the outputs, nor does it
 * keep an identifier such as 'mae' as the name.
 * @see https://github.com/keras-team/tf-keras/blob/v2.15.0/tf_keras/engine/compile_utils.py
 */
export function legacyMetrics(
  model: Model<Outputs>,
  { loss, metrics: plain, weightedMetrics: weighted }: CompileOptions,
): { metrics: Json; weighted_metrics: Json } {
  const { outputNames } = model
  const shapes = model.graph.outputs.map(({ shape }) => [1, ...shape])
  const lossPerOutput = perOutput('loss', loss, outputNames)
  const taken = new Set<string>()
  /** The class and the name of a metric; of one named after a function, that function too. */
  const described = (identifier: MetricIdentifier, output: number) => {
    if (!isFunctionName(identifier)) {
      const metric = metrics.get(identifier)
      return { name: metric.name, ...metrics.serialize(metric) }
    }
    let fn = toSnakeCase(identifier)
    if (byShape.test(identifier)) {
      const own = lossPerOutput[output] ?? null
      const isSparse = own !== null && losses.get(own).className === 'SparseCategoricalCrossentropy'
      const [shape, target] = [shapes[output], isSparse ? shapes[output].slice(0, -1) : shapes[output]]
      fn = automaticName(resolveMetric(identifier, shape, target).className)
    }
    return { name: identifier, className: 'MeanMetricWrapper', config: { dtype: 'float32', fn } }
  }
  const named = (identifier: MetricIdentifier, output: number, isWeighted: boolean): Json => {
    const isAlone = outputNames.length === 1
    if (isAlone && typeof identifier === 'string' && byShape.test(identifier) && !taken.has(identifier)) {
      taken.add(identifier)
      return identifier
    }
    const { name: own, className, config } = described(identifier, output)
    const prefix = isAlone ? '' : `${outputNames[output]}_`
    const name = `${prefix}${isWeighted && taken.has(prefix + own) ? 'weighted_' : ''}${own}`
    taken.add(name)
    return toKeras({ className, config: { ...config, name } }) as Json
  }
  const all = (what: string, given: unknown, isWeighted: boolean): Json => {
    const found = metricsPerOutput(what, given, outputNames).map((own, i) =>
      own.map(each => named(each, i, isWeighted)),
    )
    return found.some(own => own.length > 0) ? found : null
  }
  return { metrics: all('metrics', plain, false), weighted_metrics: all('weightedMetrics', weighted, true) }
}
