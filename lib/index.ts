// The public names, in reading order.

export type { Activation as ActivationFunction, ActivationIdentifier, ActivationName } from './activations.ts'
export { activate, activations } from './activations.ts'
export type {
  BenchmarkOptions,
  ImplementationBenchmark,
  ImplementationMeasurement,
  Timing,
} from './benchmark.ts'
export { benchmarkImplementations } from './benchmark.ts'
export type {
  Callback,
  CSVLoggerOptions,
  EarlyStoppingOptions,
  FitParams,
  LambdaCallbackOptions,
  Logs,
  Mode,
  MonitorOptions,
  Progress,
  ReduceLROnPlateauOptions,
  StateValue,
  TrainingState,
  WatchedModel,
} from './callbacks.ts'
export {
  CSVLogger,
  EarlyStopping,
  LambdaCallback,
  LearningRateScheduler,
  ReduceLROnPlateau,
  TerminateOnNaN,
} from './callbacks.ts'
export type { BatchShape, Shape } from './check.ts'
export { sizeOf } from './check.ts'
export * from './constraints.ts'
export type { Block, Engine, Kernel, Region } from './engine.ts'
export { ReferenceEngine } from './engine.ts'
export type { EngineName, EngineOptions } from './engines.ts'
export { setEngineDefaults } from './engines.ts'
export { ArgumentError, CallbackError, StateError } from './errors.ts'
export type { DataFormat, Geometry, Padding } from './geometry.ts'
export type { Differentiable, GradientCheck, GradientCheckOptions, GradientReport } from './gradient-check.ts'
export { checkGradients } from './gradient-check.ts'
export * from './initializers.ts'
export * from './layers/index.ts'
export * from './losses.ts'
export * from './metrics.ts'
export type { Batches, BatchSource, SampleBatch } from './models/batch-source.ts'
export type {
  BatchOptions,
  CompileOptions,
  EvaluateOptions,
  FitOptions,
  History,
  PredictOptions,
  Signal,
  SourceEvaluateOptions,
  SourceFitOptions,
  SourcePredictOptions,
  StepsOption,
  Verbosity,
} from './models/options.ts'
export type { SequentialOptions } from './models/sequential.ts'
export { Sequential } from './models/sequential.ts'
export type { SummaryOptions } from './models/summary.ts'
export * from './optimizer.ts'
export * from './optimizers.ts'
export { Parameter } from './parameter.ts'
export type { Random, Seed } from './random.ts'
export { normal, resume, stream } from './random.ts'
export type { Config, KerasSerialized, Registry, Serializable, Serialized } from './registry.ts'
export * from './regularizers.ts'
export * from './schedules.ts'
export type { NdarrayLike, NestedArray, NumericArray, TensorLike } from './tensor.ts'
export { Tensor } from './tensor.ts'
