// Memory of the engine: it is given back and used again; and where there is no room, an error says so, and neither weights
// nor later steps are any different for it.

import { afterEach, describe, expect, test } from '@jest/globals'
import {
  Dense,
  Dropout,
  Flatten,
  LocallyConnected2D,
  normal,
  Sequential,
  type SequentialOptions,
  StateError,
  stream,
  Tensor,
} from 'unshared'
import type { Region } from '../../lib/engine/engine.ts'
import { createEngine } from '../../lib/simd/choose-engine.ts'
import { SimdMemory } from '../../lib/simd/memory.ts'
import { expectSameBits } from '../support/bits.ts'
import { runProgram } from '../support/program.ts'

test.each([1, 2])('blocks are given back and used again, %d threads', threads => {
  const memory = new SimdMemory(threads > 1, threads)
  const before = memory.byteLength
  const first = memory.region()
  const kept = memory.region().alloc(100)
  kept.array.fill(3)
  const blocks = [first.alloc(1000), first.alloc(10), first.alloc(5000)]
  for (const block of blocks) block.array.fill(1)
  const most = memory.byteLength
  first.release()
  expect(memory.byteLength).toBeLessThan(before + 1000)
  const again = memory.region()
  const joined = again.alloc(6000) // fits only if neighbours were joined
  expect(memory.byteLength).toBeLessThanOrEqual(most)
  expect(joined.array.every(value => value === 0)).toBe(true)
  again.alloc(2 ** 20) // the memory grows
  expect([...kept.array]).toEqual(Array(100).fill(3))
  expect(joined.array).toHaveLength(6000)
})

test.each([1, 2])('models that were dropped leave no memory behind, %d threads', threads => {
  const { stdout, stderr } = runProgram('tests/simd/programs/many.ts', {
    env: { UNSHARED_THREADS: String(threads) },
    timeout: 50_000,
  })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^-?\d+\n$/)
  expect(Number(stdout)).toBeLessThan(600) // each model has 12 MB, and 130 are measured
})

test('more models in turn than a thread keeps in mind', () => {
  const x = new Tensor(
    [8, 32, 32, 3],
    new Float32Array(8 * 32 * 32 * 3).map((_, i) => (i % 97) / 97),
  )
  const make = (options: SequentialOptions) =>
    new Sequential([new LocallyConnected2D({ filters: 16, kernelSize: 3, inputShape: [32, 32, 3] })], options)
  const seeds = Array.from({ length: 11 }, (_, i) => i)
  const models = seeds.map(seed => make({ engine: 'simd', threads: 2, seed }))
  const expected = seeds.map(seed => make({ engine: 'reference', seed }).predictOnBatch(x).data)
  for (let round = 0; round < 5; round++)
    for (const seed of seeds) expectSameBits(models[seed].predictOnBatch(x).data, expected[seed])
})

test('more than 4 GiB is an error that tells how much was asked for', () => {
  const engine = createEngine({ engine: 'simd', threads: 1 })
  expect(() => engine.region().alloc(2 ** 30)).toThrow(StateError)
  expect(() => engine.region().alloc(2 ** 30)).toThrow(/cannot allocate 4\d\d\d MiB: .*reference/)
  expect(engine.region().alloc(10).array).toHaveLength(10) // and nothing is broken
})

describe('a machine without room', () => {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: { new (options: object): unknown; prototype: { grow(pages: number): number } } }
  }
  const { Memory } = WebAssembly
  const { grow } = Memory.prototype
  const { ArrayBuffer: originalBuffer } = globalThis
  afterEach(() => {
    WebAssembly.Memory = Memory
    Memory.prototype.grow = grow
    globalThis.ArrayBuffer = originalBuffer
  })
  const refuse = () => {
    throw new RangeError('could not allocate memory')
  }

  test('at first is an error of whatever needs the memory, and the reference works', async () => {
    WebAssembly.Memory = refuse as unknown as typeof Memory
    const layers = () => [new Dense({ units: 2, inputShape: [3] })]
    expect(() => new Sequential(layers())).toThrow(/cannot allocate \d+ MiB: .*"reference"/)
    const model = new Sequential(layers(), { engine: 'reference' })
    expect((await model.predict([[1, 2, 3]])).shape).toEqual([1, 2])
  })

  test.each([1, 2])(
    'for the buffer beside the memory is the same error, and what was there stays, %d threads',
    threads => {
      const region = createEngine({ engine: 'simd', threads }).region()
      const block = region.alloc(100)
      block.array.fill(5)
      globalThis.ArrayBuffer = refuse as unknown as typeof ArrayBuffer
      expect(() => region.alloc(2 ** 22)).toThrow(/cannot allocate \d+ MiB/)
      globalThis.ArrayBuffer = originalBuffer
      expect([...block.array]).toEqual(Array(100).fill(5))
      expect(region.alloc(2 ** 22).array).toHaveLength(2 ** 22)
    },
  )

  test.each([1, 2])('later is an error, and what was there stays, %d threads', threads => {
    const region = createEngine({ engine: 'simd', threads }).region()
    const block = region.alloc(100)
    block.array.fill(5)
    Memory.prototype.grow = refuse
    expect(() => region.alloc(2 ** 24)).toThrow(/cannot allocate \d+ MiB/)
    expect([...block.array]).toEqual(Array(100).fill(5))
    Memory.prototype.grow = grow
    expect(region.alloc(2 ** 24).array).toHaveLength(2 ** 24)
    expect([...block.array]).toEqual(Array(100).fill(5))
  })
})

