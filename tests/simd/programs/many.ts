// Makes models and drops them, on as many threads as the environment says, and never gives the event loop a turn. Prints
// by how much the memory of the process grew from the first 20 to all, in MB.

import { LocallyConnected2D, Sequential, Tensor } from 'unshared'

const inputShape = [32, 32, 3]
const x = new Tensor([8, ...inputShape], new Float32Array(8 * 32 * 32 * 3).fill(0.5))
const used = () => Math.round(process.memoryUsage().rss / 1e6)

let before = 0
for (let i = 0; i < 150; i++) {
  const model = new Sequential([new LocallyConnected2D({ filters: 64, kernelSize: 3, inputShape })])
  model.predictOnBatch(x)
  if (i === 20) before = used()
}
console.log(used() - before)
