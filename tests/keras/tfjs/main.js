// Loads `model.json` of a folder into TensorFlow.js, predicts for `x.json`, and writes what it saves itself to OUT.
//   node main.js FOLDER OUT

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { LocallyConnected2D } from './locally-connected.js'

tf.serialization.registerClass(LocallyConnected2D)
const [folder, out] = process.argv.slice(2)
const read = name => readFileSync(join(folder, name))
const json = JSON.parse(read('model.json'))
const specs = json.weightsManifest.flatMap(group => group.weights)
const shards = json.weightsManifest.flatMap(group => group.paths).map(read)
const weightData = Uint8Array.from(Buffer.concat(shards)).buffer
const artifacts = { ...json, weightSpecs: specs, weightData }
const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts))
const { shape, data } = JSON.parse(read('x.json'))
const y = model.predict(tf.tensor(data, shape))
mkdirSync(out, { recursive: true })
await model.save(
  tf.io.withSaveHandler(async saved => {
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(saved.weightData))
    // Two shards, as a browser's download may have them.
    const half = Math.floor(bytes.length / 2)
    writeFileSync(join(out, 'group1-shard1of2.bin'), bytes.subarray(0, half))
    writeFileSync(join(out, 'group1-shard2of2.bin'), bytes.subarray(half))
    const { modelTopology, weightSpecs, format, generatedBy, convertedBy } = saved
    const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin']
    const manifest = [{ paths, weights: weightSpecs }]
    const text = { format, generatedBy, convertedBy, modelTopology, weightsManifest: manifest }
    writeFileSync(join(out, 'model.json'), JSON.stringify(text))
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) }
  }),
)
console.log(JSON.stringify({ version: tf.version.tfjs, y: [...y.dataSync()] }))
