// The costs of a model: multiply-adds and bytes of memory.

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Graph, Step } from '../layers/graph.ts'
import type { Visit } from '../layers/module.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'

/** Costs of a layer or a model. All but `macs` are bytes of float32 values; small index tables are not counted. */
export interface Costs {
  /** Multiply-accumulate operations of forward for one sample. */
  readonly macs: number
  readonly weights: number
  readonly gradients: number
  /** The optimizer's state for the trained weights; 0 before `compile`. */
  readonly optimizer: number
  /** The buffers of forward for a batch, and in training those of backward. */
  readonly activations: number
}

export interface RunSizes {
  readonly batch: number
  readonly training: boolean
  readonly optimizer: Optimizer | null
}

const bytesOf = (numbers: number) => 4 * numbers

/** The costs of one call in a run. @param isFirst whether the layer's weights are counted with this call */
function costsOf({ operation, call }: Step, { batch, training, optimizer }: RunSizes, isFirst: boolean): Costs {
  const { forward, backward } = call.numbersPerSample
  const [first, ...others] = call.inputs.map(({ shape }) => shape)
  const weights = isFirst ? bytesOf(operation.countParams()) : 0
  const trained = training && isFirst ? operation.trainableParameters : []
  const perWeight = optimizer?.numbersPerWeight ?? 0
  return {
    macs: call.repeats * operation.macsFor(first, ...others),
    weights,
    gradients: training ? weights : 0,
    optimizer: bytesOf(trained.reduce((sum, { size }) => sum + size, 0) * perWeight),
    activations: bytesOf(batch * (forward + (training ? backward : 0))),
  }
}

/** The costs of several calls; weights count once. */
export function costsOfAll(steps: readonly Step[], run: RunSizes): Costs[] {
  const met = new Set<object>()
  return steps.map(step => {
    const isFirst = !met.has(step.operation)
    met.add(step.operation)
    return costsOf(step, run, isFirst)
  })
}

export const totalOf = (costs: readonly Costs[]): Costs => {
  const sum = (key: keyof Costs) => costs.reduce((all, one) => all + one[key], 0)
  return {
    macs: sum('macs'),
    weights: sum('weights'),
    gradients: sum('gradients'),
    optimizer: sum('optimizer'),
    activations: sum('activations'),
  }
}

export const bytesIn = ({ weights, gradients, optimizer, activations }: Costs) =>
  weights + gradients + optimizer + activations

interface Need {
  readonly layer: { readonly name: string }
  readonly bytes: number
}

/** @throws ArgumentError when the layers together need more than `limit` bytes; names the one that needs the most */
function assertWithin(limit: number, needs: readonly Need[], what: string, more = 0): void {
  const total = needs.reduce((sum, { bytes }) => sum + bytes, more)
  if (total <= limit) return
  const largest = needs.reduce((most, need) => (need.bytes > most.bytes ? need : most))
  throw new ArgumentError(
    'memoryLimit',
    limit,
    `at least ${inWords(total)} for ${what}`,
    `The layer ${largest.layer.name} needs most: ${inWords(largest.bytes)}`,
  )
}

/**
 * Checks, without building the layers, that weights and the outputs for one sample fit into `limit` bytes.
 * @param walk visits all layers
 * @throws ArgumentError when they need more
 */
export function assertLayersFit(limit: number, walk: (visit: Visit) => unknown): void {
  const needs: Need[] = []
  const planned = new Set<unknown>()
  walk((layer, inputShapes, output, repeats) => {
    const bytes = bytesOf(repeats * sizeOf(output.slice(1) as number[]))
    assertWithin(limit, [...needs, { layer, bytes }], 'the outputs of one sample')
    const weights = planned.has(layer) ? 0 : layer.plannedSize(...inputShapes.map(shape => shape.slice(1) as number[]))
    planned.add(layer)
    needs.push({ layer, bytes: bytes + bytesOf(weights) })
    assertWithin(limit, needs, 'weights and the outputs of one sample')
  })
}

/**
 * Checks that a run fits into `limit` bytes, including the input batch and, in training, the output gradient.
 * @throws ArgumentError when it needs more
 */
export function assertRunFits(limit: number, graph: Graph, run: RunSizes): void {
  const costs = costsOfAll(graph.steps, run)
  const needs = graph.steps.map(({ operation }, i) => ({ layer: operation, bytes: bytesIn(costs[i]) }))
  const { forward, backward } = graph.numbersPerSample
  const what = run.training ? 'training with' : 'running'
  const ends = forward + (run.training ? backward : 0)
  assertWithin(limit, needs, `${what} batches of ${run.batch}`, bytesOf(run.batch * ends))
}

/** `1234567 bytes (1.18 MB)` */
const inWords = (bytes: number) => (bytes < 1024 ? `${bytes} bytes` : `${bytes} bytes (${memory(bytes)})`)

/** Formats bytes as Keras does. */
export function memory(bytes: number): string {
  const units = ['Byte', 'KB', 'MB', 'GB', 'TB', 'PB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size.toFixed(2)} ${units[unit]}`
}
