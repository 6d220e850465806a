// The model of these checks, and what it predicts: in Node and in a page, to be compared bit for bit.

import {
  BatchNormalization,
  Dense,
  Flatten,
  LocallyConnected2D,
  type Model,
  Sequential,
  stream,
  Tensor,
} from 'unshared'

const inputShape = [9, 8, 2]

/** @param seed what its weights are drawn from */
export function newModel(seed: number): Sequential {
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 5, kernelSize: 3, activation: 'tanh', inputShape }),
      new BatchNormalization(),
      new LocallyConnected2D({ filters: 3, kernelSize: [2, 3], strides: 2, implementation: 3 }),
      new Flatten(),
      new Dense({ units: 4, activation: 'softmax' }),
    ],
    { seed },
  )
  model.compile({ optimizer: 'adam', loss: 'mse' })
  model.build([null, ...inputShape])
  return model
}

const random = stream('samples')
const samples = new Tensor([30, ...inputShape], new Float32Array(30 * 144).map(random))
const wanted = new Tensor([30, 4], new Float32Array(120).map(random))

/** Moves all weights and the state of the optimizer away from where they began. */
export const train = (model: Sequential) => model.fit(samples, wanted, { epochs: 2, verbose: 0 })

/** The bits of all numbers that it predicts. */
export async function predictedBits(model: Model): Promise<string> {
  const { data } = await model.predict(samples)
  return Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length), word => word.toString(16)).join(' ')
}
