// Where a file's bytes come from: an array in memory, a part of one, or (in Node) a file read piece by piece.

import { ArgumentError } from '../core/errors.ts'

export interface ByteSource {
  readonly size: number
  /** The bytes from `start` to before `end`, both within the size. */
  read(start: number, end: number): Uint8Array
  /** The same into `target`, without an array in between. */
  readInto(target: Uint8Array, start: number): void
}

export const bytesOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (start, end) => bytes.subarray(start, end),
  readInto: (target, start) => target.set(bytes.subarray(start, start + target.length)),
})

/** A part of another source. @throws ArgumentError where it isn't within the source */
export function partOf(source: ByteSource, start: number, size: number, what: string): ByteSource {
  if (!(start >= 0 && size >= 0 && start + size <= source.size))
    throw new ArgumentError(
      'source',
      `${source.size} bytes`,
      `a whole file: ${what} reaches to byte ${start + size}`,
    )
  return {
    size,
    read: (from, to) => source.read(start + from, start + to),
    readInto: (target, from) => source.readInto(target, start + from),
  }
}

interface Encodings {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array }
  readonly TextDecoder: new (
    label: string,
    options: { fatal: boolean },
  ) => { decode(bytes: Uint8Array): string }
}
const encodings = globalThis as unknown as Encodings

export const utf8 = (text: string): Uint8Array => new encodings.TextEncoder().encode(text)

/** @throws TypeError for bytes that are no UTF-8 */
export const decodeUtf8 = (bytes: Uint8Array): string =>
  new encodings.TextDecoder('utf-8', { fatal: true }).decode(bytes)
