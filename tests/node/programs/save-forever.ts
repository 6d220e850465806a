// Saves a model over its last checkpoint again and again until it is killed: `node save-forever.mjs FILE`. All weights
// of save n are n. It tells its parent when a save begins, and how long the last one took.

import { setTimeout as wait } from 'node:timers/promises'
import { Dense, Flatten, LocallyConnected2D, Sequential, Tensor } from 'unshared'
import { ModelCheckpoint } from 'unshared/node'

const [, , filepath] = process.argv
const model = new Sequential([
  new LocallyConnected2D({ filters: 16, kernelSize: 5, inputShape: [40, 40, 4] }),
  new Flatten(),
  new Dense({ units: 40 }),
])
model.compile({ optimizer: 'sgd', loss: 'mse' })
model.build([null, 40, 40, 4])
const shapes = model.getWeights().map(({ shape }) => shape)
const checkpoint = new ModelCheckpoint({ filepath })
checkpoint.setModel(model)

let milliseconds = 0
for (let n = 0; ; n++) {
  model.setWeights(shapes.map(shape => new Tensor(shape, Tensor.zeros(shape).data.fill(n))))
  process.send?.({ saving: n, milliseconds })
  const start = performance.now()
  await checkpoint.onEpochEnd(n, {})
  milliseconds = performance.now() - start
  await wait(milliseconds / 4) // some kills find the new file
}
