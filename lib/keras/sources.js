// What a model can be loaded from, in any place: bytes, Blobs and URLs; and the reading of it in the thread that asks.
import { ArgumentError } from '../errors.ts'
import { bytesOf } from './bytes.ts'
import { readModelFile } from './reader.ts'
import { isTfjs, readTfjs, tfjsOf } from './tfjs.ts'

const expected =
  'a path, a URL, an ArrayBuffer, a Uint8Array, a Blob, or { modelJson, weights } of TensorFlow.js'
const browser = globalThis
export const isObjectWith = (value, key) => typeof value === 'object' && value !== null && key in value
/** The bytes of a URL. @throws ArgumentError where they can't be had */
export async function fetchBytes(url) {
  let reason
  try {
    const response = await browser.fetch(url)
    if (response.ok) return new Uint8Array(await response.arrayBuffer())
    reason = `status ${response.status}`
  } catch (error) {
    reason = error instanceof Error ? error.message : error
  }
  throw new ArgumentError('source', `${url}: ${reason}`, 'a URL that can be fetched')
}
/** The bytes of what isn't a name. @throws ArgumentError for anything else */
export async function bytesIn(source) {
  if (source instanceof Uint8Array) return source
  if (source instanceof ArrayBuffer || Object.prototype.toString.call(source) === '[object ArrayBuffer]')
    return new Uint8Array(source)
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (isObjectWith(source, 'arrayBuffer') && typeof source.arrayBuffer === 'function')
    return new Uint8Array(await source.arrayBuffer())
  throw new ArgumentError('source', source, expected)
}
/** @param read how to open a file of one piece */
export async function openBytes(bytes, shard, read) {
  return isTfjs(bytes) ? opened(await readTfjs(bytes, shard)) : read(bytes)
}
export const openInThread = async source => opened(await readModelFile(source))
/** Opens what is no path: `openModelFile` where there are no files. */
export async function openAnywhere(source, read = bytes => openInThread(bytesOf(bytes))) {
  const parts = tfjsOf(source)
  if (parts) return opened(await readTfjs(parts.modelJson, parts.shard))
  const url = typeof source === 'string' ? source : isObjectWith(source, 'href') ? String(source.href) : null
  if (url === null) return openBytes(await bytesIn(source), null, read)
  const beside = path => fetchBytes(`${url.replace(/[^/]*([?#].*)?$/, '')}${path}`)
  return openBytes(await fetchBytes(url), beside, read)
}
/** A reader of this thread, as if it were far away. */
export function opened({ description, read, close }) {
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
