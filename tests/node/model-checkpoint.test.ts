import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, jest, test } from '@jest/globals'
import { Dense, type FitOptions, Sequential, SGD, Tensor } from 'unshared'
import { fromSafetensors, loadModel, loadWeights } from 'unshared/keras'
import { ModelCheckpoint, type ModelCheckpointOptions } from 'unshared/node'

const folder = () => mkdtempSync(join(tmpdir(), 'unshared-checkpoint-'))
const data = [Tensor.from([[1], [2], [3], [4]]), Tensor.from([[2], [4], [6], [8]])] as const
function make() {
  const model = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
  model.compile({ optimizer: new SGD({ learningRate: 0.01 }), loss: 'mse', metrics: ['mae'] })
  return model
}
const weightsIn = (path: string) => Object.values(fromSafetensors(readFileSync(path)))
const options = { epochs: 3, batchSize: 1, shuffle: false, verbose: 0 } as const
const weights = { saveWeightsOnly: true } as const

async function train(checkpoint: ModelCheckpoint, more: FitOptions = {}) {
  const model = make()
  const { history } = await model.fit(...data, { ...options, ...more, callbacks: [checkpoint] })
  return { model, history }
}

test('saves the weights after every epoch, by names with values in them', async () => {
  const path = folder()
  const filepath = join(path, 'deep', 'w.{epoch:02d}-{val_loss:.2f}.safetensors')
  const { model, history } = await train(new ModelCheckpoint({ filepath, ...weights }), { validationData: data })
  const names = history.val_loss.map((loss, i) => `w.0${i + 1}-${loss.toFixed(2)}.safetensors`)
  expect(readdirSync(join(path, 'deep')).sort()).toEqual(names)
  expect(weightsIn(join(path, 'deep', names[2]))).toEqual(model.getWeights())
  const bytes = readFileSync(join(path, 'deep', names[0]))
  expect(Object.keys(fromSafetensors(bytes))).toEqual(['dense/kernel', 'dense/bias'])
})

test.each([
  ['m.keras', false],
  ['m.h5', false],
  ['m.weights.h5', true],
])('%s, with saveWeightsOnly %p, can be read again', async (name, saveWeightsOnly) => {
  const filepath = join(folder(), name)
  const { model } = await train(new ModelCheckpoint({ filepath, saveWeightsOnly }))
  const read = saveWeightsOnly ? make() : await loadModel(filepath)
  if (saveWeightsOnly) await loadWeights(read, filepath)
  expect(read.getWeights()).toEqual(model.getWeights())
})

test('saves after every so many batches, counted through the epochs', async () => {
  const path = folder()
  const filepath = join(path, '{epoch}.{batch}.safetensors')
  await train(new ModelCheckpoint({ filepath, ...weights, saveFreq: 3 }))
  expect(readdirSync(path).sort()).toEqual(['1.3', '2.2', '3.1', '3.4'].map(name => `${name}.safetensors`))
})

/** Shows it these values, as `logs` of epochs; in which epochs it saved. */
async function show(more: Partial<ModelCheckpointOptions>, values: readonly number[]) {
  const filepath = join(folder(), 'best.safetensors')
  const checkpoint = new ModelCheckpoint({ filepath, ...weights, saveBestOnly: true, ...more })
  const model = make()
  model.build([null, 1])
  checkpoint.setModel(model)
  const saved: number[] = []
  for (const [epoch, value] of values.entries()) {
    checkpoint.onEpochBegin(epoch)
    await checkpoint.onEpochEnd(epoch, { loss: 1, [more.monitor ?? 'val_loss']: value })
    if (!existsSync(filepath)) continue
    saved.push(epoch)
    rmSync(filepath)
  }
  return { saved, best: checkpoint.best }
}

