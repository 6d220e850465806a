// The safetensors format: eight bytes with the length of the header, the header as JSON, then the values.
// Specification: https://github.com/huggingface/safetensors#format

import { sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { type ByteSource, bytesOf, decodeUtf8, utf8 } from '../files/bytes.ts'
import { type ModelReader, mostAtOnce, type StoredArray } from './model-file.ts'

interface Entry {
  readonly dtype: string
  readonly shape: number[]
  readonly data_offsets: [number, number]
}

/** The bytes of a safetensors file. Keys keep their order. @param metadata strings about the whole file */
export function toSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Record<string, string> = {},
): Uint8Array {
  for (const [name, given] of Object.entries({ tensors, metadata }))
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new ArgumentError(name, given, name === 'tensors' ? 'tensors by name' : 'strings by name')
  for (const [name, tensor] of Object.entries(tensors))
    if (!(tensor instanceof Tensor)) throw new ArgumentError(`tensors.${name}`, tensor, 'a Tensor')
  for (const [name, text] of Object.entries(metadata))
    if (typeof text !== 'string') throw new ArgumentError(`metadata.${name}`, text, 'text')
  const entries: Record<string, Entry | Record<string, string>> = {}
  if (Object.keys(metadata).length > 0) entries.__metadata__ = metadata
  let end = 0
  for (const [name, { shape, size }] of Object.entries(tensors)) {
    if (name === '__metadata__') throw new ArgumentError('tensors', name, 'names other than __metadata__')
    entries[name] = { dtype: 'F32', shape: [...shape], data_offsets: [end, end + 4 * size] }
    end += 4 * size
  }
  const json = JSON.stringify(entries)
  const text = utf8(json + ' '.repeat((8 - (utf8(json).length % 8)) % 8)) // aligns the values to a multiple of 8
  const bytes = new Uint8Array(8 + text.length + end)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  let at = 8 + text.length
  for (const { data } of Object.values(tensors))
    for (const value of data) {
      view.setFloat32(at, value, true)
      at += 4
    }
  return bytes
}

/** The tensors in a file. @throws ArgumentError unless it is a safetensors file with only float32 values */
export function fromSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1)
    throw new ArgumentError('bytes', bytes, 'a Uint8Array')
  const source = bytesOf(bytes)
  const tensors = entriesOf(source).map(({ name, shape, start }): [string, Tensor] => {
    const data = numbersAt(source, start, sizeOf(shape))
    return [name, new Tensor(shape, data)]
  })
  return Object.fromEntries(tensors)
}

/** Opens safetensors as a weights file, grouping arrays by layer: `layer/weight` or `layer.weight`. */
export function readSafetensors(source: ByteSource): ModelReader {
  const entries = entriesOf(source)
  const layers = new Map<string, StoredArray[]>()
  entries.forEach(({ name, shape }, id) => {
    const layer = name.slice(0, Math.max(name.lastIndexOf('/'), name.includes('/') ? 0 : name.lastIndexOf('.'), 0))
    if (!layers.has(layer)) layers.set(layer, [])
    layers.get(layer)?.push({ name, shape, id })
  })
  return {
    description: {
      kind: 'safetensors',
      version: null,
      backend: null,
      config: null,
      training: null,
      named: 'layer',
      optimizer: [],
      layers: [...layers].map(([name, arrays]) => ({ name, arrays })),
    },
    *read(id) {
      const { shape, start } = entries[id]
      const size = sizeOf(shape)
      for (let at = 0; at < size; at += mostAtOnce)
        yield numbersAt(source, start + 4 * at, Math.min(mostAtOnce, size - at))
    },
    close() {},
  }
}

function numbersAt(source: ByteSource, start: number, count: number): Float32Array {
  const bytes = source.read(start, start + 4 * count)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return new Float32Array(count).map((_, i) => view.getFloat32(4 * i, true))
}

interface Found {
  readonly name: string
  readonly shape: number[]
  /** The offset of the values in the file. */
  readonly start: number
}

function entriesOf(source: ByteSource): Found[] {
  const refuse = (what: string, expected: string): never => {
    throw new ArgumentError('bytes', what, `a safetensors file: ${expected}`)
  }
  if (source.size < 8) refuse(`${source.size} bytes`, 'at least 8 bytes')
  const first = source.read(0, 8)
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true))
  if (length > source.size - 8) refuse(`a header of ${length} bytes`, `a header within the file's ${source.size} bytes`)
  const numbers = source.size - 8 - length
  const found: Found[] = []
  for (const [name, entry] of Object.entries(parseHeader(source.read(8, 8 + length), refuse))) {
    if (name === '__metadata__') continue
    const { dtype, shape, data_offsets } = (entry ?? {}) as Partial<Entry>
    if (dtype !== 'F32') refuse(`${name} of type ${dtype}`, 'tensors of type F32')
    const sizes = Array.isArray(shape) && shape.every(n => Number.isSafeInteger(n) && n >= 0) ? shape : null
    const [from, to] = Array.isArray(data_offsets) ? data_offsets : [-1, -1]
    const fits = from >= 0 && to <= numbers && Number.isSafeInteger(from) && to - from === 4 * sizeOf(sizes ?? [-1])
    if (!sizes || !fits)
      refuse(`${name} of shape ${JSON.stringify(shape)} at ${JSON.stringify(data_offsets)}`, 'shapes that fit offsets')
    else found.push({ name, shape: sizes, start: 8 + length + from })
  }
  return found
}

function parseHeader(bytes: Uint8Array, refuse: (what: string, expected: string) => never): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(decodeUtf8(bytes))
  } catch {
    refuse('a non-JSON header', 'a JSON header')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) refuse('another header', 'a JSON object')
  return header as Record<string, unknown>
}
