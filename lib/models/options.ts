// The options of `compile`, `fit`, `evaluate` and `predict`.

import { nextTurn, now } from '#platform'
import type { Callback, FitParams } from '../callbacks/index.ts'
import { knownOptions, oneOf, positiveInteger } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import type { LossIdentifier } from '../losses/registry.ts'
import type { MetricIdentifier } from '../metrics/registry.ts'
import type { OptimizerIdentifier } from '../optimizers/optimizers.ts'
import type { BatchSource, SampleBatch } from './batch-source.ts'
import type { ClassWeight, ModelInput, ModelTargets, Named, SampleWeights } from './data.ts'

/** Options of `compile`. */
export interface CompileOptions {
  /** An optimizer, its name or its config. Default 'rmsprop', as in Keras. */
  readonly optimizer?: OptimizerIdentifier
  /**
   * A loss, its name or its config; with several outputs, one for all, a list, or by the outputs' names, with `null` for
   * an output that has none. Required for `fit` and `evaluate`.
   */
  readonly loss?: LossIdentifier | null | readonly (LossIdentifier | null)[] | Named<LossIdentifier | null>
  /** The factor of each output's loss in the total, as a list or by name. Default 1. */
  readonly lossWeights?: readonly number[] | Named<number>
  /**
   * Metrics without sample weights. 'accuracy' selects the variant that suits the shapes of outputs and targets. With
   * several outputs, a flat list is for each of them; a list of lists, or an object by name, is per output.
   */
  readonly metrics?: MetricIdentifiers
  /** Metrics with sample weights. */
  readonly weightedMetrics?: MetricIdentifiers
}

/** Metrics for all outputs: a flat list; or for each output: a list with lists inside, or by name. `null`: none. */
export type MetricIdentifiers =
  | readonly (MetricIdentifier | readonly MetricIdentifier[] | null)[]
  | Named<MetricIdentifier | readonly MetricIdentifier[] | null>

/** An AbortSignal, in browsers and Node. */
export interface Signal {
  /** Whether the run should stop. */
  readonly aborted: boolean
  /** What the promise is rejected with. */
  readonly reason?: unknown
}

/** What to print. 0: nothing; 1: a line with a progress bar per epoch; 2: a plain line per epoch; 'auto': same as 1. */
export type Verbosity = 0 | 1 | 2 | 'auto'

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Samples per step. Default 32; if the number of steps is set, as many as they need to hold all samples. */
  readonly batchSize?: number
  /** Stops before the next step. The promise is rejected with the signal's reason; the weights keep their values. */
  readonly signal?: Signal
  /**
   * The weight of each sample: `[n]`; or of each row of its output: `[n, steps]`, `[n, rows, columns]`. For all outputs; or for
   * each output, as a list or by name.
   */
  readonly sampleWeight?: SampleWeights
  /** Called in this order. Default none. */
  readonly callbacks?: readonly Callback[]
  /** Default 'auto'. */
  readonly verbose?: Verbosity
}

/** The number of steps. */
export interface StepsOption {
  /** The maximum number of batches. Default: all. */
  readonly steps?: number
}

/** Options of `fit`. */
export interface FitOptions extends EvaluateOptions {
  /** The epoch at which to stop, counted from 1 and including those before `initialEpoch`. Default 1. */
  readonly epochs?: number
  /** The number of epochs already done. Default 0. */
  readonly initialEpoch?: number
  /** Whether to shuffle the samples for every pass through the data. Default true. */
  readonly shuffle?: boolean
  /** The fraction of the samples, taken from the end with their weights, for validation instead of training. Default 0. */
  readonly validationSplit?: number
  /** Samples, targets and optionally sample weights for validation after every epoch; or a source of such batches. */
  readonly validationData?: readonly [ModelInput, ModelTargets, SampleWeights?] | BatchSource<SampleBatch>
  /**
   * Batches per epoch. Default: one pass through the data. If set, each epoch continues where the previous one stopped; at
   * their end, arrays start over, in a new order if shuffled, but not more often than there are epochs: then training stops.
   */
  readonly stepsPerEpoch?: number
  /** The maximum number of validation batches. Default: all. */
  readonly validationSteps?: number
  /** Validate every n epochs, or after the listed epochs, counted from 1. Default 1. */
  readonly validationFreq?: number | readonly number[]
  /** Samples per validation step. Default: the given `batchSize`, or its default. */
  readonly validationBatchSize?: number
  /**
   * The weight of each class, multiplied with `sampleWeight`: of each sample's, or of each target's if a sample has several.
   * Not applied to validation.
   */
  readonly classWeight?: ClassWeight
}

