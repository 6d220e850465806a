// Arrays of NumPy, in and out. make_npy.py wrote the fixtures with NumPy.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { zipSync } from 'fflate'
import { ArgumentError, Tensor } from 'unshared'
import { fromNpy, fromNpz, type NpyDtype, toNpy, toNpz } from 'unshared/data'
import { expectSameBits } from '../support/bits.ts'

const read = (name: string) => new Uint8Array(readFileSync(`tests/files/fixtures/${name}`))
const expected: Record<string, { shape: number[]; data: number[] }> = JSON.parse(
  readFileSync('tests/files/fixtures/expected.json', 'utf8'),
)
const names = Object.keys(expected)

function expectTensor(tensor: Tensor, name: string): void {
  expect(tensor.shape).toEqual(expected[name].shape)
  expectSameBits(tensor.data, Float32Array.from(expected[name].data), name)
}

describe('files of NumPy', () => {
  test.each(names.filter(name => !name.startsWith('npz/')))('%s', name => {
    expectTensor(fromNpy(read(`${name}.npy`)), name)
  })

  test.each(['stored', 'compressed'])('%s.npz', async file => {
    const tensors = await fromNpz(read(`${file}.npz`))
    expect(Object.keys(tensors)).toEqual(['x', 'y', 'zeros'])
    for (const [name, tensor] of Object.entries(tensors)) expectTensor(tensor, `npz/${name}`)
  })

  test.each([
    ['objects', /Python objects.*astype/],
    ['structured', /structured array/],
    ['complex', /complex numbers.*array\.real/],
    ['text', /text/],
    ['dates', /dates/],
    ['long', /received 16777217/],
    ['very-long', /received 1152921504606846977n/],
    ['huge', /3\.4e38.*received 1e\+300/],
  ])('refused: %s', (name, message) => {
    expect(() => fromNpy(read(`refused-${name}.npy`))).toThrow(ArgumentError)
    expect(() => fromNpy(read(`refused-${name}.npy`))).toThrow(message)
  })

  test.each([
    ['vector', Tensor.from([0, 1, 2, 3, 4]), 'float32'],
    ['scalar', Tensor.from(7.5), 'float32'],
    ['empty', Tensor.zeros([0, 3]), 'float32'],
    ['u1', Tensor.from([0, 1, 2, 100, 64, 3], [2, 3]), 'uint8'],
    ['i1', Tensor.from([-1, 0, 1, 99, 63, 2], [2, 3]), 'int8'],
    ['little-i2', Tensor.from([-1, 0, 1, 99, 63, 2], [2, 3]), 'int16'],
    ['little-i4', Tensor.from([-1, 0, 1, 99, 63, 2], [2, 3]), 'int32'],
    ['little-i8', Tensor.from([-1, 0, 1, 99, 63, 2], [2, 3]), 'int64'],
    ['little-f8', Tensor.from([-1, 0, 1, 99, 63, 2], [2, 3]), 'float64'],
    ['bool', Tensor.from([0, 1, 1, 1, 1, 1], [2, 3]), 'bool'],
  ] as const)('%s is written as NumPy writes it, byte for byte', (name, tensor, dtype) => {
    expect(toNpy(tensor, { dtype })).toEqual(read(`${name}.npy`))
  })
})

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const tensors = shapes.chain(shape => {
  const length = shape.reduce((a, b) => a * b, 1)
  return fc
    .array(fc.float(), { minLength: length, maxLength: length })
    .map(list => new Tensor(shape, Float32Array.from(list)))
})

test('what is written is read, to the last bit', () => {
  fc.assert(
    fc.property(tensors, tensor => {
      const back = fromNpy(toNpy(tensor))
      expect(back.shape).toEqual(tensor.shape)
      expectSameBits(back.data, tensor.data)
      expectSameBits(fromNpy(toNpy(tensor, { dtype: 'float64' })).data, tensor.data)
    }),
    { seed: 5 },
  )
})

test('an archive is read as it was written, stored or compressed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.string({ minLength: 1 }).filter(name => name !== '__proto__'),
        tensors,
        { maxKeys: 4 },
      ),
      fc.boolean(),
      async (record, compressed) => {
        const back = await fromNpz(await toNpz(record, { compressed }))
        expect(Object.keys(back).sort()).toEqual(Object.keys(record).sort())
        for (const [name, tensor] of Object.entries(record)) expectSameBits(back[name].data, tensor.data, name)
      },
    ),
    { seed: 6, numRuns: 40 },
  )
})

