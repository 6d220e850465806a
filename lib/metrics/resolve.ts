// From the name of a metric to the metric that fits the shapes.

import type { Shape } from '../core/check.ts'
import type { Metric } from './metric.ts'
import type { MetricIdentifier } from './registry.ts'
import { metrics, variants } from './table.ts'

/**
 * The metric for an identifier, for outputs and targets of these shapes, including the batch. 'accuracy', 'acc',
 * 'crossentropy' and 'ce' select the variant that fits the shapes. As in Keras, a metric requested by a function name
 * ('mse') takes that name; one requested by a class name ('AUC') takes the default name of the class ('auc').
 * @throws ArgumentError when the name is unknown, or the shapes do not fit the metric
 */
export function resolveMetric(identifier: MetricIdentifier, outputShape: Shape, targetShape: Shape): Metric {
  const metric = metrics.get(named(identifier, outputShape, targetShape), 'metrics')
  metric.checkShapes(outputShape, targetShape)
  return metric
}

function named(identifier: MetricIdentifier, outputShape: Shape, targetShape: Shape): unknown {
  if (typeof identifier !== 'string') return identifier
  const variant = variants.get(identifier.toLowerCase())
  if (!variant && metrics.has(identifier)) return identifier
  return { className: variant?.(outputShape, targetShape) ?? identifier, config: { name: identifier } }
}
