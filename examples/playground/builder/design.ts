// A design of the three nets: what all have in common, and how wide each is, so that none has an advantage in size.

import {
  AveragePooling2D,
  Conv2D,
  Dense,
  Dropout,
  Flatten,
  L2,
  type Layer,
  LocallyConnected2D,
  MaxPooling2D,
} from 'unshared'
import { type NetName, type PerNet, perNet, type Task } from '../nets.ts'

/** The values that each part of a design may have; the first is that of the page's other nets. */
export const choices = {
  depth: [1, 2, 3],
  window: [3, 1, 2, 4, 5, 6],
  step: [1, 2, 3],
  width: [8, 1, 2, 4, 6, 12, 16],
  activation: ['relu', 'tanh', 'sigmoid', 'linear'],
  pooling: ['none', 'max', 'average'],
  l2: [0, 0.0001, 0.001, 0.01],
  dropout: [0, 0.25, 0.5],
  handicap: ['none', 'weights', 'macs'],
} as const

type Choices = typeof choices
export type DesignPart = keyof Choices
/**
 * `depth` hidden layers with windows of `window` × `window`, moved by `step`, with `width` filters each. Before the answers
 * come pooling of 2 × 2 places and Dropout. `handicap`: what dense net and convolution are made to have as much of as the
 * local net: nothing, weights, or multiply-adds.
 */
export type Design = { readonly [P in DesignPart]: Choices[P][number] }
export const designParts = Object.keys(choices) as DesignPart[]
export const plainDesign = Object.fromEntries(designParts.map(part => [part, choices[part][0]])) as Design

/** What one of the three nets becomes. */
export interface NetSize {
  /** Of each hidden layer: filters, or units of a dense one. */
  readonly widths: readonly number[]
  /** Outputs of the hidden layers, before pooling. */
  readonly units: number
  /** Biases included. */
  readonly weights: number
  /** Multiply-adds for one picture. */
  readonly macs: number
}

/** How many places each hidden layer has along a side, and the answers see; null when a window does not fit. */
export function placesAlong({ depth, window, step, pooling }: Design, side: number): number[] | null {
  const places: number[] = []
  for (let at = side; places.length < depth; places.push(at)) {
    if (window > at) return null
    at = Math.floor((at - window) / step) + 1
  }
  const last = places[places.length - 1]
  return last < 2 && pooling !== 'none' ? null : [...places, pooling === 'none' ? last : Math.floor(last / 2)]
}

type Look = Pick<Task, 'side' | 'classes'>

function sizeOfWindowed(design: Design, filters: number, isShared: boolean, { side, classes }: Look): NetSize {
  const places = placesAlong(design, side) as number[]
  const hidden = places.slice(0, -1)
  const inputs = (i: number) => design.window ** 2 * (i === 0 ? 1 : filters)
  const readOut = places[places.length - 1] ** 2 * filters
  const sum = (of: (places: number, i: number) => number) => hidden.reduce((total, p, i) => total + of(p * p, i), 0)
  return {
    widths: hidden.map(() => filters),
    units: sum(p => p * filters),
    weights: sum((p, i) => (isShared ? 1 : p) * (inputs(i) + 1) * filters) + (readOut + 1) * classes,
    macs: sum((p, i) => p * inputs(i) * filters) + readOut * classes,
  }
}

/**
 * Dense layers as wide as the others' outputs. Of the layer that the others pool, it has as many units as come out of
 * pooling: it has no places that lie side by side.
 */
function sizeOfDense(design: Design, scale: number, { side, classes }: Look): NetSize {
  const places = placesAlong(design, side) as number[]
  const seen = [...places.slice(0, -2), places[places.length - 1]]
  const widths = seen.map(p => Math.max(1, Math.round(p * p * scale)))
  const inputs = [side * side, ...widths]
  const links = [...widths, classes].map((width, i) => inputs[i] * width)
  const macs = links.reduce((total, n) => total + n, 0)
  const units = widths.reduce((total, n) => total + n, 0)
  return { widths, units, weights: macs + units + classes, macs }
}

const mostFilters = 400

/** The sizes of the three nets. @throws Error when the windows do not fit */
export function sizesOf(design: Design, look: Look): PerNet<NetSize> {
  if (!placesAlong(design, look.side)) throw new Error('the windows do not fit into the picture')
  const { handicap, width } = design
  const local = sizeOfWindowed(design, width, false, look)
  if (handicap === 'none')
    return { dense: sizeOfDense(design, width, look), local, conv: sizeOfWindowed(design, width, true, look) }
  const nearest = (sizes: readonly NetSize[]) =>
    sizes.reduce((best, size) =>
      Math.abs(size[handicap] - local[handicap]) < Math.abs(best[handicap] - local[handicap]) ? size : best,
    )
  const filters = Array.from({ length: mostFilters }, (_, i) => i + 1)
  // The first dense layer has a whole number of units; the others keep their proportion to it.
  const first = (placesAlong(design, look.side) as number[])[design.depth === 1 ? 1 : 0] ** 2
  return {
    dense: nearest(filters.map(units => sizeOfDense(design, units / first, look))),
    local,
    conv: nearest(filters.map(count => sizeOfWindowed(design, count, true, look))),
  }
}

/** All layers of one of the nets. */
export function layersOf(name: NetName, design: Design, look: Look): Layer[] {
  const { widths } = sizesOf(design, look)[name]
  const { window, step, activation, pooling, l2, dropout } = design
  const inputShape = [look.side, look.side, 1]
  const penalty = l2 > 0 ? { kernelRegularizer: new L2({ l2 }) } : {}
  const hidden = widths.map((width, i) => {
    const start = i === 0 && name !== 'dense' ? { inputShape } : {}
    const windowed = { filters: width, kernelSize: window, strides: step, activation, ...penalty, ...start }
    if (name === 'dense') return new Dense({ units: width, activation, ...penalty })
    return name === 'local' ? new LocallyConnected2D(windowed) : new Conv2D(windowed)
  })
  const pool = { none: [], max: [MaxPooling2D], average: [AveragePooling2D] }[pooling]
  return [
    ...(name === 'dense' ? [new Flatten({ inputShape }), ...hidden] : hidden),
    ...(name === 'dense' ? [] : [...pool.map(Pooling => new Pooling({ poolSize: 2 })), new Flatten()]),
    ...(dropout > 0 ? [new Dropout({ rate: dropout })] : []),
    new Dense({ units: look.classes, activation: 'softmax', ...penalty }),
  ]
}

/** How far the other nets' size is from the local net's, as a share of it. */
export function mismatch(sizes: PerNet<NetSize>, of: 'weights' | 'macs'): PerNet<number> {
  return perNet(name => sizes[name][of] / sizes.local[of] - 1)
}

export const isDesign = (value: unknown): value is Design =>
  typeof value === 'object' &&
  value !== null &&
  designParts.every(part => (choices[part] as readonly unknown[]).includes((value as Design)[part]))

/** The task with these nets. */
export const taskOf = (design: Design, look: Look, own: number | null = null): Task => ({
  ...look,
  ...{ design, own },
  kernelSize: design.window,
  strides: design.step,
  filters: design.width,
  layers: name => layersOf(name, design, look),
})
