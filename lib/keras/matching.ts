// Matches the arrays in a file to the weights of a model, by names and shapes alone, before reading any values.

import { type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import type { Leaf, Module } from '../layers/module.ts'
import { TimeDistributed } from '../layers/time-distributed.ts'
import { Model, type Outputs } from '../models/model.ts'
import type { Parameter } from '../weights/parameter.ts'
import { type KernelOrder, kernelOrder, type Origin } from './kernel-order.ts'
import type { FileKind, ModelDescription, StoredArray, StoredLayer } from './model-file.ts'

/** An array, and the weight that it belongs to. */
export interface Match {
  /** The index of the target. */
  readonly target: number
  readonly slot: Slot
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

/** A weight, and the layer that it belongs to. */
export interface Slot {
  readonly parameter: Parameter
  readonly layer: Layer
}

/** A layer of the model, or a model in it. */
export interface Target {
  /** The name in the model. */
  readonly name: string
  readonly slots: readonly Slot[]
  /** In the v3 layout: the groups of the layers inside, in the order of the slots. */
  readonly groups: readonly string[]
}

/** A layer as its class sees it: leaves of models are layers. */
export const layerOf = (leaf: Leaf) => leaf as Module as Layer

/** The weights of a layer alone. */
const slotsOf = (leaf: Leaf): Slot[] => leaf.parameters.map(parameter => ({ parameter, layer: layerOf(leaf) }))

/** The weights that compile made trainable, in the order in which files store an optimizer's variables. */
export const trainableSlots = (model: Model<Outputs>): (Slot & { readonly isTrained: boolean })[] =>
  model.compiled.trainableWeights.map(({ leaf, ...weight }) => ({ ...weight, layer: layerOf(leaf) }))

/**
 * The targets in a model. Files of Keras have one for each of its layers, with the weights of all layers inside; in other
 * files each layer inside is one, by its path.
 */
export function targetsIn(model: Model<Outputs>, kind: FileKind): Target[] {
  if (kind === 'tfjs' || kind === 'safetensors')
    return leavesIn(model).map(({ path, name, leaf }) => ({
      name: kind === 'tfjs' ? name : path,
      slots: slotsOf(leaf),
      groups: [],
    }))
  const groups = containerNames(model.layers.map(({ className }) => className))
  return model.layers.map((layer, i) => {
    const all = layer.leaves.flatMap(slotsOf)
    // Keras' legacy layout has the weights that train first.
    const trained = new Set(
      layer.trainableParameters.map(parameter => all.findIndex(slot => slot.parameter.isTwinOf(parameter))),
    )
    const isLegacy = kind === 'h5' && !(layer.leaves[0] === (layer as Module))
    const slots = isLegacy ? [...[...trained].map(n => all[n]), ...all.filter((_, n) => !trained.has(n))] : all
    return {
      name: model.nameOf(layer),
      slots,
      groups: groupsIn(layer, '', groups[i]).flatMap(({ path, isLeaf }) => (isLeaf ? [path] : [])),
    }
  })
}

/** All layers inside a model, with their names, and paths that have the names of the models around them. */
export function leavesIn(model: Model<Outputs>, prefix = ''): { path: string; name: string; leaf: Leaf }[] {
  return model.layers.flatMap(layer => {
    const name = model.nameOf(layer)
    const path = `${prefix}${name}`
    const inside = layer instanceof TimeDistributed ? layer.layer : layer
    if (inside instanceof Model) return leavesIn(inside, `${path}/`)
    return inside.leaves.map(leaf => ({ path, name, leaf }))
  })
}

/** A group of the v3 layout. Those of layers hold weights; those of models and TimeDistributed, further groups. */
export interface ModuleGroup {
  readonly path: string
  readonly name: string
  readonly module: Module
  readonly isLeaf: boolean
}

/** The groups of a model's layers, and of those inside them, in order. */
export function groupsOf({ layers }: Model<Outputs>, parent = ''): ModuleGroup[] {
  const names = containerNames(layers.map(({ className }) => className))
  return layers.flatMap((layer, i) => groupsIn(layer, parent, names[i]))
}

function groupsIn(module: Module, parent: string, name: string): ModuleGroup[] {
  const path = `${parent}${name}`
  const own = { path, name, module, isLeaf: false }
  if (module instanceof TimeDistributed) return [own, ...groupsIn(module.layer, `${path}/`, 'layer')]
  if (module instanceof Model) return [own, ...groupsOf(module, `${path}/layers/`)]
  return [{ ...own, isLeaf: true }]
}

export interface Matches {
  readonly matches: readonly Match[]
  /** Layers of the model that have weights but received none. */
  readonly skipped: readonly string[]
}

/** @throws ArgumentError naming the layer and the weight that does not fit */
export function matchWeights(
  { layers: stored, named, kind, version, backend }: Omit<ModelDescription, 'config' | 'training' | 'optimizer'>,
  all: readonly Target[],
  { byName = false, skipMismatch = false }: MatchOptions = {},
): Matches {
  if (byName && named === 'container')
    throw new ArgumentError('byName', byName, `false: a ${kind} file has no layer names`)
  const targets = all.filter(({ slots }) => slots.length > 0)
  const found = finder(stored, named, byName || kind === 'safetensors')
  const count = named === 'container' ? new Set(stored.map(({ name }) => name.split('/')[0])).size : stored.length
  if (!byName && !skipMismatch && count !== targets.length)
    throw new ArgumentError(
      'source',
      `a file with weights of ${count} layers (${namesOf(stored)})`,
      `weights of the model's ${targets.length} layers that have any (${targets.map(({ name }) => name).join(', ')})`,
    )
  const matches: Match[] = []
  const skipped: string[] = []
  targets.forEach((target, n) => {
    const { name } = target
    const layer = found(target, n)
    if (!layer && (byName || skipMismatch)) {
      skipped.push(name)
      return
    }
    try {
      if (!layer)
        throw new ArgumentError('source', `a file without them (${namesOf(stored)})`, `weights of the layer ${name}`)
      const index = all.indexOf(target)
      matches.push(...matchTarget(layer, target, index, kind === 'safetensors', { version, backend }))
    } catch (error) {
      if (!skipMismatch) throw error
      skipped.push(name)
    }
  })
  if (matches.length === 0 && targets.length > 0)
    throw new ArgumentError(
      'source',
      `a file with weights of ${namesOf(stored)}`,
      `weights that fit at least one of the layers ${targets.map(({ name }) => name).join(', ')}`,
    )
  return { matches, skipped }
}

const namesOf = (stored: readonly StoredLayer[]) =>
  `${stored
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ')}${stored.length > 8 ? ' …' : ''}`

type Find = (target: Target, n: number) => StoredLayer | undefined

function finder(stored: readonly StoredLayer[], named: ModelDescription['named'], byName: boolean): Find {
  // By name, layers of the file's model come before those inside models.
  const inner = byName ? stored.flatMap(layer => layer.inner ?? []) : []
  const byStoredName = new Map([...inner, ...stored].map(layer => [layer.name, layer]))
  if (named === 'container')
    return ({ name, groups }) => {
      const found = groups.flatMap(group => byStoredName.get(group) ?? [])
      return found.length > 0 ? { name, arrays: found.flatMap(({ arrays }) => arrays) } : undefined
    }
  return byName ? ({ name }) => byStoredName.get(name) : (_, n) => stored[n]
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

function matchTarget(
  { name: layerName, arrays }: StoredLayer,
  { name: owner, slots }: Target,
  target: number,
  byWeightName: boolean,
  origin: Origin,
): Match[] {
  if (arrays.length !== slots.length)
    throw new ArgumentError(
      'source',
      `${arrays.length} arrays (${arrays.map(({ name }) => name).join(', ')})`,
      `the ${slots.length} weights of the layer ${owner} (${slots.map(({ parameter }) => parameter.name).join(', ')})`,
    )
  return slots.map((slot, i) => {
    const { name, shape } = slot.parameter
    const array = byWeightName
      ? arrays.find(a => a.name.slice(layerName === '' ? 0 : layerName.length + 1) === name)
      : arrays[i]
    if (!array)
      throw new ArgumentError(
        'source',
        arrays.map(a => a.name),
        `the weight ${name} of the layer ${owner}`,
      )
    const from = matchArray(array, `${name} of the layer ${owner}`, shape, slot, origin)
    return { target, slot, array, from }
  })
}

/**
 * Compares an array's shape with a weight's. Returns `null` if the array is stored as the layer keeps the weight, or else
 * its form.
 * @throws ArgumentError if the array fits in no form
 */
export function matchArray(
  array: StoredArray,
  name: string,
  shape: Shape,
  { parameter, layer }: Slot,
  origin: Origin,
): KernelForm | null {
  const isKernel = parameter === layer.parameters[0]
  const order = isKernel ? kernelOrder(layer, array.shape, origin) : null
  const ordered = order ? order.axes.map(axis => array.shape[axis]) : array.shape
  if (sameShape(ordered, shape)) return order
  const from = isKernel ? implementationOf(layer, array.shape) : null
  if (from !== null) return from
  throw new ArgumentError(`shape of ${array.name}`, array.shape, `[${shape.join(', ')}], the shape of ${name}`)
}

/** The implementation that stores the kernel of a locally connected layer in this shape; `null` if none does. */
function implementationOf(layer: Layer, shape: Shape): Implementation | null {
  if (!(layer instanceof LocallyConnected)) return null
  return ([1, 2, 3] as const).find(i => sameShape(layer.kernelShape(i), shape)) ?? null
}

/** The number of weight elements in a file. */
export const storedSize = (layers: readonly StoredLayer[]): number =>
  layers.reduce((sum, { arrays }) => sum + arrays.reduce((n, { shape }) => n + sizeOf(shape), 0), 0)
