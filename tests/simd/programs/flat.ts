// Trains 10,000 steps, after 10,000 in which code is compiled, and prints how much memory grew in them, in bytes.

import { Dense, Dropout, Flatten, LocallyConnected2D, Sequential, Tensor } from 'unshared'

const model = new Sequential(
  [
    new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
    new Dropout({ rate: 0.2 }),
    new Flatten(),
    new Dense({ units: 5, activation: 'softmax' }),
  ],
  { seed: 1 },
)
model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
const x = new Tensor([8, 6, 6, 1], new Float32Array(8 * 36).fill(0.3))
const y = new Tensor([8], Float32Array.from([0, 1, 2, 3, 4, 0, 1, 2]))

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
