// Threads that die or fail: a clear error, or the work done by those that are left; never a hang, never a wrong number.

import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { stream } from '../../lib/core/random.ts'
import * as kernels from '../../lib/simd/kernels.ts'
import { LINE } from '../../lib/simd/layout.ts'
import { type Instance, instantiate, moduleFor } from '../../lib/simd/wasm.ts'
import { runProgram } from '../support/program.ts'

// After a failure there is one thread in a process; each test here begins anew.
let SimdMemory: typeof import('../../lib/simd/memory.ts')['SimdMemory']
let Runner: typeof import('../../lib/simd/threads.ts')['Runner']
beforeEach(async () => {
  jest.resetModules()
  ;({ SimdMemory } = await import('../../lib/simd/memory.ts'))
  ;({ Runner } = await import('../../lib/simd/threads.ts'))
})

const { fillZero, sgd } = kernels
/** A runner whose caller has a kernel of the test's own, while the threads have the real ones. */
const runnerWith = (memory: InstanceType<typeof SimdMemory>, kernel: () => void) => {
  const exports = Object.fromEntries(Object.values(kernels).map(number => [number, kernel]))
  return new Runner(memory, { exports } as unknown as Instance, 2, 1)
}

describe('of three threads two die:', () => {
  /** A process of its own: that it ends is part of what is tested. */
  function run(how: string) {
    const { status, stdout, stderr } = runProgram('tests/simd/programs/deaths.ts', {
      args: [how],
      env: { UNSHARED_THREADS: '3' },
      timeout: 50_000,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(stdout)
  }
  const undisturbed = run('not at all')

  test('where none dies, there are two beside the caller', () => {
    expect(undisturbed).toEqual({ sums: [expect.any(Number)], threads: 2, error: '' })
  })

  test.each(['between steps', 'at once', 'no program'])('%s: the caller does the work', how => {
    expect(run(how)).toEqual(undisturbed)
  })

  test('where none may be started, the caller does the work', () => {
    expect(run('not allowed')).toEqual({ ...undisturbed, threads: 0 })
  })

  test('in the middle of a step: an error with a name, and then the caller does the work', () => {
    const { error, ...rest } = run('with a chunk')
    expect(error).toMatch(/^StateError: an engine thread has died in the middle of a step: .*partly updated/)
    expect(rest).toEqual({ sums: undisturbed.sums, threads: 2 })
  })
})

test('a thread that fails is an error with a name, and the work goes on without it', () => {
  const memory = new SimdMemory(true, 2)
  const runner = runnerWith(memory, () => {
    for (const end = Date.now() + 50; Date.now() < end; ); // so that the thread gets a share
  })
  memory.pass([2 ** 30, 2 ** 30]) // it fills far beyond the memory
  const run = () => runner.run(fillZero, 1000, 1)
  expect(() => {
    for (let i = 0; i < 100; i++) run()
  }).toThrow(
    expect.objectContaining({ name: 'StateError', message: expect.stringMatching(/has failed.*partly updated/) }),
  )
  expect(run).not.toThrow() // one thread is left
})

test('where the caller itself fails, it waits for the others before it says so', () => {
  const memory = new SimdMemory(true, 2)
  const chunks = 8
  const numbers = memory
    .region()
    .alloc(2 ** 24)
    .array.fill(1)
  memory.pass([numbers, numbers.length])
  const parts = Array.from({ length: chunks }, (_, i) =>
    numbers.subarray((i * numbers.length) / chunks, ((i + 1) * numbers.length) / chunks),
  )
  const failure = new Error('of the caller')
  const runner = runnerWith(memory, () => {
    const end = Date.now() + 10_000
    while (parts.every(part => part[0] === 1) && Date.now() < end); // until the other one is at work
    throw failure
  })
  expect(() => runner.run(fillZero, numbers.length / LINE, 1)).toThrow(
    expect.objectContaining({ name: 'StateError', cause: failure }),
  )
  const done = parts.map(part => part.reduce((sum, x) => sum + x, 0) / part.length)
  expect(new Set(done)).toEqual(new Set([0, 1])) // all of a chunk, or nothing
})

test.each([
  ['where every chunk justifies a thread', 1],
  ['where that depends on the time to reach it', null],
])('%s, each number is processed once, in thousands of jobs', (_name, worth) => {
  const memory = new SimdMemory(true, 3)
  const module = moduleFor(true)
  if (!module) throw new Error('the module does not run here')
  const runner = new Runner(memory, instantiate(module, memory.memory), 3, worth)
  const lines = 40
  const region = memory.region()
  const [weights, gradient] = [region.alloc(lines * LINE).array, region.alloc(lines * LINE).array.fill(1)]
  const expected = new Float32Array(lines * LINE)
  const random = stream(1, 'jobs')
  for (let job = 0; job < 20_000; job++) {
    const length = 1 + Math.floor(random() * lines)
    memory.pass([weights, gradient, length * LINE])
    memory.setFloat(3, 1)
    runner.run(sgd, length, 20_000, job % 3 === 0 ? 1 : undefined)
    for (let i = 0; i < length * LINE; i++) expected[i]--
  }
  expect(weights).toEqual(expected)
})