describe('when memory runs out in a step, the steps after it are as if it had not been:', () => {
  const { region } = SimdMemory.prototype
  afterEach(() => {
    SimdMemory.prototype.region = region
  })

  /** From now on `left` blocks can be had, and no more. */
  function leave(left: number): void {
    SimdMemory.prototype.region = function (this: SimdMemory): Region {
      const whole = region.call(this)
      return {
        alloc(length) {
          if (left-- > 0) return whole.alloc(length)
          throw new StateError('no room')
        },
        release: () => whole.release(),
      }
    }
  }

  /** Does `step` with room for 0, 1, 2 … blocks, each time on a new subject, until it succeeds. The subjects that failed. */
  function failures<T>(make: () => T, step: (subject: T) => void): T[] {
    const failed: T[] = []
    for (let left = 0; ; left++) {
      SimdMemory.prototype.region = region
      const subject = make()
      leave(left)
      try {
        step(subject)
        SimdMemory.prototype.region = region
        return failed
      } catch (error) {
        expect(error).toEqual(new StateError('no room'))
        failed.push(subject)
      }
    }
  }

  const random = stream(1, 'data')
  const batches = [4, 8, 12].map(n => ({
    x: new Tensor(
      [n, 6, 6, 1],
      new Float32Array(n * 36).map(() => normal(random)),
    ),
    y: new Tensor(
      [n],
      new Float32Array(n).map(() => Math.floor(random() * 5)),
    ),
  }))
  const [small, middle, large] = batches

  const compiled = () => {
    const model = new Sequential(
      [
        new LocallyConnected2D({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
        new Dropout({ rate: 0.2 }),
        new Flatten(),
        new Dense({ units: 5, activation: 'softmax' }),
      ],
      { seed: 1 },
    )
    model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy' })
    return model
  }
  const trained = () => {
    const model = compiled()
    model.trainOnBatch(small.x, small.y)
    return model
  }
  const goOn = (model: Sequential) => {
    const seen = [small, large, middle].flatMap(({ x, y }) => {
      model.trainOnBatch(x, y)
      return [...model.predictOnBatch(x).data]
    })
    return Float32Array.from(seen)
  }

  test.each<[string, () => Sequential, (model: Sequential) => void]>([
    ['the first training step', compiled, model => model.trainOnBatch(small.x, small.y)],
    ['a larger batch', trained, model => model.trainOnBatch(large.x, large.y)],
    ['a larger prediction', trained, model => model.predictOnBatch(large.x)],
    ['an evaluation of a larger batch', trained, model => model.testOnBatch(large.x, large.y)],
  ])('%s', (_name, make, step) => {
    const expected = goOn(make())
    const failed = failures(make, step)
    expect(failed.length).toBeGreaterThan(3)
    for (const model of failed) expectSameBits(goOn(model), expected)
  })

  test('a layer by itself', () => {
    const make = () => {
      const layer = new Dense({ units: 3, kernelInitializer: 'ones', activation: 'tanh' })
      layer.forward([[1, 2]])
      return layer
    }
    const use = (layer: Dense) => {
      const y = layer.forward([
        [1, 2],
        [3, -4],
      ])
      return Float32Array.of(...y.data, ...layer.backward(y).data)
    }
    const expected = use(make())
    const failed = failures(make, layer => layer.forward(new Tensor([9, 2], new Float32Array(18))))
    expect(failed.length).toBeGreaterThan(2)
    for (const layer of failed) {
      expect(() => layer.backward(new Tensor([9, 3], new Float32Array(27)))).toThrow(
        /call forward right before backward/,
      )
      expectSameBits(use(layer), expected)
    }
  })
})
