// Keras' HDF5 files, written: the legacy layout, and the v3 layout.
import { containerNames } from './matching.ts'
import { h5wasm } from './packages.ts'
/** The version whose form the configs have. */
export const kerasVersion = '2.15.0'
/** Larger lists of names are split, as HDF5 has no room for them in one attribute. */
const mostAttributeBytes = 64512
let written = 0
/** The bytes of an HDF5 file that `fill` makes. */
async function hdf5Bytes(fill) {
  const h5 = await h5wasm()
  const path = `/unshared-written-${written++}.h5`
  const file = new h5.File(path, 'w')
  const { FS } = h5
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
export const legacyModel = ({ config, layers, training }) =>
  hdf5Bytes(root => {
    text(root, 'model_config', JSON.stringify(config))
    if (training) {
      const { optimizer, loss, metrics, weightedMetrics } = training
      const settings = {
        loss,
        metrics,
        weighted_metrics: weightedMetrics.length > 0 ? weightedMetrics : null,
        loss_weights: null,
        optimizer_config: { ...optimizer, class_name: `Custom>${optimizer.class_name}` },
      }
      text(root, 'training_config', JSON.stringify(settings))
    }
    versions(root)
    const weights = root.create_group('model_weights')
    versions(weights)
    legacyLayers(weights, layers)
    if (!training) return
    const state = root.create_group('optimizer_weights')
    const slots = training.slots.map(slot => ({ ...slot, name: `${slot.name}:0` }))
    texts(state, 'weight_names', ['iteration:0', ...slots.map(({ name }) => name)])
    iterations(state, 'iteration:0', training.iterations)
    for (const slot of slots) dataset(state, slot.name, slot)
  })
/** Weights alone as `.h5`. */
export const legacyWeights = ({ layers }) =>
  hdf5Bytes(root => {
    versions(root)
    legacyLayers(root, layers)
  })
function legacyLayers(root, layers) {
  texts(
    root,
    'layer_names',
    layers.map(({ name }) => name),
  )
  for (const layer of layers) {
    const group = groupAt(root, layer.name)
    const names = layer.weights.map(({ name }) => `${layer.name}/${name}:0`)
    texts(group, 'weight_names', names)
    layer.weights.forEach((weight, i) => {
      dataset(group, names[i], weight)
    })
  }
  texts(root.create_group('top_level_model_weights'), 'weight_names', [])
}
/** The v3 layout: `.weights.h5`, and the HDF5 part of `.keras`. */
export const v3Weights = ({ layers, training, metricClasses }) =>
  hdf5Bytes(root => {
    const all = root.create_group('layers')
    for (const { container, weights } of layers)
      numbered(all.create_group(container).create_group('vars'), weights, 0)
    root.create_group('vars')
    if (metricClasses.length > 0) noMetricsYet(root.create_group('metrics'), metricClasses)
    if (!training) return
    const state = root.create_group('optimizer').create_group('vars')
    iterations(state, '0', training.iterations)
    numbered(state, training.slots, 1)
  })
/** Sums and counts of the loss and of the metrics, all 0: Keras wants them in a model that it has trained. */
function noMetricsYet(group, classes) {
  const zero = { name: 'zero', shape: [], data: new Float32Array(1) }
  for (const name of containerNames(classes))
    numbered(group.create_group(name).create_group('vars'), [zero, zero], 0)
}
function numbered(group, arrays, first) {
  arrays.forEach((array, i) => {
    dataset(group, String(first + i), array)
  })
}
function versions(group) {
  text(group, 'keras_version', kerasVersion)
  text(group, 'backend', 'tensorflow')
}
function text(group, name, value) {
  group.create_attribute(name, value, [], 'S')
}
function texts(group, name, values) {
  if (values.length === 0) {
    group.create_attribute(name, new Float64Array(0), [0], '<d') // as numpy has a list of nothing
    return
  }
  const longest = values.reduce((most, value) => Math.max(most, value.length), 16)
  const atOnce = Math.max(1, Math.floor(mostAttributeBytes / longest))
  if (values.length <= atOnce) group.create_attribute(name, [...values], [values.length], 'S')
  else
    for (let i = 0; i * atOnce < values.length; i++) {
      const part = values.slice(i * atOnce, (i + 1) * atOnce)
      group.create_attribute(`${name}${i}`, part, [part.length], 'S')
    }
}
function iterations(group, name, value) {
  group.create_dataset({ name, data: BigInt64Array.of(BigInt(value)), shape: [], dtype: '<q' })
}
/** A dataset at a path of groups: `dense/kernel:0`. */
function dataset(group, path, { shape, data }) {
  const names = path.split('/')
  const parent = groupAt(group, names.slice(0, -1).join('/'))
  parent.create_dataset({ name: names[names.length - 1], data, shape: [...shape], dtype: '<f' })
}
function groupAt(group, path) {
  let at = group
  for (const name of path.split('/'))
    if (name !== '') at = at.keys().includes(name) ? at.get(name) : at.create_group(name)
  return at
}
