// The weights of locally connected layers, place by place, whatever the implementation stores.

import type { Shape } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { connections, type Geometry } from '../core/geometry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { eachConnection } from '../kernels/local2d-layouts.ts'
import { biasPairs } from '../kernels/local2d-sharing.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected, type LocallyConnected1D, type LocallyConnected2D } from '../layers/locally-connected.ts'
import type { Parameter } from '../weights/parameter.ts'
import { LayerWrapper } from './layer-wrapper.ts'
import { LocalWindowsLayer } from './local-windows.ts'
import type { LocallyConnected3D } from './locally-connected-3d.ts'
import type { TiledLocallyConnected2D } from './tiled.ts'

/** A weight of which every place has its own numbers. Entry i of the tables describes one connected number. */
export interface PlacedWeight {
  readonly parameter: Parameter
  /** The offset of each number in the stored weight; of the numbers of one element, those of earlier places first. */
  readonly own: Int32Array
  /** Its offset in [places, perPlace]: kernels [patch, filters], in the layer's patch order; biases [filters]. */
  readonly placed: Int32Array
  /** The numbers of one place, of which filter f has f, f + filters, f + 2 · filters … */
  readonly perPlace: number
  readonly filters: number
}

/** A locally connected layer, or a wrapper around one. */
export type LocalLayer = PlainLocal | LayerWrapper<PlainLocal>
type PlainLocal = LocallyConnected1D | LocallyConnected2D | LocallyConnected3D | TiledLocallyConnected2D

/** The weights of a locally connected layer, place by place; of a tiled one, those of the kernels in the tile. */
export interface PlacedLayer {
  /** The number of places along each axis. */
  readonly grid: Shape
  readonly kernel: PlacedWeight
  readonly bias: PlacedWeight | null
}

/** Whether a layer has kernels for its places, or is a wrapper around such a layer. */
export function isLocal(layer: unknown): layer is Layer {
  const local = inside(layer)
  return local instanceof LocallyConnected || local instanceof LocalWindowsLayer
}

/** The layer within all wrappers. */
export const inside = (layer: unknown): unknown => (layer instanceof LayerWrapper ? inside(layer.layer) : layer)

/** @throws ArgumentError for other layers; StateError before the layer is built */
export function placedIn(argument: string, layer: unknown): PlacedLayer {
  if (!isLocal(layer)) {
    const names = 'LocallyConnected1D, LocallyConnected2D, LocallyConnected3D or TiledLocallyConnected2D'
    throw new ArgumentError(argument, layer, `a ${names}`)
  }
  if (!layer.built)
    throw new StateError(`the layer ${layer.name} is not built yet: call build(inputShape) or forward(x) first`)
  const [parameter, other] = layer.parameters
  const { grid, kernel, bias } = tablesOf(inside(layer) as AnyLocal, layer.inputShape, parameter)
  const biasParameter = other?.name === 'bias' ? other : null
  return { grid, kernel: { parameter, ...kernel }, bias: biasParameter && { parameter: biasParameter, ...bias } }
}

type AnyLocal = LocallyConnected<readonly number[]> | LocallyConnected3D | TiledLocallyConnected2D

function tablesOf(local: AnyLocal, inputShape: Shape, { shape, size }: Parameter) {
  if (local instanceof LocallyConnected) {
    const g = local.geometryOf([null, ...inputShape])
    return { grid: [g.OH, g.OW], kernel: kernelTable(g, local.implementation), bias: biasTable(g) }
  }
  const [P, , F] = shape // all weights are connected, and stored place by place
  const all = Int32Array.from({ length: size }, (_, i) => i)
  const [outputPlace, outputFilter] = local.dataFormat === 'channels_first' ? [1, P] : [F, 1]
  return {
    grid: local.gridOf(inputShape),
    kernel: { own: all, placed: all, perPlace: size / P, filters: F },
    bias: biasTable({ P, F, outputPlace, outputFilter }),
  }
}

type Table = Omit<PlacedWeight, 'parameter'>

export function kernelTable(g: Geometry, implementation: Implementation): Table {
  const own = new Int32Array(connections(g) * g.F)
  const placed = new Int32Array(own.length)
  let entry = 0
  eachConnection(g, offsets => {
    own[entry] = offsets[implementation]
    placed[entry++] = offsets[1]
  })
  return { own, placed, perPlace: g.K * g.F, filters: g.F }
}

export function biasTable(g: Pick<Geometry, 'P' | 'F' | 'outputPlace' | 'outputFilter'>): Table {
  const own = new Int32Array(g.P * g.F)
  let entry = 0
  biasPairs(g)(offset => {
    own[entry++] = offset
  })
  return { own, placed: own.map((_, i) => i), perPlace: g.F, filters: g.F }
}
