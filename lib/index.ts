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

/** A model with any number of inputs, outputs and branches, which knows all names and the fast engine. */
export const Model = /* @__PURE__ */ withAll(AnyModel)
export type Model<O extends Outputs = SymbolicTensor> = AnyModel<O>

/** A linear stack of layers, which knows all names and the fast engine. */
export const Sequential = /* @__PURE__ */ withAll(Stack)
export type Sequential = Stack

/** Sets the engine and the number of threads of all models and layers created later, unless they name their own. */
export const setEngineDefaults = /* @__PURE__ */ withFastEngine(setDefaults)

/** Measures the implementations of a locally connected layer for a given shape, and recommends one. */
export const benchmarkImplementations = /* @__PURE__ */ withAll(benchmark)
