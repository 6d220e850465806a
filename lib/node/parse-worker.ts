// The program of the worker in which files are read: opens one, describes it, and sends arrays part by part when asked.
// HDF5 files can be made such that the library that reads them hangs, aborts, or wants all memory: here it can be stopped.

import { parentPort, workerData } from 'node:worker_threads'
import { ArgumentError } from '../core/errors.ts'
import { type ByteSource, bytesOf } from '../keras/bytes.ts'
import type { ModelReader } from '../keras/model-file.ts'
import { h5wasm } from '../keras/packages.ts'
import { readModelFile } from '../keras/reader.ts'
import { fileSource } from './file-source.ts'

/** A file to read. */
export interface ParseJob {
  readonly path: string | null
  readonly bytes: Uint8Array | null
}

/** What the worker is given by the thread that starts it. */
export interface ParseWorkerData extends ParseJob {
  /** Where the parts of arrays go. */
  readonly shared: SharedArrayBuffer
}

/** The library's memory stays below this; what it needs beyond the slices that are read is a few megabytes. */
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
    if (this.buffer.byteLength + pages * 65536 > mostMemory)
      throw new RangeError('the memory for reading is full')
    return grow.call(this, pages)
  }
}

limitMemory()
for (const name of ['error', 'warn', 'log'] as const) console[name] = () => {}

const port = parentPort
if (!port) throw new Error('parse-worker is the program of a worker')
const { path, bytes, shared } = workerData as ParseWorkerData
const room = new Float32Array(shared)
let reader: ModelReader | null = null
let parts: Iterator<Float32Array> | null = null

/** Errors as they are: those that name what is wrong, and others. */
const failed = (error: unknown) => ({
  error: error instanceof Error ? error.message : String(error),
  name: error instanceof Error ? error.name : 'Error',
  isKnown: error instanceof ArgumentError,
})

async function open(source: ByteSource): Promise<void> {
  await h5wasm().catch(() => {}) // its absence is told when it is needed
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

await open(path === null ? bytesOf(bytes ?? new Uint8Array(0)) : fileSource(path))
