// The .npy format of NumPy: a magic number, a version, a header in Python's syntax, then the numbers.
// Specification: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { boundedSize, knownOptions, oneOf, type Shape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { type ByteSource, bytesOf, decodeAscii, utf8 } from './bytes.ts'

/** The types in which `toNpy` can write numbers, by NumPy's names. */
export type NpyDtype = 'float32' | 'float64' | 'int8' | 'uint8' | 'int16' | 'int32' | 'int64' | 'bool'

/** The options of `toNpy`. */
export interface NpyOptions {
  /** The type of the written numbers. Default 'float32'. */
  readonly dtype?: NpyDtype
}

/** Reads the number at a byte. @param little whether its lowest byte is the first */
type Read = (view: DataView, at: number, little: boolean) => number
interface Stored {
  readonly bytes: number
  readonly read: Read
}

/** The types that are read: their kind (float, int, unsigned, bool) and their bytes. */
const stored: Readonly<Record<string, Stored>> = {
  f2: { bytes: 2, read: (view, at, little) => halfOf(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => exactNumber(view.getBigInt64(at, little)) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  u8: { bytes: 8, read: (view, at, little) => exactNumber(view.getBigUint64(at, little)) },
  b1: { bytes: 1, read: (view, at) => Number(view.getUint8(at) !== 0) },
}

interface Written {
  readonly descr: string
  readonly bytes: number
  readonly write: (view: DataView, at: number, value: number) => void
  /** The least and the most of the integers; `null` for floats. */
  readonly range: readonly [number, number] | null
}

const written: Readonly<Record<NpyDtype, Written>> = {
  float32: { descr: '<f4', bytes: 4, write: (view, at, value) => view.setFloat32(at, value, true), range: null },
  float64: { descr: '<f8', bytes: 8, write: (view, at, value) => view.setFloat64(at, value, true), range: null },
  int8: { descr: '|i1', bytes: 1, write: (view, at, value) => view.setInt8(at, value), range: [-(2 ** 7), 2 ** 7 - 1] },
  uint8: { descr: '|u1', bytes: 1, write: (view, at, value) => view.setUint8(at, value), range: [0, 2 ** 8 - 1] },
  int16: {
    descr: '<i2',
    bytes: 2,
    write: (view, at, value) => view.setInt16(at, value, true),
    range: [-(2 ** 15), 2 ** 15 - 1],
  },
  int32: {
    descr: '<i4',
    bytes: 4,
    write: (view, at, value) => view.setInt32(at, value, true),
    range: [-(2 ** 31), 2 ** 31 - 1],
  },
  int64: {
    descr: '<i8',
    bytes: 8,
    write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    range: [-(2 ** 63), 2 ** 63 - 2 ** 39], // the largest float32 below 2⁶³
  },
  bool: { descr: '|b1', bytes: 1, write: (view, at, value) => view.setUint8(at, value), range: [0, 1] },
}

const magic = [0x93, ...utf8('NUMPY')]

/**
 * The bytes of an .npy file, as `np.save` writes it.
 *
 * @throws ArgumentError for an unknown type, and for numbers that the type cannot hold exactly
 */
export function toNpy(tensor: TensorLike, options: NpyOptions = {}): Uint8Array {
  knownOptions('options', options, ['dtype'])
  const { dtype = 'float32' } = options
  const { shape, data } = toTensor('tensor', tensor)
  const { descr, bytes, write, range } = written[oneOf('dtype', dtype, Object.keys(written) as NpyDtype[])]
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`
  const start = Math.ceil((10 + header.length + 1) / 64) * 64 // NumPy aligns the numbers
  const file = new Uint8Array(start + bytes * data.length)
  const view = new DataView(file.buffer)
  file.set([...magic, 1, 0])
  view.setUint16(8, start - 10, true)
  file.set(utf8(`${header.padEnd(start - 11)}\n`), 10)
  for (let i = 0, at = start; i < data.length; i++, at += bytes) {
    const value = data[i]
    if (range && !(Number.isInteger(value) && value >= range[0] && value <= range[1]))
      throw new ArgumentError('tensor', value, `integers from ${range[0]} to ${range[1]} for the type ${dtype}`)
    write(view, at, value)
  }
  return file
}

/**
 * The array in an .npy file, rounded to float32. Reads versions 1 to 3, float16, float32, float64, integers and bool, of
 * either byte order, in C or Fortran order.
 *
 * @throws ArgumentError unless it is a whole .npy file of such numbers; for a number that is too large for float32, and an
 * integer that float32 cannot hold exactly
 */
export function fromNpy(source: Uint8Array | ArrayBuffer): Tensor {
  return readNpy(bytesOf(givenBytes(source)))
}

/** @throws ArgumentError unless they are bytes */
export function givenBytes(source: unknown): Uint8Array {
  if (source instanceof Uint8Array) return source
  if (Object.prototype.toString.call(source) === '[object ArrayBuffer]') return new Uint8Array(source as ArrayBuffer)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  throw new ArgumentError('source', source, 'a Uint8Array or an ArrayBuffer')
}

/** @param what the file, for messages */
export function readNpy(source: ByteSource, what = 'an .npy file'): Tensor {
  const { shape, type, little, isFortran, start } = readHeader(source, what)
  const count = boundedSize('source', shape)
  const { bytes, read } = stored[type]
  if (source.size - start !== count * bytes)
    throw new ArgumentError(
      'source',
      `${source.size - start} bytes of numbers`,
      `${what} with the ${count * bytes} bytes of ${count} numbers`,
    )
  const content = source.read(start, source.size)
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  const data = new Float32Array(count)
  for (let i = 0; i < count; i++) data[i] = checked(read(view, i * bytes, little), type, what)
  return new Tensor(shape, isFortran ? fromFortran(data, shape) : data)
}

/** The number that float32 makes of it. */
function checked(value: number, type: string, what: string): number {
  const rounded = Math.fround(value)
  if (type[0] !== 'f' && rounded !== value)
    throw new ArgumentError('source', value, `${what} of integers that float32 holds exactly`)
  if (!Number.isFinite(rounded) && Number.isFinite(value))
    throw new ArgumentError('source', value, `${what} of numbers up to 3.4e38, the largest of float32`)
  return rounded
}

function exactNumber(value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number) || BigInt(number) === value) return number
  throw new ArgumentError('source', value, 'integers that float32 holds exactly')
}

/** float16: a sign, 5 bits of the exponent, 10 of the fraction. */
function halfOf(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** The numbers in C order: the last index runs first, not the first one. */
function fromFortran(data: Float32Array, shape: Shape): Float32Array {
  const steps = stridesOf(shape)
  const ordered = new Float32Array(data.length)
  const index = shape.map(() => 0)
  let at = 0
  for (const value of data) {
    ordered[at] = value
    for (let axis = 0; axis < shape.length; axis++) {
      at += steps[axis]
      if (++index[axis] < shape[axis]) break
      at -= steps[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return ordered
}

interface Header {
  readonly shape: number[]
  readonly type: string
  readonly little: boolean
  readonly isFortran: boolean
  /** The first byte of the numbers. */
  readonly start: number
}

function readHeader(source: ByteSource, what: string): Header {
  const wrong = (received: string, expected = what) => new ArgumentError('source', received, expected)
  if (source.size < 12) throw wrong(`${source.size} bytes`)
  const first = source.read(0, 12)
  if (!magic.every((byte, i) => first[i] === byte)) throw wrong('bytes that start otherwise')
  const version = first[6]
  if (version < 1 || version > 3) throw wrong(`version ${version}.${first[7]}`, `${what} of version 1, 2 or 3`)
  const lengthBytes = version === 1 ? 2 : 4
  const view = new DataView(first.buffer, first.byteOffset, 12)
  const start = 8 + lengthBytes + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (start > source.size) throw wrong(`a header that ends at byte ${start}`, `${what} of ${source.size} bytes`)
  const header = decodeAscii(source.read(8 + lengthBytes, Math.min(start, mostHeader)))
  const descr = /'descr': *('[^']*'|\[)/.exec(header)?.[1]
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1]
  const tuple = /'shape': *\(([\dL, ]*)\)/.exec(header)?.[1]
  if (!descr || !order || tuple === undefined) throw wrong(header.trim(), `${what} with descr, fortran_order and shape`)
  if (descr === '[') throw wrong('a structured array', `${what} of plain numbers`)
  const [, byteOrder, type] = /^'([<>|=]?)(.*)'$/.exec(descr) ?? []
  if (!Object.hasOwn(stored, type)) throw notNumbers(descr.slice(1, -1), what)
  const shape = (tuple.match(/\d+/g) ?? []).map(Number)
  if (shape.length > 64 || !Number.isSafeInteger(sizeOf(shape))) throw wrong(`the shape (${tuple})`)
  return { shape, type, little: byteOrder !== '>', isFortran: order === 'True', start }
}

/** NumPy itself reads no longer ones. */
const mostHeader = 10_012

/** What the other types of NumPy are called, and what to do. */
const others: Readonly<Record<string, readonly [string, string]>> = {
  O: ['Python objects', "Convert them in NumPy: array.astype('float32')"],
  c: ['complex numbers', 'Save array.real and array.imag'],
  f: ['long doubles', "Convert them in NumPy: array.astype('float32')"],
  U: ['text', ''],
  S: ['bytes of text', ''],
  V: ['raw data', ''],
  M: ['dates', "Convert them in NumPy: array.astype('float32')"],
  m: ['time spans', "Convert them in NumPy: array.astype('float32')"],
}

function notNumbers(descr: string, what: string): ArgumentError {
  const [name = 'another type', hint = ''] = others[descr.replace(/^[<>|=]/, '')[0]] ?? []
  return new ArgumentError(
    'source',
    `${descr}, ${name}`,
    `${what} of float16, float32, float64, integers or bool`,
    hint,
  )
}
