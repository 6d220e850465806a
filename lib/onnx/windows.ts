// Layers with windows. ONNX has channels first, so layers with channels last are turned before and after.

import { sizeOf, stridesOf } from '../core/check.ts'
import type { DataFormat, Geometry } from '../core/geometry.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import type { Conv1D, Conv1DTranspose, Conv2D, Conv2DTranspose } from '../layers/convolution.ts'
import type { DepthwiseConv2D, SeparableConv2D } from '../layers/depthwise.ts'
import type { LocallyConnected1D, LocallyConnected2D } from '../layers/locally-connected.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Attribute, GraphWriter } from './graph.ts'
import { type Place, plainWeight, type Writer } from './place.ts'

/** The state of the calls of layers with windows. */
interface Windows {
  readonly geometry: Geometry
}

export const geometryIn = ({ call }: Place<unknown>): Geometry => (call.state as Windows).geometry

/** The sizes along the axes of the windows: rows and columns, or only the steps of a sequence. */
export const along = (place: Place<unknown>, sizes: readonly [number, number]): number[] =>
  sizes.slice(3 - place.inputShape.length)

/** Runs nodes that have channels first. */
export function withChannelsFirst(
  { layer, graph, x, inputShape }: Place<{ readonly dataFormat: DataFormat }>,
  write: (x: string) => string,
): string {
  if (layer.dataFormat === 'channels_first') return write(x)
  const places = inputShape.slice(1).map((_, axis) => axis + 1)
  const channels = inputShape.length
  const y = write(graph.transpose(x, [0, channels, ...places]))
  return graph.transpose(y, [0, ...places.map(axis => axis + 1), 1])
}

/** The zeros that the windows read before and behind the image, by rows and by columns. */
function margins({ H, W, KH, KW, SH, SW, OH, OW, top, left, dilation }: Geometry) {
  const behind = (places: number, stride: number, window: number, rate: number, size: number, before: number) =>
    (places - 1) * stride + (window - 1) * rate + 1 - size - before
  return {
    before: [top, left],
    behind: [behind(OH, SH, KH, dilation[0], H, top), behind(OW, SW, KW, dilation[1], W, left)],
  } as const
}

const least0 = (n: number) => Math.max(n, 0)

/** The attributes of nodes with windows. */
export function windowAttributes(place: Place<unknown>, g: Geometry): Record<string, Attribute> {
  const { before, behind } = margins(g)
  return {
    kernel_shape: { ints: along(place, [g.KH, g.KW]) },
    strides: { ints: along(place, [g.SH, g.SW]) },
    pads: { ints: [...along(place, before), ...along(place, [least0(behind[0]), least0(behind[1])])] },
  }
}

/** A kernel with its axes in another order. */
export function turned(
  graph: GraphWriter,
  kernel: Parameter,
  shape: readonly number[],
  order: readonly number[],
  result: readonly number[],
): string {
  return graph.weight(kernel, `[${shape}] as ${order}`, () => ({
    shape: result,
    data: transposed(kernel.value, shape, order),
  }))
}

function transposed(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = stridesOf(shape)
  const result = new Float32Array(data.length)
  let next = 0
  const copy = (depth: number, at: number): void => {
    if (depth === order.length) result[next++] = data[at]
    else for (let n = 0; n < shape[order[depth]]; n++) copy(depth + 1, at + n * strides[order[depth]])
  }
  copy(0, 0)
  return result
}

const biasOf = (graph: GraphWriter, bias: Parameter | undefined): string[] => (bias ? [plainWeight(graph, bias)] : [])

// ---- Locally connected ------------------------------------------------------------------------------------------

/** The parts of a layer whose places have their own kernels, as names in the graph. */
interface Places {
  /** The samples, flat: `[N, input]`. */
  readonly flat: string
  /** The input of each element of each patch: `[P, K]`. */
  readonly indices: string
  /** `[P, K, F]` */
  readonly kernel: string
  /** `[P, F]`, or `[F, P]` with channels first. */
  readonly bias: string | null
  readonly channelsFirst: boolean
}

/** Gathers the patch of every place, and multiplies each with the place's own kernel: patches `[P, N, K]` · `[P, K, F]`. */
export function byPlace(graph: GraphWriter, places: Places, outputShape: readonly number[]): string {
  const { flat, indices, kernel, bias, channelsFirst } = places
  const gathered = graph.node('Gather', [flat, indices], { axis: { int: 1 } })
  const products = graph.node('MatMul', [graph.transpose(gathered, [1, 0, 2]), kernel])
  const y = graph.transpose(products, channelsFirst ? [1, 2, 0] : [1, 0, 2])
  return graph.reshape(bias === null ? y : graph.node('Add', [y, bias]), outputShape)
}

