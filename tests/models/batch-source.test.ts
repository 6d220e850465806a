import { describe, expect, test } from '@jest/globals'
import { type Callback, Dense, Flatten, type SampleBatch, Sequential, SGD, Tensor, type TrainingState } from 'unshared'
import { batches } from 'unshared/data'
import { stream } from '../../lib/core/random.ts'
import { randomNumbers } from '../support/geometries.ts'
import { printedBy } from '../support/printed.ts'

const x = Tensor.from(randomNumbers(20 * 4, stream('x')), [20, 2, 2])
const y = Tensor.from(randomNumbers(20, stream('y')), [20, 1])
const pairs = () => batches([x, y], 6)
const quiet = { verbose: 0 } as const
const plain = { ...quiet, batchSize: 6, shuffle: false }

function make() {
  const model = new Sequential([new Flatten(), new Dense({ units: 1 })], { seed: 1 })
  model.compile({ optimizer: new SGD({ learningRate: 0.05 }), loss: 'mse', metrics: ['mae'] })
  return model
}

const printed = async (run: () => Promise<unknown>) => (await printedBy(run)).join('\n')

/** An iterator that tells how many batches were taken of it, and whether it was closed. */
function watched(most = Infinity) {
  const seen = { taken: 0, closed: 0 }
  const source = {
    ...seen,
    [Symbol.asyncIterator]() {
      return source
    },
    async next() {
      if (source.taken >= most) return { done: true as const, value: undefined }
      source.taken++
      return { done: false as const, value: [x.slice(0, 6), y.slice(0, 6)] as SampleBatch }
    },
    async return() {
      source.closed++
      return { done: true as const, value: undefined }
    },
  }
  return source
}

async function* slowly() {
  for (const pair of pairs()) {
    await new Promise(resolve => setTimeout(resolve, 0))
    yield pair
  }
}

