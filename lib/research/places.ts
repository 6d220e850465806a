// The weights of locally connected layers, place by place, whatever the implementation stores.

import type { Shape } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { connections, type Geometry } from '../core/geometry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { eachConnection } from '../kernels/local2d-layouts.ts'
import { biasPairs } from '../kernels/local2d-sharing.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import type { Parameter } from '../weights/parameter.ts'
import { LayerWrapper } from './layer-wrapper.ts'

/** A weight of which every place has its own numbers. Entry i of the tables stands for one connected number. */
export interface PlacedWeight {
  readonly parameter: Parameter
  /** The offset of each number in the stored weight; of the numbers of one element, those of earlier places first. */
  readonly own: Int32Array
  /** Its offset in [places, perPlace]: kernels [patch, filters], in the layer's patch order; biases [filters]. */
  readonly placed: Int32Array
  /** The numbers of one place. */
  readonly perPlace: number
}

/** A locally connected layer, or a wrapper around one, with its weights place by place. */
export interface PlacedLayer {
  readonly geometry: Geometry
  readonly kernel: PlacedWeight
  readonly bias: PlacedWeight | null
}

/** Whether a layer is locally connected, or a wrapper around such a layer. */
export const isLocal = (layer: unknown): layer is Layer => inside(layer) instanceof LocallyConnected

const inside = (layer: unknown): unknown => (layer instanceof LayerWrapper ? inside(layer.layer) : layer)

/** The implementation and the geometry of a locally connected layer, or of the one in a wrapper. */
export function localIn(layer: Layer, inputShape: Shape): { implementation: Implementation; geometry: Geometry } {
  const local = inside(layer) as LocallyConnected<readonly number[]>
  return { implementation: local.implementation, geometry: local.geometryOf([null, ...inputShape]) }
}

/** @throws ArgumentError for other layers; StateError before the layer is built */
export function placedIn(argument: string, layer: unknown): PlacedLayer {
  if (!isLocal(layer)) throw new ArgumentError(argument, layer, 'a LocallyConnected1D or LocallyConnected2D')
  if (!layer.built)
    throw new StateError(`the layer ${layer.name} is not built yet: call build(inputShape) or forward(x) first`)
  const { implementation, geometry } = localIn(layer, layer.inputShape)
  const [kernel, bias] = layer.parameters
  return {
    geometry,
    kernel: { parameter: kernel, ...kernelTable(geometry, implementation) },
    bias: bias?.name === 'bias' ? { parameter: bias, ...biasTable(geometry) } : null,
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
  return { own, placed, perPlace: g.K * g.F }
}

export function biasTable(g: Geometry): Table {
  const own = new Int32Array(g.outputSize)
  let entry = 0
  biasPairs(g)(offset => {
    own[entry++] = offset
  })
  return { own, placed: own.map((_, i) => i), perPlace: g.F }
}
