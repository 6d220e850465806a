// Trains a stack (or, if MODEL is `graph`, a model with branches) for 10,000 steps, after 10,000 in which code is compiled,
// and prints how much memory grew in them, in bytes.

import {
  Add,
  Concatenate,
  Dense,
  Dropout,
  Flatten,
  input,
  LocallyConnected2D,
  Model,
  Sequential,
  Tensor,
} from 'unshared'

const local = () => new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu' })
const classifier = () => new Dense({ units: 5, activation: 'softmax' })
const xs = new Tensor([8, 6, 6, 1], new Float32Array(8 * 36).fill(0.3))
const ys = new Tensor([8], Float32Array.from([0, 1, 2, 3, 4, 0, 1, 2]))

function stack() {
  const layers = [local(), new Dropout({ rate: 0.2 }), new Flatten(), classifier()]
  const model = new Sequential(layers, { seed: 1 })
  model.build([null, 6, 6, 1])
  return { model, x: xs, y: ys }
}

/** Two inputs, a shared layer, a model inside, merges and two outputs. */
function graph() {
  const [a, b] = [input({ shape: [6, 6, 1] }), input({ shape: [6, 6, 1] })]
  const shared = local()
  const sum = new Add().apply([shared.apply(a), shared.apply(b)])
  const inner = new Sequential([
    new Flatten({ inputShape: [4, 4, 4] }),
    new Dropout({ rate: 0.2 }),
    new Dense({ units: 6 }),
  ])
  const both = new Concatenate().apply([inner.apply(sum), new Flatten().apply(b)])
  const model = new Model({ inputs: [a, b], outputs: [classifier().apply(both), classifier().apply(both)], seed: 1 })
  return { model, x: [xs, xs], y: [ys, ys] }
}

const { model, x, y } = process.env.MODEL === 'graph' ? graph() : stack()
model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })

const measure = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return { heapUsed, arrayBuffers, external }
}
for (let step = 0; step < 10_000; step++) model.trainOnBatch(x, y)
const before = measure()
for (let step = 0; step < 10_000; step++) model.trainOnBatch(x, y)
const after = measure()
console.log(
  JSON.stringify({
    heap: after.heapUsed - before.heapUsed,
    arrayBuffers: after.arrayBuffers - before.arrayBuffers,
    external: after.external - before.external,
  }),
)
