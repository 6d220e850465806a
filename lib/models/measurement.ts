// Loss and metrics over several batches: those of an epoch, or of one call of `evaluate`. Measurements can use the same
// metric objects concurrently, even from different models, because each has its own sums.

import type { Logs } from '../callbacks/index.ts'
import type { Graph } from '../layers/graph.ts'
import type { Metric } from '../metrics/metric.ts'
import type { Batch } from './step.ts'

/** A metric of a compiled model. */
export interface CompiledMetric {
  readonly name: string
  /** The number of the output that it measures. */
  readonly output: number
  readonly metric: Metric
  /** The variant that reads logits instead of outputs, if there is one, as a crossentropy loss does (see Objective). */
  readonly ofLogits: Metric | null
  readonly weighted: boolean
}

/** The sum of an output's batch losses, each times the size of its batch. */
interface LossSum {
  readonly name: string
  readonly output: number
  sum: number
}

export class Measurement {
  /** The sum of the batch losses, each times the size of its batch. */
  loss = 0
  samples = 0
  readonly #losses: readonly LossSum[]
  readonly #metrics: readonly CompiledMetric[]
  readonly #sums: Float64Array[]

  /** @param losses the names of the outputs' own losses, and of which output each is */
  constructor(
    losses: readonly { readonly name: string; readonly output: number }[],
    metrics: readonly CompiledMetric[],
  ) {
    this.#losses = losses.map(({ name, output }) => ({ name, output, sum: 0 }))
    this.#metrics = metrics
    this.#sums = metrics.map(({ metric }) => metric.sums.slice())
    this.reset()
  }

  /** Adds a batch, whose outputs are in the graph. */
  add(loss: number, batch: Batch, graph: Graph): void {
    this.loss += loss * batch.size
    this.samples += batch.size
    for (const each of this.#losses) each.sum += (batch.heads[each.output]?.loss ?? 0) * batch.size
    for (let i = 0; i < this.#metrics.length; i++) {
      const { output, ofLogits, weighted } = this.#metrics[i]
      const head = batch.heads[output]
      if (!head) continue
      const metric = this.#at(i)
      const weights = weighted ? head.sampleWeights : null
      const value = graph.outputs[output] // its array is not cached: a metric may run other models
      const outputs = ofLogits ? (graph.callOf(value)?.logits ?? value.y) : value.y
      metric.update(head.targets, outputs, head.outputShape, head.targetShape, weights, head.weightCount)
      this.#keep(i)
    }
  }

  /** The means since the last reset. */
  logs(): Logs {
    const logs: Logs = { loss: this.loss / this.samples }
    for (const { name, sum } of this.#losses) logs[name] = sum / this.samples
    this.#metrics.forEach(({ name }, i) => {
      logs[name] = this.#at(i).result() as number
    })
    return logs
  }

  reset(): void {
    this.loss = 0
    this.samples = 0
    for (const each of this.#losses) each.sum = 0
    for (let i = 0; i < this.#metrics.length; i++) {
      this.#at(i).resetState()
      this.#keep(i)
    }
  }

  /** The sums of the outputs' losses, and the state of each metric. */
  states(): number[][] {
    return [...this.#losses.map(({ sum }) => [sum]), ...this.#metrics.map((_, i) => this.#at(i).state())]
  }

  restore(loss: number, samples: number, states: readonly (readonly number[])[]): void {
    this.loss = loss
    this.samples = samples
    const { length } = this.#losses
    this.#losses.forEach((each, i) => {
      each.sum = states[i][0]
    })
    this.#metrics.forEach((_, i) => {
      this.#at(i).setState(states[length + i])
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
