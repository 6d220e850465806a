// Layers of papers that Keras never had.

import { sizeOf } from '../core/check.ts'
import type { LocalWindows } from '../kernels/local-windows.ts'
import { type ConnectionTableConv2D, linksOf } from '../research/connection-table-conv.ts'
import type { ConstantPadding2D } from '../research/constant-padding.ts'
import type { LocallyConnected3D } from '../research/locally-connected-3d.ts'
import type { LowRankLocallyConnected2D } from '../research/low-rank.ts'
import type { SoftThreshold } from '../research/soft-threshold.ts'
import type { TiledLocallyConnected2D } from '../research/tiled.ts'
import { padded2D } from './moves.ts'
import { plainWeight, type Writer } from './place.ts'
import { byPlace, convolved, geometryIn, turned, windowAttributes, withChannelsFirst } from './windows.ts'

/** Places that share a kernel get a copy each. */
export const localWindows: Writer<LocallyConnected3D | TiledLocallyConnected2D> = place => {
  const { layer, call, graph, x, weights, outputShape } = place
  const { kernel, bias } = weights
  const { windows } = call.state as { readonly windows: LocalWindows }
  const { P, K, F, starts, patch, kernelOf, biasKernel, biasFilter, inputSize } = windows
  const channelsFirst = layer.dataFormat === 'channels_first'
  const indices = () => {
    const data = Int32Array.from({ length: P * K }, (_, i) => starts[Math.floor(i / K)] + patch[i % K])
    return { shape: [P, K], data }
  }
  const kernels = () => {
    const data = new Float32Array(P * K * F)
    kernelOf.forEach((n, p) => {
      data.set(kernel.value.subarray(n * K * F, (n + 1) * K * F), p * K * F)
    })
    return { shape: [P, K, F], data }
  }
  const biases = () => {
    const data = new Float32Array(P * F)
    for (let p = 0; p < P; p++)
      for (let f = 0; f < F; f++)
        data[channelsFirst ? f * P + p : p * F + f] = bias.value[kernelOf[p] * biasKernel + f * biasFilter]
    return { shape: channelsFirst ? [F, P] : [P, F], data }
  }
  const places = {
    flat: graph.reshape(x, [inputSize]),
    indices: graph.weight(kernel, 'indices', indices, 'indices'),
    kernel: graph.weight(kernel, 'by place', kernels),
    bias: bias ? graph.weight(bias, 'by place', biases) : null,
    channelsFirst,
  }
  return byPlace(graph, places, outputShape)
}

/** A convolution, with 0 where the table has no link. */
export const connectionTable: Writer<ConnectionTableConv2D> = place => {
  const { layer, graph, weights } = place
  const { kernel } = weights
  const g = geometryIn(place)
  const { C, F, KH, KW } = g
  const dense = () => {
    const { filters, first } = linksOf(layer.table, C)
    const shape = [F, C, KH, KW]
    const data = new Float32Array(sizeOf(shape))
    for (let w = 0; w < KH * KW; w++)
      for (let c = 0; c < C; c++)
        for (let l = first[c]; l < first[c + 1]; l++)
          data[(filters[l] * C + c) * KH * KW + w] = kernel.value[w * filters.length + l]
    return { shape, data }
  }
  return convolved(place, g, graph.weight(kernel, 'dense', dense))
}

export const constantPadding2D: Writer<ConstantPadding2D> = place => padded2D(place, place.layer.value)

/** The outputs of all bases `[N, R, F, OH, OW]`, times the combining weights of each place, added over the bases. */
export const lowRank: Writer<LowRankLocallyConnected2D> = place => {
  const { layer, graph, weights } = place
  const { spatialRank: R, filters: F } = layer
  const call = place.call as Parameters<typeof layer.tablesOf>[0]
  const g = call.state.bases
  const tables = layer.tablesOf(call, weights)
  const { P, OH, OW } = g
  const byChannel = (table: Float32Array, channels: number) =>
    Array.from({ length: P * channels }, (_, i) => table[(i % P) * channels + Math.floor(i / P)])
  const { kernel_bases: bases } = weights
  const kernel = turned(graph, bases, [g.KH, g.KW, g.C, R * F], [3, 2, 0, 1], [R * F, g.C, g.KH, g.KW])
  return withChannelsFirst(place, x => {
    const outputs = graph.reshape(graph.node('Conv', [x, kernel], windowAttributes(place, g)), [R, F, OH, OW])
    const shares = graph.floats([R, 1, OH, OW], byChannel(tables.weights, R))
    const sum = graph.node('ReduceSum', [graph.node('Mul', [outputs, shares]), graph.longs([1])], {
      keepdims: { int: 0 },
    })
    return graph.node('Add', [sum, graph.floats([F, OH, OW], byChannel(tables.bias, F))])
  })
}

/** relu(x − b) − relu(−x − b) */
export const softThreshold: Writer<SoftThreshold> = ({ graph, weights, x }) => {
  const threshold = plainWeight(graph, weights.threshold)
  const above = graph.node('Relu', [graph.node('Sub', [x, threshold])])
  const below = graph.node('Relu', [graph.node('Sub', [graph.node('Neg', [x]), threshold])])
  return graph.node('Sub', [above, below])
}
