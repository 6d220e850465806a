// Layers that move values, or look them up.

import { sizeOf } from '../core/check.ts'
import type { DataFormat } from '../core/geometry.ts'
import type { Embedding } from '../layers/embedding.ts'
import type { Border, Cropping1D, Cropping2D, ZeroPadding1D, ZeroPadding2D } from '../layers/frame.ts'
import type { Flatten, Permute, RepeatVector } from '../layers/rearrangement.ts'
import { rowAxisOf } from '../layers/window-options.ts'
import { type Place, plainWeight, type Writer } from './place.ts'

/** With channels last, Flatten passes through; here the channels move to the end first. */
export const flatten: Writer<Flatten> = ({ graph, x, inputShape, outputShape }) => {
  const places = inputShape.slice(1).map((_, axis) => axis + 2)
  return graph.reshape(graph.transpose(x, [0, ...places, 1]), outputShape)
}

export const permute: Writer<Permute> = ({ layer, graph, x }) => graph.transpose(x, [0, ...layer.dims])

export const repeatVector: Writer<RepeatVector> = ({ layer, graph, x, inputShape }) =>
  graph.node('Tile', [graph.reshape(x, [1, inputShape[0]]), graph.longs([1, layer.n, 1])])

export const embedding: Writer<Embedding> = ({ graph, weights, x }) => {
  const ids = graph.node('Cast', [x], { to: { int: 6 } }) // int32
  return graph.node('Gather', [plainWeight(graph, weights.embeddings), ids], { axis: { int: 0 } })
}

/** Adds a value at the sides of each image. */
export function padded2D(
  { layer, graph, x }: Place<{ readonly padding: readonly [Border, Border]; readonly dataFormat: DataFormat }>,
  value: number,
): string {
  const [rows, cols] = layer.padding
  const sides = (end: 0 | 1) =>
    layer.dataFormat === 'channels_first' ? [0, rows[end], cols[end]] : [rows[end], cols[end], 0]
  return graph.pad(x, sides(0), sides(1), value)
}

export const zeroPadding2D: Writer<ZeroPadding2D> = place => padded2D(place, 0)

export const zeroPadding1D: Writer<ZeroPadding1D> = ({ layer, graph, x }) =>
  graph.pad(x, [layer.padding[0], 0], [layer.padding[1], 0])

export const cropping2D: Writer<Cropping2D> = ({ layer, graph, x, inputShape }) => {
  const first = rowAxisOf(layer.dataFormat)
  const starts = layer.cropping.map(([before]) => before)
  const ends = layer.cropping.map(([, behind], i) => inputShape[first + i] - behind)
  const axes = [first + 1, first + 2]
  return graph.node('Slice', [x, graph.longs(starts), graph.longs(ends), graph.longs(axes)])
}

export const cropping1D: Writer<Cropping1D> = ({ layer, graph, x, inputShape }) => {
  const [before, behind] = layer.cropping
  const [starts, ends] = [graph.longs([before]), graph.longs([inputShape[0] - behind])]
  return graph.node('Slice', [x, starts, ends, graph.longs([1])])
}

/** What passes through keeps its numbers; only their shape may change. */
export const reshaped: Writer<unknown> = ({ graph, x, inputShape, outputShape }) =>
  `${inputShape}` === `${outputShape}` && sizeOf(inputShape) === sizeOf(outputShape) ? x : graph.reshape(x, outputShape)
