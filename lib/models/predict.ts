// Prediction: a model's outputs for many samples, computed batch by batch.

import { nextTurn, now, print } from '#platform'
import { CallbackList } from '../callbacks/index.ts'
import { knownOptions, type Shape, sizeOf } from '../core/check.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import type { Pass } from '../layers/call.ts'
import { BatchReader, type BatchSource, isBatchSource, ranOut, readInputBatch } from './batch-source.ts'
import { batchSizeOf, type PredictOptions, stepsOf, throwIfAborted, turnLength, weightsStay } from './options.ts'
import type { Runnable } from './runnable.ts'

export async function predict(
  model: Runnable,
  x: TensorLike | BatchSource<TensorLike>,
  options: PredictOptions,
): Promise<Tensor> {
  knownOptions('predict', options, ['batchSize', 'callbacks', 'signal', 'steps'])
  const asked = stepsOf('steps', options.steps, Infinity)
  const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
  const read = (batch: unknown) => model.checkInput(readInputBatch(batch))
  const source = isBatchSource(x) ? new BatchReader('x', x, read, { continues: false }) : null
  const samples = source ? null : model.checkInput(x as TensorLike)
  const batchSize = batchSizeOf('batchSize', options.batchSize, samples?.shape[0] ?? 0, options.steps)
  const steps = samples ? Math.min(asked, Math.ceil(samples.shape[0] / batchSize)) : asked
  const results: Float32Array[] = []
  const pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: false, frozen: null }
  try {
    await source?.peek()
    const outputShape = (model.outputShape as Shape).slice(1)
    callbacks.begin(model, { epochs: 0, steps, verbose: 0, metrics: [], seed: model.seed })
    await callbacks.tell('onPredictBegin')
    for (let step = 0, turn = now(); step < steps; step++) {
      throwIfAborted(options.signal)
      const batch = samples ? rows(samples, step * batchSize, batchSize) : await source?.next()
      if (!batch) break
      if (callbacks.hears('onPredictBatchBegin')) await callbacks.tell('onPredictBatchBegin', step)
      pass.batch = batch.shape[0]
      model.reserve(pass.batch, false)
      model.chain.begin(pass).set(batch.data)
      const output = model.chain.propagate().slice()
      results.push(output)
      if (callbacks.hears('onPredictBatchEnd')) {
        const outputs = new Tensor([pass.batch, ...outputShape], output.slice())
        await callbacks.tell('onPredictBatchEnd', step, { outputs })
      }
      if (now() - turn < turnLength) continue
      await nextTurn()
      turn = now()
    }
    if (results.length < asked && asked < Infinity) print(ranOut('predict', results.length, `${asked} requested`))
    await callbacks.tell('onPredictEnd')
    return joined(results, outputShape)
  } finally {
    await source?.close()
  }
}

/** A view of some samples, without copying. */
function rows({ shape: [n, ...item], data }: Tensor, from: number, count: number): Tensor {
  const size = sizeOf(item)
  const to = Math.min(from + count, n)
  return new Tensor([to - from, ...item], data.subarray(from * size, to * size))
}

function joined(batches: readonly Float32Array[], item: Shape): Tensor {
  const size = batches.reduce((sum, { length }) => sum + length, 0)
  const all = new Float32Array(size)
  let at = 0
  for (const batch of batches) {
    all.set(batch, at)
    at += batch.length
  }
  return new Tensor([size / sizeOf(item), ...item], all)
}
