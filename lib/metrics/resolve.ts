// From the name of a metric to the metric that fits the shapes.

import type { Shape } from '../core/check.ts'
import type { Metric } from './metric.ts'
import type { MetricIdentifier } from './registry.ts'
import { metrics } from './table.ts'

/**
 * The metric for an identifier, for outputs and targets of these shapes, including the batch. 'accuracy', 'acc',
 * 'crossentropy' and 'ce' select the variant that fits the shapes. As in Keras, a metric requested by a function name
 * ('mse') takes that name; one requested by a class name ('AUC') takes the default name of the class ('auc').
 * @throws ArgumentError when the name is unknown, or the shapes do not fit the metric
 */
export function resolveMetric(identifier: MetricIdentifier, outputShape: Shape, targetShape: Shape): Metric {
  const metric = make(identifier, outputShape, targetShape)
  metric.checkShapes(outputShape, targetShape)
  return metric
}

function make(identifier: MetricIdentifier, outputShape: Shape, targetShape: Shape): Metric {
  if (typeof identifier !== 'string') return metrics.get(identifier, 'metrics')
  const kind = kindOf(outputShape, targetShape)
  const className = identifier
    .replace(/^acc(uracy)?$/i, `${kind}Accuracy`)
    .replace(/^(ce|crossentropy)$/i, `${kind}Crossentropy`)
  if (className === identifier && metrics.has(identifier)) return metrics.get(identifier, 'metrics')
  return metrics.get({ className, config: { name: identifier } }, 'metrics')
}

function kindOf(outputShape: Shape, targetShape: Shape): 'Binary' | 'SparseCategorical' | 'Categorical' {
  if (outputShape[outputShape.length - 1] === 1) return 'Binary'
  const sparse = targetShape.length < outputShape.length || targetShape[targetShape.length - 1] === 1
  return sparse ? 'SparseCategorical' : 'Categorical'
}
