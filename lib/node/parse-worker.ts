// The program of the worker that reads files: opens a file, describes it, and sends arrays in parts on request.
// A crafted HDF5 file can make the reading library hang, abort or exhaust memory; a worker can be terminated.

import { parentPort, workerData } from 'node:worker_threads'
import { ArgumentError } from '../core/errors.ts'
import { type ByteSource, bytesOf } from '../files/bytes.ts'
import { h5wasm, loadPackagesBy } from '../files/packages.ts'
import type { ModelReader } from '../keras/model-file.ts'
import { readModelFile } from '../keras/reader.ts'
import { fileSource } from './file-source.ts'

/** A file to read. */
export interface ParseJob {
  readonly path: string | null
  readonly bytes: Uint8Array | null
}

/** The `workerData` from the thread that starts the worker. */
export interface ParseWorkerData extends ParseJob {
  /** From where to import the packages; `null`: not found. */
  readonly packages: Readonly<Record<'h5wasm' | 'fflate', string | null>>
  /** Receives the parts of arrays. */
  readonly shared: SharedArrayBuffer
}

/** The limit of the library's memory in bytes. Besides the slices being read, it needs only a few megabytes. */
const mostMemory = 160 * 2 ** 20

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

function limitMemory(): void {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }
  const { prototype } = WebAssembly.Memory
  const { grow } = prototype
  prototype.grow = function (this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * 65536 > mostMemory) throw new RangeError('out of memory for reading')
    return grow.call(this, pages)
  }
}

limitMemory()
for (const name of ['error', 'warn', 'log'] as const) console[name] = () => {}

const port = parentPort
if (!port) throw new Error('parse-worker is the program of a worker')
const { path, bytes, shared, packages } = workerData as ParseWorkerData
loadPackagesBy(async name => {
  const url = packages[name]
  if (url === null) throw new Error(`${name} is not installed`)
  return import(url)
})
const room = new Float32Array(shared)
let reader: ModelReader | null = null
let parts: Iterator<Float32Array> | null = null

/** An error as a message; `isKnown` marks an ArgumentError, whose text already explains the problem. */
const failed = (error: unknown) => ({
  error: error instanceof Error ? error.message : String(error),
  name: error instanceof Error ? error.name : 'Error',
  isKnown: error instanceof ArgumentError,
})

async function open(source: ByteSource): Promise<void> {
  await h5wasm().catch(() => {}) // if missing, reported once it is needed
  port?.postMessage({ ready: true })
  try {
    reader = await readModelFile(source)
    port?.postMessage({ description: reader.description })
  } catch (error) {
    port?.postMessage(failed(error))
  }
}

port.on('message', (request: { read?: number }) => {
  try {
    if (request.read !== undefined && reader) parts = reader.read(request.read)[Symbol.iterator]()
    const { value, done } = parts?.next() ?? { value: undefined, done: true }
    if (value) room.set(value)
    port.postMessage({ count: done ? 0 : value.length })
  } catch (error) {
    port.postMessage(failed(error))
  }
})

open(path === null ? bytesOf(bytes ?? new Uint8Array(0)) : fileSource(path))
