// Ways to spoil a file: of any bytes, of JSON texts inside, and of zip archives.

import { unzipSync, zipSync } from 'fflate'
import type { Random } from '../../lib/core/random.ts'

/** A corrupt file, and what was done to it. */
export interface Mutant<T = Uint8Array> {
  readonly what: string
  readonly bytes: T
}
type Mutate = (bytes: Uint8Array, random: Random) => Mutant

export const below = (n: number, random: Random) => Math.floor(n * random())
export const pick = <T>(items: readonly T[], random: Random): T => items[below(items.length, random)]

const flipBits: Mutate = (bytes, random) => {
  const copy = bytes.slice()
  const n = pick([1, 1, 2, 8, 64], random)
  for (let i = 0; i < n; i++) copy[below(copy.length, random)] ^= 1 << below(8, random)
  return { what: `${n} bits flipped`, bytes: copy }
}

const cut: Mutate = (bytes, random) => {
  const at = below(bytes.length, random)
  return { what: `cut at ${at}`, bytes: bytes.slice(0, at) }
}

/** Numbers of 2, 4 or 8 bytes that sizes, offsets and counts must not have. */
const evilSize: Mutate = (bytes, random) => {
  const copy = bytes.slice()
  const size = pick([2, 4, 8], random)
  const value = pick([0n, 1n, 0x7fffn, 0x7fffffffn, 0xffffffffn, 1n << 40n, (1n << 63n) - 1n, (1n << 64n) - 1n], random)
  // Headers are what steers a reader: they stand at the front, and at the back of a zip
  const reach = Math.min(copy.length, pick([64, 1024, copy.length], random))
  const at = Math.max(0, (random() < 0.7 ? below(reach, random) : copy.length - 1 - below(reach, random)) & ~1)
  for (let i = 0; i < size && at + i < copy.length; i++) copy[at + i] = Number((value >> BigInt(8 * i)) & 255n)
  return { what: `${size} bytes at ${at} are ${value}`, bytes: copy }
}

const swapParts: Mutate = (bytes, random) => {
  const copy = bytes.slice()
  const n = Math.min(pick([8, 64, 512], random), copy.length >> 1)
  const [a, b] = [below(copy.length - n, random), below(copy.length - n, random)]
  copy.set(bytes.subarray(a, a + n), b)
  copy.set(bytes.subarray(b, b + n), a)
  return { what: `${n} bytes at ${a} and ${b} swapped`, bytes: copy }
}

const insert: Mutate = (bytes, random) => {
  const at = below(bytes.length, random)
  const n = pick([1, 8, 1000], random)
  const extra = new Uint8Array(n).fill(below(256, random))
  return { what: `${n} bytes put in at ${at}`, bytes: joined(bytes.subarray(0, at), extra, bytes.subarray(at)) }
}

const evilNames = ['__proto__', 'toString', 'constructor', 'hasOwnProperty', 'valueOf', '../../etc/passwd', '']

/** One of the words in it becomes another of the same length. */
const rename: Mutate = (bytes, random) => {
  const text = latin1(bytes)
  const words = [...text.matchAll(/[A-Za-z_][A-Za-z_0-9]{3,}/g)]
  if (words.length === 0) return flipBits(bytes, random)
  const { 0: word, index } = pick(words, random)
  const name = pick(evilNames, random).slice(0, word.length).padEnd(word.length, '_')
  return { what: `${word} at ${index} renamed ${name}`, bytes: replaced(bytes, index, name) }
}

/** A number, or a list of numbers, in a JSON text inside becomes another of the same length. */
const renumber: Mutate = (bytes, random) => {
  const numbers = [...latin1(bytes).matchAll(/(?<=: ?)(\d+|\[[\d, null]+\])(?=[,}])/g)]
  if (numbers.length === 0) return flipBits(bytes, random)
  const { 0: number, index } = pick(numbers, random)
  const n = number.length
  const inside = (text: string) => (n >= text.length ? text.padEnd(n) : '9'.repeat(n))
  const other = number.startsWith('[')
    ? inside(pick(['[9e9]', '[null,9e15]', '[-1,0]', '[]', '[1e9,1e9,1e9]', '[0]'], random))
    : inside(pick(['9e9', '-1', '0', '1e15', '[]', '{}', '""', 'null'], random))
  return { what: `${number} at ${index} is ${other.trim()}`, bytes: replaced(bytes, index, other.slice(0, n)) }
}