/** Options of `testOnBatch`. */
export interface BatchOptions {
  /** The weight of each sample, or of each row of its output, as in `fit`. */
  readonly sampleWeight?: SampleWeights
  /** Whether to return loss and metrics of this batch alone, or of all batches since the last reset. Default true. */
  readonly resetMetrics?: boolean
}

/** Options of `trainOnBatch`. */
export interface TrainBatchOptions extends BatchOptions {
  /** The weight of each class, as in `fit`. */
  readonly classWeight?: ClassWeight
}

/** Options of `predict`. */
export interface PredictOptions extends StepsOption {
  /** Samples per step. Default 32; if the number of steps is set, as many as they need to hold all samples. */
  readonly batchSize?: number
  /** Stops before the next step. The promise is rejected with the signal's reason. */
  readonly signal?: Signal
  /** Called in this order. Default none. */
  readonly callbacks?: readonly Callback[]
}

/** Options of `fit` on a batch source. The source determines batch size, order and sample weights. */
export type SourceFitOptions = Omit<FitOptions, SourceDecides>
/** Options of `evaluate` on a batch source. */
export type SourceEvaluateOptions = Omit<EvaluateOptions, SourceDecides> & StepsOption
/** Options of `predict` on a batch source. */
export type SourcePredictOptions = Omit<PredictOptions, SourceDecides>
type SourceDecides = 'batchSize' | 'sampleWeight' | 'shuffle' | 'validationSplit'
const sourceDecides: readonly SourceDecides[] = ['batchSize', 'sampleWeight', 'shuffle', 'validationSplit']

/**
 * The options of a call with a batch source, passed in place of targets.
 * @throws ArgumentError for targets, and for options that the source determines
 */
export function sourceOptions<T extends object>(what: string, options: unknown, more: unknown): T {
  const isData = Array.isArray(options) || ArrayBuffer.isView(options) || options instanceof Tensor
  if (isData || more !== undefined)
    throw new ArgumentError('y', options, 'no targets: the source yields them, as [x, y]')
  knownOptions(what, options ?? {}, Object.keys(options ?? {}))
  for (const name of sourceDecides)
    if ((options as Record<string, unknown> | undefined)?.[name] !== undefined)
      throw new ArgumentError(`${what}, option`, name, 'an option that the source does not set')
  return (options ?? {}) as T
}

/** The result of `fit`. */
export interface History {
  /** Loss and metrics of each epoch, by name. Names of validation results begin with `val_`. */
  readonly history: Record<string, number[]> & { loss: number[] }
  /** The epoch numbers, counted from 0. */
  readonly epoch: number[]
  /** The arguments of the run; `params.seed` repeats it. */
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

/** The samples of a step: as given; otherwise 32, or as many as let `steps` batches hold all samples. */
export function batchSizeOf(name: string, given: number | undefined, samples: number, steps?: number): number {
  return positiveInteger(name, given ?? (steps ? Math.ceil(samples / steps) || 1 : 32))
}

/** @throws ArgumentError for anything but a signal or `undefined`; the reason of a signal that has been aborted */
export function checkSignal(signal: unknown): void {
  const isSignal = typeof signal === 'object' && signal !== null && 'aborted' in signal
  if (signal !== undefined && !(isSignal && typeof signal.aborted === 'boolean'))
    throw new ArgumentError('signal', signal, 'an AbortSignal')
  throwIfAborted(signal as Signal | undefined)
}

export function throwIfAborted(signal: Signal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal)
}

/** Why a signal was aborted. */
export const reasonOf = ({ reason }: Signal): unknown => reason ?? new StateError('stopped by the signal')

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

/** Milliseconds of computing after which the event loop gets a turn, between two batches. */
const turnLength = 40
let turn = 0 // when the last one began

/** Yields to the event loop, at most once every `turnLength` milliseconds. */
export async function takeTurns(): Promise<void> {
  if (now() - turn < turnLength) return
  await nextTurn()
  turn = now()
}

export const weightsStay = 'The weights of the model did not change'
