// Prediction: a model's outputs for many samples, computed batch by batch.

import { print } from '#platform'
import { CallbackList } from '../callbacks/index.ts'
import { knownOptions, type Shape, sizeOf } from '../core/check.ts'
import { Tensor } from '../core/tensor.ts'
import type { Pass } from '../layers/call.ts'
import { BatchReader, type BatchSource, isBatchSource, ranOut, readInputBatch } from './batch-source.ts'
import { copyRows, type ModelInput } from './data.ts'
import {
  batchSizeOf,
  checkSignal,
  type PredictOptions,
  stepsOf,
  takeTurns,
  throwIfAborted,
  weightsStay,
} from './options.ts'
import type { Runnable } from './runnable.ts'

/** @returns a tensor for each output */
export async function predict(
  model: Runnable,
  x: ModelInput | BatchSource<ModelInput>,
  options: PredictOptions,
): Promise<Tensor[]> {
  knownOptions('predict', options, ['batchSize', 'callbacks', 'signal', 'steps'])
  checkSignal(options.signal)
  const asked = stepsOf('steps', options.steps, Infinity)
  const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
  const read = (batch: unknown) => model.checkInputs(readInputBatch(batch, model.inputNames.length))
  const source = isBatchSource(x) ? new BatchReader('x', x, read, { continues: false }) : null
  const samples = source ? null : model.checkInputs(x as ModelInput)
  const n = samples ? samples[0].shape[0] : Infinity
  const batchSize = batchSizeOf('batchSize', options.batchSize, samples ? n : 0, options.steps)
  const steps = Math.min(asked, Math.ceil(n / batchSize))
  const results: Float32Array[][] = []
  const pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: false, frozen: null }
  try {
    await source?.peek()
    callbacks.begin(model, { epochs: 0, steps, verbose: 0, metrics: [], seed: model.seed })
    await callbacks.tell('onPredictBegin')
    for (let step = 0; step < steps; step++) {
      throwIfAborted(options.signal)
      const batch = samples ?? (await source?.next())
      if (!batch) break
      const from = samples ? step * batchSize : 0
      pass.batch = Math.min(batch[0].shape[0] - from, samples ? batchSize : Infinity)
      if (callbacks.hears('onPredictBatchBegin')) await callbacks.tell('onPredictBatchBegin', step)
      const { graph } = model
      model.reserve(pass.batch, false)
      graph.begin(pass)
      batch.forEach(({ data }, i) => {
        const { y, shape } = graph.inputs[i]
        copyRows(y, data, sizeOf(shape), null, from, pass.batch)
      })
      graph.propagate()
      results.push(graph.outputs.map(({ y }) => y.slice()))
      if (callbacks.hears('onPredictBatchEnd')) {
        const tensors = graph.outputs.map(({ shape, y }) => new Tensor([pass.batch, ...shape], y.slice()))
        await callbacks.tell('onPredictBatchEnd', step, { outputs: tensors.length === 1 ? tensors[0] : tensors })
      }
      await takeTurns()
    }
    if (results.length < asked && asked < Infinity) print(ranOut('predict', results.length, `${asked} requested`))
    await callbacks.tell('onPredictEnd')
    return model.graph.outputs.map(({ shape }, k) =>
      joined(
        results.map(outputs => outputs[k]),
        shape,
      ),
    )
  } finally {
    await source?.close()
  }
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
