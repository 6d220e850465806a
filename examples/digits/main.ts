// The main job: a locally connected network learns real handwritten digits. `npm start` runs this; options are
// `npm start -- --seed 2 --epochs 30 --out out/digits`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Callback, Dense, Dropout, Flatten, LocallyConnected2D, Sequential, type Tensor } from 'unshared'
import { toSafetensors } from 'unshared/keras'
import { randomShift } from 'unshared/ndarray'
import { ProgressBar } from 'unshared/node'
import { loadDigits, splitDigits } from './data.ts'
import { writeReport } from './report.ts'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '30' },
    out: { type: 'string', default: 'out/digits' },
  },
})
const epochs = Number(options.epochs)
const started = performance.now()

const model = new Sequential(
  [
    new LocallyConnected2D({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
    new LocallyConnected2D({ filters: 16, kernelSize: 3, activation: 'relu' }),
    new Flatten(),
    new Dropout({ rate: 0.3 }),
    new Dense({ units: 10, activation: 'softmax' }),
  ],
  { seed: options.seed },
)
model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
model.summary()

const { train, test } = splitDigits(loadDigits())
const images = train.images.clone()
const history = await model.fit(images, train.labels, {
  epochs,
  validationData: [test.images, test.labels],
  callbacks: [shiftEveryOtherEpoch(images, train.images), slowDownAtTheEnd(epochs), new ProgressBar()],
})

const probabilities = await model.predict(test.images)
const { accuracy } = await model.evaluate(test.images, test.labels, { verbose: 0 })
const seconds = (performance.now() - started) / 1000

mkdirSync(options.out, { recursive: true })
const weights = model.layers.flatMap(layer => layer.parameters.map(p => [`${layer.name}/${p.name}`, p] as const))
const tensors = Object.fromEntries(model.getWeights().map((tensor, i) => [weights[i][0], tensor]))
writeFileSync(join(options.out, 'weights.safetensors'), toSafetensors(tensors, { framework: 'unshared' }))
writeReport(join(options.out, 'report.html'), {
  model,
  history,
  accuracy,
  seconds,
  seed: options.seed,
  playground: relative(options.out, 'docs/playground.html').replaceAll('\\', '/'),
  remark:
    'The training curves zigzag because in every other epoch the digits are shifted by up to one pixel, which is harder. ' +
    'They look worse than the test because Dropout sets 30% of the values to 0 during training.',
  test: { images: test.images, labels: Array.from(test.labels.data), predictions: probabilities },
})
console.log(`report:  ${join(options.out, 'report.html')}`)
console.log(`weights: ${join(options.out, 'weights.safetensors')}`)
console.log(`test accuracy: ${accuracy.toFixed(4)}`)

/** Moves every digit by up to one pixel, in every other epoch: `images` is what the model is trained on. */
function shiftEveryOtherEpoch(images: Tensor, originals: Tensor): Callback {
  return {
    onEpochBegin(epoch) {
      const shifted = epoch % 2 === 1 ? randomShift(originals, 1, `${options.seed}/shift/${epoch}`) : originals
      images.data.set(shifted.data)
    },
  }
}

/** A fifth of the learning rate for the last fifth of the epochs. */
function slowDownAtTheEnd(epochs: number): Callback {
  return {
    onEpochBegin(epoch) {
      if (epoch === Math.floor(0.8 * epochs) && model.optimizer) model.optimizer.learningRate /= 5
    },
  }
}
