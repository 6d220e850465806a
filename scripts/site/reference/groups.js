// The pages of the reference: which source files each one holds. A file that no line names is in the page of its folder.

export const groups = [
  ['locally-connected', 'Locally connected layers', /^layers\/(locally-connected|local-bias|conversions)/],
  [
    'layers',
    'Layers: the base class, calls, models’ values',
    /^layers\/(layer|call|module|graph|input-layer|registry|windowed-layer|kernel-bias|options|window-options)\./,
  ],
  ['dense', 'Dense and embedding layers', /^layers\/(dense|embedding|lambda|activation|prelu)\./],
  ['convolution', 'Convolutions', /^layers\/(convolution|depthwise|frame|up-sampling)/],
  ['pooling', 'Pooling', /^layers\/pooling/],
  [
    'normalization',
    'Normalization',
    /^layers\/(batch-normalization|layer-normalization|unit-normalization|normalization|rescaling)/,
  ],
  ['dropout', 'Dropout and noise', /^layers\/(dropout|noise)/],
  ['merge', 'Merging, reshaping, wrapping', /^layers\/(merge|rearrangement|time-distributed|axes)/],
  ['activations', 'Activations', /^layers\/activations/],
  ['models', 'Models', /^models\/(model|network|summary)/],
  ['training', 'Training: options, data, history', /^models\//],
  ['callbacks', 'Callbacks', /^callbacks\//],
  ['losses', 'Losses', /^losses\//],
  ['metrics', 'Metrics', /^metrics\//],
  ['optimizers', 'Optimizers', /^optimizers\/(optimizer|optimizers|legacy|corrections)\./],
  ['schedules', 'Learning rate schedules', /^optimizers\/schedules/],
  ['initializers', 'Initializers', /^weights\/(initializers|fans)/],
  ['weights', 'Weights, regularizers, constraints', /^weights\//],
  ['tensors', 'Tensors, random numbers, errors', /^core\//],
  ['engines', 'Engines', /^(engine|simd)\//],
  ['tools', 'Gradient check and other tools', /^(tools|entries)\/|^index\.ts/],
  ['data', 'unshared/data', /^data\//],
  ['ndarray', 'unshared/ndarray', /^ndarray\//],
  ['keras', 'unshared/keras', /^keras\//],
  ['onnx', 'unshared/onnx', /^onnx\//],
  ['node', 'unshared/node', /^node\//],
  ['plot', 'unshared/plot', /^plot\//],
  ['research', 'unshared/research', /^research\//],
  ['teaching', 'unshared/teaching', /^teaching\//],
].map(([id, title, files]) => ({ id, title, files }))

/** The page of a file of lib/: an existing group, or that of its folder. */
export function groupOf(file) {
  const path = file.replace(/^lib\//, '')
  const group = groups.find(({ files }) => files.test(path))
  if (group) return group
  const [folder] = path.split('/')
  const id = folder.replace(/\.ts$/, '')
  const ofFolder = groups.find(other => other.id === id)
  if (ofFolder) return ofFolder
  const made = { id, title: `unshared/${id}`, files: new RegExp(`^${folder}/`) }
  groups.push(made)
  return made
}
