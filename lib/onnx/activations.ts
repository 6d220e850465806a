// Activations by name.

import type { Config } from '../core/registry.ts'
import type { Activation } from '../layers/activations.ts'
import type { Attribute, GraphWriter } from './graph.ts'

type Write = (graph: GraphWriter, x: string, config: Config) => string

/** A single node, whose attributes may be options of the activation. */
const single =
  (op: string, attributes: (config: Config) => Readonly<Record<string, Attribute>> = () => ({})): Write =>
  (graph, x, config) =>
    graph.node(op, [x], attributes(config))

const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise)
const scalar = (graph: GraphWriter, value: number) => graph.floats([], [value])
const axisOf = ({ axis }: Config) => ({ axis: { int: number(axis, -1) } })

/** With a maximum or a threshold: x above the threshold, else 0, clipped; and alpha · (x − threshold) below it. */
function relu(graph: GraphWriter, x: string, { alpha, maxValue, threshold }: Config): string {
  const [slope, most, from] = [number(alpha, 0), number(maxValue, Infinity), number(threshold, 0)]
  if (most === Infinity && from === 0)
    return slope === 0 ? graph.node('Relu', [x]) : graph.node('LeakyRelu', [x], { alpha: { float: slope } })
  const zero = scalar(graph, 0)
  const start = scalar(graph, from)
  let y = from === 0 ? graph.node('Relu', [x]) : graph.node('Where', [graph.node('Greater', [x, start]), x, zero])
  if (most < Infinity) y = graph.node('Clip', [y, zero, scalar(graph, most)])
  if (slope === 0) return y
  const below = graph.node('Min', [graph.node('Sub', [x, start]), zero])
  return graph.node('Add', [y, graph.node('Mul', [below, scalar(graph, slope)])])
}

/** ½·x·(1 + erf(x/√2)); approximately, with tanh. */
function gelu(graph: GraphWriter, x: string, { approximate }: Config): string {
  let inner: string
  if (approximate === true) {
    const cube = graph.node('Mul', [graph.node('Mul', [x, x]), x])
    const bent = graph.node('Add', [x, graph.node('Mul', [cube, scalar(graph, 0.044715)])])
    inner = graph.node('Tanh', [graph.node('Mul', [bent, scalar(graph, 0.7978845608028654)])])
  } else inner = graph.node('Erf', [graph.node('Mul', [x, scalar(graph, Math.SQRT1_2)])])
  const share = graph.node('Mul', [graph.node('Add', [inner, scalar(graph, 1)]), scalar(graph, 0.5)])
  return graph.node('Mul', [x, share])
}

const writers: Readonly<Record<string, Write>> = {
  linear: (_graph, x) => x,
  relu,
  sigmoid: single('Sigmoid'),
  hard_sigmoid: single('HardSigmoid', () => ({ alpha: { float: 0.2 }, beta: { float: 0.5 } })),
  tanh: single('Tanh'),
  softmax: single('Softmax', axisOf),
  log_softmax: single('LogSoftmax', axisOf),
  softplus: single('Softplus'),
  softsign: single('Softsign'),
  selu: single('Selu'),
  elu: single('Elu', ({ alpha }) => ({ alpha: { float: number(alpha, 1) } })),
  exponential: single('Exp'),
  gelu,
  swish: (graph, x) => graph.node('Mul', [x, graph.node('Sigmoid', [x])]),
  mish: (graph, x) => graph.node('Mul', [x, graph.node('Tanh', [graph.node('Softplus', [x])])]),
  relu6: (graph, x) => graph.node('Clip', [x, scalar(graph, 0), scalar(graph, 6)]),
  leaky_relu: single('LeakyRelu', ({ alpha }) => ({ alpha: { float: number(alpha, 0.2) } })),
  scaled_tanh: (graph, x) =>
    graph.node('Mul', [graph.node('Tanh', [graph.node('Mul', [x, scalar(graph, 2 / 3)])]), scalar(graph, 1.7159)]),
}

/** Whether ONNX has a counterpart. */
export const hasActivation = ({ className }: Activation): boolean => Object.hasOwn(writers, className)

/** Writes an activation. @returns the name of its output */
export const writeActivation = (graph: GraphWriter, x: string, activation: Activation): string =>
  writers[activation.className](graph, x, activation.getConfig())
