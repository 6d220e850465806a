import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { at, CONTROL_LENGTH } from '../../lib/simd/control.ts'

/** A thread that gets chunks done, one every few milliseconds. */
const worker = `
  const { workerData: [control, chunks, at] } = require('node:worker_threads')
  for (let i = 0; i < chunks; i++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    Atomics.add(control, at, 1)
    Atomics.notify(control, at)
  }`
const control = () => new Int32Array(new SharedArrayBuffer(4 * CONTROL_LENGTH))
const work = (numbers: Int32Array, chunks: number) =>
  new Worker(worker, { eval: true, execArgv: [], workerData: [numbers, chunks, at.DONE] })

const { wait } = Atomics
afterEach(() => {
  Atomics.wait = wait
})

describe.each([
  ['a thread that may sleep', true],
  ["a page's main thread, which may not", false],
])('%s', (_name, maySleep) => {
  let areDone: typeof import('../../lib/simd/waiting.ts')['areDone']
  beforeEach(async () => {
    if (!maySleep)
      Atomics.wait = () => {
        throw new TypeError('Atomics.wait cannot be called in this context')
      }
    jest.resetModules()
    ;({ areDone } = await import('../../lib/simd/waiting.ts'))
  })

  test('goes on at once when everything is done', () => {
    const numbers = control()
    numbers[at.DONE] = 3
    expect(areDone(3, numbers, 0)).toBe(true)
  })

  test('waits for the chunks of others', async () => {
    const numbers = control()
    const thread = work(numbers, 5)
    expect(areDone(5, numbers, 50_000)).toBe(true)
    expect(numbers[at.DONE]).toBe(5)
    await thread.terminate()
  })

  test('loses patience when none gets done', async () => {
    const numbers = control()
    const thread = work(numbers, 1)
    expect(areDone(1, numbers, 50_000)).toBe(true)
    expect(areDone(2, numbers, 100)).toBe(false)
    await thread.terminate()
  })
})
