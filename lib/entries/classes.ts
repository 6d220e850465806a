// What `unshared` and `unshared/core` share: everything but names.

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
} from '../callbacks/index.ts'
export {
  CSVLogger,
  EarlyStopping,
  LambdaCallback,
  LearningRateScheduler,
  ReduceLROnPlateau,
  TerminateOnNaN,
} from '../callbacks/index.ts'
export type { BatchShape, Shape } from '../core/check.ts'
export { sizeOf } from '../core/check.ts'
export { ArgumentError, CallbackError, StateError } from '../core/errors.ts'
export type { DataFormat, Geometry, Padding } from '../core/geometry.ts'
export type { Random, Seed } from '../core/random.ts'
export { normal, resume, stream } from '../core/random.ts'
export type { Config, KerasSerialized, Registry, Serializable, Serialized } from '../core/registry.ts'
export type { NdarrayLike, NestedArray, NumericArray, TensorFields, TensorLike } from '../core/tensor.ts'
export { Tensor } from '../core/tensor.ts'
export type { Block, Engine, Kernel, Region } from '../engine/engine.ts'
export { ReferenceEngine } from '../engine/reference-engine.ts'
export type {
  Activation as ActivationFunction,
  ActivationIdentifier,
  ActivationName,
} from '../layers/activations.ts'
export {
  activate,
  elu,
  exponential,
  gelu,
  hardSigmoid,
  leakyRelu,
  linear,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  softmax,
  softplus,
  softsign,
  swish,
  tanh,
} from '../layers/activations.ts'
export * from '../layers/index.ts'
export * from '../losses/index.ts'
export type { LossIdentifier, LossName } from '../losses/registry.ts'
export * from '../metrics/index.ts'
export type { MetricIdentifier, MetricName } from '../metrics/registry.ts'
export type { Batches, BatchSource, SampleBatch } from '../models/batch-source.ts'
export type { ModelInput, ModelTargets, Named, SampleWeights } from '../models/data.ts'
export type { ModelOptions, ModelSettings, Outputs, Predicted, SequentialOptions } from '../models/model.ts'
export type { Network } from '../models/network.ts'
export type {
  BatchOptions,
  CompileOptions,
  EvaluateOptions,
  FitOptions,
  History,
  MetricIdentifiers,
  PredictOptions,
  Signal,
  SourceEvaluateOptions,
  SourceFitOptions,
  SourcePredictOptions,
  StepsOption,
  TrainBatchOptions,
  Verbosity,
} from '../models/options.ts'
export type { SummaryOptions } from '../models/summary.ts'
export * from '../optimizers/optimizer.ts'
export * from '../optimizers/optimizers.ts'
export * from '../optimizers/schedules.ts'
export type { EngineName, EngineOptions } from '../simd/choose-engine.ts'
export type {
  BenchmarkOptions,
  ImplementationBenchmark,
  ImplementationMeasurement,
  Timing,
} from '../tools/benchmark.ts'
export type {
  Differentiable,
  GradientCheck,
  GradientCheckOptions,
  GradientReport,
} from '../tools/gradient-check.ts'
export { checkGradients } from '../tools/gradient-check.ts'
export * from '../weights/constraints.ts'
export * from '../weights/initializers.ts'
export { Parameter } from '../weights/parameter.ts'
export * from '../weights/regularizers.ts'
