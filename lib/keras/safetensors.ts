// Weights as safetensors: eight bytes with the header's length, the header as JSON, then the numbers.
// Specification: https://github.com/huggingface/safetensors#format

import { sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Tensor } from '../tensor.ts'

interface Entry {
  readonly dtype: string
  readonly shape: number[]
  readonly data_offsets: [number, number]
}

/** The file's bytes. Keys are kept in their order. @param metadata strings about the whole file */
export function toSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const entries: Record<string, Entry | Record<string, string>> = {}
  if (Object.keys(metadata).length > 0) entries.__metadata__ = metadata
  let end = 0
  for (const [name, { shape, size }] of Object.entries(tensors)) {
    if (name === '__metadata__') throw new ArgumentError('tensors', name, 'names other than __metadata__')
    entries[name] = { dtype: 'F32', shape: [...shape], data_offsets: [end, end + 4 * size] }
    end += 4 * size
  }
  const json = JSON.stringify(entries)
  const text = utf8(json + ' '.repeat((8 - (utf8(json).length % 8)) % 8)) // so that the numbers stand at a multiple of 8
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

/** The tensors of a file. @throws ArgumentError for what is no safetensors file, or holds other numbers than float32 */
export function fromSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  const refuse = (what: string, expected: string): never => {
    throw new ArgumentError('bytes', what, `a safetensors file: ${expected}`)
  }
  if (bytes.length < 8) refuse(`${bytes.length} bytes`, 'at least 8 bytes')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length > bytes.length - 8)
    refuse(`a header of ${length} bytes`, `a header within the file's ${bytes.length} bytes`)
  const numbers = bytes.length - 8 - length
  const tensors: [string, Tensor][] = []
  for (const [name, entry] of Object.entries(parseHeader(bytes.subarray(8, 8 + length), refuse))) {
    if (name === '__metadata__') continue
    const { dtype, shape, data_offsets } = (entry ?? {}) as Partial<Entry>
    if (dtype !== 'F32') refuse(`${name} of type ${dtype}`, 'tensors of type F32')
    const sizes = Array.isArray(shape) && shape.every(n => Number.isSafeInteger(n) && n >= 0) ? shape : null
    const [from, to] = Array.isArray(data_offsets) ? data_offsets : [-1, -1]
    const fits =
      from >= 0 && to <= numbers && Number.isSafeInteger(from) && to - from === 4 * sizeOf(sizes ?? [-1])
    if (!sizes || !fits) {
      refuse(
        `${name} of shape ${JSON.stringify(shape)} at ${JSON.stringify(data_offsets)}`,
        'shapes that fit offsets',
      )
      continue
    }
    const start = 8 + length + from
    const data = new Float32Array(sizeOf(sizes)).map((_, i) => view.getFloat32(start + 4 * i, true))
    tensors.push([name, new Tensor(sizes, data)])
  }
  return Object.fromEntries(tensors)
}

function parseHeader(
  bytes: Uint8Array,
  refuse: (what: string, expected: string) => never,
): Record<string, unknown> {
  let header: unknown
  try {
    header = JSON.parse(decodeUtf8(bytes))
  } catch {
    refuse('a header that is no JSON', 'a JSON header')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    refuse('another header', 'a JSON object')
  return header as Record<string, unknown>
}

interface Encodings {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new (
    label: string,
    options: { fatal: boolean },
  ) => { decode(bytes: Uint8Array): string }
}
const encodings = globalThis as unknown as Encodings
const utf8 = (text: string) => new encodings.TextEncoder().encode(text)
const decodeUtf8 = (bytes: Uint8Array) => new encodings.TextDecoder('utf-8', { fatal: true }).decode(bytes)
