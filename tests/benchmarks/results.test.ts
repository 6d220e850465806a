// From times to verdicts, tables and the page.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { layers, Sequential } from 'unshared'
import { localGeometry } from '../../lib/core/geometry.ts'
import { type Case, cases, type Goal, goals, type LayerCase, layerCase, type ModelCase, oddCases } from './cases.ts'
import { difference } from './compare.ts'
import { fromSample, labels, numbers, sample } from './data.ts'
import { distance, leastStepMs, sizesOf, stepSizesOf } from './limits.ts'
import { readOptions } from './options.ts'
import { multiplyAddModule } from './peak.ts'
import { page } from './report/page.ts'
import { tables } from './report/table.ts'
import { directionRows, type Results, stepRows, timing, verdicts } from './results.ts'
import { entry, once, sampleResults } from './support.ts'
import { sweepCases } from './sweep.ts'

describe('the numbers that all make for themselves', () => {
  test('are these', () => {
    // as peer.py gives them: numbers(4, 1), numbers(3, 2, 0.125), labels(8, 5, 10)
    expect([...numbers(4, 1)]).toEqual([
      0.1467951536178589, 0.17678749561309814, 0.40826737880706787, 0.8555257320404053,
    ])
    expect([...numbers(3, 2, 0.125)]).toEqual([-0.06558652222156525, -0.1067027598619461, -0.08378957211971283])
    expect([...labels(8, 5, 10)]).toEqual([2, 3, 5, 4, 8, 5, 2, 4])
  })

  test('lie in [−1, 1), and around 0', () => {
    const many = numbers(100_000, 7)
    expect(Math.min(...many)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...many)).toBeLessThan(1)
    expect(many.reduce((sum, x) => sum + x, 0) / many.length).toBeCloseTo(0, 2)
    expect(new Set(labels(1000, 3, 10))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })

  test('travel as base64: all of a few, some of many, the last part too', () => {
    expect([...fromSample(sample(Float32Array.of(1, -2.5, Number.NaN)))]).toEqual([1, -2.5, Number.NaN])
    const long = Float32Array.from({ length: 50_000 }, (_, i) => i)
    const some = fromSample(sample(long))
    expect(some.length).toBe(12_500)
    expect(some.at(-1)).toBe(49_996)
  })
})

describe('the difference between results', () => {
  const results = (values: number[]) => ({ y: sample(Float32Array.from(values)) })

  test('is relative to the largest number', () => {
    expect(difference(results([1, 10.5]), results([2, 10]))).toBeCloseTo(0.1, 6)
    expect(difference(results([3]), results([3]))).toBe(0)
  })

  test('is infinite where one is not a number', () => {
    expect(difference(results([1, Number.NaN]), results([1, 2]))).toBe(Infinity)
  })

  test('makes no sense of other arrays', () => {
    expect(() => difference({ dx: '' }, results([1]))).toThrow('it gives dx, and others give y')
  })
})

test('a timing is the median and the least', () => {
  expect(timing([5, 1, 3])).toEqual({ median: 3, min: 1, count: 3 })
  expect(timing([4, 1, 3, 10])).toEqual({ median: 3.5, min: 1, count: 4 })
})

