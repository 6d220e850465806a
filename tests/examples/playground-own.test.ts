// Pictures that readers bring to the playground, and files that they take along.

import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Tensor } from 'unshared'
import { fromSafetensors, loadModel, loadWeights } from 'unshared/keras'
import { plainDesign, taskOf } from '../../examples/playground/builder/design.ts'
import { readDigits } from '../../examples/playground/digits.ts'
import { Experiment } from '../../examples/playground/experiment.ts'
import { createNet, digitsTask, netNames } from '../../examples/playground/nets.ts'
import {
  experimentFile,
  fits,
  readExperiment,
  type SavedExperiment,
} from '../../examples/playground/own/experiment-file.ts'
import { safetensorsFile, tfjsFiles, weightsIn } from '../../examples/playground/own/net-files.ts'
import {
  classOf,
  dataSetOf,
  mostClasses,
  nothingOwn,
  OwnDataError,
  readTable,
  withoutClass,
  withoutPicture,
  withPictures,
} from '../../examples/playground/own/own-data.ts'
import { fromFile, toFile } from '../../examples/playground/own/plain-file.ts'
import { inkOf, shrink } from '../../examples/playground/own/shrink.ts'
import { toH5 } from '../../examples/playground/own/to-h5.ts'
import { bytesOf, tableOf } from '../../examples/playground/packed.ts'
import { Race } from '../../examples/playground/race.ts'

const csv = gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString()
const data = readDigits(csv)
const settings = { seed: 4, optimizer: 'adam', rate: 0.003, batch: 32, train: 100, shifts: true } as const

const keyOf = (make: () => unknown) => {
  try {
    make()
  } catch (error) {
    return error instanceof OwnDataError ? [error.key, error.values] : error
  }
  return 'no error'
}

describe('a picture made small', () => {
  /** A cross of these colours in a picture of this size. */
  const cross = (size: number, ink: number[], paper: number[], at = size / 4, length = size / 2) =>
    Array.from({ length: size * size }, (_, i) => {
      const [row, col] = [Math.floor(i / size) - at, (i % size) - at]
      const inside = row >= 0 && row < length && col >= 0 && col < length
      const onCross = Math.abs(row - (length - 1) / 2) < length / 8 || Math.abs(col - (length - 1) / 2) < length / 8
      return inside && onCross ? ink : paper
    }).flat()
  const black = [0, 0, 0, 255]
  const white = [255, 255, 255, 255]

  test('fills the square, whatever its size, place and colours', () => {
    const pixels = [
      shrink(inkOf(cross(64, black, white), 64, 64) as never),
      shrink(inkOf(cross(64, white, black), 64, 64) as never),
      shrink(inkOf(cross(64, black, [255, 255, 255, 0]), 64, 64) as never),
      shrink(inkOf(cross(128, [200, 0, 0, 255], [0, 90, 0, 255], 10, 64), 128, 128) as never),
    ]
    const expected = Array.from({ length: 64 }, (_, i) => {
      return Number([3, 4].includes(Math.floor(i / 8)) || [3, 4].includes(i % 8))
    })
    for (const found of pixels)
      found.forEach((ink, i) => {
        expect(ink).toBeCloseTo(expected[i], 1)
      })
  })

  test('keeps its ink when it is wide: paper comes above and below', () => {
    const wide = shrink({ width: 40, height: 10, values: new Float32Array(400).fill(1) })
    expect([...wide.subarray(0, 24)]).toEqual(Array(24).fill(0))
    expect([...wide.subarray(24, 40)]).toEqual(Array(16).fill(1))
  })

  test('of one colour is nothing; of 8 × 8 pixels stays', () => {
    expect(inkOf(Array(9).fill(white).flat(), 3, 3)).toBeNull()
    const values = Float32Array.from({ length: 64 }, (_, i) => i / 63)
    expect(shrink({ width: 8, height: 8, values })).toEqual(values)
  })
})

