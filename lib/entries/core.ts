// `unshared/core`: the classes of `unshared`, without names and without the fast engine. A bundle holds only what it
// imports. Objects take the place of names: `loss: new MeanSquaredError()`, `activation: relu()`.

// First, so that related code lies together in a bundle, which compresses better.
export * from './classes.ts'

// Registries, models, settings and a tool.

export { activations } from '../layers/activations.ts'
export { layers } from '../layers/table.ts'
export { losses } from '../losses/table.ts'
export { metrics } from '../metrics/table.ts'
export { Model, Sequential } from '../models/model.ts'
export { optimizers } from '../optimizers/table.ts'
export { setEngineDefaults } from '../simd/choose-engine.ts'
export { benchmarkImplementations } from '../tools/benchmark.ts'
