// Byte sources: an array in memory, a part of another source, or (in Node) a file read piece by piece.

import { ArgumentError } from '../core/errors.ts'

export interface ByteSource {
  readonly size: number
  /** The bytes from `start` up to, but not including, `end`. Both must be within the size. */
  read(start: number, end: number): Uint8Array
  /** Reads the bytes from `start` into `target`, without an intermediate array. */
  readInto(target: Uint8Array, start: number): void
}

export const bytesOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (start, end) => bytes.subarray(start, end),
  readInto: (target, start) => target.set(bytes.subarray(start, start + target.length)),
})

/** A part of another source. @throws ArgumentError if the part is not within the source */
export function partOf(source: ByteSource, start: number, size: number, what: string): ByteSource {
  if (!(start >= 0 && size >= 0 && start + size <= source.size))
    throw new ArgumentError('source', `${source.size} bytes`, `an intact file: ${what} ends at byte ${start + size}`)
  return {
    size,
    read: (from, to) => source.read(start + from, start + to),
    readInto: (target, from) => source.readInto(target, start + from),
  }
}

interface Encodings {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string }
}
const encodings = globalThis as unknown as Encodings

export const utf8 = (text: string): Uint8Array => new encodings.TextEncoder().encode(text)

/** The decoder that platforms provide for "ascii": windows-1252 or Latin-1. */
export const decodeAscii = (bytes: Uint8Array): string =>
  new encodings.TextDecoder('ascii', { fatal: false }).decode(bytes)

/** @throws TypeError for bytes that are not UTF-8 */
export const decodeUtf8 = (bytes: Uint8Array): string =>
  new encodings.TextDecoder('utf-8', { fatal: true }).decode(bytes)
