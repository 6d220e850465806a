// Step 3: what was trained there, back here: it predicts, and learns on.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tensor } from 'unshared'
import { loadModel } from 'unshared/keras'

const folder = process.argv[2] ?? '.'
const read = (name: string) => {
  const bytes = readFileSync(join(folder, name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
const [x, y] = [read('x.f32'), read('y.f32')]
const images = new Tensor([y.length, 8, 8, 1], x)
const labels = new Tensor([y.length, 1], y)

const model = await loadModel(join(folder, 'there.keras'))
const { loss, accuracy } = await model.evaluate(images, labels, { verbose: 0 })
console.log(`loss here of what was trained there: ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`)
const { history } = await model.fit(images, labels, { epochs: 5, verbose: 0 })
console.log(`after five more epochs here: ${history.loss[4].toFixed(4)}`)
