// Model sources for all platforms: bytes, Blobs and URLs; and reading in the calling thread.

import { ArgumentError } from '../core/errors.ts'
import { type ByteSource, bytesOf } from '../files/bytes.ts'
import type { Limits } from './limits.ts'
import type { ModelReader, OpenModelFile } from './model-file.ts'
import { readModelFile } from './reader.ts'
import { isTfjs, joined, readTfjs, type TfjsFiles, tfjsOf } from './tfjs.ts'

/** A Blob or File, in a browser or in Node. */
export interface BlobLike {
  /** The number of bytes. */
  readonly size: number
  /** Reads the bytes. */
  arrayBuffer(): Promise<ArrayBuffer>
}
/** A URL object. */
export interface UrlLike {
  /** The address. */
  readonly href: string
}

/**
 * The source of a model: a path (Node), a URL (`http:`, `https:`; in Node `file:`; in a page `blob:` and relative URLs),
 * the bytes, a Blob, or the two parts of a TensorFlow.js model.
 */
export type ModelSource = string | UrlLike | ArrayBuffer | Uint8Array | BlobLike | TfjsFiles

const expected = 'a path, a URL, an ArrayBuffer, a Uint8Array, a Blob, or { modelJson, weights } of TensorFlow.js'

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>
  cancel(): Promise<void>
}
interface Response {
  readonly ok: boolean
  readonly status: number
  readonly body: { getReader(): Reader } | null
}
interface Request {
  readonly signal: unknown
  readonly redirect: 'follow' | 'error'
}
const browser = globalThis as unknown as { fetch(url: string, options: Request): Promise<Response> }

const isObjectWith = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && key in value

/** The address of a URL, or `null` for anything else. */
export const hrefOf = (value: unknown): string | null =>
  isObjectWith(value, 'href') && typeof value.href === 'string' ? value.href : null

/**
 * Fetches the bytes at a URL.
 * @param redirect whether the server may send the request on to another address
 * @throws ArgumentError if that fails, and for more bytes than the limit
 */
export async function fetchBytes(url: string, limits: Limits, redirect: Request['redirect']): Promise<Uint8Array> {
  let reason: unknown
  try {
    const response = await browser.fetch(url, { signal: limits.signal, redirect })
    if (response.ok) return await bodyOf(response, limits)
    reason = `status ${response.status}`
  } catch (error) {
    limits.check()
    if (error instanceof ArgumentError) throw error
    // Node's message is "fetch failed"; the cause holds the reason.
    const { message, cause } = error as Error & { cause?: { message?: string } }
    reason = [message, cause?.message].filter(Boolean).join(': ')
  }
  throw new ArgumentError('source', `${reason}: ${url}`, 'a URL that can be fetched')
}

async function bodyOf({ body }: Response, limits: Limits): Promise<Uint8Array> {
  const reader = body?.getReader()
  const parts: Uint8Array[] = []
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true }
      if (done || value === undefined) return joined(parts)
      limits.take(value.length)
      parts.push(value)
    }
  } finally {
    await reader?.cancel().catch(() => {})
  }
}

/** The bytes of a source other than a path or URL. @throws ArgumentError for any other value, and for too many */
async function bytesIn(source: unknown, limits: Limits): Promise<Uint8Array> {
  const told = isObjectWith(source, 'size') && Number.isSafeInteger(source.size) ? Math.max(0, Number(source.size)) : 0
  limits.take(told)
  const bytes = await allBytesIn(source)
  limits.take(Math.max(0, bytes.length - told))
  return bytes
}

async function allBytesIn(source: unknown): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source
  if (source instanceof ArrayBuffer || Object.prototype.toString.call(source) === '[object ArrayBuffer]')
    return new Uint8Array(source as ArrayBuffer)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (isObjectWith(source, 'arrayBuffer') && typeof source.arrayBuffer === 'function')
    return new Uint8Array(await (source as unknown as BlobLike).arrayBuffer())
  throw new ArgumentError('source', source, expected)
}

/** @param read opens a self-contained file */
export async function openBytes(
  bytes: Uint8Array,
  shard: ((path: string) => Promise<Uint8Array>) | null,
  read: (source: Uint8Array) => Promise<OpenModelFile>,
): Promise<OpenModelFile> {
  return isTfjs(bytes) ? opened(await readTfjs(bytes, shard)) : read(bytes)
}

export const openInThread = async (source: ByteSource): Promise<OpenModelFile> => opened(await readModelFile(source))

/** Opens any source except a path. In browsers, this is `openModelFile`. */
export async function openAnywhere(
  source: ModelSource,
  limits: Limits,
  read: (bytes: Uint8Array) => Promise<OpenModelFile> = bytes => openInThread(bytesOf(bytes)),
): Promise<OpenModelFile> {
  const parts = tfjsOf(source)
  if (parts) {
    limits.take(parts.modelJson.length)
    return opened(await readTfjs(parts.modelJson, parts.shard, limits))
  }
  const url = typeof source === 'string' ? source : hrefOf(source)
  if (url === null) return openBytes(await bytesIn(source, limits), null, read)
  // A redirected shard would be read from where neither the caller nor the manifest said.
  const beside = (path: string) => fetchBytes(`${url.replace(/[^/]*([?#].*)?$/, '')}${path}`, limits, 'error')
  return openBytes(await fetchBytes(url, limits, 'follow'), beside, read)
}

/** Wraps a reader in this thread as an OpenModelFile. */
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
