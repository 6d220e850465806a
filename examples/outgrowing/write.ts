// Step 1: a model that has learned a little here, and its data, as files for Python.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dense, Flatten, LocallyConnected2D, Sequential, stream, Tensor } from 'unshared'
import { saveModel } from 'unshared/keras'

const folder = process.argv[2] ?? '.'
const random = stream('stripes')
const n = 512
// A bright column somewhere in noise; the class tells whether it is in the left half.
const x = new Float32Array(n * 64).map(() => 0.3 * random())
const y = new Float32Array(n)
for (let i = 0; i < n; i++) {
  const column = Math.floor(8 * random())
  for (let row = 0; row < 8; row++) x[64 * i + 8 * row + column] += 0.7
  y[i] = column < 4 ? 1 : 0
}

const model = new Sequential(
  [
    new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    new Flatten(),
    new Dense({ units: 1, activation: 'sigmoid' }),
  ],
  { seed: 1 },
)
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] })
const images = new Tensor([n, 8, 8, 1], x)
const labels = new Tensor([n, 1], y)
await model.fit(images, labels, { epochs: 1, verbose: 0 })
await saveModel(model, join(folder, 'here.keras'))
writeFileSync(join(folder, 'x.f32'), x)
writeFileSync(join(folder, 'y.f32'), y)
const { loss } = await model.evaluate(images, labels, { verbose: 0 })
console.log(`loss here: ${loss.toFixed(4)}`)