describe('a goal', () => {
  const result = (entries: Results['cases'][number]['entries']): Results => {
    return { ...sampleResults, cases: [{ ...sampleResults.cases[0], entries }] }
  }
  const goal = (parts: Partial<Goal>): Goal => {
    return { case: 'first-32', quantity: 'forward', ours: ['unshared/1'], peers: [], atLeast: 2, ...parts }
  }
  const measured = result([
    entry('unshared/1', { forward: once(2) }),
    entry('unshared/3', { forward: once(4) }),
    entry('jax', { forward: once(5) }),
    entry('tf-keras/1', { forward: once(8) }),
    entry('tf-keras/3', { forward: once(60) }),
  ])

  test.each([
    ['the best peer counts', {}, 'jax', 2.5, true],
    ['the slowest of ours counts', { ours: ['unshared/1', 'unshared/3'] }, 'jax', 1.25, false],
    ['a peer can be named', { peers: ['tf-keras/3'] }, 'tf-keras/3', 30, true],
    ['a family of peers can be named', { peers: ['tf-keras/'] }, 'tf-keras/1', 4, true],
    ['a ratio that is just enough is enough', { atLeast: 2.5 }, 'jax', 2.5, true],
    ['what nobody measured is neither', { quantity: 'step' }, null, null, null],
    ['what ours did not measure is neither', { ours: ['unshared/2'] }, 'jax', null, null],
  ] as const)('%s', (_title, parts, peer, ratio, reached) => {
    expect(verdicts(measured, [goal(parts)])).toEqual([expect.objectContaining({ peer, ratio, reached })])
  })

  test('has the ratio of the least times, of the slowest of ours and the fastest peer', () => {
    const timed = (median: number, min: number) => ({ forward: { median, min, count: 3 } })
    const noisy = result([entry('unshared/1', timed(4, 1)), entry('jax', timed(8, 6)), entry('torch', timed(9, 5))])
    expect(verdicts(noisy, [goal({})])).toEqual([expect.objectContaining({ ratio: 2, leastRatio: 5, peer: 'jax' })])
  })

  test('has the ratio at the limit of the machine, if that was measured', () => {
    const limits = { operationsPerSecond: 1e11, bytesPerSecond: 1e12 }
    const { leastMs } = distance(sampleResults.cases[0].case as LayerCase, 'forward', 1, limits)
    expect(verdicts({ ...measured, limits }, [goal({})])[0].atLimit).toBeCloseTo(5 / leastMs)
    expect(verdicts({ ...measured, limits: null }, [goal({})])[0].atLimit).toBeNull()
  })

  test('of a training: its limit is that of all steps of an epoch', () => {
    const given = cases.find(({ id }) => id === 'fit-digits') as ModelCase
    const limits = { operationsPerSecond: 1e11, bytesPerSecond: 1e12 }
    const entries = [entry('unshared/1', { fit: once(10) }), entry('jax', { fit: once(90) })]
    const trained: Results = { ...sampleResults, limits, cases: [{ case: given, entries }] }
    const [{ atLimit }] = verdicts(trained, [goal({ case: given.id, quantity: 'fit' })])
    const sizes = stepSizesOf(given)
    if (!sizes) throw new Error('no sizes')
    expect(atLimit).toBeCloseTo(90 / (45 * leastStepMs(sizes, limits)))
  })

  test('of a case that was not run is left out', () => {
    expect(verdicts(measured, [goal({ case: 'second-32' })])).toEqual([])
  })

  test('is of a case and a quantity that there is', () => {
    const kinds = { layer: ['forward', 'backward', 'step', 'call'], fit: ['fit'], prediction: ['call', 'first'] }
    for (const { case: id, quantity } of goals)
      expect(kinds[cases.find(given => given.id === id)?.kind ?? 'layer']).toContain(quantity)
  })
})

