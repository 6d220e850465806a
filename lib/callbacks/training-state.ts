// Where a training stands, and all that going on from there takes.

import type { Tensor } from '../core/tensor.ts'
import type { Logs } from './callback.ts'

/** Plain data: JSON, also with NaN and infinities; and Tensors. */
export type StateValue =
  | null
  | boolean
  | number
  | string
  | Tensor
  | readonly StateValue[]
  | { readonly [name: string]: StateValue }

/** All that going on with a training takes, as plain data. It shares nothing with the training. */
export interface TrainingState {
  /** What must be the same for the training that goes on: the model, the optimizer, the data, how `fit` was called. */
  readonly plan: { readonly [name: string]: StateValue }
  /** The epoch that is under way or comes next, counted from 0. */
  readonly epoch: number
  /** How many batches of it are done. */
  readonly batch: number
  readonly stopTraining: boolean
  readonly weights: readonly Tensor[]
  readonly optimizer: {
    readonly iterations: number
    readonly learningRate: number
    readonly variables: readonly Tensor[]
  }
  /** Positions of the streams of random numbers. */
  readonly streams: {
    /** Before the order of the samples was drawn. */
    readonly shuffle: StateValue
    readonly layers: readonly StateValue[]
  }
  /** The sample that comes next, in the present order. */
  readonly sample: number
  /** Loss and metrics since the start of the epoch. */
  readonly measured: {
    readonly loss: number
    readonly samples: number
    readonly metrics: readonly (readonly number[])[]
  }
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly epochs: readonly number[]
  /** Of those that have a state: their classes' names, and what `getState` gave. */
  readonly callbacks: readonly { readonly name: string; readonly state: StateValue }[]
}

/** How far a training is. It is the same object every time: ask, and don't keep it. */
export interface Progress {
  /** The epoch that is under way or comes next, counted from 0. */
  readonly epoch: number
  /** How many batches of it are done; 0 at the end of the epoch before. */
  readonly batch: number
  /** Loss and metrics since the start of the epoch; when an epoch has ended, all that was measured of it. */
  logs(): Logs
  /** All that going on from here takes; a copy. */
  state(): TrainingState
}
