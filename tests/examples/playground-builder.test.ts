// Nets of the playground's builder: their sizes, the handicaps, and the code that stands for them.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { type Layer, Sequential, Tensor } from 'unshared'
import { designOf } from '../../examples/playground/builder/bench-state.ts'
import {
  choices,
  type Design,
  designParts,
  isDesign,
  layersOf,
  mismatch,
  placesAlong,
  plainDesign,
  sizesOf,
  taskOf,
} from '../../examples/playground/builder/design.ts'
import { designInKeras, designInTypescript } from '../../examples/playground/builder/design-code.ts'
import { presets } from '../../examples/playground/builder/presets.ts'
import { noise, verdictOf } from '../../examples/playground/builder/verdict.ts'
import { readDigits } from '../../examples/playground/digits.ts'
import { createNet, netNames } from '../../examples/playground/nets.ts'
import { Race } from '../../examples/playground/race.ts'
import { type State, start } from '../../examples/playground/state.ts'

const data = readDigits(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const look = { side: 8, classes: 10 }
const settings = { seed: 4, optimizer: 'adam', rate: 0.003, batch: 32, train: 200, shifts: false } as const
const designs: Design[] = [
  plainDesign,
  { ...plainDesign, depth: 2, pooling: 'max', dropout: 0.5, l2: 0.001, width: 4 },
  { ...plainDesign, depth: 3, window: 2, activation: 'tanh', pooling: 'average' },
  { ...plainDesign, window: 4, step: 2, activation: 'sigmoid', handicap: 'weights' },
  { ...plainDesign, depth: 2, handicap: 'macs', pooling: 'max' },
  { ...plainDesign, depth: 2, handicap: 'weights', width: 12 },
]

describe.each(designs)('%j', design => {
  const sizes = sizesOf(design, look)

  test.each(netNames)('%s has the weights and multiply-adds that are said', name => {
    const layers = layersOf(name, design, look)
    const net = new Sequential(layers)
    expect(net.outputShape).toEqual([null, 10])
    expect(net.countParams()).toBe(sizes[name].weights)
    const macs = (layers as Layer[]).map(layer => layer.macsFor(layer.inputShapes?.[0].slice(1) as number[]))
    expect(macs.reduce((a, b) => a + b)).toBe(sizes[name].macs)
    const hidden = layers.filter(({ className }) => /Local|Conv|Dense/.test(className)).slice(0, -1)
    const units = hidden.map(layer => layer.computeOutputShape(layer.inputShapes?.[0] as number[]).slice(1))
    const total = units.reduce((sum, shape) => sum + (shape as number[]).reduce((a, b) => a * b), 0)
    expect(total).toBe(sizes[name].units)
  })

  test('a race with it learns, and is the same again', () => {
    const run = () => {
      const race = new Race(settings, data, taskOf(design, look))
      race.trainEpoch()
      return race.history.at(-1)
    }
    expect(run()).toEqual(run())
  })
})

describe('handicaps', () => {
  const of = (change: Partial<Design>) => sizesOf({ ...plainDesign, ...change }, look)

  test('none: all have the same hidden units', () => {
    const { dense, local, conv } = of({})
    expect([dense.units, local.units, conv.units]).toEqual([288, 288, 288])
    expect([dense.weights, local.weights, conv.weights]).toEqual([21_610, 5_770, 2_970])
  })

  test.each(['weights', 'macs'] as const)('equal %s: no other width would be nearer', handicap => {
    for (const depth of choices.depth) {
      const sizes = of({ depth, handicap })
      const far = Math.abs(mismatch(sizes, handicap).conv)
      for (const width of [4, 12, 16] as const) {
        const conv = of({ depth, width }).conv[handicap]
        expect(Math.abs(conv / sizes.local[handicap] - 1)).toBeGreaterThanOrEqual(far - 1e-9)
      }
      for (const off of Object.values(mismatch(sizes, handicap))) expect(Math.abs(off)).toBeLessThan(0.06)
    }
  })

  test('equal multiply-adds leave the convolution as it is', () => {
    expect(of({ handicap: 'macs' }).conv).toEqual(of({}).conv)
  })
})

describe('the answer of a race', () => {
  const score = (accuracy: number) => ({ loss: 0, accuracy })
  const per = (dense: number, local: number, conv: number) => ({
    dense: score(dense),
    local: score(local),
    conv: score(conv),
  })
  const finish = {
    settings: { train: 1437, shifts: false },
    sizes: sizesOf(plainDesign, look),
    training: per(1, 1, 1),
    test: per(0.98, 0.97, 0.96),
    tests: 360,
    pools: false,
  }
  const said = (change: Partial<typeof finish>) => verdictOf({ ...finish, ...change }).map(({ say }) => say)

  test('two nets apart by no more than chance are level, whoever has more weights', () => {
    expect(said({})).toEqual(['level', 'memory', 'ceiling', 'centred', 'local'])
    expect(noise(0.98, 0.97, 360)).toBeCloseTo(0.0233, 3)
    expect(said({ tests: 100_000 })).toEqual(['ahead', 'memory', 'ceiling', 'centred', 'most', 'local'])
  })

  test('with few moved digits, the dense net is ahead by its weights', () => {
    const few = { settings: { train: 200, shifts: true }, test: per(0.79, 0.63, 0.64), training: per(0.84, 0.53, 0.53) }
    expect(said(few)).toEqual(['ahead', 'memory', 'few', 'unshared', 'most', 'local'])
  })

  test('with equal weights the convolution is, for what it shares', () => {
    const equal = { settings: { train: 200, shifts: true }, test: per(0.54, 0.6, 0.86), training: per(0.6, 0.5, 0.6) }
    const sizes = sizesOf({ ...plainDesign, handicap: 'weights' }, look)
    expect(said({ ...equal, sizes, pools: true })).toEqual(['ahead', 'memory', 'few', 'moved', 'pooled', 'local'])
  })

  test('the fewest weights are a reason only if there are fewer', () => {
    expect(said({ test: per(0.6, 0.6, 0.9) })).toContain('fewest')
    const [first] = verdictOf({ ...finish, test: per(0.5, 0.9, 0.5) })
    expect(first).toEqual({ say: 'ahead', first: 'local' })
    expect(said({ test: per(0.5, 0.9, 0.5) })).not.toContain('local')
  })
})

describe('places', () => {
  test('are those of the windows; none when one does not fit', () => {
    expect(placesAlong(plainDesign, 8)).toEqual([6, 6])
    expect(placesAlong({ ...plainDesign, depth: 3, pooling: 'max' }, 8)).toEqual([6, 4, 2, 1])
    expect(placesAlong({ ...plainDesign, depth: 3, window: 4 }, 8)).toBeNull()
    expect(placesAlong({ ...plainDesign, depth: 2, window: 4, step: 2, pooling: 'max' }, 8)).toBeNull()
    expect(() => sizesOf({ ...plainDesign, depth: 3, window: 6 }, look)).toThrow('do not fit')
  })

  test('a design is one of the choices in each part', () => {
    expect(isDesign(plainDesign)).toBe(true)
    expect(isDesign({ ...plainDesign, depth: 4 })).toBe(false)
    expect(isDesign({ ...plainDesign, l2: undefined })).toBe(false)
    expect(isDesign(null)).toBe(false)
    expect(designParts).toHaveLength(9)
  })
})

describe('what the builder offers to try', () => {
  test.each([
    ['dense', ['dense', 'local', 'conv']],
    ['conv', ['conv', 'local', 'dense']],
    ['local', ['conv', 'local', 'dense']],
  ] as const)(
    '%s ends in this order: %j',
    (name, order) => {
      const state: State = { ...start, ...presets[name] }
      const race = new Race({ ...settings, seed: 1, train: 200, shifts: true }, data, taskOf(designOf(state), look))
      while (race.epoch < state['b.epochs']) race.trainEpoch()
      const [first, second, third] = order.map(net => race.scores[net].accuracy)
      if (name !== 'local') expect(first).toBeGreaterThan(second + 0.05)
      if (name !== 'dense') expect(race.scores.local.accuracy).toBeGreaterThan(race.scores.dense.accuracy)
      expect(first).toBeGreaterThan(third)
    },
    60_000,
  )
})

describe('code', () => {
  const written = { ...settings, epochs: 2 }

  test.each(netNames.flatMap(name => designs.map(design => [name, design] as const)))(
    'of %s, %j: the TypeScript runs, and its net is the page’s',
    (name, design) => {
      const folder = resolve('out/builder-code')
      mkdirSync(folder, { recursive: true })
      const program = designInTypescript(name, design, look, written)
      writeFileSync(`${folder}/net.ts`, program)
      writeFileSync(
        `${folder}/main.ts`,
        `import { readFileSync } from 'node:fs'
import { Tensor } from 'unshared'
import { model, train } from './net.ts'
const { images, labels } = JSON.parse(readFileSync('${folder}/data.json', 'utf8'))
const x = new Tensor([labels.length, 8, 8, 1], Float32Array.from(images))
const first = [...model.predictOnBatch(x).data]
const { history } = await train(x, Tensor.from(Float32Array.from(labels)))
console.log(JSON.stringify({ first, loss: history.loss }))`,
      )
      const images = data.train.images.slice(0, 64 * 64)
      const labels = data.train.labels.slice(0, 64)
      writeFileSync(`${folder}/data.json`, JSON.stringify({ images: [...images], labels: [...labels] }))
      const printed = execFileSync(process.execPath, ['scripts/run-ts.js', `${folder}/main.ts`], { encoding: 'utf8' })
      const { first, loss } = JSON.parse(printed.trim().split('\n').at(-1) as string)
      const net = createNet(name, settings.seed, taskOf(design, look))
      expect(first).toEqual([...net.predictOnBatch(new Tensor([64, 8, 8, 1], images)).data])
      expect(loss).toHaveLength(2)
      expect(loss.every(Number.isFinite)).toBe(true)
    },
    60_000,
  )

  const python = ['python3', 'python'].find(command => spawnSync(command, ['--version']).status === 0)
  ;(python ? test : test.skip)('the Keras code is Python, with the layers of the design', () => {
    for (const name of netNames)
      for (const design of designs) {
        const code = designInKeras(name, design, look, written)
        const { status, stderr } = spawnSync(python as string, ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
          input: code,
          encoding: 'utf8',
        })
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        const classes = [...code.matchAll(/keras\.layers\.(\w+)\(/g)].map(([, found]) => found)
        expect(classes).toEqual(layersOf(name, design, look).map(({ className }) => className))
      }
  })
})
