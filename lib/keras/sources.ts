// What a model can be loaded from, in any place: bytes, Blobs and URLs; and the reading of it in the thread that asks.

import { ArgumentError } from '../core/errors.ts'
import { type ByteSource, bytesOf } from './bytes.ts'
import type { ModelReader, OpenModelFile } from './model-file.ts'
import { readModelFile } from './reader.ts'
import { isTfjs, readTfjs, type TfjsFiles, tfjsOf } from './tfjs.ts'

/** A Blob or a File of a browser, or of Node. */
export interface BlobLike {
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
}
/** A URL object. */
export interface UrlLike {
  readonly href: string
}

/**
 * Where a model comes from: a path (Node) or a URL (`http:`, `https:`, `file:` in Node, `blob:` and relative ones in a
 * page), the bytes, a Blob, or the two parts of a model of TensorFlow.js.
 */
export type ModelSource = string | UrlLike | ArrayBuffer | Uint8Array | BlobLike | TfjsFiles

const expected =
  'a path, a URL, an ArrayBuffer, a Uint8Array, a Blob, or { modelJson, weights } of TensorFlow.js'

interface Response {
  readonly ok: boolean
  readonly status: number
  arrayBuffer(): Promise<ArrayBuffer>
}
const browser = globalThis as unknown as { fetch(url: string): Promise<Response> }

export const isObjectWith = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value

/** The bytes of a URL. @throws ArgumentError where they can't be had */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  let reason: unknown
  try {
    const response = await browser.fetch(url)
    if (response.ok) return new Uint8Array(await response.arrayBuffer())
    reason = `status ${response.status}`
  } catch (error) {
    // Node says "fetch failed", and why in the cause.
    const { message, cause } = error as Error & { cause?: { message?: string } }
    reason = [message, cause?.message].filter(Boolean).join(': ')
  }
  throw new ArgumentError('source', `${reason}: ${url}`, 'a URL that can be fetched')
}

/** The bytes of what isn't a name. @throws ArgumentError for anything else */
export async function bytesIn(source: unknown): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source
  if (source instanceof ArrayBuffer || Object.prototype.toString.call(source) === '[object ArrayBuffer]')
    return new Uint8Array(source as ArrayBuffer)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (isObjectWith(source, 'arrayBuffer') && typeof source.arrayBuffer === 'function')
    return new Uint8Array(await (source as unknown as BlobLike).arrayBuffer())
  throw new ArgumentError('source', source, expected)
}

/** @param read how to open a file of one piece */
export async function openBytes(
  bytes: Uint8Array,
  shard: ((path: string) => Promise<Uint8Array>) | null,
  read: (source: Uint8Array) => Promise<OpenModelFile>,
): Promise<OpenModelFile> {
  return isTfjs(bytes) ? opened(await readTfjs(bytes, shard)) : read(bytes)
}

export const openInThread = async (source: ByteSource): Promise<OpenModelFile> =>
  opened(await readModelFile(source))

/** Opens what is no path: `openModelFile` where there are no files. */
export async function openAnywhere(
  source: ModelSource,
  read: (bytes: Uint8Array) => Promise<OpenModelFile> = bytes => openInThread(bytesOf(bytes)),
): Promise<OpenModelFile> {
  const parts = tfjsOf(source)
  if (parts) return opened(await readTfjs(parts.modelJson, parts.shard))
  const url = typeof source === 'string' ? source : isObjectWith(source, 'href') ? String(source.href) : null
  if (url === null) return openBytes(await bytesIn(source), null, read)
  const beside = (path: string) => fetchBytes(`${url.replace(/[^/]*([?#].*)?$/, '')}${path}`)
  return openBytes(await fetchBytes(url), beside, read)
}

/** A reader of this thread, as if it were far away. */
export function opened({ description, read, close }: ModelReader): OpenModelFile {
  return {
    description,
    async read(id, target) {
      let at = 0
      for (const part of read(id)) {
        if (at + part.length > target.length) break
        target.set(part, at)
        at += part.length
      }
      if (at !== target.length)
        throw new ArgumentError('source', `${at} numbers`, `${target.length}, as the array's shape says`)
    },
    async close() {
      close()
    },
  }
}
