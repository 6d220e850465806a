// Loads whole models, or only weights.

import { openModelFile } from '#model-files'
import { knownOptions } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { SymbolicTensor } from '../layers/module.ts'
import { Model, type Outputs } from '../models/model.ts'
import type { Parameter } from '../weights/parameter.ts'
import { type BuildOptions, buildModel, readWeight } from './build-model.ts'
import { type LimitOptions, type Limits, limitOptionNames, within } from './limits.ts'
import { type MatchOptions, matchWeights, targetsIn } from './matching.ts'
import type { OpenModelFile } from './model-file.ts'
import type { ModelSource } from './sources.ts'

/** The options of `loadModel`. */
export interface LoadModelOptions extends BuildOptions, LimitOptions {}

const loadModelOptions = [
  'compile',
  'customObjects',
  'implementation',
  'dtype',
  'inputShape',
  'seed',
  ...limitOptionNames,
]

/**
 * Loads a model: layers and weights and, if the file has them, the optimizer with its state, loss and metrics, so that
 * `fit` continues where it stopped. Detects `.h5`, `.keras` and the `model.json` of TensorFlow.js by their content.
 *
 * ```ts
 * const model = await loadModel('deepface.h5')
 * ```
 *
 * For a model with several outputs, set the type `O`: `loadModel<SymbolicTensor[]>(source)`.
 *
 * @param source a path (Node), a URL, the bytes, or a Blob such as a File selected by the user
 * @throws ArgumentError for a corrupt file, one with unsupported content, or one beyond the limits: the message names it,
 * and what to do. The reason of the signal that stopped it.
 * StateError if a package required for reading is not installed
 */
export async function loadModel<O extends Outputs = SymbolicTensor>(
  source: ModelSource,
  options: LoadModelOptions = {},
): Promise<Model<O>> {
  knownOptions('loadModel', options, loadModelOptions)
  return withFile(source, options, async file => (await buildModel(file, options)) as Model<Outputs> as Model<O>)
}

/** The options of `loadWeights`. */
export interface LoadWeightsOptions extends MatchOptions, LimitOptions {}

/** The result of `loadWeights`. */
export interface LoadedWeights {
  /** The layers that received weights. */
  readonly loaded: readonly string[]
  /** Layers that have weights but received none, because of `byName` or `skipMismatch`. */
  readonly skipped: readonly string[]
}

/**
 * Loads weights into a built model, from a whole model (`.h5`, `.keras`, `model.json`), a weights file (`.h5`,
 * `.weights.h5`), or safetensors with names such as `dense/kernel`. Converts locally connected kernels stored by another
 * implementation. Changes no weights unless all of them fit and can be read.
 *
 * @throws ArgumentError naming the layer and the weight that does not fit, or the limit that was reached. StateError before
 * the model is built. The reason of the signal that stopped it
 */
export async function loadWeights(
  model: Model<Outputs>,
  source: ModelSource,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  if (!(model instanceof Model)) throw new ArgumentError('model', model, 'a model')
  knownOptions('loadWeights', options, ['byName', 'skipMismatch', ...limitOptionNames])
  if (!model.built)
    throw new StateError('loadWeights: build the model first: model.build([null, …the shape of a sample])')
  return withFile(source, options, async (file, limits) => {
    const { description } = file
    const targets = targetsIn(model, description.kind)
    const { matches, skipped } = matchWeights(description, targets, options)
    const read: [Parameter, Float32Array][] = []
    for (const match of matches) {
      const { parameter, layer } = match.slot
      const numbers = new Float32Array(parameter.size)
      await readWeight(file, match, layer, numbers)
      read.push([parameter, numbers])
    }
    limits.check()
    for (const [{ value }, numbers] of read) value.set(numbers)
    const loaded = new Set(matches.map(({ target }) => targets[target].name))
    return { loaded: [...loaded], skipped }
  })
}

/** Opens the source, within the limits, and closes it in the end. */
export const withFile = <T>(
  source: ModelSource,
  options: LimitOptions,
  run: (file: OpenModelFile, limits: Limits) => Promise<T>,
): Promise<T> =>
  within(options, async limits => {
    const file = await openModelFile(source, limits)
    try {
      return await run(limits.guarded(file), limits)
    } finally {
      await file.close()
    }
  })
