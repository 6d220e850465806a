// Layers with several inputs.

import { type Shape, sizeOf } from '../core/check.ts'
import { sampleAxes } from '../layers/axes.ts'
import type { Average, Concatenate, Dot } from '../layers/merge.ts'
import { unit } from './normalizations.ts'
import type { Place, Writer } from './place.ts'

/** The names of the inputs, with as many axes as the output: ONNX aligns shapes at their ends, batch included. */
function aligned({ call, graph, inputs, outputShape }: Place<unknown>): string[] {
  return call.inputs.map(({ shape }, i) =>
    shape.length === outputShape.length
      ? inputs[i]
      : graph.reshape(inputs[i], [...new Array(outputShape.length - shape.length).fill(1), ...shape]),
  )
}

/** One node after the other, as the layer goes through its inputs. */
const chained =
  (op: string): Writer<unknown> =>
  place =>
    aligned(place).reduce((sum, x) => place.graph.node(op, [sum, x]))

export const add = chained('Add')
export const subtract = chained('Sub')
export const multiply = chained('Mul')
export const maximum = chained('Max')
export const minimum = chained('Min')

export const average: Writer<Average> = place =>
  place.graph.node('Div', [add(place), place.graph.floats([], [place.inputs.length])])

export const concatenate: Writer<Concatenate> = ({ layer, graph, inputs, inputShape }) => {
  const [axis] = sampleAxes(layer, layer.axis, inputShape)
  return inputs.length === 1 ? inputs[0] : graph.node('Concat', inputs, { axis: { int: axis + 1 } })
}

/** `[N, rest, K]` · `[N, K, rest]`, each with its other axes flat. */
export const dot: Writer<Dot> = ({ layer, call, graph, inputs, outputShape }) => {
  const shapes = call.inputs.map(({ shape }) => shape)
  const given = typeof layer.axes === 'number' ? [layer.axes, layer.axes] : layer.axes
  const axes = shapes.map((shape, i) => sampleAxes(layer, given[i], shape)[0])
  const [a, b] = inputs.map((x, i) => {
    const scaled = layer.normalize ? unit(graph, x, [axes[i] + 1]) : x
    const rest = restOf(shapes[i], axes[i])
    const order = i === 0 ? [...rest, axes[i]] : [axes[i], ...rest]
    const turned = graph.transpose(scaled, [0, ...order.map(axis => axis + 1)])
    const length = shapes[i][axes[i]]
    const others = sizeOf(rest.map(axis => shapes[i][axis]))
    return graph.reshape(turned, i === 0 ? [others, length] : [length, others])
  })
  return graph.reshape(graph.node('MatMul', [a, b]), outputShape)
}

const restOf = (shape: Shape, axis: number) => shape.map((_, i) => i).filter(i => i !== axis)