const ofBytes = [flipBits, flipBits, cut, evilSize, evilSize, swapParts, insert, rename, renumber, renumber]
export const mutateBytes: Mutate = (bytes, random) => pick(ofBytes, random)(bytes, random)

// ---- JSON -----------------------------------------------------------------------------------------------------------

const evilValues = [
  ...[null, true, -1, 0, 0.5, 9e9, 1e15, 1e308, '', '__proto__', 'toString', [], {}, [[]]],
  ...[[1e9, 1e9], [null, 9e9, 9e9, 3], [-1, 2], 'x'.repeat(100_000), { __proto__: null, class_name: 'Dense' }],
]

/** Some place of a JSON value has another value, or another name. */
export function mutateJson(text: string, random: Random): Mutant<string> {
  const root = { root: JSON.parse(text) }
  const places: [Record<string, unknown>, string][] = []
  const collect = (object: Record<string, unknown>) => {
    for (const key of Object.keys(object)) {
      places.push([object, key])
      const value = object[key]
      if (typeof value === 'object' && value !== null) collect(value as Record<string, unknown>)
    }
  }
  collect(root)
  const [object, key] = pick(places, random)
  const how = pick(['value', 'value', 'remove', 'rename', 'deep'] as const, random)
  const value = pick(evilValues, random)
  let name = key
  if (how === 'value') object[key] = value
  else if (how === 'remove') delete object[key]
  else if (how === 'rename') {
    name = pick(evilNames, random)
    const kept = object[key]
    delete object[key]
    Object.defineProperty(object, name, { value: kept, enumerable: true, configurable: true, writable: true })
  } else object[key] = '§deep§'
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const mutated = (JSON.stringify(root.root) ?? '').replace('"§deep§"', deep)
  return {
    what: `${key}: ${how} ${how === 'rename' ? name : how === 'value' ? JSON.stringify(value).slice(0, 40) : ''}`,
    bytes: mutated,
  }
}

// ---- Zip ------------------------------------------------------------------------------------------------------------

let bomb: Uint8Array | null = null
/** 300 MB of zeros. */
const zeros = () => (bomb ??= new Uint8Array(300e6))

/** An archive that is whole, with a part that isn't what it should be. */
export const mutateArchive: Mutate = (bytes, random) => {
  const parts: Record<string, Uint8Array> = unzipSync(bytes)
  const name = pick(Object.keys(parts), random)
  const how = random()
  if (how < 0.004) return { what: `${name} is a bomb`, bytes: zipSync({ ...parts, [name]: [zeros(), { level: 9 }] }) }
  const level = pick([0, 6] as const, random)
  if (how < 0.1) {
    // The zip library stumbles over some of these names itself: they are written over another of the same length.
    const other = pick(evilNames, random) || 'empty'
    const { [name]: part, ...others } = parts
    const archive = zipSync({ ...others, ['~'.repeat(other.length)]: part }, { level })
    return { what: `${name} is called ${other}`, bytes: renamed(archive, '~'.repeat(other.length), other) }
  }
  const { what, bytes: part } =
    name.endsWith('.json') && how < 0.8 ? ofText(parts[name], random) : mutateBytes(parts[name], random)
  return { what: `${name}: ${what}`, bytes: zipSync({ ...parts, [name]: part }, { level }) }
}

const ofText = (bytes: Uint8Array, random: Random): Mutant => {
  const { what, bytes: text } = mutateJson(new TextDecoder().decode(bytes), random)
  return { what, bytes: new TextEncoder().encode(text) }
}

// ---- safetensors ----------------------------------------------------------------------------------------------------

/** A header that is JSON, and says something else. */
export const mutateHeader: Mutate = (bytes, random) => {
  const n = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const { what, bytes: header } = ofText(bytes.subarray(8, 8 + n), random)
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true)
  return { what: `header, ${what}`, bytes: joined(size, header, bytes.subarray(8 + n)) }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function replaced(bytes: Uint8Array, at: number, text: string): Uint8Array {
  const copy = bytes.slice()
  for (let i = 0; i < text.length; i++) copy[at + i] = text.charCodeAt(i)
  return copy
}

/** All places where one text stands hold another of the same length. */
function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const places = [...latin1(bytes).matchAll(new RegExp(from, 'g'))]
  return places.reduce((result, { index }) => replaced(result, index, to), bytes)
}

const latin1 = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)
