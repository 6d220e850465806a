// Normalizations, and layers that scale and shift.

import { type Shape, sizeOf } from '../core/check.ts'
import { sampleAxes } from '../layers/axes.ts'
import type { BatchNormalization } from '../layers/batch-normalization.ts'
import type { LayerNormalization } from '../layers/layer-normalization.ts'
import type { LocalBias } from '../layers/local-bias.ts'
import type { PReLU } from '../layers/prelu.ts'
import type { Rescaling } from '../layers/rescaling.ts'
import type { UnitNormalization } from '../layers/unit-normalization.ts'
import type { GraphWriter } from './graph.ts'
import { plainWeight, plus, type Writer } from './place.ts'

const { fround, sqrt } = Math

/** The shape of a weight that broadcasts along the other axes of a sample. */
const spread = (inputShape: Shape, axes: readonly number[]) => {
  const first = Math.min(...axes)
  return inputShape.slice(first).map((n, i) => (axes.includes(first + i) ? n : 1))
}

/** By the moving averages: (x − mean) · (gamma / √(variance + ε)) + beta. */
export const batchNormalization: Writer<BatchNormalization> = ({ layer, graph, weights, x, inputShape }) => {
  const { gamma, beta, moving_mean: mean, moving_variance: variance } = weights
  const shape = spread(inputShape, sampleAxes(layer, layer.axis, inputShape))
  const scale = graph.weight(variance, `scale [${shape}]`, () => ({
    shape,
    data: variance.value.map((v, c) => (gamma?.value[c] ?? 1) / fround(sqrt(fround(v + fround(layer.epsilon))))),
  }))
  const centred = graph.node('Sub', [x, plainWeight(graph, mean, shape)])
  return plus(graph, graph.node('Mul', [centred, scale]), beta, shape)
}

export const layerNormalization: Writer<LayerNormalization> = ({ layer, graph, weights, x, inputShape }) => {
  const { gamma, beta } = weights
  const axes = sampleAxes(layer, layer.axis, inputShape).sort((a, b) => a - b)
  const shape = spread(inputShape, axes)
  const over = { axes: { ints: axes.map(axis => axis + 1) }, keepdims: { int: 1 } }
  const isLast = axes.every((axis, i) => axis === inputShape.length - axes.length + i)
  if (isLast) {
    const scale = gamma ? plainWeight(graph, gamma, shape) : graph.floats(shape, new Array(sizeOf(shape)).fill(1))
    const shift = beta ? [plainWeight(graph, beta, shape)] : []
    const attributes = { axis: { int: axes[0] + 1 }, epsilon: { float: layer.epsilon } }
    return graph.node('LayerNormalization', [x, scale, ...shift], attributes)
  }
  const centred = graph.node('Sub', [x, graph.node('ReduceMean', [x], over)])
  const variance = graph.node('ReduceMean', [graph.node('Mul', [centred, centred])], over)
  const raised = graph.node('Add', [variance, graph.floats([], [layer.epsilon])])
  const normal = graph.node('Div', [centred, graph.node('Sqrt', [raised])])
  return plus(graph, gamma ? graph.node('Mul', [normal, plainWeight(graph, gamma, shape)]) : normal, beta, shape)
}

/** Vectors along the axes, scaled to length 1; shorter ones than 1e-6 are divided by 1e-6. @param axes the batch is 0 */
export function unit(graph: GraphWriter, x: string, axes: readonly number[]): string {
  const squares = graph.node('Mul', [x, x])
  const sum = graph.node('ReduceSum', [squares, graph.longs(axes)], { keepdims: { int: 1 } })
  const raised = graph.node('Max', [sum, graph.floats([], [1e-12])])
  return graph.node('Div', [x, graph.node('Sqrt', [raised])])
}

export const unitNormalization: Writer<UnitNormalization> = ({ layer, graph, x, inputShape }) =>
  unit(
    graph,
    x,
    sampleAxes(layer, layer.axis, inputShape).map(axis => axis + 1),
  )

export const rescaling: Writer<Rescaling> = ({ layer, graph, x }) =>
  graph.node('Add', [graph.node('Mul', [x, graph.floats([], [layer.scale])]), graph.floats([], [layer.offset])])

export const localBias: Writer<LocalBias> = ({ graph, weights, x }) => plus(graph, x, weights.bias)

export const prelu: Writer<PReLU> = ({ graph, weights, x }) =>
  graph.node('PRelu', [x, plainWeight(graph, weights.alpha)])
