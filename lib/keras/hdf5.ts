// Reads HDF5 files in slices through h5wasm: groups, attributes, and numeric datasets as float32.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { mostUnpacked } from '../files/archive.ts'
import { type ByteSource, decodeAscii, decodeUtf8 } from '../files/bytes.ts'
import { h5wasm } from '../files/packages.ts'
import { mostAtOnce } from './model-file.ts'

type H5wasm = Awaited<ReturnType<typeof h5wasm>>
type Entity = ReturnType<InstanceType<H5wasm['Group']>['get']>
type Group = InstanceType<H5wasm['Group']>
type Dataset = InstanceType<H5wasm['Dataset']>

/** A readable numeric dataset. */
export interface Numbers {
  readonly path: string
  readonly shape: Shape
}

/** The number of bytes of a dataset to read at once. */
const sliceBytes = 4 * mostAtOnce
let opened = 0

/** @throws ArgumentError unless the source is an intact HDF5 file */
export async function openHdf5(source: ByteSource): Promise<Hdf5File> {
  const h5 = await h5wasm()
  const name = `unshared-${opened++}.h5`
  return new Hdf5File(h5, name, source)
}

/** An open HDF5 file. Every call throws an ArgumentError if it finds the file corrupt. Always call `close` at the end. */
export class Hdf5File {
  readonly #h5: H5wasm
  readonly #name: string
  readonly #file: InstanceType<H5wasm['File']>
  readonly #size: number
  #total = 0 // bytes of all requested arrays

  constructor(h5: H5wasm, name: string, source: ByteSource) {
    this.#h5 = h5
    this.#name = name
    this.#size = source.size
    mount(h5, name, source)
    try {
      this.#file = new h5.File(`/${name}`, 'r')
      if (this.#file.file_id < 0n) throw new RangeError('cannot open it')
    } catch (error) {
      unmount(h5, name)
      throw broken('an intact HDF5 file', error)
    }
  }

  close(): void {
    try {
      this.#file.close()
    } catch {
      // for a corrupt file, this may fail too
    } finally {
      unmount(this.#h5, this.#name)
    }
  }

  /** The names in a group, or `null` if there is no such group. */
  keys(path: string): string[] | null {
    return this.#guard(`the group ${path}`, () => this.#group(path)?.keys() ?? null)
  }

  /** The string or strings in an attribute of a group, or `null` if there is no such attribute. */
  attribute(path: string, name: string): string | string[] | null {
    return this.#guard(`the attribute ${name} of ${path}`, () => {
      const group = this.#group(path)
      return group && this.#attributeOf(group, name)
    })
  }

  #attributeOf(owner: Group | Dataset, name: string): string | string[] | null {
    const { Module } = this.#h5
    const { path } = owner
    if (!Module.get_attribute_names(owner.file_id, path).includes(name)) return null
    const { shape, size, type, cset } = Module.get_attribute_metadata(owner.file_id, path, name)
    if (!shape || sizeOf(shape) * size > this.#size)
      throw new ArgumentError(`${path}@${name}`, shape, 'no more than the file can hold')
    if (sizeOf(shape) === 0) return []
    if (type !== Module.H5T_class_t.H5T_STRING.value)
      throw new ArgumentError(`${path}@${name}`, 'another type', 'strings')
    const value = owner.get_attribute(name, false)
    const isMarked = cset === 1
    const texts = (Array.isArray(value) ? value : [value]).map(text => (isMarked ? String(text) : asUtf8(String(text))))
    return Array.isArray(value) ? texts : texts[0]
  }

  /** The strings in an attribute, as a list. Lists over 64 KB are split into several attributes: `names0`, `names1` … */
  texts(path: string, name: string): string[] | null {
    const whole = this.attribute(path, name)
    if (whole !== null) return Array.isArray(whole) ? whole : [whole]
    const parts: string[] = []
    for (let i = 0; ; i++) {
      const part = this.attribute(path, `${name}${i}`)
      if (part === null) return i === 0 ? null : parts
      parts.push(...(Array.isArray(part) ? part : [part]))
    }
  }

  /** A string, stored in one attribute or split across several. */
  text(path: string, name: string): string | null {
    return this.texts(path, name)?.join('') ?? null
  }

