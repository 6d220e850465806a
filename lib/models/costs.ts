// The costs of a model: multiply-adds and bytes of memory.

import { type BatchShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Call } from '../layers/call.ts'
import type { Layer } from '../layers/layer.ts'
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

/** A layer and its call in a model. */
export interface Place {
  readonly layer: Layer
  readonly call: Call
}

/** The costs of one layer in a run. */
export function costsOf({ layer, call }: Place, { batch, training, optimizer }: RunSizes): Costs {
  const { forward, backward } = call.numbersPerSample
  const trained = training ? layer.trainableParameters : []
  const perWeight = optimizer?.numbersPerWeight ?? 0
  return {
    macs: layer.macsFor(call.inputShape),
    weights: bytesOf(layer.countParams()),
    gradients: training ? bytesOf(layer.countParams()) : 0,
    optimizer: bytesOf(trained.reduce((sum, { size }) => sum + size, 0) * perWeight),
    activations: bytesOf(batch * (forward + (training ? backward : 0))),
  }
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
  readonly layer: Layer
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
 * @param inputShape the input shape of the first layer, which starts with the batch size
 * @throws ArgumentError when they need more
 */
export function assertLayersFit(limit: number, layers: readonly Layer[], inputShape: BatchShape): void {
  const needs: Need[] = []
  let shape = inputShape
  for (const layer of layers) {
    const output = layer.computeOutputShape(shape)
    const bytes = bytesOf(sizeOf(output.slice(1) as number[]))
    assertWithin(limit, [...needs, { layer, bytes }], 'the outputs of one sample')
    needs.push({ layer, bytes: bytes + bytesOf(layer.plannedSize(shape.slice(1) as number[])) })
    assertWithin(limit, needs, 'weights and the outputs of one sample')
    shape = output
  }
}

/**
 * Checks that a run fits into `limit` bytes, including the input batch and, in training, the output gradient.
 * @throws ArgumentError when it needs more
 */
export function assertRunFits(limit: number, places: readonly Place[], run: RunSizes): void {
  const needs = places.map(place => ({ layer: place.layer, bytes: bytesIn(costsOf(place, run)) }))
  const [first, last] = [places[0].call, places[places.length - 1].call]
  const ends = sizeOf(first.inputShape) + (run.training ? sizeOf(last.outputShape) : 0)
  const what = run.training ? 'training with' : 'running'
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
