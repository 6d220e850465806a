// What may look in, and stop, while a model learns.
export { CallbackList } from './callbacks/callback-list.ts'
export * from './callbacks/csv-logger.ts'
export * from './callbacks/early-stopping.ts'
export * from './callbacks/lambda-callback.ts'
export * from './callbacks/learning-rate-scheduler.ts'
export * from './callbacks/reduce-lr-on-plateau.ts'
export * from './callbacks/terminate-on-nan.ts'
