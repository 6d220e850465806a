// DeepFace (Taigman et al., CVPR 2014), layer by layer as in the Keras code by Swarup Ghosh that its published weights
// belong to: https://github.com/swghosh/DeepFace. Three locally connected layers hold half of its weights.

import { Conv2D, Dense, Dropout, Flatten, type Layer, LocallyConnected2D, MaxPooling2D, Sequential } from 'unshared'

export const inputShape = [152, 152, 3] as const
/** Numbers that stand for a face: the output of the layer F7. */
export const embeddingSize = 4096

/** @param people how many people it tells apart; the published weights know 8,631. 0: up to the embedding */
export const deepFace = (people = 8631) => new Sequential(deepFaceLayers(people), { name: 'DeepFace', seed: 2014 })

export function deepFaceLayers(people = 8631): Layer[] {
  const activation = 'relu'
  const embedding = [
    new Conv2D({ name: 'C1', filters: 32, kernelSize: 11, activation, inputShape }),
    new MaxPooling2D({ name: 'M2', poolSize: 3, strides: 2, padding: 'same' }),
    new Conv2D({ name: 'C3', filters: 16, kernelSize: 9, activation }),
    new LocallyConnected2D({ name: 'L4', filters: 16, kernelSize: 9, activation }),
    new LocallyConnected2D({ name: 'L5', filters: 16, kernelSize: 7, strides: 2, activation }),
    new LocallyConnected2D({ name: 'L6', filters: 16, kernelSize: 5, activation }),
    new Flatten({ name: 'F0' }),
    new Dense({ name: 'F7', units: embeddingSize, activation }),
  ]
  const head =
    people === 0
      ? []
      : [new Dropout({ name: 'D0', rate: 0.5 }), new Dense({ name: 'F8', units: people, activation: 'softmax' })]
  return [...embedding, ...head]
}
