// The output of a model for many samples.
import { nextTurn, now, print } from '#platform'
import { CallbackList } from '../callbacks.ts'
import { knownOptions, positiveInteger, sizeOf } from '../check.ts'
import { Tensor } from '../tensor.ts'
import { BatchReader, isBatchSource, ranOut, readInputBatch } from './batch-source.ts'
import { stepsOf, throwIfAborted, turnLength, weightsStay } from './options.ts'
/** Batch by batch. */
export async function predict(model, x, options) {
  knownOptions('predict', options, ['batchSize', 'callbacks', 'signal', 'steps'])
  const batchSize = positiveInteger('batchSize', options.batchSize ?? 32)
  const asked = stepsOf('steps', options.steps, Infinity)
  const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
  const read = batch => model.checkInput(readInputBatch(batch))
  const source = isBatchSource(x) ? new BatchReader('x', x, read, { goesOn: false }) : null
  const samples = source ? null : model.checkInput(x)
  const steps = samples ? Math.min(asked, Math.ceil(samples.shape[0] / batchSize)) : asked
  const results = []
  const pass = { batch: 0, training: false, inputGradient: false, penalties: false }
  try {
    await source?.peek()
    const outputShape = model.outputShape.slice(1)
    callbacks.begin(model, { epochs: 0, steps, verbose: 0, metrics: [], seed: model.seed })
    await callbacks.tell('onPredictBegin')
    for (let step = 0, turn = now(); step < steps; step++) {
      throwIfAborted(options.signal)
      const batch = samples ? rows(samples, step * batchSize, batchSize) : await source?.next()
      if (!batch) {
        if (steps < Infinity) print(ranOut('predict', step, `steps are ${steps}`))
        break
      }
      if (callbacks.hears('onPredictBatchBegin')) await callbacks.tell('onPredictBatchBegin', step)
      pass.batch = batch.shape[0]
      model.input(pass.batch, false).set(batch.data)
      const output = model.propagate(pass).slice(0, pass.batch * sizeOf(outputShape))
      results.push(output)
      if (callbacks.hears('onPredictBatchEnd')) {
        const outputs = new Tensor([pass.batch, ...outputShape], output.slice())
        await callbacks.tell('onPredictBatchEnd', step, { outputs })
      }
      if (now() - turn < turnLength) continue
      await nextTurn()
      turn = now()
    }
    await callbacks.tell('onPredictEnd')
    return joined(results, outputShape)
  } finally {
    await source?.close()
  }
}
/** Some samples, without a copy. */
function rows({ shape: [n, ...item], data }, from, count) {
  const size = sizeOf(item)
  const to = Math.min(from + count, n)
  return new Tensor([to - from, ...item], data.subarray(from * size, to * size))
}
function joined(batches, item) {
  const size = batches.reduce((sum, { length }) => sum + length, 0)
  const all = new Float32Array(size)
  let at = 0
  for (const batch of batches) {
    all.set(batch, at)
    at += batch.length
  }
  return new Tensor([size / sizeOf(item), ...item], all)
}
