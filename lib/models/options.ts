// What `compile`, `fit`, `evaluate` and `predict` can be told.

import type { Callback, FitParams } from '../callbacks/index.ts'
import { knownOptions, oneOf, positiveInteger } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import type { LossIdentifier } from '../losses/index.ts'
import type { MetricIdentifier } from '../metrics/index.ts'
import type { OptimizerIdentifier } from '../optimizers/optimizers.ts'
import type { BatchSource, SampleBatch } from './batch-source.ts'
import type { ClassWeight } from './data.ts'

/** What `compile` decides. */
export interface CompileOptions {
  /** A name, a config or an optimizer. Default 'rmsprop', as in Keras. */
  readonly optimizer?: OptimizerIdentifier
  /** A name, a config or a loss. `fit` and `evaluate` need one. */
  readonly loss?: LossIdentifier
  /** Measured without weights; 'accuracy' means the one that suits the shapes of output and target. */
  readonly metrics?: readonly MetricIdentifier[]
  /** Measured with the sample weights. */
  readonly weightedMetrics?: readonly MetricIdentifier[]
}

/** An AbortSignal, of a browser or of Node. */
export interface Signal {
  readonly aborted: boolean
  readonly reason?: unknown
}

/** 0: nothing is printed; 1: a line with a bar for each epoch; 2: a plain line for each epoch. 'auto' is 1. */
export type Verbosity = 0 | 1 | 2 | 'auto'

/** The options of `evaluate`. */
export interface EvaluateOptions {
  /** Samples a step. Default 32. */
  readonly batchSize?: number
  /** Stops before the next step: the promise is rejected with the signal's reason, the weights stay as they are. */
  readonly signal?: Signal
  /** How much each sample counts: `[n]`. */
  readonly sampleWeight?: TensorLike
  readonly callbacks?: readonly Callback[]
  readonly verbose?: Verbosity
}

/** How far to go through the data. */
export interface StepsOption {
  /** At most so many batches. Default: all. */
  readonly steps?: number
}

/** The options of `fit`. */
export interface FitOptions extends EvaluateOptions {
  /** The number of the last epoch. Default 1. */
  readonly epochs?: number
  /** How many epochs were done before. Default 0. */
  readonly initialEpoch?: number
  /** Whether every epoch has an order of its own. Default true. */
  readonly shuffle?: boolean
  /** The share of the samples, taken from the end, that is not trained on but measured after every epoch. Default 0. */
  readonly validationSplit?: number
  /** Samples and targets, and perhaps weights, to measure after every epoch; or a source of batches of them. */
  readonly validationData?: readonly [TensorLike, TensorLike, TensorLike?] | BatchSource<SampleBatch>
  /**
   * Batches an epoch. Default: all of the data. With it an epoch goes on where the one before stopped; when the data
   * are through, they begin again, in a new order where they are shuffled.
   */
  readonly stepsPerEpoch?: number
  /** Batches of validation data to measure. Default: all. */
  readonly validationSteps?: number
  /** Validate after every so many epochs, or after those with these numbers, counted from 1. Default 1. */
  readonly validationFreq?: number | readonly number[]
  /** Samples a step of validation. Default: `batchSize`. */
  readonly validationBatchSize?: number
  /** How much the samples of each class count. */
  readonly classWeight?: ClassWeight
}

/** The options of `trainOnBatch` and `testOnBatch`. */
export interface BatchOptions {
  /** How much each sample counts: `[n]`. */
  readonly sampleWeight?: TensorLike
  /** Whether loss and metrics are of this batch alone, not of all since the last reset. Default true. */
  readonly resetMetrics?: boolean
}

/** The options of `predict`. */
export interface PredictOptions extends StepsOption {
  /** Samples a step. Default 32. */
  readonly batchSize?: number
  /** Stops before the next step: the promise is rejected with the signal's reason. */
  readonly signal?: Signal
  readonly callbacks?: readonly Callback[]
}

/** With a source of batches: it decides how large they are, in which order they come, and what each sample counts. */
export type SourceFitOptions = Omit<FitOptions, SourceDecides>
/** The options of `evaluate` on a source of batches. */
export type SourceEvaluateOptions = Omit<EvaluateOptions, SourceDecides> & StepsOption
/** The options of `predict` on a source of batches. */
export type SourcePredictOptions = Omit<PredictOptions, SourceDecides>
type SourceDecides = 'batchSize' | 'sampleWeight' | 'shuffle' | 'validationSplit'
const sourceDecides: readonly SourceDecides[] = ['batchSize', 'sampleWeight', 'shuffle', 'validationSplit']

/** The options of a call with a source, which come where targets would. @throws ArgumentError for what it decides */
export function sourceOptions<T extends object>(what: string, options: unknown, more: unknown): T {
  const isData = Array.isArray(options) || ArrayBuffer.isView(options) || options instanceof Tensor
  if (isData || more !== undefined)
    throw new ArgumentError('y', options, 'no targets: the source yields them with the samples, [x, y]')
  knownOptions(what, options ?? {}, Object.keys(options ?? {}))
  for (const name of sourceDecides)
    if ((options as Record<string, unknown> | undefined)?.[name] !== undefined)
      throw new ArgumentError(`${what}, option`, name, 'options that the source does not decide')
  return (options ?? {}) as T
}

/** What `fit` gives back. */
export interface History {
  /** Loss and metrics of each epoch, by name; those of validation data begin with `val_`. */
  readonly history: Record<string, number[]>
  /** The epochs' numbers, counted from 0. */
  readonly epoch: number[]
  readonly params: FitParams
}

export const evaluateOptionNames = ['batchSize', 'sampleWeight', 'callbacks', 'verbose', 'signal']
export const fitOptionNames = [
  ...evaluateOptionNames,
  ...['epochs', 'initialEpoch', 'shuffle', 'validationSplit', 'validationData', 'classWeight'],
  ...['validationFreq', 'validationBatchSize', 'stepsPerEpoch', 'validationSteps'],
]

export const stepsOf = (name: string, steps: number | undefined, all: number) =>
  steps === undefined ? all : positiveInteger(name, steps)

export function throwIfAborted(signal: Signal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new StateError('stopped by the signal')
}

/** Whether the epoch with this number, counted from 1, ends with a validation. */
export function validationEpochs(freq: unknown): (epoch: number) => boolean {
  if (Array.isArray(freq) && freq.every(Number.isSafeInteger)) return epoch => freq.includes(epoch)
  const every = positiveInteger('validationFreq', freq)
  return epoch => epoch % every === 0
}

export const verbosity = (verbose: Verbosity | undefined): 0 | 1 | 2 => {
  const level = oneOf('verbose', verbose ?? 'auto', [0, 1, 2, 'auto'] as const)
  return level === 'auto' ? 1 : level
}

/** How long the event loop waits at most while a model computes, in milliseconds. */
export const turnLength = 40

export const weightsStay = 'The weights of the model did not change'
