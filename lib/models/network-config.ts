// A network as plain data, in the layout of Keras' functional models. from-config.ts has the way back.

import type { Config } from '../core/registry.ts'
import { Layer } from '../layers/layer.ts'
import type { Module, SymbolicTensor } from '../layers/module.ts'
import { callsOf, type Network, sourceOf } from './network.ts'

/** A reference to a value: a layer's name, the number of its call, and that of its output. */
export type Reference = readonly [string, number, number]

/**
 * Models count their calls from 1, as in Keras, where call 0 is the model's own.
 * @see https://github.com/keras-team/tf-keras/blob/v2.15.0/tf_keras/engine/functional.py
 */
export const firstCall = (module: Module) => (module instanceof Layer ? 0 : 1)

export function networkConfig(
  network: Network,
  name: string,
  trainable: boolean,
  nameOf: (module: Module) => string,
): Config {
  const reference = (tensor: SymbolicTensor): Reference => {
    const [module, call, index] = sourceOf(network, tensor)
    return [nameOf(module), call + firstCall(module), index]
  }
  return {
    name,
    trainable,
    layers: network.layers.map(layer => ({
      className: layer.className,
      config: { ...layer.getConfig(), name: nameOf(layer) },
      name: nameOf(layer),
      inboundNodes: callsOf(network, layer).map(({ inputs }) => inputs.map(tensor => [...reference(tensor), {}])),
    })),
    inputLayers: network.inputLayers.map(layer => [nameOf(layer), 0, 0]),
    outputLayers: network.outputs.map(reference),
  }
}
