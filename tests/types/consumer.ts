// What a user's program sees of the package: compiled against dist/ with all checks of declaration files on.

import {
  type Callback,
  Dense,
  type DenseOptions,
  type History,
  LambdaCallback,
  LocallyConnected2D,
  type Logs,
  type Model,
  Sequential,
  Tensor,
} from 'unshared'
import { split } from 'unshared/data'
import {
  fromSafetensors,
  type LoadModelOptions,
  loadModel,
  loadWeights,
  type ModelSource,
  saveModel,
  saveWeights,
  toSafetensors,
} from 'unshared/keras'
import { shift, toNdarray } from 'unshared/ndarray'
import {
  BackupAndRestore,
  CSVLogger,
  ModelCheckpoint,
  ProgressBar,
  writeCases,
  writeFileAtomically,
} from 'unshared/node'
import { plotModel } from 'unshared/plot'
import { scaledTanh } from 'unshared/research'
import { checkLocallyConnected, type LayerReport, type LayerSizes } from 'unshared/teaching'

const options: DenseOptions = { units: 1, activation: 'hardSigmoid', kernelRegularizer: 'l1_l2' }
const model = new Sequential(
  [
    new LocallyConnected2D({ filters: 1, kernelSize: [2, 1], kernelInitializer: 'heNormal', activation: scaledTanh }),
    new Dense(options),
  ],
  { seed: 1 },
)
model.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['accuracy', 'acc'] })

const watch: Callback = {
  onEpochEnd(epoch: number, logs: Logs) {
    if (epoch > 3 && logs.loss < 0.1) model.stopTraining = true
  },
}
const history: Promise<History> = model.fit([[1]], [[1]], { epochs: 2, callbacks: [watch] })
const lambda = new LambdaCallback({ onEpochEnd: (epoch, { loss }) => void [epoch, loss] })
const callbacks: Callback[] = [
  lambda,
  new BackupAndRestore({ backupDir: 'backup', saveFreq: 10 }),
  new ModelCheckpoint({ filepath: 'w.{epoch:02d}.safetensors', saveWeightsOnly: true, mode: 'min' }),
  new CSVLogger({ filename: 'rows.csv' }),
  new ProgressBar({ verbose: 2 }),
]
const written: Promise<void> = writeFileAtomically('file', new Uint8Array(3))
const output: Tensor = model.forward(Tensor.from([1, 2, 3]))
const [[images]] = split([shift(output, [0, 1])], [0.5])
export const seen = [history, callbacks, written, toNdarray(images).shape, fromSafetensors(toSafetensors({ output }))]
export const drawing: Promise<string> = plotModel(model, { expandNested: true })

// @ts-expect-error a typo in an activation
new Dense({ units: 1, activation: 'rellu' })
// @ts-expect-error a typo in an option
new Dense({ unit: 1 })
// @ts-expect-error three sizes of a window of two
new LocallyConnected2D({ filters: 1, kernelSize: [1, 2, 3] })
// @ts-expect-error an implementation that isn't there
new LocallyConnected2D({ filters: 1, kernelSize: 1, implementation: 4 })
// @ts-expect-error a typo in a loss
model.compile({ loss: 'mean_square_error' })
// @ts-expect-error a typo in an optimizer
model.compile({ optimizer: 'adamm' })
// @ts-expect-error a typo in a metric
model.compile({ metrics: ['acuracy'] })
// @ts-expect-error a typo in an initializer
new Dense({ units: 1, kernelInitializer: 'glorotUnifrom' })
// @ts-expect-error an unknown event
const wrong: Callback = { onBatchFinished() {} }
// @ts-expect-error a tensor can't be given a new shape in place
output.shape = [wrong]
// @ts-expect-error an unknown event
new LambdaCallback({ onBatchFinished() {} })
// @ts-expect-error neither 'epoch' nor a number
new BackupAndRestore({ backupDir: 'backup', saveFreq: 'batch' })

const source: ModelSource = 'model.h5'
const loadOptions: LoadModelOptions = { implementation: 3, compile: false }
const stranded: Model = await loadModel(source, loadOptions)
const { skipped } = await loadWeights(stranded, new Uint8Array(8), { byName: true })
const bytes: Uint8Array = await saveModel(stranded, { format: 'keras' })
const { modelJson, weights: shard } = await saveModel(stranded, { format: 'tfjs' })
await saveWeights(stranded, 'model.safetensors')
export const used = [skipped.length, bytes.length, modelJson, shard.length]
// @ts-expect-error a typo in a regularizer
new Dense({ units: 1, kernelRegularizer: 'l3' })
// @ts-expect-error a typo in a constraint
new Dense({ units: 1, kernelConstraint: 'maxNrm' })
// @ts-expect-error a typo in a padding
new LocallyConnected2D({ filters: 1, kernelSize: 1, padding: 'smae' })
// @ts-expect-error a typo in a data format
new LocallyConnected2D({ filters: 1, kernelSize: 1, dataFormat: 'channels_frist' })
// @ts-expect-error a verbosity that isn't there
model.fit([[1]], [[1]], { verbose: 3 })
// @ts-expect-error a batch size that the source decides
model.fit(() => [[output, output]], { batchSize: 3 })
// @ts-expect-error batches of samples without targets
model.fit(function* () {
  yield 'x'
})
// @ts-expect-error a typo in an option of a model
new Sequential([], { memoryLimits: 1 })

const ofStudents = (x: Float32Array, _kernel: Float32Array, _bias: Float32Array, { B, F }: LayerSizes) => x.slice(B * F)
export const report: LayerReport = checkLocallyConnected(ofStudents, { arrays: 'flat', paddings: ['valid'] })
export const cases: Promise<string[]> = writeCases('out/cases')