describe('tables', () => {
  const rows = csv.trim().split('\n').slice(0, 20)

  test('of the digits give their pixels and classes', () => {
    const found = readTable(rows.join('\r\n'))
    expect(found).toHaveLength(20)
    found.forEach(({ name, pixels }, i) => {
      const cells = rows[i].split(',').map(Number)
      expect(name).toBe(String(cells[64]))
      expect([...pixels]).toEqual(cells.slice(0, 64).map(ink => ink / 16))
    })
  })

  test('may have a head, a first column of classes, and names', () => {
    const head = ['label', ...Array.from({ length: 64 }, (_, i) => `p${i}`)].join(';')
    const line = ['"cat"', ...Array.from({ length: 64 }, (_, i) => i * 4)].join(';')
    const [{ name, pixels }] = readTable(`${head}\n${line}\n`)
    expect(name).toBe('cat')
    expect([...pixels]).toEqual(Array.from({ length: 64 }, (_, i) => Math.fround(Math.fround(i * 4) / 255)))
  })

  test('of MNIST have the class first', () => {
    const image = Array.from({ length: 784 }, (_, i) => (i % 28 === 14 ? 255 : 0))
    const [{ name, pixels }] = readTable([7, ...image].join())
    expect(name).toBe('7')
    expect(pixels.some(ink => ink > 0)).toBe(true)
  })

  test('that are none say why', () => {
    expect(keyOf(() => readTable('1,2,3'))).toEqual(['columns', { found: 3 }])
    expect(keyOf(() => readTable(`${rows[0]}\n1,2`))).toEqual(['columns', { found: 2, line: 2 }])
    expect(keyOf(() => readTable(`${rows[0]}\n${rows[1].replace(/^\d+/, 'x')}`))).toEqual(['numbers', { line: 2 }])
    expect(keyOf(() => readTable(''))).toEqual(['columns', { found: 0 }])
  })
})

describe('own data', () => {
  const pixels = (ink: number) => new Float32Array(64).fill(ink)
  const some = withPictures(
    nothingOwn,
    ['a', 'b', 'a', 'a', 'b', 'c'].map((name, i) => ({ name, pixels: pixels(i / 10) })),
  )

  test('classes come and go with their pictures', () => {
    expect(some.classes).toEqual(['a', 'b', 'c'])
    expect(some.pictures.map(({ label }) => label)).toEqual([0, 1, 0, 0, 1, 2])
    expect(withoutPicture(some, 5).classes).toEqual(['a', 'b'])
    const rest = withoutClass(some, 0)
    expect(rest.classes).toEqual(['b', 'c'])
    expect(rest.pictures.map(({ label }) => label)).toEqual([0, 0, 1])
  })

  test('no more than ten classes', () => {
    const many = Array.from({ length: mostClasses + 1 }, (_, i) => ({ name: `${i}`, pixels: pixels(0) }))
    expect(keyOf(() => withPictures(nothingOwn, many))).toEqual(['classes', { most: 10, found: 11 }])
  })

  test('a name tells the class', () => {
    const names = { 'cat-3.png': 'cat', 'dog 12.jpeg': 'dog', 'cats/1.png': 'cats', '7.png': '', 'a (2).png': 'a' }
    for (const [file, name] of Object.entries(names)) expect(classOf(file)).toBe(name)
  })

  test('of each class, every fourth picture is for the test', () => {
    expect(dataSetOf(some)).toBeNull()
    const { train, test } = dataSetOf(withoutClass(some, 2)) ?? {}
    expect([...(train?.labels ?? [])]).toEqual([0, 1, 0])
    expect([...(test?.labels ?? [])]).toEqual([0, 1])
    expect(test?.images[0]).toBeCloseTo(0.2)
  })

  test('is learned by nets of any design', () => {
    const pictures = readTable(csv.trim().split('\n').slice(0, 300).join('\n'))
    const own = withPictures(
      nothingOwn,
      pictures.filter(({ name }) => '013'.includes(name)),
    )
    const set = dataSetOf(own)
    if (!set) throw new Error('no data')
    const task = taskOf({ ...plainDesign, pooling: 'max' }, { side: 8, classes: 3 }, 1)
    const race = new Race({ ...settings, shifts: false }, set, task)
    for (let epoch = 0; epoch < 15; epoch++) race.trainEpoch()
    for (const name of netNames) expect(race.scores[name].accuracy).toBeGreaterThan(0.9)
  })
})

