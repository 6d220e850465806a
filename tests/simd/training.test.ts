// Whole trainings, and what surrounds them: the same bits on every engine and number of threads, memory that grows,
// and processes that end.

import { expect, test } from '@jest/globals'
import {
  type Callback,
  Dense,
  Dropout,
  Flatten,
  LocallyConnected2D,
  MaxPooling2D,
  normal,
  Sequential,
  setEngineDefaults,
  stream,
  Tensor,
} from 'unshared'
import { expectSameBits } from '../support/bits.ts'
import { runProgram } from '../support/program.ts'

const random = stream(5, 'data')
const samples = 70
const x = new Tensor(
  [samples, 12, 12, 3],
  new Float32Array(samples * 432).map(() => normal(random)),
)
const y = new Tensor(
  [samples],
  new Float32Array(samples).map(() => Math.floor(random() * 10)),
)

type Options = ConstructorParameters<typeof Sequential>[1]

function build(options: Options, implementation: 1 | 2 | 3, dataFormat: 'channels_last' | 'channels_first') {
  const model = new Sequential(
    [
      new LocallyConnected2D({
        filters: 16,
        kernelSize: 3,
        activation: 'tanh',
        implementation,
        dataFormat,
        inputShape: dataFormat === 'channels_last' ? [12, 12, 3] : [3, 12, 12],
        kernelRegularizer: 'l2',
      }),
      new MaxPooling2D({ dataFormat }),
      new Dropout({ rate: 0.3 }),
      new Flatten(),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: 7, ...options },
  )
  model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  return model
}

async function train(options: Options, implementation: 1 | 2 | 3, dataFormat: 'channels_last' | 'channels_first') {
  const model = build(options, implementation, dataFormat)
  const input = new Tensor([samples, ...(model.inputShape as number[]).slice(1)], x.data)
  const history = await model.fit(input, y, { epochs: 3, verbose: 0 })
  return { model, history, predicted: await model.predict(input) }
}

const kinds = ([1, 2, 3] as const).flatMap(i =>
  (['channels_last', 'channels_first'] as const).map(f => [i, f] as const),
)

test.each(kinds)('a training gives the same bits on any engine: implementation %d, %s', async (i, dataFormat) => {
  const expected = await train({ engine: 'reference' }, i, dataFormat)
  expect(expected.model.engine.name).toBe('reference')
  for (const threads of [1, 2, 3, 7]) {
    const found = await train({ engine: 'simd', threads }, i, dataFormat)
    expect(found.history.history).toEqual(expected.history.history)
    expectSameBits(found.predicted.data, expected.predicted.data, 'predictions')
    found.model.getWeights().forEach((weight, w) => {
      expectSameBits(weight.data, expected.model.getWeights()[w].data, `weight ${w}`)
    })
    const report = found.model.engine.report()
    expect(report[`local2d.${i}.backward`]).toEqual({ simd: 9, reference: 0 })
    expect(report['optimizers.adam']).toEqual({ simd: 36, reference: 0 })
    expect(report['pooling.max.forward'].simd).toBeGreaterThan(9)
  }
})

test.each([1, 2])('a larger batch between two steps changes no bit of a training, %d threads', async threads => {
  const calm = build({ engine: 'simd', threads }, 1, 'channels_last')
  await calm.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0 })
  const busy = build({ engine: 'simd', threads }, 1, 'channels_last')
  let largest = 8
  const grow: Callback = {
    async onTrainBatchEnd(step) {
      if (step % 3 !== 0) return
      largest += 40
      const more = new Tensor([largest, 12, 12, 3], new Float32Array(largest * 432).fill(0.1))
      await busy.predict(more, { batchSize: largest })
    },
  }
  await busy.fit(x, y, { epochs: 2, batchSize: 8, verbose: 0, callbacks: [grow] })
  expect(largest).toBeGreaterThan(200)
  busy.getWeights().forEach((weight, w) => {
    expectSameBits(weight.data, calm.getWeights()[w].data, `weight ${w}`)
  })
})

test('an unknown engine, and numbers of threads out of range, are refused', () => {
  expect(() => new Sequential([], { engine: 'gpu' as 'simd' })).toThrow(/engine: expected one of "reference", "simd"/)
  expect(() => new Sequential([], { threads: 0 })).toThrow(/threads: expected/)
  expect(() => new Sequential([], { threads: 65 })).toThrow(/threads: expected at most 64/)
  expect(() => setEngineDefaults({ thread: 2 } as object)).toThrow('thread')
})

test('defaults hold for models made afterwards', () => {
  setEngineDefaults({ engine: 'reference' })
  try {
    expect(new Sequential().engine.name).toBe('reference')
    expect(new Sequential([], { engine: 'simd', threads: 3 }).engine.threads).toBe(3)
  } finally {
    setEngineDefaults({})
  }
  expect(new Sequential().engine.name).toBe('simd')
})

const runSteps = (env: Record<string, string>) => runProgram('tests/simd/programs/steps.ts', { env, timeout: 60_000 })

test.each(['stack', 'graph'])(
  'memory is flat over 10,000 steps: %s',
  MODEL => {
    const env = { NODE_OPTIONS: '--expose-gc', MODEL }
    const { stdout, stderr } = runProgram('tests/simd/programs/flat.ts', { env, timeout: 120_000 })
    expect(stderr).toBe('')
    const grown = JSON.parse(stdout)
    expect(grown.arrayBuffers).toBeLessThanOrEqual(0)
    expect(grown.external).toBeLessThan(10_000)
    expect(grown.heap).toBeLessThan(100_000) // ten bytes a step: the compiler's notes, not numbers
  },
  120_000,
)

test('UNSHARED_THREADS is obeyed; the process ends by itself though threads were started', () => {
  const { status, stdout, stderr } = runSteps({ UNSHARED_THREADS: '3' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '1843200\n', stderr: '' })
})

test('UNSHARED_THREADS that is no number is refused', () => {
  const { status, stderr } = runSteps({ UNSHARED_THREADS: 'many' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('UNSHARED_THREADS: expected an integer from 1 to 64, received "many"')
})
