// What the writers of layers get: one call of a layer, and the graph that it is written to.

import type { Shape } from '../core/check.ts'
import type { Call } from '../layers/call.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { GraphWriter } from './graph.ts'

/** One call of a layer. */
export interface Place<L> {
  readonly layer: L
  readonly call: Call
  readonly graph: GraphWriter
  /** The layer's weights by name. */
  readonly weights: Readonly<Record<string, Parameter>>
  /** The names of the inputs. */
  readonly inputs: readonly string[]
  /** The first of them. */
  readonly x: string
  /** The shapes of one sample of the first input, and of the output. */
  readonly inputShape: Shape
  readonly outputShape: Shape
}

/** Writes the nodes of a call, without its activation. @returns the name of the output */
export type Writer<L> = (place: Place<L>) => string

/** Stores a weight as it is, or with another shape of the same numbers. */
export const plainWeight = (graph: GraphWriter, parameter: Parameter, shape: Shape = parameter.shape): string =>
  graph.weight(parameter, `[${shape}]`, () => ({ shape, data: parameter.value.slice() }))

/** Adds a weight, where the layer has it. */
export const plus = (graph: GraphWriter, x: string, bias: Parameter | undefined, shape?: Shape): string =>
  bias ? graph.node('Add', [x, plainWeight(graph, bias, shape)]) : x
