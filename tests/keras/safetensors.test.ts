import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ArgumentError, Tensor } from 'unshared'
import { fromSafetensors, toSafetensors } from 'unshared/keras'
import { expectSameBits } from '../support/bits.ts'

test('what is written is read, to the last bit', () => {
  const tensors = fc.dictionary(
    fc.string({ minLength: 1 }).filter(name => name !== '__proto__' && name !== '__metadata__'),
    fc.array(fc.float(), { maxLength: 5 }),
  )
  fc.assert(
    fc.property(tensors, record => {
      const written = Object.fromEntries(
        Object.entries(record).map(([name, list]) => [name, Tensor.from(Float32Array.from(list))]),
      )
      const read = fromSafetensors(toSafetensors(written, { made: 'here' }))
      expect(Object.keys(read).sort()).toEqual(Object.keys(written).sort())
      for (const [name, tensor] of Object.entries(written)) {
        expect(read[name].shape).toEqual(tensor.shape)
        expectSameBits(read[name].data, tensor.data)
      }
    }),
    { seed: 3 },
  )
})

test('the layout is that of the specification', () => {
  const bytes = toSafetensors({ w: Tensor.from([[1, 2]]) })
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect((8 + length) % 8).toBe(0)
  expect(JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString())).toEqual({
    w: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
  })
  expect(bytes.length).toBe(8 + length + 8)
})

test('numbers that stand at an odd place are read', () => {
  const bytes = toSafetensors({ w: Tensor.from([1, 2, 3]) })
  const moved = new Uint8Array(bytes.length + 3)
  moved.set(bytes, 3)
  expect(fromSafetensors(moved.subarray(3)).w.toArray()).toEqual([1, 2, 3])
})

describe('what is no safetensors file is refused', () => {
  const header = (json: string, numbers = 0) => {
    const text = Buffer.from(json)
    const bytes = new Uint8Array(8 + text.length + numbers)
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
    bytes.set(text, 8)
    return bytes
  }
  test.each([
    ['too short', new Uint8Array(3)],
    ['a header longer than the file', Uint8Array.of(255, 255, 255, 255, 255, 255, 0, 0, 1)],
    ['no JSON', header('{')],
    ['a list', header('[]')],
    ['another type', header('{"w":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}', 4)],
    ['offsets beyond the end', header('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 4)],
    ['a shape that does not fit', header('{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', 8)],
    ['a shape of terabytes', header('{"w":{"dtype":"F32","shape":[1e12],"data_offsets":[0,4e12]}}', 8)],
    ['a negative offset', header('{"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', 8)],
    ['no entry', header('{"w":null}')],
  ])('%s', (_, bytes) => {
    expect(() => fromSafetensors(bytes)).toThrow(ArgumentError)
    expect(() => fromSafetensors(bytes)).toThrow(/^bytes: expected a safetensors file: /)
  })
})