describe('cases', () => {
  const all: readonly Case[] = [...cases, ...oddCases, ...sweepCases]

  test('have names of their own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })

  test('of stacks have the steps that the library gives them', () => {
    for (const given of all) {
      if (given.kind !== 'fit') continue
      const sizes = stepSizesOf(given)
      if (given.layers.some(([, , reads]) => reads)) {
        expect(sizes).toBeNull()
        continue
      }
      const made = given.layers.map(([className, config]) => layers.get({ className, config: { ...config } }))
      const model = new Sequential(made)
      const [first, ...rest] = made.map(({ macs }) => 2 * given.batch * macs)
      const operations = 2 * first + 3 * rest.reduce((a, b) => a + b)
      const moved = given.optimizer === 'sgd' ? 3 : 7
      expect(sizes).toEqual({ operations, updateBytes: 4 * moved * model.countParams() })
    }
  })

  test('tell how far a step is from the limits', () => {
    const limits = { operationsPerSecond: 2e9, bytesPerSecond: 1e9 }
    expect(leastStepMs({ operations: 1e6, updateBytes: 5e5 }, limits)).toBe(1)
    const given = cases.find(({ id }) => id === 'fit-digits') as Case
    const ours = entry('unshared/1', { fit: once(45), batch: once(1.5) })
    const results = {
      ...sampleResults,
      limits,
      limitsOfOne: limits,
      cases: [{ case: given, entries: [ours, entry('jax', { fit: once(1) })] }],
    }
    const [row, ...others] = stepRows(results)
    expect(others).toEqual([])
    expect([row.ms, row.onBatch]).toEqual([1, 1.5]) // 1,437 samples are 45 batches
    const layer = {
      ...sampleResults,
      cases: [
        {
          case: layerCase('x', 2, { inputShape: [3, 3, 1], filters: 5, window: 3 }),
          entries: [entry('unshared/1', { forward: once(1e-3), backward: once(4e-3) })],
        },
      ],
    }
    const [direction] = directionRows(layer) // 2 · 2 · 9 · 5 operations forward
    expect([direction.forward, direction.backward]).toEqual([180 / 1e-3 / 1e6, 360 / 4e-3 / 1e6])
  })

  test('have the sizes that the library gives them', () => {
    const layers = all.flatMap(given => (given.kind === 'layer' ? [given] : []))
    expect(layers.length).toBeGreaterThan(30)
    for (const given of layers) {
      const { inputShape, filters, kernelSize, strides } = given
      const options = { filters, kernelSize, strides, padding: 'valid', dataFormat: 'channels_last' } as const
      const g = localGeometry([null, ...inputShape], options)
      const { places, patch, weights, outputs } = sizesOf(given)
      expect([places, patch, weights, outputs]).toEqual([g.P, g.K, g.P * g.K * g.F, given.batch * g.outputSize])
      expect(given.title).toContain(`${g.OH}×${g.OW}×${g.F}`)
    }
  })

  test('name the weights of DeepFace', async () => {
    const { layers, Sequential } = await import('../../lib/index.ts')
    const deepFace = cases.find(({ id }) => id === 'deepface')
    if (deepFace?.kind !== 'prediction') throw new Error('no DeepFace')
    const zeros = { kernelInitializer: 'zeros' }
    const sizes = (name: string) => (/Conv2D|Local|Dense/.test(name) ? zeros : {})
    const model = new Sequential(
      deepFace.layers.map(([className, config]) =>
        layers.get({ className, config: { ...config, ...sizes(className) } }),
      ),
      { engine: 'reference' },
    )
    expect(deepFace.title).toContain(model.countParams().toLocaleString('en'))
  })
})

describe('the distance to the limit', () => {
  const [{ case: first }] = sampleResults.cases
  if (first.kind !== 'layer') throw new Error('not a layer')

  test('is that of arithmetic where a batch is large', () => {
    // 32 · 900 · 27 · 64 multiplications and as many additions, at 10¹¹ a second
    const found = distance(first, 'forward', 2, { operationsPerSecond: 1e11, bytesPerSecond: 1e12 })
    expect(found.bound).toBe('arithmetic')
    expect(found.leastMs).toBeCloseTo((2 * 32 * 900 * 27 * 64) / 1e8, 9)
    expect(found.share).toBeCloseTo(found.leastMs / 2, 9)
  })

  test('is that of memory where it is 1', () => {
    const found = distance({ ...first, batch: 1 }, 'forward', 1, sampleResults.limits ?? (undefined as never))
    expect(found.bound).toBe('memory')
    expect(found.leastMs).toBeCloseTo((4 * (900 * 27 * 64 + 32 * 32 * 3 + 900 * 64)) / 2e7, 9)
  })

  test('is measured by a loop that compiles, and adds up', async () => {
    interface Instance {
      readonly exports: { multiplyAdd(rounds: number): number }
    }
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { instantiate(module: Uint8Array): Promise<{ instance: Instance }> }
    }
    const { instance } = await WebAssembly.instantiate(multiplyAddModule('.'))
    const { multiplyAdd } = instance.exports
    expect(multiplyAdd(0)).toBe(66) // 0 + 1 + … + 11
    expect(multiplyAdd(100_000)).toBeCloseTo(12, 1) // s = 0.999 s + 0.001 tends to 1
  })
})

