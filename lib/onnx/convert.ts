// A model as an ONNX graph: call by call, as the model runs in prediction.

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Call, Value } from '../layers/call.ts'
import { originOf, type Step } from '../layers/graph.ts'
import type { Model, Outputs } from '../models/model.ts'
import { hasActivation, writeActivation } from './activations.ts'
import { GraphWriter, type OnnxGraph, type OnnxNode } from './graph.ts'
import { writerOf } from './layers.ts'
import { reshaped } from './moves.ts'

/** @throws ArgumentError naming the layers without a counterpart. StateError before the model is built */
export function onnxGraph(model: Model<Outputs>): OnnxGraph {
  const { graph, inputNames, outputNames } = model
  const steps = stepsBehind(graph.outputs, graph.steps)
  assertCounterparts(steps)
  const writer = new GraphWriter()
  const names = new Map<Value, string>()
  for (const [i, input] of graph.inputs.entries()) names.set(input, writer.claim(inputNames[i]))
  const views = new Map<string, string>()
  /** A value's name; where it has another shape than the call that computes it, that of a node which changes the shape. */
  const nameOf = (value: Value): string => {
    const origin = originOf(value)
    const name = names.get(origin) as string
    if (origin.repeats === value.repeats && `${origin.shape}` === `${value.shape}`) return name
    const key = `${name} ${value.repeats} [${value.shape}]`
    const rows = origin.repeats === value.repeats ? 0 : -1
    const view = views.get(key) ?? writer.node('Reshape', [name, writer.longs([rows, ...value.shape])])
    views.set(key, view)
    return view
  }
  for (const { call, operation } of steps) {
    writer.scope = operation.name
    names.set(call, writeCall(call, operation, writer, call.inputs.map(nameOf)))
  }
  writer.scope = 'output'
  const made = graph.outputs.map(nameOf)
  const { nodes, ends } = named(writer, made, outputNames)
  return {
    name: model.name,
    nodes,
    tensors: writer.tensors,
    inputs: graph.inputs.map((input, i) => ({ name: names.get(input) as string, shape: graph.inputs[i].shape })),
    outputs: graph.outputs.map(({ shape }, i) => ({ name: ends[i], shape })),
  }
}

/** The steps on which the outputs depend. */
function stepsBehind(outputs: readonly Value[], steps: readonly Step[]): Step[] {
  const needed = new Set<Value>(outputs.map(originOf))
  const found: Step[] = []
  for (const step of [...steps].reverse()) {
    if (!needed.has(step.call)) continue
    found.push(step)
    for (const input of step.call.inputs) needed.add(originOf(input))
  }
  return found.reverse()
}

const passes = ({ call, operation }: Step) => operation.passesThrough(call.inputShape, false)

function assertCounterparts(steps: readonly Step[]): void {
  const missing = new Set<string>()
  for (const step of steps) {
    const { name, outputActivation } = step.operation
    const className = step.operation.constructor.name
    if (!passes(step) && !writerOf(step.operation)) missing.add(`${name} (${className})`)
    if (outputActivation && !hasActivation(outputActivation))
      missing.add(`${name} (activation ${outputActivation.className})`)
  }
  if (missing.size === 0) return
  const expected = 'layers that have a counterpart in ONNX'
  throw new ArgumentError('model', [...missing].join(', '), expected, 'docs/onnx.md lists them')
}

function writeCall(call: Call, layer: Step['operation'], graph: GraphWriter, inputs: readonly string[]): string {
  const { inputShape, outputShape, activation } = call
  const weights = Object.fromEntries(layer.parameters.map(parameter => [parameter.name, parameter]))
  const place = { layer: layer as unknown, call, graph, weights, inputs, x: inputs[0], inputShape, outputShape }
  const write = passes({ call, operation: layer } as Step) ? reshaped : writerOf(layer)
  const y = (write ?? reshaped)(place)
  return activation ? writeActivation(graph, y, activation) : y
}

/** Gives the outputs their names. A value that is an input, or two outputs, gets a node of its own. */
function named(writer: GraphWriter, made: readonly string[], outputNames: readonly string[]) {
  const renamed = new Map<string, string>()
  const computed = new Set(writer.nodes.map(({ output }) => output))
  const ends = made.map((name, i) => {
    const end = writer.claim(outputNames[i])
    if (computed.has(name) && !renamed.has(name)) renamed.set(name, end)
    else writer.nodes.push({ name: end, op: 'Identity', inputs: [name], output: end, attributes: {} })
    return end
  })
  const now = (name: string) => renamed.get(name) ?? name
  const nodes: OnnxNode[] = writer.nodes.map(node => ({
    ...node,
    inputs: node.inputs.map(now),
    output: now(node.output),
  }))
  return { nodes, ends }
}

/** The most bytes of a protobuf message. */
const mostBytes = 2 ** 31 - 1

/** @throws ArgumentError for a graph that a file cannot hold: its weights would have to be in files beside it */
export function assertFits({ tensors }: OnnxGraph): void {
  const bytes = tensors.reduce((sum, { shape, data }) => sum + data.BYTES_PER_ELEMENT * sizeOf(shape), 0)
  if (bytes > mostBytes - 2 ** 20)
    throw new ArgumentError('model', `${bytes} bytes of weights`, 'less than 2 GiB, the most that an .onnx file holds')
}
