// Builds a model from the content of a file: layers, weights and compile settings. Checks shapes against the file before
// allocating memory for them.

import { type BatchShape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Random, Seed } from '../core/random.ts'
import type { Config } from '../core/registry.ts'
import type { Region } from '../engine/engine.ts'
import { arrayBlock, ReferenceEngine } from '../engine/reference-engine.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import type { Layer } from '../layers/layer.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { layers as layerTable } from '../layers/registry.ts'
import type { Sequential } from '../models/model.ts'
import { LegacyOptimizer } from '../optimizers/legacy.ts'
import { type Compiled, compileOptions, withStepCount } from './compiled.ts'
import { fromKeras } from './config.ts'
import { type CustomObjects, Customs } from './custom-objects.ts'
import { bareName, currentName, layerConfig } from './dialect.ts'
import { noVersion } from './h5-layout.ts'
import { inOrder, isKeras1 } from './kernel-order.ts'
import { type Match, matchArray, matchWeights, storedSize, type Target } from './matching.ts'
import type { JsonObject, OpenModelFile } from './model-file.ts'
import { slotOf } from './optimizer-variables.ts'
import { rowOfLayers } from './topology.ts'

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

/** The largest plausible output of one sample. Larger ones are a mistake, or meant to exhaust memory. */
const mostOutputs = 2 ** 24

