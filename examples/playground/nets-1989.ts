// The five nets of LeCun's report of 1989, on 480 of our digits, enlarged and moved sideways in 16 × 16
// pixels: 320 to train, 160 to test.

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
import { type DataSet, type Pictures, shuffled } from './digits.ts'

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
  const [x, y] = moved(data.train, 320)
  const order = shuffled(320, `1989/${seed}/order`)
  for (let epoch = 0; epoch < epochs; epoch++)
    for (let from = 0; from < 320; from += 8) {
      const rows = order.subarray(from, from + 8)
      net.trainOnBatch(take(x, rows), take(y, rows))
    }
  return net.testOnBatch(...moved(data.test, 160)).categorical_accuracy as number
}

const enlarged = 12

/** So many digits, enlarged to 12 × 12 pixels, each at one of four places in the 16 × 16, side by side. */
function moved({ images, labels }: Pictures, count: number): [Tensor, Tensor] {
  const x = Tensor.zeros([count, 16, 16, 1])
  const y = Tensor.zeros([count, 10])
  const scale = 8 / enlarged
  for (let i = 0; i < count; i++) {
    y.data[i * 10 + labels[i]] = 1
    const left = (i % 4) + (i % 4 > 1 ? 1 : 0)
    for (let row = 0; row < enlarged; row++)
      for (let col = 0; col < enlarged; col++) {
        const ink = inkAt(images, i * 64, (row + 0.5) * scale - 0.5, (col + 0.5) * scale - 0.5)
        x.data[(i * 16 + row + 2) * 16 + col + left] = ink
      }
  }
  return [x, y]
}

/** The ink between pixels: linear in both directions. */
function inkAt(images: Float32Array, at: number, row: number, col: number): number {
  const pixel = (r: number, c: number) =>
    images[at + 8 * Math.min(7, Math.max(0, r)) + Math.min(7, Math.max(0, c))]
  const [r, c] = [Math.floor(row), Math.floor(col)]
  const [down, right] = [row - r, col - c]
  const upper = pixel(r, c) * (1 - right) + pixel(r, c + 1) * right
  const lower = pixel(r + 1, c) * (1 - right) + pixel(r + 1, c + 1) * right
  return upper * (1 - down) + lower * down
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
