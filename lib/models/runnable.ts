// The interface of a model that training and prediction use.

import type { WatchedModel } from '../callbacks/index.ts'
import type { BatchShape } from '../core/check.ts'
import type { Seed } from '../core/random.ts'
import type { Config } from '../core/registry.ts'
import type { Tensor, TensorLike } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import type { RandomStream } from '../layers/call.ts'
import type { Chain } from '../layers/chain.ts'
import type { Layer } from '../layers/layer.ts'

/** Asynchronous activities, which let other code run in between. */
export type Activity = 'fit' | 'evaluate' | 'predict'

export interface Runnable extends WatchedModel {
  readonly seed: Seed
  readonly engine: Engine
  readonly trainable: boolean
  readonly layers: readonly Layer[]
  nameOf(layer: Layer): string
  /** With `null` for the batch size; `null` before the model is built. */
  readonly outputShape: BatchShape | null
  /** The chain of layer calls. @throws StateError before the model is built */
  readonly chain: Chain
  readonly randomStreams: readonly RandomStream[]
  /** Builds the model if necessary. @throws ArgumentError when the samples do not fit the model */
  checkInput(x: TensorLike): Tensor
  /** Allocates memory for runs of up to `batch` samples. */
  reserve(batch: number, training: boolean): void
  /** @throws ArgumentError when a run needs more memory than `memoryLimit` */
  assertRunFits(batch: number, training: boolean): void
  /** Whether this activity is in progress. */
  runs(activity: Activity): boolean
  getConfig(): Config
}
