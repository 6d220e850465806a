// Prediction: a model's outputs for many samples, computed batch by batch.

import { print } from '#platform'
import { CallbackList } from '../callbacks/index.ts'
import { knownOptions, type Shape, sizeOf } from '../core/check.ts'
import { Tensor } from '../core/tensor.ts'
import type { Pass } from '../layers/call.ts'
import { type BatchSource, isBatchSource, ranOut, readInputBatch, SourceStream } from './batch-source.ts'
import { ArrayStream, type BatchStream, type Orders } from './batch-stream.ts'
import type { Data, ModelInput } from './data.ts'
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
import { loadSamples } from './step.ts'

/** @returns a tensor for each output */
export async function predict(
  model: Runnable,
  x: ModelInput | BatchSource<ModelInput>,
  options: PredictOptions,
  orders: Orders,
): Promise<Tensor[]> {
  knownOptions('predict', options, ['batchSize', 'callbacks', 'signal', 'steps'])
  checkSignal(options.signal)
  const asked = stepsOf('steps', options.steps, Infinity)
  const callbacks = new CallbackList(options.callbacks ?? [], () => weightsStay)
  const batches = batchesOf(model, x, options, orders)
  const results: Float32Array[][] = []
  const pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: false, frozen: null }
  try {
    await batches.peek()
    const steps = Math.min(asked, batches.steps)
    callbacks.begin(model, { epochs: 0, steps, verbose: 0, metrics: [], seed: model.seed })
    await callbacks.tell('onPredictBegin')
    for (let step = 0; step < steps; step++) {
      throwIfAborted(options.signal)
      const rows = await batches.next()
      if (!rows) break
      if (callbacks.hears('onPredictBatchBegin')) await callbacks.tell('onPredictBatchBegin', step)
      const { graph } = model
      model.reserve(rows.count, false)
      loadSamples(rows, graph, pass)
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
    await batches.close()
  }
}

function batchesOf(
  model: Runnable,
  x: ModelInput | BatchSource<ModelInput>,
  { batchSize, steps }: PredictOptions,
  orders: Orders,
): BatchStream {
  const read = (samples: ModelInput): Data => {
    const xs = model.checkInputs(samples)
    return { n: xs[0].shape[0], xs, ys: [], weights: [] }
  }
  if (isBatchSource(x)) {
    const readBatch = (batch: unknown) => read(readInputBatch(batch, model.inputNames.length))
    return new SourceStream('x', x, readBatch, orders)
  }
  const data = read(x as ModelInput)
  return new ArrayStream(data, batchSizeOf('batchSize', batchSize, data.n, steps), orders)
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
