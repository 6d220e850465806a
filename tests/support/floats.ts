// All of float32, by strides, and how far a number is from the exact one.

import { isLong } from './runs.ts'

const { abs, fround, max } = Math // in jest a global name takes long to look up
const { is } = Object
const { POSITIVE_INFINITY: INFINITY } = Number

/**
 * One bit pattern of so many is tried: all of them in an hour, 350,000 in less than a second. A prime, so that all exponents and
 * all ends of mantissas occur.
 */
export const STRIDE = isLong ? 53 : 12289

const BLOCK = 2 ** 16

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)
const double = new DataView(new ArrayBuffer(8))

export function floatOf(pattern: number): number {
  bits[0] = pattern
  return float[0]
}

export function bitsOf(x: number): number {
  float[0] = x
  return bits[0]
}

/** The float32 that lies n steps above x (below, for negative n). */
export function step(x: number, n: number): number {
  const order = bitsOf(x) < 0 ? -(bitsOf(x) & 0x7fffffff) : bitsOf(x)
  const place = order + n
  return place < 0 ? -floatOf(-place) : floatOf(place)
}

/** Zeros, ends and middles of the subnormal and the normal numbers, infinities, and NaNs of several patterns. */
const positive = [
  ...[0, 1, 2, 0x400000, 0x7ffffe, 0x7fffff, 0x800000, 0x800001], // zero, subnormal, the smallest normal
  ...[0x3f7fffff, 0x3f800000, 0x3f800001, 0x7f7ffffe, 0x7f7fffff], // about 1; the largest
  ...[0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff], // infinity, NaN
]
export const specialFloats = Float32Array.from([...positive, ...positive.map(p => p | -(2 ** 31))], floatOf)

/** Numbers all over float32, in blocks of one length, which share their memory. The last one is filled up with 0. */
export function* floatBlocks(stride = STRIDE): Generator<Float32Array> {
  const patterns = new Uint32Array(BLOCK) // a NaN keeps its pattern
  const block = new Float32Array(patterns.buffer)
  for (let pattern = 0; pattern < 2 ** 32; ) {
    for (let i = 0; i < BLOCK; i++, pattern += stride) patterns[i] = pattern < 2 ** 32 ? pattern : 0
    yield block
  }
}

/**
 * The distance of y from the exact value, in units of float32's last place there: at most ½ for a correctly rounded one.
 * An exact value that float32 doesn't reach must be ±∞, and a zero has a sign.
 */
export function ulps(y: number, exact: number): number {
  const rounded = fround(exact)
  if (exact === 0 || !(abs(rounded) < INFINITY && abs(y) < INFINITY)) return is(y, rounded) ? 0 : INFINITY
  double.setFloat64(0, exact)
  const exponent = ((double.getInt32(0) >> 20) & 0x7ff) - 1023
  return abs(y - exact) * perUnit[max(exponent, -126) + 126]
}

/** 1 / the last place's unit, for exponents from −126 up. */
const perUnit = Float64Array.from({ length: 255 }, (_, i) => 2 ** (23 - (i - 126)))