/** @throws ArgumentError naming the layer, weight or setting that is unknown or does not fit */
export async function buildModel(file: OpenModelFile, options: BuildOptions): Promise<Sequential> {
  const { description } = file
  if (description.config === null)
    throw new ArgumentError(
      'source',
      `weights alone (${description.kind})`,
      'a whole model',
      'Build the model, then load the weights: loadWeights(model, source)',
    )
  const customs = new Customs(options.customObjects, description.config, description.training)
  const { name, layers: configs, inputShape: found, Class } = rowOfLayers(description.config, customs)
  const isOld = configs.some(({ config }) => keras1Keys.some(key => Object.hasOwn(config as JsonObject, key)))
  if (isKeras1(description.version) && (isOld || description.version !== noVersion))
    throw new ArgumentError(
      'keras_version',
      description.version,
      '2.0 or later',
      'Load it in Keras 2.2 and save it again; or build the model here, and load its weights: loadWeights(model, source)',
    )
  const inputShape = options.inputShape ? [null, ...options.inputShape] : found
  if (!inputShape || inputShape.slice(1).includes(null))
    throw new ArgumentError(
      'inputShape',
      inputShape,
      'a known shape of samples',
      'loadModel(source, { inputShape: [28, 28, 1] }) gives it',
    )
  const make = (override: BuildOptions) =>
    configs.map((config, i) => layerOf(config, i, description.version, customs, override, i === 0 ? inputShape : null))
  const { implementation: _, ...asStored } = options
  const targets = outline(make(asStored), inputShape, storedSize(description.layers))
  const { matches } = matchWeights(description, targets)
  const compiled =
    options.compile !== false && description.training
      ? compileOptions(description.training, description, customs)
      : null

  const model = new Class(make(options), {
    ...(name === null ? {} : { name }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  })
  model.build([null, ...inputShape.slice(1)] as BatchShape)
  for (const match of matches) {
    const layer = model.layers[match.layer] as Layer
    const { value } = layer.parameters[match.parameter]
    const stored = match.parameter === 0 ? implementationIn(targets[match.layer].layer) : null
    await readWeight(file, { ...match, from: match.from ?? stored }, layer, value)
  }
  if (compiled) await compileAs(model, compiled, file)
  return model
}

const implementationIn = (layer: Layer) => (layer instanceof LocallyConnected ? layer.implementation : null)

function layerOf(
  { class_name: found, registered_name, config }: JsonObject,
  index: number,
  version: string | null,
  customs: Customs,
  { implementation, dtype }: BuildOptions,
  inputShape: BatchShape | null,
): Layer {
  const custom = customs.find(found, registered_name, bareName(found))
  const className = custom ?? currentName(bareName(found))
  const place = `layer ${index} (${String((config as JsonObject).name)}), ${className}`
  try {
    const raw = dtype === 'float32' ? { ...(config as JsonObject), dtype: null } : (config as JsonObject)
    const { batchInputShape, ...ours } = fromKeras(layerConfig(className, raw, version)) as Config
    const isSame = inputShape && Array.isArray(batchInputShape) && sameShape(batchInputShape, inputShape)
    if (isSame) Object.assign(ours, { batchInputShape })
    if (implementation !== undefined && /^LocallyConnected[12]D$/.test(className))
      Object.assign(ours, { implementation })
    const resolved = customs.resolve(ours, custom === undefined) as Config
    if (custom !== undefined) return layerTable.get(customs.make(custom, resolved), `customObjects.${custom}`)
    if (layerTable.has(className) && className !== 'Lambda') return layerTable.get({ className, config: resolved })
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    throw Object.assign(error, { message: `${place}: ${error.message}` })
  }
  const code = className === 'Lambda' ? "Python code can't run here. " : ''
  const hint = `${code}Load it with loadModel(source, { customObjects: { ${className}: … } }), a class that extends Layer`
  throw new ArgumentError(`layer ${index} (${String((config as JsonObject).name)})`, className, 'a known layer', hint)
}

class TooMuch extends Error {}

/** The layers and their weights' shapes, without allocating memory. @param most the weight elements in the file */
function outline(layers: readonly Layer[], inputShape: BatchShape, most: number): Target[] {
  let left = most
  const nothing = arrayBlock(new Float32Array(0))
  const region: Region = {
    alloc(length) {
      left -= length
      if (!(left >= 0)) throw new TooMuch()
      return nothing
    },
    release() {},
  }
  const engine = new ReferenceEngine()
  const noChance = Object.assign(() => 0.5, { state: () => ({}) }) as Random
  let shape: BatchShape = [null, ...inputShape.slice(1)]
  return layers.map((layer, i) => {
    const place = `layer ${i} (${layer.name}), ${layer.className}`
    try {
      const outputs = sizeOf(layer.computeOutputShape(shape).slice(1) as number[])
      if (!(outputs <= mostOutputs))
        throw new ArgumentError('output', outputs, `at most ${mostOutputs} numbers for a sample`)
      layer.build(shape, { engine, weights: region, stream: () => noChance })
    } catch (error) {
      if (error instanceof TooMuch || error instanceof RangeError)
        throw new ArgumentError(place, 'more weights', `at most the ${most} numbers in the file`)
      if (!(error instanceof ArgumentError)) throw error
      throw Object.assign(error, { message: `${place}: ${error.message}` })
    }
    shape = [null, ...layer.outputShape]
    return { name: layer.name, layer, slots: layer.parameters.map(({ name, shape }) => ({ name, shape })) }
  })
}

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

async function compileAs(model: Sequential, compiled: Compiled, file: OpenModelFile): Promise<void> {
  model.compile(compiled)
  const { optimizer } = compiled
  if (file.description.optimizer.length === 0) return
  optimizer.build(model.trainableParameters, model.engine)
  const variables = optimizer.variables()
  const stored = withStepCount(file.description.optimizer, variables.length, model.trainableParameters.length)
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
  const weights = (model.layers as readonly Layer[]).flatMap(layer =>
    layer.trainableParameters.map(weight => ({ weight, layer })),
  )
  const seen: Record<string, number> = {} // the number of weights seen so far for each slot
  for (const [i, variable] of variables.entries()) {
    const { name, shape } = variable
    const slot = slotOf(optimizer, name)
    const n = (seen[slot] = (seen[slot] ?? -1) + 1)
    const { weight, layer } = weights[n]
    const array = stored[i]
    const isKernel = weight === layer.parameters[0]
    const from = matchArray(array, { name, shape: weight.shape }, layer, isKernel, file.description)
    const numbers = new Float32Array(sizeOf(shape))
    await readWeight(file, { array, from }, layer, numbers)
    variable.write(numbers)
  }
}
