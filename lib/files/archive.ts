// Reads zip archives (`.keras`, `.npz`): their directory, parts and checksums. Uncompressed parts, as Keras and NumPy write
// them, are read in place.

import { ArgumentError } from '../core/errors.ts'
import { type ByteSource, bytesOf, decodeUtf8, partOf } from './bytes.ts'
import { fflate } from './packages.ts'

interface Entry {
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly header: number
}

/** The number of bytes of a part to check at once. */
const checkedAtOnce = 1 << 20
/** The largest plausible size of unpacked data. Weights hardly compress, so larger claims are refused before unpacking. */
export const mostUnpacked = (packed: number) => 2 ** 26 + 16 * packed

/** What an archive is opened for. */
interface Purpose {
  /** The kind of the file, for messages: `.npz`. */
  readonly kind: string
  /** The most bytes that a part may have, by its packed ones. */
  readonly most: (packed: number) => number
}
const keras: Purpose = { kind: '.keras', most: mostUnpacked }

export interface Archive {
  readonly names: readonly string[]
  /** The bytes of a part, unpacked and checked. @throws ArgumentError if the part is missing or corrupt */
  part(name: string): Promise<ByteSource>
}

/** @throws ArgumentError unless the source is an intact zip */
export function openArchive(source: ByteSource, purpose = keras): Archive {
  const { kind } = purpose
  const entries = directory(source, kind)
  return {
    names: [...entries.keys()],
    async part(name) {
      const entry = entries.get(name)
      if (!entry) throw new ArgumentError('source', `a zip without ${name}`, `a ${kind} file, which holds it`)
      const part = await unpack(name, source, entry, purpose)
      if (crc32(part) !== entry.crc)
        throw new ArgumentError(
          'source',
          `${name} with a wrong checksum`,
          'an intact file: bytes have changed since it was written',
        )
      return part
    },
  }
}

async function unpack(name: string, source: ByteSource, entry: Entry, { kind, most }: Purpose): Promise<ByteSource> {
  const wrong = (received: string) => notIntact(received, kind)
  const fixed = viewOf(partOf(source, entry.header, 30, `the header of ${name}`))
  if (fixed.getUint32(0, true) !== 0x04034b50) throw wrong(`no header of ${name}`)
  const start = entry.header + 30 + fixed.getUint16(26, true) + fixed.getUint16(28, true)
  const packed = partOf(source, start, entry.packed, name)
  if (entry.method === 0 && entry.packed === entry.size) return packed
  if (entry.method !== 8) throw wrong(`${name}, packed by method ${entry.method}`)
  if (entry.size > most(entry.packed)) throw wrong(`${name}, declared as ${entry.size} bytes`)
  const { inflateSync } = await fflate(`${kind} files`)
  let bytes: Uint8Array
  try {
    bytes = inflateSync(packed.read(0, packed.size), { out: new Uint8Array(entry.size) })
  } catch {
    throw wrong(`${name}, which can't be unpacked`)
  }
  if (bytes.length !== entry.size) throw wrong(`${name} of ${bytes.length} bytes instead of ${entry.size}`)
  return bytesOf(bytes)
}

/** Specification: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 and 4.3.14 to 4.3.16. */
function directory(source: ByteSource, kind: string): Map<string, Entry> {
  const wrong = (received: string) => notIntact(received, kind)
  const tailStart = Math.max(0, source.size - 65557)
  const tail = viewOf(partOf(source, tailStart, source.size - tailStart, 'its end'))
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw wrong('a truncated zip: its directory is missing')
  let [count, size, start] = [
    tail.getUint16(end + 10, true),
    tail.getUint32(end + 12, true),
    tail.getUint32(end + 16, true),
  ]
  if (start === 0xffffffff || count === 0xffff) {
    const locator = end - 20
    if (locator < 0 || tail.getUint32(locator, true) !== 0x07064b50) throw wrong('a zip without a directory')
    const big = viewOf(partOf(source, Number(tail.getBigUint64(locator + 8, true)), 56, 'its directory'))
    count = Number(big.getBigUint64(32, true))
    size = Number(big.getBigUint64(40, true))
    start = Number(big.getBigUint64(48, true))
  }
  const listing = partOf(source, start, size, 'its directory')
  const view = viewOf(listing)
  const entries = new Map<string, Entry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== 0x02014b50) throw wrong('a zip with a broken directory')
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map(o => view.getUint16(at + o, true))
    const next = at + 46 + nameLength + extraLength + noteLength
    if (next > size) throw wrong('a zip with a broken directory')
    const name = nameOf(listing.read(at + 46, at + 46 + nameLength), kind)
    if (entries.has(name)) throw wrong(`a zip with two parts named ${name}`)
    entries.set(name, entryAt(view, at, at + 46 + nameLength, extraLength))
    at = next
  }
  return entries
}

function entryAt(view: DataView, at: number, extra: number, extraLength: number): Entry {
  const [packed, size, header] = [20, 24, 42].map(offset => view.getUint32(at + offset, true))
  const entry = { method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true) }
  const big = new Map<string, number>()
  // Sizes of 4 GB and more are in an extra field.
  for (let e = extra; e + 4 <= extra + extraLength; e += 4 + view.getUint16(e + 2, true)) {
    if (view.getUint16(e, true) !== 1) continue
    let field = e + 4
    for (const [name, value] of Object.entries({ size, packed, header }))
      if (value === 0xffffffff && field + 8 <= extra + extraLength) {
        big.set(name, Number(view.getBigUint64(field, true)))
        field += 8
      }
  }
  return {
    ...entry,
    packed: big.get('packed') ?? packed,
    size: big.get('size') ?? size,
    header: big.get('header') ?? header,
  }
}

function nameOf(bytes: Uint8Array, kind: string): string {
  try {
    return decodeUtf8(bytes)
  } catch {
    throw notIntact('a zip with a non-text name', kind)
  }
}

function viewOf(source: ByteSource): DataView {
  const bytes = source.read(0, source.size)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

const notIntact = (received: string, kind: string) => new ArgumentError('source', received, `an intact ${kind} file`)

// Eight tables, to process eight bytes per iteration.
const tables = Array.from({ length: 8 }, () => new Uint32Array(256))
for (let n = 0; n < 256; n++) {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  tables[0][n] = c
}
for (let t = 1; t < 8; t++)
  for (let n = 0; n < 256; n++) tables[t][n] = (tables[t - 1][n] >>> 8) ^ tables[0][tables[t - 1][n] & 255]

/** CRC-32, the checksum of zip files. */
export function crc32(source: ByteSource): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables
  let c = 0xffffffff
  for (let at = 0; at < source.size; at += checkedAtOnce) {
    const b = source.read(at, Math.min(at + checkedAtOnce, source.size))
    let i = 0
    for (; i + 8 <= b.length; i += 8) {
      const low = c ^ (b[i] | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24))
      c =
        t7[low & 255] ^
        t6[(low >>> 8) & 255] ^
        t5[(low >>> 16) & 255] ^
        t4[low >>> 24] ^
        t3[b[i + 4]] ^
        t2[b[i + 5]] ^
        t1[b[i + 6]] ^
        t0[b[i + 7]]
    }
    for (; i < b.length; i++) c = t0[(c ^ b[i]) & 255] ^ (c >>> 8)
  }
  return (c ^ 0xffffffff) >>> 0
}
