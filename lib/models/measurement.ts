// Loss and metrics over several batches: those of an epoch, or of one call of `evaluate`. Measurements can use the same
// metric objects concurrently, even from different models, because each has its own sums.

import type { Logs } from '../callbacks/index.ts'
import type { Chain } from '../layers/chain.ts'
import type { Metric } from '../metrics/index.ts'
import type { Batch } from './step.ts'

/** A metric of a compiled model. */
export interface CompiledMetric {
  readonly name: string
  readonly metric: Metric
  /** The variant that reads logits instead of outputs, if there is one, as a crossentropy loss does (see Objective). */
  readonly ofLogits: Metric | null
  readonly weighted: boolean
}

export class Measurement {
  /** The sum of the batch losses, each times the size of its batch. */
  loss = 0
  samples = 0
  readonly #metrics: readonly CompiledMetric[]
  readonly #sums: Float64Array[]

  constructor(metrics: readonly CompiledMetric[]) {
    this.#metrics = metrics
    this.#sums = metrics.map(({ metric }) => metric.sums.slice())
    this.reset()
  }

  /** Adds a batch, whose outputs are in the chain. */
  add(loss: number, batch: Batch, chain: Chain): void {
    const end = chain.calls.at(-1)
    this.loss += loss * batch.size
    this.samples += batch.size
    for (let i = 0; i < this.#metrics.length; i++) {
      const { ofLogits, weighted } = this.#metrics[i]
      const metric = this.#at(i)
      const weights = weighted ? batch.sampleWeights : null
      const outputs = (ofLogits && end?.logits) || chain.output // not cached: a metric may run other models
      metric.update(batch.targets, outputs, batch.outputShape, batch.targetShape, weights, batch.weightCount)
      this.#keep(i)
    }
  }

  /** The means since the last reset. */
  logs(): Logs {
    const logs: Logs = { loss: this.loss / this.samples }
    this.#metrics.forEach(({ name }, i) => {
      logs[name] = this.#at(i).result() as number
    })
    return logs
  }

  reset(): void {
    this.loss = 0
    this.samples = 0
    for (let i = 0; i < this.#metrics.length; i++) {
      this.#at(i).resetState()
      this.#keep(i)
    }
  }

  /** The state of each metric. */
  states(): number[][] {
    return this.#metrics.map((_, i) => this.#at(i).state())
  }

  restore(loss: number, samples: number, states: readonly (readonly number[])[]): void {
    this.loss = loss
    this.samples = samples
    this.#metrics.forEach((_, i) => {
      this.#at(i).setState(states[i])
      this.#keep(i)
    })
  }

  /** The metric to update, using this measurement's sums. The metric object shows the sums last used. */
  #at(i: number): Metric {
    const { metric, ofLogits } = this.#metrics[i]
    metric.sums = this.#sums[i]
    if (ofLogits) ofLogits.sums = metric.sums
    return ofLogits ?? metric
  }

  /** Stores the metric's sums, since the metric may have replaced the array. */
  #keep(i: number): void {
    const { metric, ofLogits } = this.#metrics[i]
    metric.sums = this.#sums[i] = (ofLogits ?? metric).sums
  }
}
