// Memory that an owner stops using while others stay: joined models, optimizers, gradients of a layer that was taken away.
// Prints by how much the process grew from the third round to the last, in MB, for each.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Dense, type EngineName, Sequential, Tensor } from 'unshared'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const rounds = 12

async function growth(round: () => void): Promise<number> {
  let before = 0
  for (let i = 0; i < rounds; i++) {
    round()
    for (let turn = 0; turn < 3; turn++) {
      collect()
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    if (i === 2) before = process.memoryUsage().rss
  }
  return Math.round((process.memoryUsage().rss - before) / 1e6)
}

const engine = process.argv[2] as EngineName
const shared = new Dense({ units: 3 })
shared.build([null, 50])
const x = Tensor.zeros([1, 100_000])
const model = new Sequential([new Dense({ units: 50, inputShape: [100_000] })], { engine })
const last = new Dense({ units: 100_000 })
const grown = [
  await growth(() => {
    new Sequential([new Dense({ units: 50, inputShape: [100_000] }), shared], { engine }).getWeights()
  }),
  await growth(() => {
    model.compile({ optimizer: 'adam', loss: 'mse' })
    model.trainOnBatch(x, Tensor.zeros([1, 50]))
  }),
  await growth(() => {
    model.add(last)
    model.backward(model.forward(x))
    model.pop()
  }),
]
console.log(grown.join(' '))