describe('fit on a source of batches', () => {
  const sources = {
    'a function that makes a generator': () => pairs,
    'a function that makes an async generator': () => slowly,
    'a function that resolves to an iterable': () => async () => [...pairs()],
    'an iterable that begins anew': () => ({ [Symbol.iterator]: pairs }),
    'an async iterable that begins anew': () => ({ [Symbol.asyncIterator]: slowly }),
    'a set of batches': () => new Set(pairs()),
  }
  test.each(Object.entries(sources))('%s gives the bits of the tensors', async (_name, source) => {
    const [whole, parts] = [make(), make()]
    const expected = await whole.fit(x, y, { ...plain, epochs: 3, validationData: [x, y] })
    const found = await parts.fit(source(), { ...quiet, epochs: 3, validationData: [x, y] })
    expect(found.history).toEqual(expected.history)
    expect(parts.getWeights()).toEqual(whole.getWeights())
    expect([found.params.steps, expected.params.steps]).toEqual([Infinity, 4])
  })

  test('weighs samples and classes', async () => {
    const weights = Tensor.from(Array.from(y.data, (_, i) => i % 3))
    const [whole, parts] = [make(), make()]
    const classes = y.data.map(value => (value > 0 ? 1 : 0))
    const labels = new Tensor([20, 1], classes)
    const classWeight = { 0: 2, 1: 0.5 }
    const expected = await whole.fit(x, labels, { ...plain, sampleWeight: weights, classWeight })
    const found = await parts.fit(() => batches([x, labels, weights], 6), { ...quiet, classWeight })
    expect(found.history).toEqual(expected.history)
  })

  test('takes batches of any sizes', async () => {
    const model = make()
    const sizes = [2, 9, 3]
    async function* growing() {
      for (const size of sizes) yield [x.slice(0, size), y.slice(0, size)] as const
    }
    const { history } = await model.fit(growing, { ...quiet, epochs: 2 })
    const steps = make()
    for (const size of [...sizes, ...sizes]) steps.trainOnBatch(x.slice(0, size), y.slice(0, size))
    expect(model.getWeights()).toEqual(steps.getWeights())
    expect(history.loss).toHaveLength(2)
  })

  test('goes on where an epoch of stepsPerEpoch stopped', async () => {
    const [whole, parts] = [make(), make()]
    await whole.fit(x, y, { ...plain, epochs: 2, stepsPerEpoch: 2 })
    await parts.fit(pairs(), { ...quiet, epochs: 2, stepsPerEpoch: 2 })
    expect(parts.getWeights()).toEqual(whole.getWeights())
  })

  test('a generator is walked once: the line says so, and the epoch that was is kept', async () => {
    const model = make()
    const found: string[] = []
    const callback: Callback = { onTrainEnd: () => void found.push('end') }
    const said = await printed(async () => {
      const { epoch } = await model.fit(pairs(), { ...quiet, epochs: 3, callbacks: [callback] })
      found.push(...epoch.map(String))
    })
    expect(found).toEqual(['end', '0'])
    expect(said).toBe(
      'fit, epoch 2: the source ran out of batches after 0; training stops; each epoch needs at least one',
    )
  })

  test('fewer batches than stepsPerEpoch: the line says so, and the epoch counts what it had', async () => {
    const [model, half] = [make(), make()]
    let epochs: number[] = []
    const said = await printed(async () => {
      epochs = (await model.fit(pairs(), { ...quiet, epochs: 3, stepsPerEpoch: 3 })).epoch
    })
    await half.fit(x, y, plain)
    expect(epochs).toEqual([0, 1])
    expect(said).toContain('epoch 2: the source ran out of batches after 1; training stops; each epoch needs 3')
    expect(model.getWeights()).toEqual(half.getWeights())
  })

  test('closes the iterator when it needs no more', async () => {
    const source = watched()
    await make().fit(source, { ...quiet, epochs: 2, stepsPerEpoch: 2 })
    expect([source.taken, source.closed]).toEqual([4, 1])
    const stopped = watched()
    const model = make()
    const stop: Callback = { onTrainBatchEnd: () => void (model.stopTraining = true) }
    await model.fit(stopped, { ...quiet, callbacks: [stop] })
    expect([stopped.taken, stopped.closed]).toEqual([1, 1])
  })

  test('stops at the signal between batches, with the weights of the last one, and closes', async () => {
    const [source, model, one] = [watched(), make(), make()]
    const controller = new AbortController()
    const abort: Callback = { onTrainBatchEnd: () => controller.abort(new Error('enough')) }
    const fit = model.fit(source, { ...quiet, signal: controller.signal, callbacks: [abort] })
    await expect(fit).rejects.toThrow('enough')
    one.trainOnBatch(x.slice(0, 6), y.slice(0, 6))
    expect(model.getWeights()).toEqual(one.getWeights())
    expect(source.closed).toBe(1)
    await model.fit(x, y, quiet)
  })

  test('passes on what the source throws; the weights are those of the last batch', async () => {
    const [model, one] = [make(), make()]
    async function* broken() {
      yield [x.slice(0, 6), y.slice(0, 6)] as const
      throw new Error('disk gone')
    }
    await expect(model.fit(broken, quiet)).rejects.toThrow('disk gone')
    one.trainOnBatch(x.slice(0, 6), y.slice(0, 6))
    expect(model.getWeights()).toEqual(one.getWeights())
  })

  test.each([{}, { stepsPerEpoch: 3 }])('goes on from a kept state with the same bits, %j', async options => {
    const [whole, parts] = [make(), make()]
    const kept: TrainingState[] = []
    const keep: Callback = { onProgress: progress => void kept.push(progress.state()) }
    const source = options.stepsPerEpoch ? () => new Set([...pairs(), ...pairs(), ...pairs()]) : () => pairs
    const expected = await whole.fit(source(), { ...quiet, ...options, epochs: 3, callbacks: [keep] })
    for (const state of kept) {
      const resume: Callback = { resumeFrom: () => state }
      const found = await parts.fit(source(), { ...quiet, ...options, epochs: 3, callbacks: [resume] })
      expect(found.history).toEqual(expected.history)
      expect(parts.getWeights()).toEqual(whole.getWeights())
    }
    expect(kept.length).toBeGreaterThan(10)
  })

  test('validates on a source, from its start every time', async () => {
    const [whole, parts] = [make(), make()]
    const validation = { validationSteps: 2, epochs: 3 }
    const all = { ...plain, validationData: [x, y] as const }
    const expected = await whole.fit(x, y, { ...all, ...validation })
    const found = await parts.fit(x, y, { ...plain, validationData: new Set(pairs()), ...validation })
    expect(found.history).toEqual(expected.history)
  })

  test('refuses a validation source that is empty the second time, and says what to do', async () => {
    const fit = make().fit(x, y, { ...plain, epochs: 2, validationData: pairs() })
    await expect(fit).rejects.toThrow(/^validationData: expected at least one batch.*a function that makes one/)
  })

  test('validation with larger batches than those of training leaves training as it is', async () => {
    const [a, b] = [make(), make()]
    const one = await a.fit(x, y, { ...plain, epochs: 3, validationData: [x, y], validationBatchSize: 20 })
    const two = await b.fit(x, y, { ...plain, epochs: 3 })
    expect(one.history.loss).toEqual(two.history.loss)
  })
})

