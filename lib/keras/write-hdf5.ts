// Writes Keras' HDF5 files, in the legacy and the v3 layout.

import { ArgumentError } from '../core/errors.ts'
import { utf8 } from '../files/bytes.ts'
import { h5wasm } from '../files/packages.ts'
import { containerNames } from './matching.ts'
import { assertHdf5Paths, mostAttributeBytes, type Named } from './names.ts'
import type { PlainArray, PlainModel } from './plain-model.ts'

type H5wasm = Awaited<ReturnType<typeof h5wasm>>
type Group = InstanceType<H5wasm['Group']>

/** The version of Keras whose config format we write. */
export const kerasVersion = '2.15.0'
let written = 0

/** The bytes of an HDF5 file whose content `fill` writes. */
async function hdf5Bytes(fill: (root: Group) => void): Promise<Uint8Array> {
  const h5 = await h5wasm()
  const path = `/unshared-written-${written++}.h5`
  const file = new h5.File(path, 'w')
  const { FS } = h5 as unknown as { FS: { readFile(path: string): Uint8Array; unlink(path: string): void } }
  try {
    try {
      fill(file)
    } finally {
      file.close()
    }
    return FS.readFile(path)
  } finally {
    FS.unlink(path)
  }
}

/** A whole model as `.h5`. */
export const legacyModel = ({ config, layers, training }: PlainModel): Promise<Uint8Array> => {
  assertLegacyNames(layers)
  const slots = training?.slots.map(slot => ({ ...slot, name: `${slot.name}:0` })) ?? []
  assertHdf5Paths(
    [],
    slots.map(({ name }) => ({ what: 'the optimizer, in its variable', name })),
  )
  return hdf5Bytes(root => {
    text(root, 'model_config', JSON.stringify(config))
    if (training) {
      const { optimizer, isLegacy, loss, lossWeights, legacyMetrics } = training
      const settings = {
        loss,
        ...legacyMetrics,
        loss_weights: lossWeights,
        // Keras finds new optimizers as registered classes; names without a package are those of legacy ones.
        optimizer_config: isLegacy ? optimizer : { ...optimizer, class_name: `Custom>${optimizer.class_name}` },
      }
      text(root, 'training_config', JSON.stringify(settings))
    }
    versions(root)
    const weights = root.create_group('model_weights')
    versions(weights)
    legacyLayers(weights, layers)
    if (!training) return
    const state = root.create_group('optimizer_weights')
    texts(state, 'weight_names', ['iteration:0', ...slots.map(({ name }) => name)])
    iterations(state, 'iteration:0', training.iterations)
    for (const slot of slots) dataset(state, slot.name, slot)
  })
}

/** Only the weights, as `.h5`. */
export const legacyWeights = ({ layers }: PlainModel): Promise<Uint8Array> => {
  assertLegacyNames(layers)
  return hdf5Bytes(root => {
    versions(root)
    legacyLayers(root, layers)
  })
}

/** Keras looks for weights of the model itself in a group of this name. */
const topLevel = 'top_level_model_weights'

function assertLegacyNames(layers: PlainModel['layers']): void {
  const groups: Named[] = layers.map(({ name }) => ({ what: 'the layer', name }))
  const datasets = layers.flatMap(({ name, weights }) =>
    weights.map(weight => ({ what: `a weight of ${name}`, name: `${name}/${weight.name}:0` })),
  )
  assertHdf5Paths(groups, [...datasets, { what: 'the layer', name: topLevel }])
}

function legacyLayers(root: Group, layers: PlainModel['layers']): void {
  texts(
    root,
    'layer_names',
    layers.map(({ name }) => name),
  )
  for (const layer of layers) {
    const group = groupAt(root, layer.name)
    const names = layer.weights.map(({ name }) => `${name}:0`)
    texts(group, 'weight_names', names)
    layer.weights.forEach((weight, i) => {
      dataset(group, names[i], weight)
    })
  }
  texts(root.create_group(topLevel), 'weight_names', [])
}

/** The v3 layout: `.weights.h5`, and the HDF5 part of `.keras`. */
export const v3Weights = ({ groups, training, metricClasses }: PlainModel): Promise<Uint8Array> => {
  const named = [
    ...groups.map(({ path, name, owner }) => ({ path, name, what: `the class of the layer ${owner}` })),
    ...containerNames(metricClasses).map(name => ({ path: `metrics/${name}`, name, what: 'the class of a metric' })),
  ]
  const taken = new Set<string>()
  for (const { path, name, what } of named) {
    if (name.includes('/') || taken.has(path))
      throw new ArgumentError(`the name of ${what}`, name, 'one without "/" that is not a number of another class')
    taken.add(path)
    assertHdf5Paths([{ what, name }], [])
  }
  return hdf5Bytes(root => {
    const all = root.create_group('layers')
    for (const { path, weights } of groups) numbered(groupAt(all, path).create_group('vars'), weights, 0)
    root.create_group('vars')
    if (metricClasses.length > 0) noMetricsYet(root.create_group('metrics'), metricClasses)
    if (!training) return
    const state = root.create_group('optimizer').create_group('vars')
    iterations(state, '0', training.iterations)
    numbered(state, training.slots, 1)
  })
}

/** Writes the sums and counts of the loss and metrics, all 0. Keras requires them in a compiled model. */
function noMetricsYet(group: Group, classes: readonly string[]): void {
  const zero = { name: 'zero', shape: [], data: new Float32Array(1) }
  for (const name of containerNames(classes)) numbered(group.create_group(name).create_group('vars'), [zero, zero], 0)
}

function numbered(group: Group, arrays: readonly PlainArray[], first: number): void {
  arrays.forEach((array, i) => {
    dataset(group, String(first + i), array)
  })
}

function versions(group: Group): void {
  text(group, 'keras_version', kerasVersion)
  text(group, 'backend', 'tensorflow')
}

function text(group: Group, name: string, value: string): void {
  group.create_attribute(name, value, [], 'S')
}

function texts(group: Group, name: string, values: readonly string[]): void {
  if (values.length === 0) {
    group.create_attribute(name, new Float64Array(0), [0], '<d') // like numpy's empty list
    return
  }
  const longest = values.reduce((most, value) => Math.max(most, utf8(value).length), 16)
  const atOnce = Math.max(1, Math.floor(mostAttributeBytes / longest))
  if (values.length <= atOnce) group.create_attribute(name, [...values], [values.length], 'S')
  else
    for (let i = 0; i * atOnce < values.length; i++) {
      const part = values.slice(i * atOnce, (i + 1) * atOnce)
      group.create_attribute(`${name}${i}`, part, [part.length], 'S')
    }
}

function iterations(group: Group, name: string, value: number): void {
  group.create_dataset({ name, data: BigInt64Array.of(BigInt(value)), shape: [], dtype: '<q' })
}

/** Creates a dataset, with the groups in its path: `dense/kernel:0`. */
function dataset(group: Group, path: string, { shape, data }: PlainArray): void {
  const names = path.split('/')
  const parent = groupAt(group, names.slice(0, -1).join('/'))
  parent.create_dataset({ name: names[names.length - 1], data, shape: [...shape], dtype: '<f' })
}

function groupAt(group: Group, path: string): Group {
  let at = group
  for (const name of path.split('/'))
    if (name !== '') at = (at.keys().includes(name) ? at.get(name) : at.create_group(name)) as Group
  return at
}
