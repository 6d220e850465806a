// The progress of a training run, and the state needed to resume it.

import type { Tensor } from '../core/tensor.ts'

/** Loss and metrics by name. */
export type Logs = Record<string, number>

/** A number as Python writes it where JavaScript differs: `nan`, `inf`, `-inf`. */
export const textOf = (value: number) => String(value).replace('Infinity', 'inf').replace('NaN', 'nan')

/** An exponent of JavaScript's as Python writes it, with at least two digits: `+5` becomes `+05`. */
export const exponentOf = (exponent: string) => exponent[0] + exponent.slice(1).padStart(2, '0')

/** Plain data: JSON values, including NaN and infinities, and Tensors. */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | Tensor
  | readonly StateValue[]
  | { readonly [name: string]: StateValue }

/** Everything needed to resume training, as plain data. It shares no memory with the run. */
export interface TrainingState {
  /** What must be the same when training resumes: the model, the optimizer, the data and the arguments of `fit`. */
  readonly plan: { readonly [name: string]: StateValue }
  /** The current or next epoch, counted from 0. */
  readonly epoch: number
  /** The number of finished batches in this epoch. */
  readonly batch: number
  /** Whether a callback has asked to stop. */
  readonly stopTraining: boolean
  /** All weights, in Keras' order. */
  readonly weights: readonly Tensor[]
  /** The optimizer: its steps, learning rate and variables. */
  readonly optimizer: {
    readonly iterations: number
    readonly learningRate: number
    readonly variables: readonly Tensor[]
  }
  /** The positions of the random streams. */
  readonly streams: {
    /** The position before the order of the samples was drawn. */
    readonly shuffle: StateValue
    readonly layers: readonly StateValue[]
  }
  /** The index of the next sample, in the current order. */
  readonly sample: number
  /** Loss and metrics since the start of the epoch. */
  readonly measured: {
    readonly loss: number
    readonly samples: number
    readonly metrics: readonly (readonly number[])[]
  }
  /** Loss and metrics of the finished epochs, by name. */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** The numbers of the finished epochs, counted from 0. */
  readonly epochs: readonly number[]
  /** The class name and the result of `getState` for each callback that has a state. */
  readonly callbacks: readonly { readonly name: string; readonly state: StateValue }[]
}

/** The progress of training. This is the same object every time: read it, but do not keep it. */
export interface Progress {
  /** The current or next epoch, counted from 0. */
  readonly epoch: number
  /** The number of finished batches in this epoch; 0 at the end of the previous one. */
  readonly batch: number
  /** Loss and metrics since the start of the epoch; at its end, the complete logs. */
  logs(): Logs
  /** A copy of everything needed to resume from here. */
  state(): TrainingState
}