describe('evaluate and predict on a source of batches', () => {
  test('evaluate gives what tensors give', async () => {
    const model = make()
    const expected = await model.evaluate(x, y, { ...quiet, batchSize: 6 })
    expect(await model.evaluate(pairs, quiet)).toEqual(expected)
    expect(await model.evaluate(slowly(), quiet)).toEqual(expected)
  })

  test('steps end it, and close the iterator', async () => {
    const [model, source] = [make(), watched()]
    const expected = await model.evaluate(x, y, { ...quiet, batchSize: 6, steps: 1 })
    expect(await model.evaluate(source, { ...quiet, steps: 1 })).toEqual(expected)
    expect([source.taken, source.closed]).toEqual([1, 1])
  })

  test('fewer batches than steps: the line says so', async () => {
    const model = make()
    const said = await printed(async () => {
      await model.evaluate(pairs(), { ...quiet, steps: 9 })
      await model.predict(pairs() as unknown as Iterable<Tensor>, { steps: 8 })
    })
    expect(said).toBe(
      'evaluate: the source ran out of batches after 4; 9 requested\npredict: the source ran out of batches after 4; 8 requested',
    )
  })

  test('predict takes samples alone, or with targets', async () => {
    const model = make()
    const expected = await model.predict(x)
    function* samples() {
      for (const [part] of pairs()) yield part
    }
    expect(await model.predict(samples)).toEqual(expected)
    expect(await model.predict(pairs as unknown as () => Iterable<Tensor>)).toEqual(expected)
    expect((await model.predict(samples(), { steps: 2 })).shape).toEqual([12, 1])
  })
})

describe('a source that is wrong is refused, and the weights stay', () => {
  const one = [x.slice(0, 6), y.slice(0, 6)] as const
  const cases: [string, (model: Sequential) => Promise<unknown>, RegExp][] = [
    ['no batch', m => m.fit(() => [], quiet), /^x: expected at least one batch/],
    ['targets beside it', m => m.fit(pairs as never, y as never), /^y: expected no targets/],
    ['a batchSize', m => m.fit(pairs, { batchSize: 3 } as never), /^fit, option: .*not set, received "batchSize"/],
    ['a shuffle', m => m.fit(pairs, { shuffle: true } as never), /received "shuffle"/],
    ['weights', m => m.evaluate(pairs, { sampleWeight: y } as never), /received "sampleWeight"/],
    [
      'a validationBatchSize',
      m => m.fit(x, y, { validationData: pairs, validationBatchSize: 2 }),
      /validationBatchSize/,
    ],
    ['an unknown option', m => m.fit(pairs, { epoch: 3 } as never), /"epoch"/],
    ['a function that makes none', m => m.fit((() => 3) as never), /^x: expected a function that returns/],
    ['samples alone', m => m.fit((() => [x]) as never), /^a batch of the source: expected \[x, y\]/],
    ['other samples', m => m.fit(() => [[y, y] as const]), /^x: expected samples of the model's input shape/],
    ['mixed lengths', m => m.fit(() => [[x, one[1]] as const]), /^y: expected 20 targets/],
    ['a batch of 0', m => m.fit(() => [[x.slice(0, 0), y.slice(0, 0)] as const]), /^x: expected at least one/],
  ]
  test.each(cases)('%s', async (_name, run, message) => {
    const model = make()
    model.build([null, 2, 2])
    const before = model.getWeights()
    await expect(run(model)).rejects.toThrow(message)
    expect(model.getWeights()).toEqual(before)
    await model.evaluate(x, y, quiet) // and it can go on
  })
})
