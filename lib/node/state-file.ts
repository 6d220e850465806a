// The training state as a single file: tensors as safetensors, so that any tool can read the weights, and everything else
// as JSON in the header, with a checksum of the file.

import { createHash } from 'node:crypto'
import type { TrainingState } from '../callbacks/index.ts'
import { ArgumentError } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { fromSafetensors, toSafetensors } from '../keras/safetensors.ts'

const format = 'unshared training state'
const version = '2'
/** The placeholder of the checksum while it is computed. */
const blank = '0'.repeat(64)

export function encodeState(state: TrainingState): Uint8Array {
  const tensors: Record<string, Tensor> = {}
  const json = JSON.stringify(toJson(state, '', tensors))
  const bytes = toSafetensors(tensors, { format, version, checksum: blank, state: json })
  const file = bufferOf(bytes)
  file.write(checksumOf(file), checksumStart(file))
  return bytes
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** The metadata comes first in the header, and the state last in the metadata. */
const checksumStart = (file: Buffer) => file.indexOf('"checksum":"') + 12

/** The SHA-256 of a file whose checksum is blank. */
function checksumOf(file: Buffer): string {
  const start = checksumStart(file)
  const hash = createHash('sha256').update(file.subarray(0, start)).update(blank)
  return hash.update(file.subarray(start + blank.length)).digest('hex')
}

/** @throws ArgumentError unless the bytes are such a file, of the same version */
export function decodeState(bytes: Uint8Array, path: string): TrainingState {
  const hint = `Remove ${path} to start over`
  let metadata: Record<string, string>
  try {
    const tensors = fromSafetensors(bytes)
    metadata = metadataOf(bytes)
    const isOurs = metadata.format === format && metadata.version === version
    if (isOurs && metadata.checksum !== checksumOf(bufferOf(bytes)))
      throw new Error('a wrong checksum: bytes have changed since it was written')
    if (isOurs) return fromJson(JSON.parse(metadata.state), tensors) as TrainingState
  } catch (error) {
    throw new ArgumentError(path, error instanceof Error ? error.message : error, `an ${format}`, hint)
  }
  const found = `${metadata.format ?? 'another file'}, version ${metadata.version ?? 'none'}`
  throw new ArgumentError(path, found, `an ${format}, version ${version}`, hint)
}

/** The metadata strings of a safetensors file. */
function metadataOf(bytes: Uint8Array): Record<string, string> {
  const file = bufferOf(bytes)
  const end = 8 + Number(file.readBigUInt64LE())
  return JSON.parse(file.toString('utf8', 8, end)).__metadata__ ?? {}
}

/** Converts tensors, and numbers that JSON lacks, to objects with one key. Escapes keys that begin with `$` by another. */
function toJson(value: unknown, path: string, tensors: Record<string, Tensor>): unknown {
  if (value instanceof Tensor) {
    tensors[path] = value
    return { $tensor: path }
  }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { $number: Object.is(value, -0) ? '-0' : String(value) }
  if (typeof value !== 'object' || value === null) return value
  const entry = (name: string, item: unknown) => toJson(item, path === '' ? name : `${path}/${name}`, tensors)
  if (Array.isArray(value)) return value.map((item, i) => entry(String(i), item))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.startsWith('$') ? `$${name}` : name, entry(name, item)]),
  )
}

function fromJson(value: unknown, tensors: Record<string, Tensor>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => fromJson(item, tensors))
  if ('$tensor' in value) return tensors[String(value.$tensor)]
  if ('$number' in value) return Number(value.$number)
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.replace(/^\$/, ''), fromJson(item, tensors)]),
  )
}
