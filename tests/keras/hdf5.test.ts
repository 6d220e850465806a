import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Dense, Sequential, stream, Tensor } from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import { bytesOf } from '../../lib/files/bytes.ts'
import { type Hdf5File, openHdf5 } from '../../lib/keras/hdf5.ts'
import { expectSameBits } from '../support/bits.ts'
import { h5File, lookInto } from '../support/h5-files.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(`tests/keras/fixtures/${name}`))

async function withFile<T>(bytes: Uint8Array, use: (file: Hdf5File) => T): Promise<T> {
  const file = await openHdf5(bytesOf(bytes))
  try {
    return use(file)
  } finally {
    file.close()
  }
}
function numbersAt(file: Hdf5File, path: string): number[] {
  const numbers = file.numbers(path)
  if (!numbers) throw new Error(`no ${path}`)
  const all: number[] = []
  for (const part of file.read(numbers)) all.push(...part)
  return all
}

describe('numbers that h5py wrote', () => {
  const signed = Array.from({ length: 12 }, (_, i) => i - 5)

  test('floats and integers of every size and byte order are read as float32', () =>
    withFile(fixture('types.h5'), file => {
      const names = file.texts('/dense', 'weight_names') as string[]
      expect(names).toHaveLength(15)
      for (const name of names) {
        const expected = /\/u/.test(name) ? signed.map(v => v + 5) : signed
        expect([name, ...numbersAt(file, `/dense/${name}`)]).toEqual([name, ...expected])
      }
    }))

  test.each(['chunked.h5', 'packed.h5'])('%s', name =>
    withFile(fixture(name), file => {
      expect(numbersAt(file, '/dense/dense/kernel:0')).toEqual(signed)
    }),
  )

  test('names are UTF-8, as Keras writes them', () =>
    withFile(fixture('names.h5'), file => {
      expect(file.texts('/', 'layer_names')).toEqual(['層'])
      expect(file.texts('/層', 'weight_names')).toEqual(['層/größe:0'])
      expect(numbersAt(file, '/層/層/größe:0')).toEqual(signed)
    }))

  test.each(['complex', 'bool', 'text', 'opaque'])('those of type %s are refused by name', async kind => {
    const model = new Sequential([new Dense({ units: 4, inputShape: [3], useBias: false })])
    model.build([null, 3])
    await expect(loadWeights(model, fixture(`refused-${kind}.h5`))).rejects.toThrow(
      /^\/dense\/dense\/kernel:0: expected floats or integers, received "\d+-byte values/,
    )
  })

  test('those behind a filter that is not there are refused by name', () =>
    withFile(fixture('refused-lzf.h5'), file => {
      expect(() => numbersAt(file, '/dense/dense/kernel:0')).toThrow(/^source: .*kernel:0/)
    }))
})

test('arrays that are larger than what is read at once come in order, in chunks or not', async () => {
  const random = stream('large')
  const data = Float32Array.from({ length: 300 * 7 * 450 }, () => random())
  const shape = [300, 7, 450]
  const bytes = await h5File(root => {
    root.create_dataset({ name: 'plain', data, shape })
    root.create_dataset({ name: 'chunks', data, shape, chunks: [7, 3, 100], compression: 'gzip' })
    root.create_dataset({ name: 'long', data, shape: [1, data.length], chunks: [1, 100_000] })
  })
  await withFile(bytes, file => {
    for (const name of ['plain', 'chunks', 'long']) {
      const numbers = file.numbers(name)
      if (!numbers) throw new Error(name)
      let at = 0
      for (const part of file.read(numbers)) {
        expect(part.length).toBeLessThanOrEqual(2 ** 18)
        expectSameBits(part, data.subarray(at, at + part.length))
        at += part.length
      }
      expect(at).toBe(data.length)
    }
  })
})

test('texts of fixed and of variable length, alone and in lists', async () => {
  const names = ['dense', 'größe', '層']
  const bytes = await h5File(root => {
    for (const type of ['S', 'S20']) {
      root.create_attribute(`list ${type}`, names, [3], type)
      root.create_attribute(`one ${type}`, names[1], [], type)
    }
    root.create_attribute('nothing', new Float64Array(0), [0], '<d')
    root.create_attribute('number', 3, [], '<i')
  })
  await withFile(bytes, file => {
    for (const type of ['S', 'S20']) {
      expect(file.texts('/', `list ${type}`)).toEqual(names)
      expect(file.text('/', `one ${type}`)).toBe(names[1])
    }
    expect(file.texts('/', 'nothing')).toEqual([])
    expect(file.texts('/', 'nowhere')).toBeNull()
    expect(() => file.text('/', 'number')).toThrow(/^\/@number: expected strings/)
  })
})

test('names of more than 64 kB are split over several attributes, and put together again', async () => {
  const letters = 'a very long name of a layer '.repeat(40).replaceAll(' ', '_')
  const layers = Array.from({ length: 70 }, (_, i) => new Dense({ units: 1, name: `${letters}${i}`, inputShape: [1] }))
  const model = new Sequential(layers, { seed: 1 })
  model.compile({ optimizer: 'adam', loss: 'mse' })
  await model.fit([[1]], [[2]], { verbose: 0 })
  const bytes = await saveModel(model, { format: 'h5' })
  const found = await lookInto(bytes, file => ({
    layers: Object.keys((file.get('model_weights') as typeof file).attrs),
    state: Object.keys((file.get('optimizer_weights') as typeof file).attrs),
  }))
  expect(found.layers).toEqual(expect.arrayContaining(['layer_names0', 'layer_names1']))
  expect(found.layers).not.toContain('layer_names')
  expect(found.state).toEqual(expect.arrayContaining(['weight_names0', 'weight_names4']))
  const loaded = await loadModel(bytes)
  expect(loaded.layers.map(({ name }) => name)).toEqual(layers.map(({ name }) => name))
  expect(loaded.getWeights()).toEqual(model.getWeights())
  expect(loaded.optimizer?.variables().length).toBe(2 * 140)
})

test('a layer may be named like a path: its groups are nested', async () => {
  const make = () => new Sequential([new Dense({ units: 2, name: 'block/one/dense', inputShape: [3] })], { seed: 2 })
  const [model, other] = [make(), make()]
  other.setWeights(other.getWeights().map(({ shape }) => Tensor.zeros(shape)))
  const bytes = await saveWeights(model, { format: 'h5' })
  await loadWeights(other, bytes)
  expect(other.getWeights()).toEqual(model.getWeights())
})
