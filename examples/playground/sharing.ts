// From a local net to a convolution and back, in the middle of training.

import { Conv2D, type Layer, LocallyConnected2D, type Sequential, toConv, toLocal } from 'unshared'

/** Every place of the local net gets the mean kernel and the mean bias of all places. */
export function share(local: Sequential): void {
  const { layer } = toConv(localLayer(local))
  localLayer(local).setWeights(toLocal(layer).getWeights())
}

/** Every place of the local net gets the convolution's kernel and bias; the output layer gets its weights. */
export function untie(local: Sequential, conv: Sequential): void {
  localLayer(local).setWeights(toLocal(convLayer(conv)).getWeights())
  outputLayer(local).setWeights(outputLayer(conv).getWeights())
}

/** The convolution that a local net with equal kernels is. */
export function tie(conv: Sequential, local: Sequential): void {
  convLayer(conv).setWeights(toConv(localLayer(local)).layer.getWeights())
  outputLayer(conv).setWeights(outputLayer(local).getWeights())
}

function localLayer({ layers: [first] }: Sequential): LocallyConnected2D {
  if (first instanceof LocallyConnected2D) return first
  throw new Error(`${first.name} is not locally connected`)
}

function convLayer({ layers: [first] }: Sequential): Conv2D {
  if (first instanceof Conv2D) return first
  throw new Error(`${first.name} is not a convolution`)
}

const outputLayer = ({ layers }: Sequential): Layer => layers[layers.length - 1] as Layer
