// Callbacks, which observe and control training.

export type { Callback, FitParams, Logs, WatchedModel } from './callback.ts'
export { CallbackList } from './callback-list.ts'
export * from './csv-logger.ts'
export * from './early-stopping.ts'
export * from './lambda-callback.ts'
export * from './learning-rate-scheduler.ts'
export type { Mode, MonitorOptions } from './monitor.ts'
export * from './reduce-lr-on-plateau.ts'
export * from './terminate-on-nan.ts'
export type { Progress, StateValue, TrainingState } from './training-state.ts'
