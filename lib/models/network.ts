// The network between the inputs and outputs of a model: its calls and its layers, in Keras' order.

import type { BatchShape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { InputLayer } from '../layers/input-layer.ts'
import { type Module, type Node, type SymbolicTensor, symbolic, type Visit } from '../layers/module.ts'

/** A model's definition. */
export interface Network {
  /** The inputs, in order. */
  readonly inputs: readonly SymbolicTensor[]
  /** The outputs, in order. */
  readonly outputs: readonly SymbolicTensor[]
  /** The layer of each input. */
  readonly inputLayers: readonly InputLayer[]
  /** The calls, each after those whose outputs it takes; those of the inputs' layers are not among them. */
  readonly nodes: readonly Node[]
  /** In Keras' order: by their distance to the outputs, the farthest first. */
  readonly layers: readonly Module[]
}

/**
 * The network from the inputs to the outputs. An input that is not made by `input` cuts the graph there.
 * @throws ArgumentError if an output depends on an input that is not in the list
 */
export function networkOf(givenInputs: unknown, givenOutputs: unknown): Network {
  const inputs = tensorsOf('inputs', givenInputs)
  const outputs = tensorsOf('outputs', givenOutputs)
  if (new Set(inputs).size < inputs.length) throw new ArgumentError('inputs', inputs.map(String), 'different tensors')
  const inputLayers = inputs.map(({ node, shape }) =>
    node.module instanceof InputLayer ? node.module : new InputLayer({ batchInputShape: shape }),
  )
  const layerOf = new Map(inputs.map((tensor, i) => [tensor, inputLayers[i]]))
  const nodes: Node[] = []
  const finished = new Set<Node>()
  const met = new Map<Module, number>() // the order in which the walk from the outputs meets the layers
  const meet = (module: Module) => {
    if (!met.has(module)) met.set(module, met.size)
  }
  for (const output of outputs) {
    // Depth first, with an explicit stack: a network may be deeper than JavaScript's own stack.
    const stack: { tensor: SymbolicTensor; next: number }[] = [{ tensor: output, next: 0 }]
    while (stack.length > 0) {
      const top = stack[stack.length - 1]
      const { node } = top.tensor
      const layer = layerOf.get(top.tensor)
      if (layer) {
        meet(layer)
        stack.pop()
      } else if (finished.has(node)) stack.pop()
      else {
        if (node.inputs.length === 0) throw disconnected(top.tensor, inputs, stack[stack.length - 2]?.tensor)
        if (top.next === 0) meet(node.module)
        if (top.next < node.inputs.length) stack.push({ tensor: node.inputs[top.next++], next: 0 })
        else {
          finished.add(node)
          nodes.push(node)
          stack.pop()
        }
      }
    }
  }
  const depths = new Map<Module, number>()
  const depthOf = new Map<Node, number>()
  const atLeast = <K>(map: Map<K, number>, key: K, depth: number) => map.set(key, Math.max(map.get(key) ?? 0, depth))
  for (const node of [...nodes].reverse()) {
    const depth = Math.max(depthOf.get(node) ?? 0, depths.get(node.module) ?? 0)
    depths.set(node.module, depth)
    for (const tensor of node.inputs) {
      const layer = layerOf.get(tensor)
      if (layer) atLeast(depths, layer, depth + 1)
      else atLeast(depthOf, tensor.node, depth + 1)
    }
  }
  for (const layer of inputLayers) if (!depths.has(layer)) depths.set(layer, 0)
  const place = (module: Module) => met.get(module) ?? -1
  const layers = [...depths.keys()].sort(
    (a, b) => (depths.get(b) as number) - (depths.get(a) as number) || place(a) - place(b),
  )
  return { inputs, outputs, inputLayers, nodes, layers }
}

function tensorsOf(argument: string, given: unknown): readonly SymbolicTensor[] {
  const tensors = symbolic(given)
  if (tensors && tensors.length > 0) return tensors
  throw new ArgumentError(argument, given, 'a symbolic tensor or a list of them: input({ shape }), layer.apply(x)')
}

function disconnected(tensor: SymbolicTensor, inputs: readonly SymbolicTensor[], user?: SymbolicTensor): ArgumentError {
  const names = inputs.map(({ name }) => name).join(', ')
  const reader = user ? `, which the layer ${user.name} reads` : ''
  return new ArgumentError(
    'outputs',
    `a value that depends on ${inputs.some(({ name }) => name === tensor.name) ? 'another ' : ''}${tensor.name}${reader}`,
    `values that depend on the inputs alone (${names})`,
    `Add it to the inputs`,
  )
}

type Calls = Pick<Network, 'nodes'>

const calls = new WeakMap<readonly Node[], ReadonlyMap<Module, ReadonlyMap<Node, number>>>()

/** The calls of each layer, numbered in the order in which they were made. */
function callsIn({ nodes }: Calls): ReadonlyMap<Module, ReadonlyMap<Node, number>> {
  const known = calls.get(nodes)
  if (known) return known
  const found = new Map<Module, Map<Node, number>>()
  for (const node of [...nodes].sort((a, b) => a.id - b.id)) {
    const own = found.get(node.module) ?? new Map()
    found.set(node.module, own.set(node, own.size))
  }
  calls.set(nodes, found)
  return found
}

/** The calls of a layer in the network, in the order in which they were made. */
export const callsOf = (network: Calls, module: Module): readonly Node[] => [
  ...(callsIn(network).get(module)?.keys() ?? []),
]

/** The number of a call among those of its layer in the network. */
export const callNumber = (network: Calls, node: Node): number => callsIn(network).get(node.module)?.get(node) ?? 0

/** The source of a value: the layer, the number of its call, and that of the call's output. */
export function sourceOf(network: Network, tensor: SymbolicTensor): readonly [Module, number, number] {
  const input = network.inputs.indexOf(tensor)
  if (input >= 0) return [network.inputLayers[input], 0, 0]
  const { module } = tensor.node
  return [module, callNumber(network, tensor.node), tensor.index]
}

/** The shape of every value in the network for these inputs. @param visit called for each layer inside, in order */
export function shapesThrough(
  { inputs, nodes }: Network,
  inputShapes: readonly BatchShape[],
  visit?: Visit,
): ReadonlyMap<SymbolicTensor, BatchShape> {
  const shapes = new Map(inputs.map((tensor, i) => [tensor, inputShapes[i]]))
  for (const node of nodes) {
    const given = node.inputs.map(tensor => shapes.get(tensor) as BatchShape)
    node.module.outputShapes(given, visit).forEach((shape, i) => {
      shapes.set(node.outputs[i], shape)
    })
  }
  return shapes
}
