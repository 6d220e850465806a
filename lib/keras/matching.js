// Which array of a file is which weight of a model. Decided from names and shapes alone, before a number is read.
import { sameShape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { automaticName } from '../names.ts'
/** @throws ArgumentError naming the layer and the weight that doesn't fit */
export function matchWeights(
  { layers: stored, named, kind },
  targets,
  { byName = false, skipMismatch = false } = {},
) {
  const wanted = targets
    .map((target, index) => ({ ...target, index }))
    .filter(({ slots }) => slots.length > 0)
  const find = finder(stored, named, targets, byName || kind === 'safetensors')
  if (!byName && !skipMismatch && stored.length !== wanted.length)
    throw new ArgumentError(
      'source',
      `a file with weights of ${stored.length} layers (${namesOf(stored)})`,
      `weights of the model's ${wanted.length} layers that have some (${wanted.map(({ layer }) => layer.name).join(', ')})`,
    )
  const matches = []
  const skipped = []
  wanted.forEach(({ layer, slots, index }, n) => {
    const found = find(layer, index, n)
    if (!found && (byName || skipMismatch)) {
      skipped.push(layer.name)
      return
    }
    try {
      if (!found)
        throw new ArgumentError(
          'source',
          `a file without them (${namesOf(stored)})`,
          `weights of the layer ${layer.name}`,
        )
      matches.push(...matchLayer(found, layer, slots, index, kind === 'safetensors'))
    } catch (error) {
      if (!skipMismatch) throw error
      skipped.push(layer.name)
    }
  })
  return { matches, skipped }
}
const namesOf = stored =>
  `${stored
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ')}${stored.length > 8 ? ' …' : ''}`
function finder(stored, named, targets, byName) {
  const byStoredName = new Map(stored.map(layer => [layer.name, layer]))
  if (named === 'container') {
    const names = containerNames(targets.map(({ layer }) => layer.className))
    return (_, index) => byStoredName.get(names[index])
  }
  return byName ? layer => byStoredName.get(layer.name) : (_, __, weighted) => stored[weighted]
}
/** How the v3 layout names layers: by class, and from the second of a class on by number. */
export function containerNames(classNames) {
  const used = new Map()
  return classNames.map(className => {
    const base = automaticName(className)
    const count = used.get(base) ?? 0
    used.set(base, count + 1)
    return count === 0 ? base : `${base}_${count}`
  })
}
function matchLayer({ arrays }, layer, slots, index, byWeightName) {
  if (arrays.length !== slots.length)
    throw new ArgumentError(
      'source',
      `${arrays.length} arrays (${arrays.map(({ name }) => name).join(', ')})`,
      `the ${slots.length} weights of the layer ${layer.name} (${slots.map(({ name }) => name).join(', ')})`,
    )
  return slots.map(({ name, shape }, parameter) => {
    const array = byWeightName ? arrays.find(a => a.name.split(/[/.]/).at(-1) === name) : arrays[parameter]
    if (!array)
      throw new ArgumentError(
        'source',
        arrays.map(a => a.name),
        `the weight ${name} of the layer ${layer.name}`,
      )
    const from = matchArray(array, { name, shape }, layer, parameter === 0)
    return { layer: index, parameter, array, from }
  })
}
/**
 * Whether an array has a weight's shape (`null`), or which implementation's form of it.
 * @throws ArgumentError where it has neither
 */
export function matchArray(array, { name, shape }, layer, isKernel) {
  if (sameShape(array.shape, shape)) return null
  const from = isKernel ? implementationOf(layer, array.shape) : null
  if (from !== null) return from
  throw new ArgumentError(
    `${array.name} of shape`,
    array.shape,
    `[${shape.join(', ')}], the shape of ${name} of the layer ${layer.name}`,
  )
}
/** Which implementation stores the kernel of a locally connected layer in this shape. */
function implementationOf(layer, shape) {
  if (!(layer instanceof LocallyConnected)) return null
  return [1, 2, 3].find(i => sameShape(layer.kernelShape(i), shape)) ?? null
}
/** How many numbers the weights of a file are. */
export const storedSize = layers =>
  layers.reduce((sum, { arrays }) => sum + arrays.reduce((n, { shape }) => n + sizeOf(shape), 0), 0)