describe('the command line', () => {
  test('has defaults', () => {
    expect(readOptions([], 8)).toMatchObject({ threads: 2, rounds: 15, peers: false, json: 'out/benchmarks.json' })
    expect(readOptions([], 1).threads).toBe(1)
  })

  test('chooses', () => {
    const args = ['--only', 'first-1,fit-digits', '--threads', '1', '--quick', '--engine', 'reference', '--peers']
    const chosen = { only: ['first-1', 'fit-digits'], threads: 1, rounds: 3, engine: 'reference', peers: true }
    expect(readOptions(args, 2)).toMatchObject(chosen)
  })

  test.each([
    [['--only', 'third'], /--only: expected some of first-32, .*received third/],
    [['--threads', '3'], /--threads: expected a whole number from 1 to 2, received 3/],
    [['--rounds', '1.5'], /--rounds: expected a whole number/],
    [['--engine', 'gpu'], /--engine: expected reference or simd, received gpu/],
    [['--fast'], /--fast/],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args, 2)).toThrow(message)
  })
})

describe('the page', () => {
  const goal: Goal = { case: 'first-32', quantity: 'step', ours: ['unshared/1'], peers: [], atLeast: 1.9 }
  const { markdown, charts } = page(sampleResults, [goal])

  test('names the machine, the run and the contenders', () => {
    for (const part of ['A Processor, 2 cores, 16 GB, Linux x64; Node v20.19.0', '2026-01-02'])
      expect(markdown).toContain(part)
    expect(markdown).toContain('unshared 1.0; jax 1.0; torch 1.0')
    expect(markdown).toContain('`npm run bench -- --peers`: 2 threads')
  })

  test('has the numbers of the JSON, and the goals beside them', () => {
    expect(markdown).toContain('| unshared/1 | 2.00 (1.50) | 8.00 | 200 | 1e-7 |')
    expect(markdown).toMatch(/step \| unshared\/1 \| 8\.00 \| torch \| 12\.1 \| 1\.51 \| ≥ 1\.9 \| missed \|/)
  })

  test('tells who was not measured, and why', () => {
    expect(markdown).toContain('Not measured: tf-keras/2: would need 9 GB; tfjs-cpu failed: it died.')
  })

  test('shows all its charts, and no others', () => {
    const shown = [...markdown.matchAll(/!\[[^\]]*\]\(images\/([^)]*)\)/g)].map(([, name]) => name)
    expect(shown).toEqual(Object.keys(charts))
    expect(shown).toContain('benchmark-first-32-step.svg')
    expect(shown).toContain('benchmark-batch-forward.svg')
  })

  test('has charts with names and numbers that can be read without seeing them', () => {
    for (const svg of Object.values(charts)) expect(svg).toMatch(/^<svg role="img" aria-label="[^"]+/)
    expect(charts['benchmark-first-32-step.svg']).toMatch(/unshared\/1 8\.00, torch 12\.1, jax 13\.7/)
  })

  test('is the same for the same numbers', () => {
    expect(page(sampleResults, [goal])).toEqual({ markdown, charts })
  })

  test('says no more than the terminal', () => {
    const printed = tables(sampleResults, [goal]).join('\n')
    for (const part of ['2.00 (1.50)', 'torch', '1.51', 'missed', 'tfjs-cpu failed: it died'])
      expect(printed).toContain(part)
  })

  const kept = 'tests/benchmarks/results.json'
  test('in docs/ is that of the numbers kept beside the benchmark', () => {
    expect(existsSync('docs/benchmarks.md')).toBe(existsSync(kept))
    if (!existsSync(kept)) return
    const made = page(JSON.parse(readFileSync(kept, 'utf8')), goals)
    expect(readFileSync('docs/benchmarks.md', 'utf8')).toBe(made.markdown)
    for (const [name, svg] of Object.entries(made.charts)) expect(readFileSync(`docs/images/${name}`, 'utf8')).toBe(svg)
  })
})
