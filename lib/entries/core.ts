// `unshared/core`: the classes of `unshared`, without names and without the fast engine. A bundle holds only what it
// imports. Objects take the place of names: `loss: new MeanSquaredError()`, `activation: relu()`.

// First, so that related code lies together in a bundle, which compresses better.
export * from './classes.ts'

import type { SymbolicTensor } from '../layers/module.ts'
import { Model as AnyModel, type Outputs } from '../models/model.ts'
import { withGraphs } from '../models/with-graphs.ts'

export { activations } from '../layers/activations.ts'
export { layers } from '../layers/table.ts'
export { losses } from '../losses/table.ts'
export { metrics } from '../metrics/table.ts'
export { Sequential } from '../models/model.ts'
export { optimizers } from '../optimizers/table.ts'
export { setEngineDefaults } from '../simd/choose-engine.ts'
export { benchmarkImplementations } from '../tools/benchmark.ts'

/**
 * A model with any number of inputs, outputs and branches, like `tf.keras.Model` of the functional API:
 * `new Model({ inputs, outputs, seed: 7 })`.
 */
export const Model = /* @__PURE__ */ withGraphs(AnyModel)
/** A model with branches. `O` tells whether it has one output or a list of outputs. */
export type Model<O extends Outputs = SymbolicTensor> = AnyModel<O>