describe('files', () => {
  test('plain data come back, every bit', () => {
    const value = {
      text: 'ä \u0001 "',
      numbers: [0.1 + 0.2, -0, Number.NaN, Infinity, 1e-310, null, true],
      arrays: { a: Float32Array.of(1, -0, Number.NaN, 1e-40), list: [{ b: new Float32Array(0) }] },
    }
    expect(fromFile(toFile(value))).toEqual(value)
    expect(() => fromFile(new Uint8Array(20))).toThrow()
  })

  const design = { ...plainDesign, dropout: 0.5, pooling: 'max' } as const

  function trained(task = taskOf(design, digitsTask)): Experiment {
    const experiment = new Experiment(settings, data, task)
    for (let i = 0; i < 6; i++) experiment.trainBatch() // in the middle of an epoch
    return experiment
  }
  function saved({ race }: Experiment): SavedExperiment {
    const one = { settings, state: race.state(), design: race.task.design ?? null, own: null }
    return { link: '#screen=race', race: { ...one, design: null }, bench: one, own: nothingOwn }
  }

  test('an experiment goes on from its file as if there had been no break, Dropout and moved pictures included', () => {
    const first = trained()
    const { bench } = readExperiment(experimentFile(saved(first)))
    if (!bench?.design) throw new Error('no bench')
    const second = new Experiment({ ...settings, seed: 9 }, data)
    const before = second.race.state()
    second.load(bench.state, bench.settings, data, taskOf(bench.design, digitsTask))
    expect(second.race.state()).toEqual(first.race.state())
    for (let i = 0; i < 9; i++) {
      first.trainBatch()
      second.trainBatch()
    }
    expect(second.race.state()).toEqual(first.race.state())
    second.undo()
    second.undo()
    expect(second.race.state()).toEqual(before)
  })

  test('a file of other nets changes nothing', () => {
    const { race } = readExperiment(experimentFile(saved(trained())))
    const other = new Experiment(settings, data)
    const before = other.race.state()
    expect(fits(other.race, race.state)).toBe(false)
    expect(() => other.load(race.state, settings, data)).toThrow('other nets')
    expect(other.race.state()).toEqual(before)
    expect(other.undoes).toBeNull()
  })

  test('nor does one whose random numbers cannot go on', () => {
    const first = trained()
    const state = first.race.state()
    const broken = { ...state, nets: { ...state.nets, conv: { ...state.nets.conv, streams: [{ c: 'x' }] } } }
    const other = trained()
    const before = other.race.state()
    expect(() => other.load(broken as never, settings, data, taskOf(design, digitsTask))).toThrow('stream')
    expect(other.race.state()).toEqual(before)
    expect(other.undoes).toBeNull()
  })

  test.each([
    ['link', { link: 3 }],
    ['race', { race: null }],
    ['bench', { bench: { settings } }],
    ['own', { own: { classes: ['a'], pictures: [{ pixels: new Float32Array(64), label: 1 }] } }],
  ])('a file whose %s cannot be read says so', (part, change) => {
    const bytes = toFile({ version: 1, ...saved(trained()), ...change })
    expect(() => readExperiment(bytes)).toThrow(part)
  })

  test.each(netNames)('a trained %s net as the library reads it, and back', async name => {
    const net = trained(digitsTask).race.nets[name]
    const x = new Tensor([2, 8, 8, 1], data.test.images.slice(0, 128))
    const expected = net.predictOnBatch(x).data.slice()
    const safetensors = safetensorsFile(net)
    expect(Object.keys(fromSafetensors(safetensors.bytes))).toHaveLength(4)
    const other = createNet(name, 77)
    await loadWeights(other, safetensors.bytes)
    expect(other.predictOnBatch(x).data).toEqual(expected)
    const [json, weights] = tfjsFiles(net)
    const modelJson = JSON.parse(new TextDecoder().decode(json.bytes))
    const model = await loadModel({ modelJson, weights: { [weights.name]: weights.bytes } })
    expect(model.predictOnBatch(x).data).toEqual(expected)
    for (const files of [[safetensors], [weights, json]]) {
      const found = weightsIn(files, createNet(name, 5))
      expect(found).toEqual(net.parameters.map(({ value }) => value.slice()))
    }
    const wrong = createNet(name === 'conv' ? 'local' : 'conv', 5)
    expect(() => weightsIn([safetensors], wrong)).toThrow()
    expect(() => weightsIn([json], net)).toThrow('.bin')
  })
})

test('the program for Keras turns the files of the page into .h5', async () => {
  const folder = resolve('out/to-h5')
  mkdirSync(folder, { recursive: true })
  const net = createNet('local', 3)
  for (const { name, bytes } of tfjsFiles(net)) writeFileSync(`${folder}/${name}`, bytes)
  writeFileSync(`${folder}/main.ts`, toH5.replaceAll("'local.", `'${folder}/local.`))
  execFileSync(process.execPath, ['scripts/run-ts.js', `${folder}/main.ts`])
  const x = new Tensor([2, 8, 8, 1], data.test.images.slice(0, 128))
  expect((await loadModel(`${folder}/local.h5`)).predictOnBatch(x).data).toEqual(net.predictOnBatch(x).data)
}, 60_000)

test('what the build packs is unpacked as it was', async () => {
  // @ts-expect-error: a script without types
  const { columnsOf, pack } = await import('../../scripts/pack.js')
  const text = `Überall — 卷積 <script> ${Array.from({ length: 999 }, (_, i) => i * i).join()}`
  const packed: string = pack(text)
  expect(packed).not.toContain('<')
  expect(gunzipSync(bytesOf(packed)).toString()).toBe(text)
  expect(tableOf(new Uint8Array(gunzipSync(bytesOf(pack(columnsOf(csv))))))).toBe(csv.trim())
})
