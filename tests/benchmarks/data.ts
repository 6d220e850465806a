// Numbers that every contender makes for itself, the same to the last bit: a hash of the index, by 32-bit integers
// alone, divided by a power of two. workers/peer.py has the same lines.

/** The hash of MurmurHash3's end: neighbouring indexes give unrelated numbers. */
function hash(i: number): number {
  let h = i
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** `length` numbers in [−scale, scale), 24 bits each; `scale` should be a power of two. */
export function numbers(length: number, seed: number, scale = 1): Float32Array {
  const out = new Float32Array(length)
  const start = Math.imul(seed, 0x9e3779b9)
  for (let i = 0; i < length; i++) out[i] = ((hash((start + i) | 0) >>> 8) / 2 ** 23 - 1) * scale
  return out
}

/** `length` whole numbers from 0 to `classes` − 1. */
export function labels(length: number, seed: number, classes: number): Float32Array {
  return numbers(length, seed).map(x => Math.floor(((x + 1) / 2) * classes))
}

/** Which number each array of a case is made from. */
export const seeds = { x: 1, kernel: 2, bias: 3, dy: 4, labels: 5, weights: 100 }

/** At most so many numbers of an array are compared, spread over all of it. */
const mostCompared = 2 ** 14

/** Every n-th number, as base64 of little-endian float32. */
export function sample(values: Float32Array): string {
  const step = Math.ceil(values.length / mostCompared)
  const picked = new Float32Array(Math.ceil(values.length / step))
  for (let i = 0; i < picked.length; i++) picked[i] = values[i * step]
  return Buffer.from(picked.buffer).toString('base64')
}

export function fromSample(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
