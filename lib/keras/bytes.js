// Where a file's bytes come from: an array in memory, a part of one, or (in Node) a file read piece by piece.
import { ArgumentError } from '../errors.ts'
export const bytesOf = bytes => ({
  size: bytes.length,
  read: (start, end) => bytes.subarray(start, end),
  readInto: (target, start) => target.set(bytes.subarray(start, start + target.length)),
})
/** A part of another source. @throws ArgumentError where it isn't within the source */
export function partOf(source, start, size, what) {
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
const encodings = globalThis
export const utf8 = text => new encodings.TextEncoder().encode(text)
/** @throws TypeError for bytes that are no UTF-8 */
export const decodeUtf8 = bytes => new encodings.TextDecoder('utf-8', { fatal: true }).decode(bytes)
