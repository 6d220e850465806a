// The public names, in reading order.
export { activate, activations } from './activations.ts'
export { benchmarkImplementations } from './benchmark.ts'
export {
  CSVLogger,
  EarlyStopping,
  LambdaCallback,
  LearningRateScheduler,
  ReduceLROnPlateau,
  TerminateOnNaN,
} from './callbacks.ts'
export { sizeOf } from './check.ts'
export * from './constraints.ts'
export { ReferenceEngine } from './engine.ts'
export { setEngineDefaults } from './engines.ts'
export { ArgumentError, CallbackError, StateError } from './errors.ts'
export { checkGradients } from './gradient-check.ts'
export * from './initializers.ts'
export * from './layers/index.ts'
export * from './losses.ts'
export * from './metrics.ts'
export { Sequential } from './models/sequential.ts'
export * from './optimizer.ts'
export * from './optimizers.ts'
export { Parameter } from './parameter.ts'
export { normal, resume, stream } from './random.ts'
export * from './regularizers.ts'
export * from './schedules.ts'
export { Tensor } from './tensor.ts'
