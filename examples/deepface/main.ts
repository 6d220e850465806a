// DeepFace, 137,774,071 parameters: built, saved as .h5, loaded again, and asked about a picture.
//
// The published weights (VGGFace2_DeepFace_weights_val-0.9034.h5, 551 MB, weights only) are not part of this project:
// random ones stand in. With the file at hand:
//
//     await loadWeights(deepFace(), 'VGGFace2_DeepFace_weights_val-0.9034.h5')
//
// Run it with `node scripts/run-ts.js examples/deepface/main.ts`. It takes 2.5 GB of memory and 1.2 GB of disk for a
// minute.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stream, Tensor } from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import { deepFace, inputShape } from './model.ts'

const folder = mkdtempSync(join(tmpdir(), 'deepface-'))
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`

/** Does it, and prints how long it took and what the process holds. */
async function timed<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await run()
  const seconds = ((performance.now() - start) / 1000).toFixed(2)
  console.log(`${what.padEnd(36)} ${seconds.padStart(6)} s   ${megabytes(process.memoryUsage.rss())}`)
  return result
}

const random = stream('face')
const face = new Tensor([1, ...inputShape], new Float32Array(152 * 152 * 3).map(random))
const equal = (a: Tensor, b: Tensor) => a.data.every((value, i) => value === b.data[i])

try {
  const whole = join(folder, 'deepface.h5')
  const weights = join(folder, 'deepface.weights.h5')

  const model = await timed('build, with random weights', () => deepFace())
  console.log(`parameters: ${model.countParams().toLocaleString('en')}`)
  const expected = await timed('first prediction', () => model.predict(face))
  await timed('next prediction', () => model.predict(face))

  await timed('save the model', () => saveModel(model, whole))
  await timed('save its weights', () => saveWeights(model, weights))
  console.log(`files: ${megabytes(statSync(whole).size)} and ${megabytes(statSync(weights).size)}`)

  const loaded = await timed('load the model', () => loadModel(whole))
  console.log(`the same prediction: ${equal(await loaded.predict(face), expected)}`)
  await timed('load the weights into a new model', () => loadWeights(deepFace(), weights))

  // The embedding is the output of F7: the layers up to it make a model of their own.
  const upTo = loaded.layers.findIndex(({ name }) => name === 'F7') + 1
  const embedder = deepFace(0)
  embedder.setWeights(loaded.layers.slice(0, upTo).flatMap(layer => layer.getWeights()))
  const embedding = await timed('the embedding of one picture', () => embedder.predict(face))
  console.log(`embedding: ${embedding.shape.join(' × ')}`)
} finally {
  rmSync(folder, { recursive: true })
}
