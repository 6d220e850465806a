// The five nets of LeCun's report of 1989.

import {
  Activation,
  Adam,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  LocalBias,
  LocallyConnected2D,
  Sequential,
  Tensor,
  ZeroPadding2D,
} from 'unshared'
import { type Pictures, shuffled } from './digits.ts'
import { pictures1989 } from './digits-1989.ts'

const inputShape = [16, 16, 1]
const pad = (before: number, after: number, options = {}) =>
  new ZeroPadding2D({
    padding: [
      [before, after],
      [before, after],
    ],
    ...options,
  })
const tanh = () => new Activation({ activation: 'tanh' })
const local = (kernelSize: number) => new LocallyConnected2D({ filters: 1, kernelSize, strides: 2, activation: 'tanh' })
const shared = (filters: number, kernelSize: number) => [
  new Conv2D({ filters, kernelSize, strides: 2, useBias: false }),
  new LocalBias(),
  tanh(),
]
const output = () => new Dense({ units: 10, activation: 'tanh' })

const designs: readonly (() => Layer[])[] = [
  () => [new Flatten({ inputShape }), output()],
  () => [new Flatten({ inputShape }), new Dense({ units: 12, activation: 'tanh' }), output()],
  () => [pad(0, 1, { inputShape }), local(3), pad(1, 2), local(5), new Flatten(), output()],
  () => [pad(0, 1, { inputShape }), ...shared(2, 3), pad(1, 2), local(5), new Flatten(), output()],
  () => [pad(0, 1, { inputShape }), ...shared(2, 3), pad(1, 2), ...shared(4, 5), new Flatten(), output()],
]

export const createNet1989 = (index: number, seed: number): Sequential =>
  new Sequential(designs[index](), { seed: `1989/${seed}/${index}` })

const epochs = 80

/** Trains one of the nets. @returns the share of the test pictures that it reads correctly */
export function train1989(index: number, seed: number, forms: readonly Pictures[]): number {
  const net = createNet1989(index, seed)
  net.compile({ optimizer: new Adam({ learningRate: 0.003 }), loss: 'mse', metrics: ['categorical_accuracy'] })
  const { train, test } = pictures1989(forms, seed)
  const count = train.x.shape[0]
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(count, `1989/${seed}/order/${epoch}`)
    for (let from = 0; from < count; from += 8) {
      const rows = order.subarray(from, from + 8)
      net.trainOnBatch(take(train.x, rows), take(train.y, rows))
    }
  }
  return net.testOnBatch(test.x, test.y).categorical_accuracy as number
}

function take(tensor: Tensor, rows: Int32Array): Tensor {
  const [, ...sample] = tensor.shape
  const width = tensor.size / tensor.shape[0]
  const taken = Tensor.zeros([rows.length, ...sample])
  rows.forEach((row, i) => {
    taken.data.set(tensor.data.subarray(row * width, (row + 1) * width), i * width)
  })
  return taken
}