  /** The dataset at a path, or `null` if there is none. @throws ArgumentError if it is larger than the file can hold */
  numbers(path: string): Numbers | null {
    return this.#guard(`the dataset ${path}`, () => {
      const dataset = this.#get(path)
      if (!(dataset instanceof this.#h5.Dataset)) return null
      const { shape, size, virtual_sources } = dataset.metadata
      const isCompressed = dataset.filters.length > 0
      const most = isCompressed ? mostUnpacked(this.#size) : this.#size
      if (!shape || virtual_sources || !(sizeOf(shape) * size <= most))
        throw new ArgumentError(path, shape, `an array within the file's ${this.#size} bytes`)
      this.#decoder(dataset) // throws for an unknown number type
      this.#total += sizeOf(shape) * size
      if (this.#total > mostUnpacked(this.#size))
        throw new ArgumentError(path, shape, `arrays that fit in a file of ${this.#size} bytes`)
      return { path, shape: [...shape] }
    })
  }

  /** The values of a dataset, in order, in parts. Copy each part before requesting the next. */
  *read({ path, shape }: Numbers): Generator<Float32Array> {
    const { Module } = this.#h5
    const dataset = this.#guard(path, () => this.#get(path)) as Dataset
    const { size, chunks } = dataset.metadata
    const decode = this.#decoder(dataset)
    const room = Math.min(sliceBytes, sizeOf(shape) * size)
    const pointer = this.#guard(path, () => Module._malloc(room))
    try {
      for (const { offset, count } of slices(shape, sliceBytes / Math.max(4, size), chunks))
        yield this.#guard(`the dataset ${path}`, () => {
          this.#readSlice(dataset, offset, count, pointer)
          return decode(new DataView(Module.HEAPU8.buffer, pointer, sizeOf(count) * size))
        })
    } finally {
      Module._free(pointer)
    }
  }

  /** A scalar, of any numeric type. */
  number(path: string): number {
    return this.#guard(`the dataset ${path}`, () => Number((this.#get(path) as Dataset).value))
  }

  #readSlice(dataset: Dataset, offset: number[], count: number[], pointer: number): void {
    if (pointer === 0) throw new RangeError('out of memory for a slice')
    const isScalar = count.length === 0
    const [counts, offsets] = [count.map(BigInt), offset.map(BigInt)]
    const status = this.#h5.Module.get_dataset_data(
      dataset.file_id,
      dataset.path,
      isScalar ? null : counts,
      isScalar ? null : offsets,
      isScalar ? null : counts.map(() => 1n),
      BigInt(pointer),
    )
    if (status < 0) throw new RangeError('cannot read the slice')
  }

  /** A function that converts raw values to float32. h5wasm returns values of any byte order as little-endian. */
  #decoder(dataset: Dataset): (view: DataView) => Float32Array {
    const { H5T_FLOAT, H5T_INTEGER, H5T_OPAQUE } = this.#h5.Module.H5T_class_t
    const { type, size, signed } = dataset.metadata
    if (type === H5T_FLOAT.value && size === 4)
      return view => new Float32Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength / 4)
    const isInteger = type === H5T_INTEGER.value
    const kind = type === H5T_FLOAT.value ? 'Float' : isInteger ? 'Int' : 'other'
    // Keras 3 stores bfloat16 as two opaque bytes, with a dtype attribute.
    const isOpaque = type === H5T_OPAQUE.value && size === 2
    const isBfloat = isOpaque && this.#attributeOf(dataset, 'dtype') === 'bfloat16'
    const get = getters[isBfloat ? 'Bfloat2' : `${kind}${size}${isInteger && !signed ? 'u' : ''}`]
    if (!get) throw new ArgumentError(dataset.path, `${size}-byte values of another type`, 'floats or integers')
    return view => Float32Array.from({ length: view.byteLength / size }, (_, i) => get(view, i * size))
  }

  #group(path: string): Group | null {
    const found = path === '/' ? this.#file : this.#get(path)
    return found instanceof this.#h5.Group ? found : null
  }

  /** Follows a path name by name. Returns `null` if any part of it is missing. */
  #get(path: string): Entity {
    let group: Group = this.#file
    const names = path.split('/').filter(name => name !== '')
    for (const [i, name] of names.entries()) {
      if (!group.keys().includes(name)) return null
      const found = group.get(name)
      if (i === names.length - 1) return found
      if (!(found instanceof this.#h5.Group)) return null
      group = found
    }
    return group
  }

  #guard<T>(what: string, run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (error instanceof ArgumentError) throw error
      throw broken(`an intact file: cannot read ${what}`, error)
    }
  }
}

