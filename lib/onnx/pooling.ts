// Pooling, by windows and over the whole input; and enlarging, its opposite.

import type { DataFormat } from '../core/geometry.ts'
import type * as pooling from '../layers/pooling.ts'
import type { UpSampling1D, UpSampling2D } from '../layers/up-sampling.ts'
import type { Attribute } from './graph.ts'
import type { Place, Writer } from './place.ts'
import { geometryIn, windowAttributes, withChannelsFirst } from './windows.ts'

function pool(
  place: Place<{ readonly dataFormat: DataFormat }>,
  op: string,
  more: Readonly<Record<string, Attribute>> = {},
): string {
  const attributes = { ...windowAttributes(place, geometryIn(place)), ...more }
  return withChannelsFirst(place, x => place.graph.node(op, [x], attributes))
}

export const maxPooling: Writer<pooling.MaxPooling1D | pooling.MaxPooling2D> = place => pool(place, 'MaxPool')

/** Only what is inside the image counts. */
export const averagePooling: Writer<pooling.AveragePooling1D | pooling.AveragePooling2D> = place =>
  pool(place, 'AveragePool', { count_include_pad: { int: 0 } })

type Whole = { readonly dataFormat: DataFormat; readonly keepdims: boolean }

function overAll({ layer, graph, x, inputShape }: Place<Whole>, op: string): string {
  const places = inputShape.slice(1).map((_, axis) => axis + (layer.dataFormat === 'channels_first' ? 2 : 1))
  return graph.node(op, [x], { axes: { ints: places }, keepdims: { int: Number(layer.keepdims) } })
}

export const globalMaxPooling: Writer<Whole> = place => overAll(place, 'ReduceMax')
export const globalAveragePooling: Writer<Whole> = place => overAll(place, 'ReduceMean')

/** Repeats rows and columns, or interpolates between their centres. */
export const upSampling2D: Writer<UpSampling2D> = place => {
  const { layer, graph } = place
  const scales = graph.floats([4], [1, 1, ...layer.size])
  const isNearest = layer.interpolation === 'nearest'
  return withChannelsFirst(place, x =>
    graph.node('Resize', [x, '', scales], {
      mode: { text: isNearest ? 'nearest' : 'linear' },
      coordinate_transformation_mode: { text: isNearest ? 'asymmetric' : 'half_pixel' },
      ...(isNearest && { nearest_mode: { text: 'floor' } }),
    }),
  )
}

/** Repeats every step: `[steps, channels]` → `[steps, 1, channels]`, tiled. */
export const upSampling1D: Writer<UpSampling1D> = ({ layer, graph, x, inputShape, outputShape }) => {
  const [steps, channels] = inputShape
  const apart = graph.reshape(x, [steps, 1, channels])
  return graph.reshape(graph.node('Tile', [apart, graph.longs([1, 1, layer.size, 1])]), outputShape)
}