test('the same tensors give the same bytes, and numbers at an odd place are read', async () => {
  const bytes = await toNpz({ x: [1, 2, 3] })
  expect(await toNpz({ x: [1, 2, 3] })).toEqual(bytes)
  const moved = new Uint8Array(bytes.length + 1)
  moved.set(bytes, 1)
  expect((await fromNpz(moved.subarray(1))).x.toArray()).toEqual([1, 2, 3])
  expect(fromNpy(toNpy([1, 2]).slice().buffer).toArray()).toEqual([1, 2])
})

test.each([
  ['uint8', 256],
  ['uint8', -1],
  ['uint8', 0.5],
  ['int8', 128],
  ['int16', -32769],
  ['int32', 2 ** 31],
  ['int64', 2 ** 63],
  ['bool', 2],
  ['int32', Number.NaN],
] as [NpyDtype, number][])('%s cannot hold %d', (dtype, value) => {
  expect(() => toNpy([value], { dtype })).toThrow(ArgumentError)
})

test('the largest numbers of each type are read again', () => {
  for (const [dtype, value] of [
    ['int64', -(2 ** 63)],
    ['int64', 2 ** 63 - 2 ** 39],
    ['int32', -(2 ** 31)],
    ['int16', 32767],
    ['int8', -128],
    ['uint8', 255],
  ] as const)
    expect(fromNpy(toNpy([value], { dtype })).toArray()).toEqual([value])
})

/** An .npy file with this header. */
function withHeader(header: string, numbers = 0, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header)
  const file = new Uint8Array(10 + text.length + numbers)
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, text.length & 255, text.length >> 8])
  file.set(text, 10)
  return file
}

describe('spoilt files are refused by name', () => {
  const header = (shape: string, descr = "'<f4'") => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`

  test.each([
    ['no bytes', new Uint8Array(0), /0 bytes/],
    ['another file', new Uint8Array(200), /start otherwise/],
    ['version 4', withHeader(header('(1,)'), 4, 4), /version 4\.0/],
    ['a header past the end', toNpy([1]).subarray(0, 50), /header that ends at byte 128/],
    ['too few numbers', toNpy([1, 2]).subarray(0, -1), /7 bytes of numbers/],
    ['too many numbers', withHeader(header('(1,)'), 5), /5 bytes of numbers/],
    ['a shape of 2^60 numbers', withHeader(header('(1073741824, 1073741824)')), /shape \(1073741824/],
    ['a shape of 2^40 numbers', withHeader(header('(1048576, 1048576)')), /at most 536870912 numbers/],
    ['65 axes', withHeader(header(`(${'1, '.repeat(65)})`), 4), /the shape/],
    ['a negative size', withHeader(header('(-1,)'), 4), /descr, fortran_order and shape/],
    ['no shape', withHeader("{'descr': '<f4'}"), /descr, fortran_order and shape/],
    ['a type of every object', withHeader(header('(1,)', "'toString'"), 4), /another type/],
    ['a long double', withHeader(header('(1,)', "'<f16'"), 16), /long doubles/],
  ])('%s', (_what, bytes, message) => {
    expect(() => fromNpy(bytes)).toThrow(ArgumentError)
    expect(() => fromNpy(bytes)).toThrow(message)
  })

  test('a header of Python 2, with long integers, is read', () => {
    expect(fromNpy(withHeader(header('(2L, 1L)'), 8)).shape).toEqual([2, 1])
  })

  test('archives', async () => {
    await expect(fromNpz(new Uint8Array(100))).rejects.toThrow(/intact \.npz file/)
    await expect(fromNpz(zipSync({ 'x.npy': new Uint8Array(20) }))).rejects.toThrow(/x\.npy as an \.npy file/)
    const bytes = await toNpz({ x: Tensor.zeros([1000]) }, { compressed: true })
    await expect(fromNpz(bytes, { maxBytes: 4000 })).rejects.toThrow(ArgumentError)
    expect((await fromNpz(bytes, { maxBytes: 4128 })).x.shape).toEqual([1000])
    const stored = await toNpz({ x: Tensor.zeros([1000]), y: Tensor.zeros([1000]) })
    await expect(fromNpz(stored, { maxBytes: 5000 })).rejects.toThrow(/at most 5000 bytes/)
    stored[200] ^= 1
    await expect(fromNpz(stored)).rejects.toThrow(/checksum/)
  })

  test('arguments of other kinds', async () => {
    expect(() => fromNpy('x.npy' as never)).toThrow(/source: expected a Uint8Array or an ArrayBuffer/)
    expect(() => toNpy([1], { dtype: 'float128' as never })).toThrow(/dtype: expected one of/)
    expect(() => toNpy([1], { type: 'float32' } as never)).toThrow(/option/)
    await expect(toNpz([1] as never)).rejects.toThrow(/tensors by name/)
  })
})
