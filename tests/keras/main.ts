// `npm run test:keras`: files go from here to the real Keras and back. A model learns a little here, is written, loaded
// by Keras, which predicts and learns on, is written there, loaded here, and so on three times; at every stop both sides
// predict the same, and both learn the same from the same file.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BatchNormalization,
  Dense,
  Flatten,
  LocallyConnected1D,
  LocallyConnected2D,
  type Model,
  type OptimizerIdentifier,
  type Outputs,
  Sequential,
  type SymbolicTensor,
  stream,
  Tensor,
} from 'unshared'
import { legacyOptimizers, loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import { graphModels } from './graph-models.ts'
import { Keras, plain, tensorOf } from './keras-process.ts'
import { largest, withTfjs } from './with-tfjs.ts'

type Format = 'h5' | 'keras' | 'weights h5' | 'weights v3'
const formats: readonly Format[] = ['h5', 'keras', 'weights h5', 'weights v3']
const implementations = [1, 2, 3] as const
const dataFormats = ['channels_last', 'channels_first'] as const
const optimizers = ['adam', 'sgd', { className: 'RMSprop', config: { momentum: 0.5, centered: true } }] as const

const tolerance = { predictions: 1e-5, loss: 1e-4 }
const rounds = 3
const training = { epochs: 1, batchSize: 4, shuffle: false, verbose: 0 } as const

interface Row {
  readonly name: string
  readonly toKeras: number
  readonly fromKeras: number
  readonly loss: number
}

const random = stream(5, 'data')
const draw = (...shape: number[]) => Tensor.zeros(shape).data.map(() => 2 * random() - 1)
const tensor = (...shape: number[]) => new Tensor(shape, draw(...shape))
const oneHot = (rows: number, n: number) =>
  new Tensor(
    [rows, n],
    draw(rows, n).map((_, i) => (i % n === Math.floor(i / n) % n ? 1 : 0)),
  )

function newModel(
  implementation: 1 | 2 | 3,
  dataFormat: (typeof dataFormats)[number],
  optimizer: OptimizerIdentifier,
): Model {
  const is2D = dataFormat === 'channels_last' || implementation !== 2
  const padding = implementation === 1 ? ('valid' as const) : ('same' as const)
  const options = { filters: 3, implementation, dataFormat, padding, activation: 'tanh' } as const
  const last = dataFormat === 'channels_last'
  const local = is2D
    ? new LocallyConnected2D({ ...options, kernelSize: [3, 2], inputShape: last ? [6, 5, 2] : [2, 6, 5] })
    : new LocallyConnected1D({ ...options, kernelSize: 3, strides: 2, inputShape: last ? [9, 2] : [2, 9] })
  const model = new Sequential(
    [
      local,
      new BatchNormalization({ axis: last ? -1 : 1 }),
      new Flatten({ dataFormat }),
      new Dense({ units: 3, activation: 'softmax', kernelRegularizer: 'l2' }),
    ],
    { seed: 11, name: 'round_trip' },
  )
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  return model
}

/** The largest difference of any two of them; infinite where one is missing. */
const largestOf = (a: readonly Tensor[], b: readonly Tensor[]) =>
  a.reduce((most, tensor, i) => Math.max(most, largest(tensor, b[i])), a.length === b.length ? 0 : Infinity)

/** A list of tensors as a model takes it: one alone. */
const given = (tensors: readonly Tensor[]) => (tensors.length === 1 ? tensors[0] : tensors)

async function roundTrip(keras: Keras, format: Format, name: string, newest: Model<Outputs>): Promise<Row> {
  let model = newest
  const x = (model.inputShapes ?? []).map(([, ...sample]) => tensor(10, ...(sample as number[])))
  const yTrue = (model.outputs as readonly SymbolicTensor[]).map(({ shape: [, n] }) => oneHot(10, n as number))
  await model.fit(given(x), given(yTrue), training)
  const predictions = async () => [await model.predict(given(x))].flat()
  const worst = { toKeras: 0, fromKeras: 0, loss: 0 }
  const isWeights = format.startsWith('weights')
  const ending = format === 'keras' ? 'keras' : 'h5'
  for (let round = 0; round < rounds; round++) {
    const path = (side: string) => join(folder, `${side}${round}.${ending}`)
    const weightsPath = (side: string) =>
      join(folder, `${side}${round}${format === 'weights v3' ? '.weights.h5' : '_w.h5'}`)
    await saveModel(model, path('ours'))
    if (isWeights) await saveWeights(model, weightsPath('ours'))
    const weights = isWeights ? { weights: weightsPath('ours') } : {}
    const command = { model: path('ours'), ...weights, x: x.map(plain) }
    const loaded = await keras.ask({ do: 'load', ...command })
    worst.toKeras = Math.max(worst.toKeras, largestOf(loaded.y.map(tensorOf), await predictions()))
    const trained = await keras.ask({
      do: 'train',
      ...command,
      yTrue: yTrue.map(plain),
      epochs: 1,
      batchSize: 4,
      save: path('theirs'),
      ...(isWeights ? { saveWeights: weightsPath('theirs') } : {}),
    })
    const { history } = await model.fit(given(x), given(yTrue), training)
    const [ours, theirs] = [history, trained.history].map(logs => Object.keys(logs).join())
    if (ours !== theirs) throw new Error(`the logs are ${ours} here, ${theirs} there`)
    for (const [log, [value]] of Object.entries(trained.history))
      worst.loss = Math.max(worst.loss, Math.abs(history[log][0] - value))
    model = await loadModel(path('theirs'))
    if (isWeights) {
      model.setWeights(model.getWeights().map(({ shape }) => Tensor.zeros(shape)))
      await loadWeights(model, weightsPath('theirs'))
    }
    worst.fromKeras = Math.max(worst.fromKeras, largestOf(await predictions(), trained.y.map(tensorOf)))
    if (model.optimizer?.iterations !== trained.iterations) worst.fromKeras = Infinity
  }
  return { name: `${format.padEnd(10)}  ${name.padEnd(28)}`, ...worst }
}

/** The name of a row for one model of a grid. */
function named(implementation: 1 | 2 | 3, dataFormat: string, optimizer: OptimizerIdentifier): string {
  const name = typeof optimizer === 'string' ? optimizer : 'className' in optimizer ? optimizer.className : ''
  return `${implementation}  ${dataFormat.padEnd(14)}  ${name.padEnd(7)}`
}

const { keras, version } = await Keras.start()
console.log(`files of every format to tf-keras ${version} and back, ${rounds} times; the largest differences:\n`)
console.log(
  'format      implementation, data format, optimizer   predictions there  and here     loss of the next epoch',
)
const folder = mkdtempSync(join(tmpdir(), 'unshared-keras-'))
const counts = { passed: 0, failed: 0 }

async function show(what: string, run: () => Promise<Row>): Promise<void> {
  try {
    const row = await run()
    const fits = Math.max(row.toKeras, row.fromKeras) <= tolerance.predictions && row.loss <= tolerance.loss
    counts[fits ? 'passed' : 'failed']++
    const numbers = [row.toKeras, row.fromKeras, row.loss].map(v => v.toExponential(1).padStart(10))
    console.log(`${row.name}  ${numbers.join('      ')}${fits ? '' : '   FAILED'}`)
  } catch (error) {
    counts.failed++
    console.log(`${what}: FAILED: ${error instanceof Error ? error.message : error}`)
  }
}

try {
  let n = 0
  for (const format of formats)
    for (const implementation of implementations)
      for (const dataFormat of dataFormats) {
        const what = `${format}, implementation ${implementation}, ${dataFormat}`
        const optimizer = optimizers[n++ % 3]
        const name = named(implementation, dataFormat, optimizer)
        await show(what, () => roundTrip(keras, format, name, newModel(implementation, dataFormat, optimizer)))
      }
  for (const className of legacyOptimizers.names) {
    const optimizer = legacyOptimizers.get({ className, config: { learningRate: 0.01, clipnorm: 1 } })
    const name = named(1, 'channels_last', optimizer)
    await show(className, () => roundTrip(keras, 'h5', name, newModel(1, 'channels_last', optimizer)))
  }
  for (const format of formats)
    for (const [name, make] of Object.entries(graphModels))
      await show(`${format}, ${name}`, () => roundTrip(keras, format, name, make()))
  console.log('')
  for (const { name, there, back } of await withTfjs(folder, tensor)) {
    const fits = Math.max(there, back) <= tolerance.predictions
    counts[fits ? 'passed' : 'failed']++
    const numbers = `there ${there.toExponential(1)}, and here ${back.toExponential(1)}`
    console.log(`${name}: predictions ${numbers}${fits ? '' : '   FAILED'}`)
  }
} finally {
  keras.stop()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 ? 1 : 0
