// Loads, saves and draws where optional packages are not installed: `node without-packages.js FOLDER`.

import { join } from 'node:path'
import { Dense, Sequential } from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import { plotModel } from 'unshared/plot'

const model = new Sequential([new Dense({ units: 2, inputShape: [3] })])
model.build([null, 3])

async function tell(what: string, run: () => Promise<unknown>, done: string): Promise<void> {
  console.log(`${what}: ${await run().then(() => done, String)}`)
}
const path = (name: string) => join(process.argv[2], name)
for (const name of ['model.h5', 'model.keras', 'packed.keras']) await tell(name, () => loadModel(path(name)), 'loaded')
for (const name of ['model.weights.h5', 'model.safetensors'])
  await tell(name, () => loadWeights(model, path(name)), 'loaded')
await tell('saving h5', () => saveModel(model, { format: 'h5' }), 'saved')
await tell('saving keras', () => saveModel(model, { format: 'keras' }), 'saved')
await tell('saving weights', () => saveWeights(model, { format: 'weights.h5' }), 'saved')
await tell('saving tfjs', () => saveModel(model, { format: 'tfjs' }), 'saved')
await tell('drawing', () => plotModel(model), 'drawn')
