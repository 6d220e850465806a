// Loading: whole models, and weights alone.

import { openModelFile } from '#model-files'
import { knownOptions } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { Sequential } from '../models/sequential.ts'
import type { Parameter } from '../weights/parameter.ts'
import { type BuildOptions, buildModel, readWeight } from './build-model.ts'
import { type MatchOptions, matchWeights } from './matching.ts'
import type { ModelSource } from './sources.ts'

/** What `loadModel` takes beside the file. */
export interface LoadModelOptions extends BuildOptions {}

const loadModelOptions = ['compile', 'customObjects', 'implementation', 'dtype', 'inputShape', 'seed']

/**
 * The model of a file: layers and weights; and, where the file has them, optimizer with its state, loss and metrics, so
 * that `fit` goes on where it stopped. `.h5`, `.keras` and the `model.json` of TensorFlow.js are told apart by their content.
 *
 * ```ts
 * const model = await loadModel('deepface.h5')
 * ```
 *
 * @param source a path (Node), a URL, the bytes, or a Blob such as a File that a user chose
 * @throws ArgumentError for a file that is broken, or that holds what isn't here: the message names it, and what to do.
 * StateError where the package that reads it isn't installed
 */
export async function loadModel(source: ModelSource, options: LoadModelOptions = {}): Promise<Sequential> {
  knownOptions('loadModel', options, loadModelOptions)
  const file = await openModelFile(source)
  try {
    return await buildModel(file, options)
  } finally {
    await file.close()
  }
}

/** What `loadWeights` takes beside the file. */
export interface LoadWeightsOptions extends MatchOptions {}

/** What `loadWeights` did. */
export interface LoadedWeights {
  /** The layers that got weights. */
  readonly loaded: readonly string[]
  /** Layers with weights that got none, with `byName` or `skipMismatch`. */
  readonly skipped: readonly string[]
}

/**
 * Gives a built model the weights of a file: of a whole model (`.h5`, `.keras`, `model.json`), of weights alone (`.h5`,
 * `.weights.h5`), or of safetensors with names such as `dense/kernel`. Kernels of locally connected layers that another
 * implementation stored are converted. Nothing changes unless everything fits and could be read.
 *
 * @throws ArgumentError naming the layer and the weight that doesn't fit. StateError before the model is built
 */
export async function loadWeights(
  model: Sequential,
  source: ModelSource,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  if (!(model instanceof Sequential)) throw new ArgumentError('model', model, 'a model')
  knownOptions('loadWeights', options, ['byName', 'skipMismatch'])
  if (!model.built)
    throw new StateError('loadWeights: build the model before: model.build([null, …the shape of a sample])')
  const file = await openModelFile(source)
  try {
    const targets = model.layers.map(layer => ({ name: model.nameOf(layer), layer, slots: layer.parameters }))
    const { matches, skipped } = matchWeights(file.description, targets, options)
    const read: [Parameter, Float32Array][] = []
    for (const match of matches) {
      const layer = model.layers[match.layer]
      const parameter = layer.parameters[match.parameter]
      const numbers = new Float32Array(parameter.size)
      await readWeight(file, match, layer, numbers)
      read.push([parameter, numbers])
    }
    for (const [{ value }, numbers] of read) value.set(numbers)
    const loaded = new Set(matches.map(({ layer }) => targets[layer].name))
    return { loaded: [...loaded], skipped }
  } finally {
    await file.close()
  }
}
