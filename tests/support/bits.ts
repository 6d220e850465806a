// Equality to the last bit: −0 differs from +0, all NaNs are one value. Quick on a million numbers.

export function sameBits(a: Float32Array, b: Float32Array): boolean {
  return firstDifference(a, b) === -1
}

/** The index of the first number that differs, −1 where none does; arrays of different lengths differ at the shorter's end. */
export function firstDifference(a: Float32Array, b: Float32Array): number {
  const n = Math.min(a.length, b.length)
  const [x, y] = [bitsOf(a), bitsOf(b)]
  for (let i = 0; i < n; i++) if (x[i] !== y[i] && !(Number.isNaN(a[i]) && Number.isNaN(b[i]))) return i
  return a.length === b.length ? -1 : n
}

const bitsOf = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length)

export function expectSameBits(a: Float32Array, b: Float32Array, what = 'numbers'): void {
  const i = firstDifference(a, b)
  if (i >= 0) throw new Error(`${what} differ at ${i}: ${a[i]} and ${b[i]} (lengths ${a.length} and ${b.length})`)
}
