// Model files of Keras: a model is saved, loaded, and goes on learning with the same numbers.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Dense, Flatten, LocallyConnected2D, Sequential, stream, Tensor } from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'

const random = stream('pictures')
const x = new Tensor(
  [40, 6, 6, 1],
  new Float32Array(40 * 36).map(() => random()),
)
const y = new Tensor(
  [40, 1],
  new Float32Array(40).map((_, i) => Math.round(x.data[36 * i])),
)

const model = new Sequential(
  [
    new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
    new Flatten(),
    new Dense({ units: 1, activation: 'sigmoid' }),
  ],
  { seed: 1 },
)
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy' })
const training = { epochs: 5, shuffle: false, verbose: 0 } as const
await model.fit(x, y, training)

const folder = mkdtempSync(join(tmpdir(), 'unshared-'))
for (const name of ['model.h5', 'model.keras', 'model.json']) await saveModel(model, join(folder, name))
console.log(readdirSync(folder).join(' '))

const loaded = await loadModel(join(folder, 'model.keras'), { implementation: 3 })
const [{ history: ours }, { history: theirs }] = [await model.fit(x, y, training), await loaded.fit(x, y, training)]
console.log('the same losses, with another implementation:', ours.loss.join() === theirs.loss.join())
rmSync(folder, { recursive: true })
// prints model.h5 model.json model.keras model.weights.bin
// prints the same losses, with another implementation: true
