// A training under BackupAndRestore, for tests that kill it: `node train.mjs FOLDER SAVE_FREQ`. It tells its parent of
// every batch; when it ends, everything that has come out is in FOLDER/result.

import { join } from 'node:path'
import {
  Adam,
  BatchNormalization,
  type Callback,
  Dense,
  Dropout,
  EarlyStopping,
  GaussianNoise,
  type Optimizer,
  ReduceLROnPlateau,
  Sequential,
  stream,
  Tensor,
} from 'unshared'
import { toSafetensors } from 'unshared/keras'
import { BackupAndRestore, CSVLogger, ModelCheckpoint, writeFileAtomically } from 'unshared/node'

const [folder, saveFreq] = process.argv.slice(2)
const n = 120
const random = stream('data')
const x = new Tensor([n, 6], new Float32Array(6 * n).map(random))
const y = new Tensor(
  [n, 1],
  new Float32Array(n).map((_, i) => (x.data[6 * i] > x.data[6 * i + 1] ? 1 : 0)),
)

const model = new Sequential(
  [
    new GaussianNoise({ stddev: 0.05, inputShape: [6] }),
    new Dense({ units: 12, activation: 'tanh' }),
    new BatchNormalization(),
    new Dropout({ rate: 0.2 }),
    new Dense({ units: 1, activation: 'sigmoid' }),
  ],
  { seed: 'killed' },
)
model.compile({
  optimizer: new Adam({ learningRate: 0.02, useEma: true }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy', 'AUC'],
})

let first = true
const tell: Callback = {
  async onTrainBatchEnd(batch) {
    process.send?.({ batch, resumed: first && batch > 0 })
    first = false
    await new Promise(resolve => setTimeout(resolve, 1)) // so that the kill can come in between
  },
}
const { history, epoch } = await model.fit(x, y, {
  epochs: 12,
  batchSize: 9,
  validationSplit: 0.2,
  verbose: 0,
  callbacks: [
    new BackupAndRestore({
      backupDir: join(folder, 'backup'),
      saveFreq: saveFreq === 'epoch' ? saveFreq : Number(saveFreq),
    }),
    new EarlyStopping({ patience: 9, restoreBestWeights: true }),
    new ReduceLROnPlateau({ patience: 1, factor: 0.7, cooldown: 1 }),
    new CSVLogger({ filename: join(folder, 'rows.csv') }),
    new ModelCheckpoint({ filepath: join(folder, 'best.safetensors'), saveWeightsOnly: true, saveBestOnly: true }),
    tell,
  ],
})
const optimizer = model.optimizer as Optimizer
const kept = optimizer.variables().map(({ shape, value }) => new Tensor(shape, value.slice()))
const tensors = Object.fromEntries([...model.getWeights(), ...kept].map((tensor, i) => [String(i), tensor]))
const { iterations, learningRate } = optimizer
await writeFileAtomically(
  join(folder, 'result'),
  toSafetensors(tensors, { rest: JSON.stringify({ history, epoch, iterations, learningRate }) }),
)