export const locallyConnected: Writer<LocallyConnected1D | LocallyConnected2D> = place => {
  const { layer, graph, weights, x, outputShape } = place
  const g = geometryIn(place)
  const { before, behind } = margins(g)
  const after = [least0(behind[0]), least0(behind[1])] as const
  const [rows, cols] = [before[0] + g.H + after[0], before[1] + g.W + after[1]]
  const image = (sizes: readonly [number, number]) =>
    g.channelsFirst ? [0, ...along(place, sizes)] : [...along(place, sizes), 0]
  const padded = graph.pad(x, image(before), image(after))
  const biasShape = g.channelsFirst ? [g.F, g.P] : [g.P, g.F]
  const places = {
    flat: graph.reshape(padded, [rows * cols * g.C]),
    indices: patchTable(graph, weights.kernel, g, rows, cols),
    kernel: localKernel(graph, weights.kernel, layer.implementation, g),
    bias: weights.bias ? plainWeight(graph, weights.bias, biasShape) : null,
    channelsFirst: g.channelsFirst,
  }
  return byPlace(graph, places, outputShape)
}

/** For each place, the indices of its patch in the padded, flat image. */
function patchTable(graph: GraphWriter, kernel: Parameter, g: Geometry, rows: number, cols: number): string {
  const make = () => {
    const [row, col, channel] = g.channelsFirst ? [cols, 1, rows * cols] : [cols * g.C, g.C, 1]
    const data = new Int32Array(g.P * g.K)
    for (let p = 0; p < g.P; p++)
      for (let k = 0; k < g.K; k++) {
        const h = Math.floor(p / g.OW) * g.SH + g.patchRow[k]
        const w = (p % g.OW) * g.SW + g.patchCol[k]
        const c = (g.patchOffset[k] - g.patchRow[k] * g.inputRow - g.patchCol[k] * g.inputCol) / g.inputChannel
        data[p * g.K + k] = h * row + w * col + c * channel
      }
    return { shape: [g.P, g.K], data }
  }
  return graph.weight(kernel, 'indices', make, 'indices')
}

function localKernel(graph: GraphWriter, kernel: Parameter, implementation: 1 | 2 | 3, g: Geometry): string {
  return graph.weight(kernel, 'by place', () => {
    const shape = [g.P, g.K, g.F]
    const data = new Float32Array(sizeOf(shape))
    convertLocalKernel(data, 1, kernel.value, implementation, g)
    return { shape, data }
  })
}

// ---- Convolutions -----------------------------------------------------------------------------------------------

export const convolution: Writer<Conv1D | Conv2D> = place => {
  const g = geometryIn(place)
  const { kernel } = place.weights
  const window = along(place, [g.KH, g.KW])
  const weights = turned(place.graph, kernel, [g.KH, g.KW, g.C, g.F], [3, 2, 0, 1], [g.F, g.C, ...window])
  return convolved(place, g, weights)
}

/** @param kernel `[filters, channels, …window]` */
export function convolved(place: Place<{ readonly dataFormat: DataFormat }>, g: Geometry, kernel: string): string {
  const { graph, weights } = place
  return withChannelsFirst(place, x =>
    graph.node('Conv', [x, kernel, ...biasOf(graph, weights.bias)], {
      ...windowAttributes(place, g),
      dilations: { ints: along(place, g.dilation) },
    }),
  )
}

/** The geometry is that of the convolution from the output to the input. */
export const convolutionTranspose: Writer<Conv1DTranspose | Conv2DTranspose> = place => {
  const { graph } = place
  const g = geometryIn(place)
  const { kernel, bias } = place.weights
  const window = along(place, [g.KH, g.KW])
  const weights = turned(graph, kernel, [g.KH, g.KW, g.C, g.F], [3, 2, 0, 1], [g.F, g.C, ...window])
  const { behind } = margins(g)
  return withChannelsFirst(place, x =>
    graph.node('ConvTranspose', [x, weights, ...biasOf(graph, bias)], {
      ...windowAttributes(place, g),
      output_padding: { ints: along(place, [least0(-behind[0]), least0(-behind[1])]) }, // where strides pass the windows
    }),
  )
}

/** A convolution of each channel by itself. */
function depthwise(place: Place<unknown>, x: string, kernel: Parameter, g: Geometry, bias: readonly string[]): string {
  const { graph } = place
  const [KH, KW, C, M] = kernel.shape
  const weights = turned(graph, kernel, [KH, KW, C * M], [2, 0, 1], [C * M, 1, KH, KW])
  return graph.node('Conv', [x, weights, ...bias], {
    ...windowAttributes(place, g),
    dilations: { ints: g.dilation },
    group: { int: C },
  })
}

export const depthwiseConvolution: Writer<DepthwiseConv2D> = place => {
  const { depthwise_kernel: kernel, bias } = place.weights
  return withChannelsFirst(place, x => depthwise(place, x, kernel, geometryIn(place), biasOf(place.graph, bias)))
}

export const separableConvolution: Writer<SeparableConv2D> = place => {
  const { call, graph } = place
  const { depthwise_kernel: first, pointwise_kernel: second, bias } = place.weights
  const { depthwise: g } = call.state as { readonly depthwise: Geometry }
  const [, , channels, filters] = second.shape
  return withChannelsFirst(place, x => {
    const middle = depthwise(place, x, first, g, [])
    const weights = turned(graph, second, [channels, filters], [1, 0], [filters, channels, 1, 1])
    return graph.node('Conv', [middle, weights, ...biasOf(graph, bias)], { kernel_shape: { ints: [1, 1] } })
  })
}