describe('saveBestOnly', () => {
  const values = [5, 4, 4, 6, 3]

  test('saves where the value is better than all before', async () => {
    expect(await show({}, values)).toEqual({ saved: [0, 1, 4], best: 3 })
    expect(await show({ mode: 'max' }, values)).toEqual({ saved: [0, 3], best: 6 })
    expect(await show({ monitor: 'val_accuracy' }, values)).toEqual({ saved: [0, 3], best: 6 })
    expect(await show({ monitor: 'val_acc_of_5' }, values)).toEqual({ saved: [0, 3], best: 6 })
    expect(await show({ monitor: 'val_auc' }, values)).toEqual({ saved: [0, 3], best: 6 })
    expect(await show({ initialValueThreshold: 4.5 }, values)).toEqual({ saved: [1, 4], best: 3 })
  })

  test('does not save where nothing was measured, or NaN', async () => {
    expect((await show({}, [Number.NaN, 2, Number.NaN])).saved).toEqual([1])
    const path = folder()
    const filepath = join(path, '{epoch}.safetensors')
    const checkpoint = new ModelCheckpoint({ filepath, ...weights, saveBestOnly: true })
    await train(checkpoint, { validationData: data, validationFreq: 2 })
    expect(readdirSync(path)).toEqual(['2.safetensors'])
  })

  test('tells what happens', async () => {
    const spy = jest.spyOn(console, 'log').mockImplementation(() => {})
    await show({ verbose: 1 }, [2, 1.5, 3])
    const lines = spy.mock.calls.map(([line]) => String(line).replace(/to \S*best/, 'to best'))
    spy.mockRestore()
    expect(lines).toEqual([
      'Epoch 1: val_loss improved from inf to 2.00000, saving model to best.safetensors',
      'Epoch 2: val_loss improved from 2.00000 to 1.50000, saving model to best.safetensors',
      'Epoch 3: val_loss did not improve from 1.50000',
    ])
  })
})

describe('what is refused, before the first epoch', () => {
  const path = (name: string) => join(folder(), name)

  test.each([
    [{ filepath: 'a.txt', ...weights }, /^filepath: expected a file ending in .*\.safetensors/],
    [{ filepath: 'a.safetensors' }, /^filepath: expected a file ending in .keras, .*saveWeightsOnly: true/],
    [{ filepath: 'a.weights.h5' }, /^filepath: expected a file ending in .keras, .*saveWeightsOnly: true/],
    [{ filepath: '', ...weights }, /^filepath: expected a non-empty path/],
    [{ filepath: '{epoch:q}.safetensors', ...weights }, /^filepath: expected fields such as/],
    [{ filepath: 'a.safetensors', ...weights, saveFreq: 0 }, /^saveFreq: expected a positive integer/],
    [{ filepath: 'a.safetensors', ...weights, initialValueThreshold: 'a' }, /^initialValueThreshold: /],
    [{ filepath: 'a.safetensors', ...weights, period: 2 }, /option: expected one of/],
  ])('%j', (given, message) => {
    expect(() => new ModelCheckpoint(given as never)).toThrow(message)
  })

  test.each([
    [{ filepath: path('{val_loss}.safetensors') }, /^filepath: expected names among epoch, loss, mae/],
    [{ filepath: path('{batch}.safetensors') }, /^filepath: expected names among epoch, loss/],
    [{ filepath: path('a.safetensors'), saveBestOnly: true }, /^monitor: expected one of loss, mae, received/],
  ])('%j', async (given, message) => {
    const checkpoint = new ModelCheckpoint({ ...given, ...weights })
    await expect(train(checkpoint)).rejects.toThrow(message)
  })

  test('validation’s values while batches run', async () => {
    const batches = { ...weights, saveFreq: 2, saveBestOnly: true } as const
    const checkpoint = new ModelCheckpoint({ filepath: path('a.safetensors'), ...batches })
    await expect(train(checkpoint, { validationData: data })).rejects.toThrow(/^monitor: expected one of loss, mae,/)
  })
})

test('a folder in its way is an error that names it, and the model keeps its weights', async () => {
  const filepath = folder()
  const blocked = new ModelCheckpoint({ filepath: join(filepath, 'file.safetensors', 'w.safetensors'), ...weights })
  const first = new ModelCheckpoint({ filepath: join(filepath, 'file.safetensors'), ...weights })
  await train(first)
  await expect(train(blocked)).rejects.toThrow(
    /^ModelCheckpoint.onEpochEnd: .*file.safetensors.*. The model has the weights after batch 4 of epoch 1/,
  )
})
