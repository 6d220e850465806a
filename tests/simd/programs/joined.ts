// Models that share a layer with one that stays are made, trained and dropped. Prints by how much the memory of the process
// grew from the first ten to all, in MB.

import { Dense, Flatten, LocallyConnected2D, Sequential, Tensor } from 'unshared'

const inputShape = [32, 32, 3]
const x = new Tensor([8, ...inputShape], new Float32Array(8 * 32 * 32 * 3).fill(0.5))
const y = Tensor.zeros([8, 2])
const head = new Dense({ units: 2 })
const kept = new Sequential([new Flatten({ inputShape: [30, 30, 64] }), head], { seed: 1 })
const output = kept.forward(Tensor.zeros([1, 30, 30, 64]))
const used = () => Math.round(process.memoryUsage().rss / 1e6)

let before = 0
for (let i = 0; i < 70; i++) {
  const model = new Sequential([
    new LocallyConnected2D({ filters: 64, kernelSize: 3, inputShape }),
    new Flatten(),
    head,
  ])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  model.trainOnBatch(x, y)
  await new Promise(resolve => setTimeout(resolve))
  if (i === 10) before = used()
}
const again = kept.forward(Tensor.zeros([1, 30, 30, 64]))
if (again.equals(output)) throw new Error('the layer that is shared has learned nothing')
console.log(used() - before)
