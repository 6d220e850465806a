// Builds a model from the content of a file: layers, weights and compile settings.

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Seed } from '../core/random.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import type { Model } from '../models/model.ts'
import { LegacyOptimizer } from '../optimizers/legacy.ts'
import { type Compiled, compileOptions, withStepCount } from './compiled.ts'
import { type CustomObjects, Customs } from './custom-objects.ts'
import { isObject } from './dialect.ts'
import { noVersion } from './h5-layout.ts'
import { inOrder, isKeras1 } from './kernel-order.ts'
import { type Match, matchArray, matchWeights, storedSize, targetsIn, trainableSlots } from './matching.ts'
import type { Json, OpenModelFile } from './model-file.ts'
import { placesOf, WholeOptimizer } from './optimizer-variables.ts'
import { modelFrom } from './topology.ts'

/** The options for building a model from a file. */
export interface BuildOptions {
  /** Whether to load the optimizer, its state, loss and metrics too. Default true. */
  readonly compile?: boolean
  /**
   * Custom layers, losses, metrics, optimizers, schedules, initializers, regularizers, constraints, activations and
   * subclasses of Sequential, by the names in the file. A name that the file doesn't use is an error.
   */
  readonly customObjects?: CustomObjects
  /** The implementation of all locally connected layers. Default: as in the file. */
  readonly implementation?: Implementation
  /** 'float32' computes a model of another type in float32, rounding its stored values. Default: an error. */
  readonly dtype?: 'float32'
  /** The shape of one sample, if the file does not specify it: `[28, 28, 1]`. */
  readonly inputShape?: readonly number[]
  /** The seed for dropout and shuffling. Default: random. */
  readonly seed?: Seed
}

/** Some of the keys that Keras 2 renamed. Keras 1 wrote its version into some files only. */
const keras1Keys = ['init', 'border_mode', 'dim_ordering', 'W_regularizer', 'pool_length', 'nb_filter']

const hasKeras1Keys = (json: Json): boolean => {
  if (Array.isArray(json)) return json.some(hasKeras1Keys)
  if (!isObject(json)) return false
  return keras1Keys.some(key => Object.hasOwn(json, key)) || Object.values(json).some(hasKeras1Keys)
}

/** @throws ArgumentError naming the layer, weight or setting that is unknown or does not fit */
export async function buildModel(file: OpenModelFile, options: BuildOptions): Promise<Model> {
  const { description } = file
  const { config, version, training } = description
  if (config === null)
    throw new ArgumentError(
      'source',
      `weights alone (${description.kind})`,
      'a whole model',
      'Build the model, then load the weights: loadWeights(model, source)',
    )
  const customs = new Customs(options.customObjects, config, training)
  if (isKeras1(version) && (version !== noVersion || hasKeras1Keys(config.config)))
    throw new ArgumentError(
      'keras_version',
      version,
      '2.0 or later',
      'Load it in Keras 2.2 and save it again; or build the model here, and load its weights: loadWeights(model, source)',
    )
  const { implementation, dtype, inputShape, seed } = options
  const most = storedSize(description.layers)
  const model = modelFrom(config, { customs, version, most, implementation, dtype, inputShape, seed })
  const { matches } = matchWeights(description, targetsIn(model, description.kind))
  const { outputNames } = model
  const compiled =
    options.compile !== false && training ? compileOptions(training, description, customs, outputNames) : null
  for (const match of matches) await readWeight(file, match, match.slot.layer, match.slot.parameter.value)
  if (compiled) await compileAs(model, compiled, file)
  return model
}

const implementationIn = (layer: Layer) => (layer instanceof LocallyConnected ? layer.implementation : null)

/** Reads a weight, or one of its optimizer slots, into `target`, in the layer's form. */
export async function readWeight(
  file: OpenModelFile,
  { array, from }: Pick<Match, 'array' | 'from'>,
  layer: Layer,
  target: Float32Array,
): Promise<void> {
  if (from === null || from === implementationIn(layer)) {
    await file.read(array.id, target)
    return
  }
  const stored = new Float32Array(sizeOf(array.shape))
  await file.read(array.id, stored)
  if (typeof from === 'object') inOrder(target, stored, array.shape, from)
  else if (layer instanceof LocallyConnected)
    convertLocalKernel(target, layer.implementation, stored, from, layer.geometry)
}

async function compileAs(model: Model, compiled: Compiled, file: OpenModelFile): Promise<void> {
  model.compile(compiled)
  const { optimizer } = compiled
  if (file.description.optimizer.length === 0) return
  model.compiled.buildOptimizer()
  const trained = trainableSlots(model)
  const whole = new WholeOptimizer(optimizer, trained)
  const variables = whole.optimizer.variables()
  const stored = withStepCount(file.description.optimizer, variables.length, trained.length)
  const iterations = stored.shift()?.value
  if (iterations === undefined || !Number.isSafeInteger(iterations) || iterations < 0)
    throw new ArgumentError('optimizer weights', iterations, 'the step count first')
  optimizer.iterations = iterations
  if (stored[0]?.shape.length === 0) {
    const scalar = stored.shift()?.value // legacy Nadam's product of momenta; Keras 3 stores the learning rate here
    if (optimizer instanceof LegacyOptimizer && scalar !== undefined) optimizer.momentumCache = scalar
  }
  if (stored.length === 0) return // compiled, but never trained
  if (variables.length === 0) return // SGD: only the last step is stored, which has no effect on later ones
  if (stored.length !== variables.length)
    throw new ArgumentError(
      'optimizer weights',
      `${stored.length} arrays`,
      `the ${variables.length} of ${optimizer.className}`,
      'loadModel(source, { compile: false }) skips them',
    )
  const place = placesOf(whole.optimizer)
  for (const [i, variable] of variables.entries()) {
    const { name, shape } = variable
    const slot = trained[place(name).n]
    const array = stored[i]
    const from = matchArray(array, name, slot.parameter.shape, slot, file.description)
    const numbers = new Float32Array(sizeOf(shape))
    await readWeight(file, { array, from }, slot.layer, numbers)
    variable.write(numbers)
  }
  whole.write()
}
