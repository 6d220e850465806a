// The five nets of LeCun's report of 1989, on 480 of our digits, doubled to 16 × 16 pixels: 320 to train, 160 to test.

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
import type { DataSet, Pictures } from './digits.ts'

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
const local = (kernelSize: number) =>
  new LocallyConnected2D({ filters: 1, kernelSize, strides: 2, activation: 'tanh' })
const shared = (filters: number, kernelSize: number) => [
  new Conv2D({ filters, kernelSize, strides: 2, useBias: false }),
  new LocalBias(),
  tanh(),
]
const output = () => new Dense({ units: 10, activation: 'sigmoid' })

const designs: readonly (() => Layer[])[] = [
  () => [new Flatten({ inputShape }), output()],
  () => [new Flatten({ inputShape }), new Dense({ units: 12, activation: 'tanh' }), output()],
  () => [pad(0, 1, { inputShape }), local(3), pad(1, 2), local(5), new Flatten(), output()],
  () => [pad(0, 1, { inputShape }), ...shared(2, 3), pad(1, 2), local(5), new Flatten(), output()],
  () => [pad(0, 1, { inputShape }), ...shared(2, 3), pad(1, 2), ...shared(4, 5), new Flatten(), output()],
]

export const createNet1989 = (index: number, seed: number): Sequential =>
  new Sequential(designs[index](), { seed: `1989/${seed}/${index}` })

const epochs = 40

/** Trains one of the nets. @returns the share of the test digits that it reads correctly */
export function train1989(index: number, seed: number, data: DataSet): number {
  const net = createNet1989(index, seed)
  net.compile({
    optimizer: new Adam({ learningRate: 0.005 }),
    loss: 'mse',
    metrics: ['categorical_accuracy'],
  })
  const [x, y] = tensors(data.train, 320)
  for (let epoch = 0; epoch < epochs; epoch++)
    for (let from = 0; from < 320; from += 8) net.trainOnBatch(rows(x, from, 8), rows(y, from, 8))
  return net.testOnBatch(...tensors(data.test, 160)).categorical_accuracy as number
}

/** Doubled pictures from −1 (paper) to 1 (ink), and a 1 for the right digit. */
function tensors({ images, labels }: Pictures, count: number): [Tensor, Tensor] {
  const x = Tensor.zeros([count, 16, 16, 1])
  const y = Tensor.zeros([count, 10])
  for (let i = 0; i < count; i++) {
    y.data[i * 10 + labels[i]] = 1
    for (let row = 0; row < 16; row++)
      for (let col = 0; col < 16; col++)
        x.data[(i * 16 + row) * 16 + col] = 2 * images[i * 64 + (row >> 1) * 8 + (col >> 1)] - 1
  }
  return [x, y]
}

function rows(tensor: Tensor, from: number, count: number): Tensor {
  const [, ...sample] = tensor.shape
  const width = tensor.size / tensor.shape[0]
  return new Tensor([count, ...sample], tensor.data.slice(from * width, (from + count) * width))
}