type Getter = (view: DataView, at: number) => number
const getters: Readonly<Record<string, Getter>> = {
  Float2: (view, at) => float16(view.getUint16(at, true)),
  Float8: (view, at) => view.getFloat64(at, true),
  Bfloat2: (view, at) => bfloat16(view.getUint16(at, true)),
  Int1: (view, at) => view.getInt8(at),
  Int1u: (view, at) => view.getUint8(at),
  Int2: (view, at) => view.getInt16(at, true),
  Int2u: (view, at) => view.getUint16(at, true),
  Int4: (view, at) => view.getInt32(at, true),
  Int4u: (view, at) => view.getUint32(at, true),
  Int8: (view, at) => Number(view.getBigInt64(at, true)),
  Int8u: (view, at) => Number(view.getBigUint64(at, true)),
}

/** Decodes IEEE half precision: a sign bit, five bits of exponent, ten of fraction. */
function float16(bits: number): number {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const word = new DataView(new ArrayBuffer(4))

/** Decodes bfloat16: the upper half of a float32. */
function bfloat16(bits: number): number {
  word.setUint16(0, bits)
  return word.getFloat32(0)
}

/** Splits a shape, in order, into boxes of at most `most` elements, if possible, and of whole chunks, if possible. */
function* slices(shape: Shape, most: number, chunks: readonly number[] | null) {
  if (sizeOf(shape) === 0) return
  let axis = 0
  while (axis < shape.length - 1 && sizeOf(shape.slice(axis + 1)) > most) axis++
  const rest = shape.slice(axis + 1)
  const chunk = chunks?.[axis] ?? 1
  let rows = Math.max(1, Math.floor(most / sizeOf(rest)))
  if (rows > chunk) rows -= rows % chunk
  const outer = shape.slice(0, axis)
  const zeros = rest.map(() => 0)
  if (shape.length === 0) {
    yield { offset: [], count: [] }
    return
  }
  for (let n = 0; n < sizeOf(outer); n++) {
    const indices = outer.map((size, i) => Math.floor(n / sizeOf(outer.slice(i + 1))) % size)
    for (let row = 0; row < shape[axis]; row += rows)
      yield {
        offset: [...indices, row, ...zeros],
        count: [...indices.map(() => 1), Math.min(rows, shape[axis] - row), ...rest],
      }
  }
}

function broken(expected: string, error: unknown): ArgumentError {
  const message = error instanceof Error ? error.message : String(error)
  const [line] = message.split('\n').filter(text => text.trim() !== '')
  return new ArgumentError('source', (line ?? 'no more').trim(), expected)
}

/** The bytes from 0x80 to 0x9f by the letters that h5wasm makes of them: those of windows-1252 on most platforms. */
const asciiBytes = new Map(
  Array.from(decodeAscii(Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i)), (letter, i) => [letter, 0x80 + i]),
)

/** Fixes strings that Keras wrote as UTF-8 without marking them as such, which h5wasm decodes byte by byte. */
function asUtf8(text: string): string {
  const codes = Array.from(text, letter => asciiBytes.get(letter) ?? letter.codePointAt(0) ?? 0)
  if (!codes.some(code => code > 127) || codes.some(code => code > 255)) return text
  try {
    return decodeUtf8(Uint8Array.from(codes))
  } catch {
    return text
  }
}

/** A file in Emscripten's file system. We replace its read function, so that only the requested bytes are in memory. */
interface FileNode {
  mode: number
  id: number
  stream_ops: object
  node_ops: object
}
interface FileSystem {
  createFile(parent: string, name: string, properties: object, read: boolean, write: boolean): FileNode
  unlink(path: string): void
}
interface Stream {
  position: number
}

function mount({ FS }: H5wasm, name: string, source: ByteSource): void {
  const { size } = source
  const node = (FS as unknown as FileSystem).createFile('/', name, {}, true, false)
  node.stream_ops = {
    ...node.stream_ops,
    read(_: Stream, heap: Int8Array, offset: number, length: number, position: number) {
      const end = Math.min(position + length, size)
      if (position >= end) return 0
      source.readInto(new Uint8Array(heap.buffer, heap.byteOffset + offset, end - position), position)
      return end - position
    },
    llseek: (stream: Stream, offset: number, from: number) =>
      from === 0 ? offset : offset + (from === 1 ? stream.position : size),
  }
  const when = new Date(0)
  const stat = { dev: 1, ino: node.id, mode: node.mode, nlink: 1, uid: 0, gid: 0, rdev: 0, size }
  node.node_ops = {
    ...node.node_ops,
    getattr: () => ({ ...stat, atime: when, mtime: when, ctime: when, blksize: 4096, blocks: Math.ceil(size / 4096) }),
  }
}

function unmount({ FS }: H5wasm, name: string): void {
  try {
    ;(FS as unknown as FileSystem).unlink(`/${name}`)
  } catch {
    // it did not exist
  }
}
