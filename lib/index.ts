// `unshared`: all classes, all names, and the fast engine. It exports the same classes as `unshared/core`. Importing it
// makes the names known that options of layers hold ('relu', 'glorot_uniform'); the other names and the fast engine
// come with what needs them, so that a bundle with one layer does not hold all.

import { withAll } from './entries/with-names.ts'
import type { SymbolicTensor } from './layers/module.ts'
import { nameLayerOptions } from './layers/option-names.ts'
import { Model as AnyModel, type Outputs, Sequential as Stack } from './models/model.ts'
import { setEngineDefaults as setDefaults } from './simd/choose-engine.ts'
import { withFastEngine } from './simd/fast.ts'
import { benchmarkImplementations as benchmark } from './tools/benchmark.ts'

export * from './entries/classes.ts'
export { activations } from './layers/activation-names.ts'
export { layers } from './layers/registry.ts'
export { losses } from './losses/registry.ts'
export { metrics } from './metrics/registry.ts'
export { optimizers, schedules } from './optimizers/registry.ts'
export { constraints, initializers, regularizers } from './weights/registry.ts'

nameLayerOptions()

/**
 * A model with any number of inputs, outputs and branches, like `tf.keras.Model` of the functional API:
 * `new Model({ inputs, outputs, seed: 7 })`. The class of `unshared/core`, with all names and the fast engine.
 */
export const Model = /* @__PURE__ */ withAll(AnyModel)
/** A model with branches. `O` tells whether it has one output or a list of outputs. */
export type Model<O extends Outputs = SymbolicTensor> = AnyModel<O>

/**
 * A stack of layers, each of which has one input and one output: `new Sequential([…], { seed: 7 })`. The class of
 * `unshared/core`, with all names and the fast engine.
 */
export const Sequential = /* @__PURE__ */ withAll(Stack)
/** A stack of layers. */
export type Sequential = Stack

/**
 * Sets the default engine options of models and layers created from now on.
 * @throws ArgumentError for unknown or invalid options; StateError if 'simd' is requested but cannot run
 */
export const setEngineDefaults = /* @__PURE__ */ withFastEngine(setDefaults)

/**
 * Measures the implementations of a locally connected layer, to choose one for its shapes.
 * @throws ArgumentError for invalid options
 */
export const benchmarkImplementations = /* @__PURE__ */ withAll(benchmark)
