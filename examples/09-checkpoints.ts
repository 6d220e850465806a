// A training that is interrupted, and goes on: run the same program again, and its end has the same bits as that of one
// that was never interrupted. The best weights are kept beside it.
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Callback, Dense, Dropout, Flatten, Sequential } from 'unshared'
import { fromSafetensors } from 'unshared/keras'
import { BackupAndRestore, CSVLogger, ModelCheckpoint } from 'unshared/node'
import { loadDigits, splitDigits } from './digits/data.ts'

const { train, test } = splitDigits(loadDigits())

/** The program that is run twice. */
async function program(folder: string, more: Callback[] = []) {
  const model = new Sequential(
    [
      new Flatten({ inputShape: [8, 8, 1] }),
      new Dense({ units: 32, activation: 'relu' }),
      new Dropout({ rate: 0.2 }),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: 1 },
  )
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const best = join(folder, 'best.safetensors')
  const { history } = await model.fit(train.images, train.labels, {
    epochs: 6,
    validationSplit: 0.2,
    verbose: 0,
    callbacks: [
      new BackupAndRestore({ backupDir: join(folder, 'backup'), saveFreq: 10 }),
      new ModelCheckpoint({ filepath: best, saveBestOnly: true, saveWeightsOnly: true }),
      new CSVLogger({ filename: join(folder, 'history.csv') }),
      ...more,
    ],
  })
  return { model, best, end: JSON.stringify([history, model.getWeights().map(({ data }) => [...data])]) }
}

const powerCut: Callback = {
  onEpochEnd(epoch) {
    if (epoch === 3) throw new Error('the power fails')
  },
}
const makeFolder = () => mkdtempSync(join(tmpdir(), 'unshared-example-'))
const folder = makeFolder()
await program(folder, [powerCut]).catch(({ message }) => console.log(message))
const { model, best, end } = await program(folder)
const uninterrupted = await program(makeFolder())
console.log('the same bits:', end === uninterrupted.end)
console.log(readdirSync(folder).join(' '))

model.setWeights(Object.values(fromSafetensors(readFileSync(best))))
const { accuracy } = await model.evaluate(test.images, test.labels, { verbose: 0 })
console.log(`test accuracy of the best weights ${accuracy.toFixed(3)}`)
// prints callbacks.onEpochEnd: the power fails. The model has the weights after batch 36 of epoch 4, the last completed
// prints the same bits: true
// prints best.safetensors history.csv
// prints test accuracy of the best weights 0.839
