// The interface of a model that training and prediction use.

import type { WatchedModel } from '../callbacks/index.ts'
import type { Seed } from '../core/random.ts'
import type { Config } from '../core/registry.ts'
import type { Tensor } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import type { RandomStream } from '../layers/call.ts'
import type { Graph } from '../layers/graph.ts'
import type { Leaf } from '../layers/module.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { ModelInput } from './data.ts'

/** Asynchronous activities, which let other code run in between. */
export type Activity = 'fit' | 'evaluate' | 'predict'

export interface Runnable extends WatchedModel {
  readonly seed: Seed
  readonly engine: Engine
  /** The layers inside, at any depth, and those of them that train. */
  readonly leaves: readonly Leaf[]
  readonly trainableLeaves: readonly Leaf[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** The graph of layer calls. @throws StateError before the model is built */
  readonly graph: Graph
  /** The model's counterpart of a layer's parameter: the same weight, with the model's gradient. */
  parameterOf(parameter: Parameter): Parameter
  readonly randomStreams: readonly RandomStream[]
  /** Builds the model if necessary. @throws ArgumentError when the samples do not fit the model */
  checkInputs(x: ModelInput): Tensor[]
  /** Allocates memory for runs of up to `batch` samples. */
  reserve(batch: number, training: boolean): void
  /** @throws ArgumentError when a run needs more memory than `memoryLimit` */
  assertRunFits(batch: number, training: boolean): void
  /** Whether this activity is in progress. */
  runs(activity: Activity): boolean
  getConfig(): Config
}
