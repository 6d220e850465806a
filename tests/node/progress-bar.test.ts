import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Dense, type Progress, Sequential, Tensor } from 'unshared'
import { ProgressBar } from 'unshared/node'

const params = { epochs: 2, steps: 100, metrics: ['loss'], seed: 1 }
const escapes = new RegExp(`${String.fromCharCode(27)}(\\[[0-9;?]*[A-Za-z]|[78])`, 'g')

/** A stream that keeps what is written. */
function makeStream(isTTY: boolean) {
  const written: string[] = []
  const write = (text: string) => written.push(text) > 0
  return { isTTY, columns: 120, write, written, text: () => written.join('').replace(escapes, '') }
}

let asked = 0 // how often a bar asked for the logs
const progressAt = (batch: number): Progress => ({
  epoch: 0,
  batch,
  logs() {
    asked++
    return { loss: batch / 100 }
  },
  state: () => {
    throw new Error('a bar needs no state')
  },
})

const environment = { ...process.env }
beforeEach(() => {
  jest.useFakeTimers()
  for (const name of ['CI', 'TERM', 'NO_COLOR']) delete process.env[name]
})
afterEach(() => {
  jest.useRealTimers()
  process.env = { ...environment }
})

/** An epoch of 100 batches, each of which takes so many milliseconds, and the first one more. */
function epoch(bar: ProgressBar, milliseconds: number, verbose = 1, first = 0) {
  bar.setParams({ ...params, verbose })
  bar.onTrainBegin()
  bar.onEpochBegin(0)
  jest.advanceTimersByTime(first)
  for (let batch = 1; batch <= 100; batch++) {
    jest.advanceTimersByTime(milliseconds)
    bar.onProgress(progressAt(batch))
  }
  bar.onEpochEnd(0, { loss: 1, val_loss: 0.5 })
}

describe('in a terminal', () => {
  test('a bar moves, with the time that is left; at the end there are the time of a step and all values', () => {
    const stream = makeStream(true)
    epoch(new ProgressBar({ stream }), 600, 1, 10_000)
    const lines = stream.text()
    expect(lines.startsWith('Epoch 1/2\n')).toBe(true)
    expect(lines).toContain(' 50/100 [==============>...............] - ETA: 30s - loss: 0.5000')
    expect(lines.endsWith(`100/100 [${'='.repeat(30)}] - 70s 700ms/step - loss: 1.0000 - val_loss: 0.5000\n`)).toBe(
      true,
    )
    expect(lines.split('\n')).toHaveLength(3)
  })

  test('it is drawn at most five times a second', () => {
    const stream = makeStream(true)
    asked = 0
    epoch(new ProgressBar({ stream }), 10)
    expect(asked).toBeLessThanOrEqual(5)
    expect(stream.text().match(/ETA/g)?.length).toBeLessThanOrEqual(5)
    expect(stream.text().match(/ETA/g)?.length).toBeGreaterThan(2)
  })

  test('a training that fails ends the line, and leaves no timer that is waited for', () => {
    const stream = makeStream(true)
    const bar = new ProgressBar({ stream })
    bar.setParams({ ...params, verbose: 1 })
    bar.onEpochBegin(0)
    jest.advanceTimersByTime(300)
    bar.onProgress(progressAt(7))
    jest.advanceTimersByTime(200)
    expect(stream.text()).toMatch(/ {2}7\/100 .* - ETA: 4s - loss: 0.0700$/)
    bar.onTrainError()
    expect(stream.text().endsWith('\n')).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('where nothing can move, a line for each epoch', () => {
  const last = `100/100 [${'='.repeat(30)}] - 1s 10ms/step - loss: 1.0000 - val_loss: 0.5000\n`

  test.each([
    ['no terminal', false, {}],
    ['CI', true, { CI: 'true' }],
    ['a dumb terminal', true, { TERM: 'dumb' }],
  ])('%s', (_, isTTY, variables) => {
    Object.assign(process.env, variables)
    const stream = makeStream(isTTY)
    epoch(new ProgressBar({ stream }), 10)
    expect(stream.written.join('')).toBe(`Epoch 1/2\n${last}`)
  })

  test('CI=false is none', () => {
    process.env.CI = 'false'
    const stream = makeStream(true)
    epoch(new ProgressBar({ stream }), 10)
    expect(stream.text()).toMatch(/ETA/)
  })
})

test('verbose: its own, or what fit was given', () => {
  const plain = 'Epoch 1/2\n100/100 - 1s - loss: 1.0000 - val_loss: 0.5000 - 1s/epoch - 10ms/step\n'
  const shown = (verbose: 0 | 1 | 2 | 'auto', given: number) => {
    const stream = makeStream(true)
    epoch(new ProgressBar({ stream, verbose }), 10, given)
    return stream.text()
  }
  expect(shown('auto', 2)).toBe(plain)
  expect(shown(2, 0)).toBe(plain)
  expect(shown('auto', 0)).toBe('')
  expect(shown(0, 1)).toBe('')
  expect(() => new ProgressBar({ verbose: 3 } as never)).toThrow(/^verbose: expected one of 0, 1, 2, "auto"/)
})

describe('in fit', () => {
  const data = [Tensor.from([[1], [2]]), Tensor.from([[2], [4]])] as const
  function make() {
    const model = new Sequential([new Dense({ units: 1, inputShape: [1] })], { seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    return model
  }
  beforeEach(() => {
    jest.useRealTimers()
  })

  test('fit itself prints nothing then', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => {})
    const stream = makeStream(false)
    await make().fit(...data, { epochs: 2, validationData: data, callbacks: [new ProgressBar({ stream })] })
    const printed = log.mock.calls.length
    log.mockRestore()
    expect(printed).toBe(0)
    expect(stream.written.join('')).toMatch(
      /^Epoch 1\/2\n1\/1 \[=+\] - .*step - loss: .* - val_loss: .*\nEpoch 2\/2\n1\/1 .*\n$/,
    )
  })

  test('the line ends where the training fails, and the first error is the one that is told', async () => {
    const stream = makeStream(true)
    const callbacks = [
      new ProgressBar({ stream }),
      {
        onTrainBatchEnd() {
          throw new Error('first')
        },
        onTrainError() {
          throw new Error('second')
        },
      },
    ]
    const failing = make().fit(...data, { epochs: 2, callbacks })
    await expect(failing).rejects.toThrow('callbacks.onTrainBatchEnd: first')
    expect(stream.text().endsWith('\n')).toBe(true)
  })
})
