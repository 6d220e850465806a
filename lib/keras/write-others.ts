// Writes the formats other than HDF5: `.keras`, the `model.json` of TensorFlow.js, and safetensors.

import { ArgumentError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { utf8 } from '../files/bytes.ts'
import { fflate } from '../files/packages.ts'
import { isObject } from './dialect.ts'
import type { Json, JsonObject } from './model-file.ts'
import { assertPlainWeights } from './names.ts'
import type { PlainModel } from './plain-model.ts'
import { toSafetensors } from './safetensors.ts'
import { kerasVersion, v3Weights } from './write-hdf5.ts'

/** A whole model as `.keras`: a zip with uncompressed parts, as Keras writes it. */
export async function kerasArchive(model: PlainModel): Promise<Uint8Array> {
  const weights = await v3Weights(model)
  const { zipSync } = await fflate()
  const parts = {
    'metadata.json': utf8(JSON.stringify({ keras_version: kerasVersion, date_saved: '1980-01-01@00:00:00' })),
    'config.json': utf8(JSON.stringify(v3Config(model))),
    'model.weights.h5': weights,
  }
  return zipSync(parts, { level: 0, mtime: new Date(1980, 0, 1) }) // a fixed time, so that the same model gives the same bytes
}

/** The module in which Keras looks for a class, by the key of its config. */
const modules: readonly (readonly [RegExp, string])[] = [
  [/_initializer$/, 'keras.initializers'],
  [/_regularizer$/, 'keras.regularizers'],
  [/_constraint$/, 'keras.constraints'],
  [/^learning_rate$/, 'keras.optimizers.schedules'],
  [/^optimizer$/, 'keras.optimizers'],
  [/^loss$/, 'keras.losses'],
  [/metrics$/, 'keras.metrics'],
  [/activation$/, 'keras.layers'],
  [/^layers?$/, 'keras.layers'],
]

const isEmpty = (metrics: Json) => Array.isArray(metrics) && metrics.length === 0

function v3Config({ config, inputShapes, training }: PlainModel): JsonObject {
  const { layers } = config.config as { layers: JsonObject[] }
  const hasInput = layers[0]?.class_name === 'InputLayer'
  const marked = layers.map((layer, i) => {
    const shape = inputShapes[hasInput ? i - 1 : i]
    return shape === undefined ? layer : { ...layer, build_config: { input_shape: shape } }
  })
  const compile = training && {
    optimizer: training.optimizer as unknown as Json,
    loss: training.loss,
    metrics: training.metrics,
    loss_weights: training.lossWeights,
    weighted_metrics: isEmpty(training.weightedMetrics) ? null : training.weightedMetrics,
    run_eagerly: null,
    steps_per_execution: null,
    jit_compile: null,
  }
  return {
    ...(withModules(
      { ...config, config: { ...(config.config as JsonObject), layers: marked } },
      'model',
    ) as JsonObject),
    ...(inputShapes.length > 0 ? { build_config: { input_shape: inputShapes[0] } } : {}),
    ...(compile ? { compile_config: withModules(compile, '') } : {}),
  }
}

/** The value, with the module of the class added next to every class name. */
function withModules(value: Json, key: string): Json {
  if (Array.isArray(value)) return value.map(item => withModules(item, key))
  if (!isObject(value)) return value
  const inner = Object.fromEntries(Object.entries(value).map(([k, item]) => [k, withModules(item, k)]))
  const { class_name: name, config } = value
  if (typeof name !== 'string') return inner
  // Keras finds models in its root; the class of functional ones is Model there.
  if (isObject(config) && Array.isArray(config.layers))
    return { module: 'keras', ...inner, class_name: name === 'Functional' ? 'Model' : name, registered_name: null }
  const [, module = null] = modules.find(([pattern]) => pattern.test(key)) ?? []
  return { module, ...inner, registered_name: null }
}

/** Converts the regularizers L1 and L2 to L1L2, the only one in TensorFlow.js. */
function forTfjs(value: Json): Json {
  if (Array.isArray(value)) return value.map(forTfjs)
  if (!isObject(value)) return value
  const { class_name: name, config } = value
  if ((name === 'L1' || name === 'L2') && isObject(config))
    return { class_name: 'L1L2', config: { l1: 0, l2: 0, ...config } }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, forTfjs(item)]))
}

/** A TensorFlow.js model: architecture and weights. @param weightsFile the file of the weights, in the model's folder */
export function tfjsModel(
  { config, leaves }: PlainModel,
  weightsFile: string,
): { modelJson: JsonObject; weights: Uint8Array } {
  assertPlainWeights(leaves)
  const specs: Json[] = []
  const arrays: Float32Array[] = []
  const taken = new Set<string>()
  for (const { name: layer, weights } of leaves)
    for (const { name, shape, data } of weights) {
      // TensorFlow.js names weights by their layers alone, without the models around them.
      const full = `${layer}/${name}`
      if (taken.has(full))
        throw new ArgumentError(
          'the name of a weight',
          full,
          'one of its own: TensorFlow.js does not tell models apart',
        )
      taken.add(full)
      specs.push({ name: full, shape: [...shape], dtype: 'float32' })
      arrays.push(data)
    }
  const weights = new Uint8Array(arrays.reduce((sum, { length }) => sum + 4 * length, 0))
  const view = new DataView(weights.buffer)
  let at = 0
  for (const data of arrays) for (let i = 0; i < data.length; i++, at += 4) view.setFloat32(at, data[i], true)
  return {
    modelJson: {
      format: 'layers-model',
      generatedBy: 'unshared',
      convertedBy: null,
      modelTopology: { keras_version: kerasVersion, backend: 'tensorflow', model_config: forTfjs(config) },
      weightsManifest: [{ paths: [weightsFile], weights: specs }],
    },
    weights,
  }
}

/** The weights as safetensors, named `layer/weight`. */
export const safetensorsWeights = ({ leaves }: PlainModel): Uint8Array => {
  assertPlainWeights(leaves)
  return toSafetensors(
    Object.fromEntries(
      leaves.flatMap(({ path, weights }) =>
        weights.map(({ name, shape, data }) => [`${path}/${name}`, new Tensor(shape, data)]),
      ),
    ),
    { format: 'unshared' },
  )
}
