// Matches the arrays in a file to the weights of a model, by names and shapes alone, before reading any values.

import { type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { type KernelOrder, kernelOrder, type Origin } from './kernel-order.ts'
import type { ModelDescription, StoredArray, StoredLayer } from './model-file.ts'

/** An array, and the weight that it belongs to. */
export interface Match {
  readonly layer: number
  readonly parameter: number
  readonly array: StoredArray
  readonly from: KernelForm | null
}

/** The form of a stored kernel, if not the layer's own: the implementation of a locally connected layer, or an order. */
export type KernelForm = Implementation | KernelOrder

/** How to match the weights in a file to layers. */
export interface MatchOptions {
  /** Whether to match layers by name instead of order. Layers on only one side are skipped. */
  readonly byName?: boolean
  /** Whether to skip layers whose weights do not fit. */
  readonly skipMismatch?: boolean
}

/** The name and shape of a weight, known before the weight exists. */
export interface Slot {
  readonly name: string
  readonly shape: Shape
}

export interface Target {
  /** The layer's name in the model. */
  readonly name: string
  readonly layer: Layer
  readonly slots: readonly Slot[]
}

export interface Matches {
  readonly matches: readonly Match[]
  /** Layers of the model that have weights but received none. */
  readonly skipped: readonly string[]
}

/** @throws ArgumentError naming the layer and the weight that does not fit */
export function matchWeights(
  { layers: stored, named, kind, version, backend }: Omit<ModelDescription, 'config' | 'training' | 'optimizer'>,
  targets: readonly Target[],
  { byName = false, skipMismatch = false }: MatchOptions = {},
): Matches {
  if (byName && named === 'container')
    throw new ArgumentError('byName', byName, `false: a ${kind} file has no layer names`)
  const wanted = targets.map((target, index) => ({ ...target, index })).filter(({ slots }) => slots.length > 0)
  const find = finder(stored, named, targets, byName || kind === 'safetensors')
  if (!byName && !skipMismatch && stored.length !== wanted.length)
    throw new ArgumentError(
      'source',
      `a file with weights of ${stored.length} layers (${namesOf(stored)})`,
      `weights of the model's ${wanted.length} layers that have any (${wanted.map(({ name }) => name).join(', ')})`,
    )
  const matches: Match[] = []
  const skipped: string[] = []
  wanted.forEach((target, n) => {
    const { name } = target
    const found = find(target, n)
    if (!found && (byName || skipMismatch)) {
      skipped.push(name)
      return
    }
    try {
      if (!found)
        throw new ArgumentError('source', `a file without them (${namesOf(stored)})`, `weights of the layer ${name}`)
      matches.push(...matchLayer(found, target, kind === 'safetensors', { version, backend }))
    } catch (error) {
      if (!skipMismatch) throw error
      skipped.push(name)
    }
  })
  if (matches.length === 0 && wanted.length > 0)
    throw new ArgumentError(
      'source',
      `a file with weights of ${namesOf(stored)}`,
      `weights that fit at least one of the layers ${wanted.map(({ name }) => name).join(', ')}`,
    )
  return { matches, skipped }
}

const namesOf = (stored: readonly StoredLayer[]) =>
  `${stored
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ')}${stored.length > 8 ? ' …' : ''}`

type Indexed = Target & { readonly index: number }

type Find = (target: Indexed, weighted: number) => StoredLayer | undefined

function finder(
  stored: readonly StoredLayer[],
  named: ModelDescription['named'],
  targets: readonly Target[],
  byName: boolean,
): Find {
  const byStoredName = new Map(stored.map(layer => [layer.name, layer]))
  if (named === 'container') {
    const names = containerNames(targets.map(({ layer }) => layer.className))
    return ({ index }) => byStoredName.get(names[index])
  }
  return byName ? ({ name }) => byStoredName.get(name) : (_, weighted) => stored[weighted]
}

/** The names of layers in the v3 layout: the class, and from the second of a class on, a number. */
export function containerNames(classNames: readonly string[]): string[] {
  const used = new Map<string, number>()
  return classNames.map(className => {
    const base = automaticName(className)
    const count = used.get(base) ?? 0
    used.set(base, count + 1)
    return count === 0 ? base : `${base}_${count}`
  })
}

function matchLayer(
  { name: layerName, arrays }: StoredLayer,
  { name: owner, layer, slots, index }: Indexed,
  byWeightName: boolean,
  origin: Origin,
): Match[] {
  if (arrays.length !== slots.length)
    throw new ArgumentError(
      'source',
      `${arrays.length} arrays (${arrays.map(({ name }) => name).join(', ')})`,
      `the ${slots.length} weights of the layer ${owner} (${slots.map(({ name }) => name).join(', ')})`,
    )
  return slots.map(({ name, shape }, parameter) => {
    const array = byWeightName
      ? arrays.find(a => a.name.slice(layerName === '' ? 0 : layerName.length + 1) === name)
      : arrays[parameter]
    if (!array)
      throw new ArgumentError(
        'source',
        arrays.map(a => a.name),
        `the weight ${name} of the layer ${owner}`,
      )
    const from = matchArray(array, { name: `${name} of the layer ${owner}`, shape }, layer, parameter === 0, origin)
    return { layer: index, parameter, array, from }
  })
}

/**
 * Compares an array's shape with a weight's. Returns `null` if the array is stored as the layer keeps the weight, or else
 * its form.
 * @throws ArgumentError if the array fits in no form
 */
export function matchArray(
  array: StoredArray,
  { name, shape }: Slot,
  layer: Layer,
  isKernel: boolean,
  origin: Origin,
): KernelForm | null {
  const order = isKernel ? kernelOrder(layer, array.shape, origin) : null
  const ordered = order ? order.axes.map(axis => array.shape[axis]) : array.shape
  if (sameShape(ordered, shape)) return order
  const from = isKernel ? implementationOf(layer, array.shape) : null
  if (from !== null) return from
  throw new ArgumentError(`${array.name} of shape`, array.shape, `[${shape.join(', ')}], the shape of ${name}`)
}

/** The implementation that stores the kernel of a locally connected layer in this shape; `null` if none does. */
function implementationOf(layer: Layer, shape: Shape): Implementation | null {
  if (!(layer instanceof LocallyConnected)) return null
  return ([1, 2, 3] as const).find(i => sameShape(layer.kernelShape(i), shape)) ?? null
}

/** The number of weight elements in a file. */
export const storedSize = (layers: readonly StoredLayer[]): number =>
  layers.reduce((sum, { arrays }) => sum + arrays.reduce((n, { shape }) => n + sizeOf(shape), 0), 0)
