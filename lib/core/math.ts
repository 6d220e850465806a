// exp, log, tanh and related functions, built from operations that IEEE 754 defines exactly; Math.exp differs between
// browsers. Every step is rounded to float32 and none is fused, so an engine that repeats the steps gets the same bits.
// `fround` is omitted only where a comment says that the step is exact. "ulp" gives the largest error found, in units
// in the last place: exp, log and tanh were tested on every float32, the others on each from 2^-12 up to where they
// overflow or reach their limit. Polynomials are minimax fits (Remez) with float32 coefficients; their stated error is
// relative to the function's result.

// One by one, so that a bundle has only those in use.
const abs = Math.abs
const floor = Math.floor
const fround = Math.fround
const max = Math.max
const min = Math.min
const round = Math.round

// ------------------------------------------------------------------------------------------- parts of a number

const float = /* @__PURE__ */ new Float32Array(1)
const bits = /* @__PURE__ */ (() => new Int32Array(float.buffer))()
const double = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

const LOG2_E = /* @__PURE__ */ fround(1.44269504)
const LN2_HIGH = /* @__PURE__ */ fround(0.693145751953125) // 15 bits, the next 16: times an exponent (8 bits), exact (Cody and Waite)
const LN2_LOW = /* @__PURE__ */ fround(1.4286197256296873e-6) // the sum of both is ln 2 to within 2^-36
const SQRT_HALF_BITS = 0x3f3504f3
const SQRT_HALF_TOP_64 = 0x3fe6a09e // the upper 32 of its 64 bits

/** 1.5 * 2^52: adding and subtracting it in float64 rounds to an integer, ties to even (`f32x4.nearest`). */
const ROUNDER = 6755399441055744

/** 2^n for n from -150 to 128, in float64, which holds all of them. */
const POWERS_OF_2 = /* @__PURE__ */ Float64Array.from({ length: 279 }, (_, i) => powerOf2(i - 150))

/** y * 2^n, rounded once. In float32 alone: y * 2^(n >> 1) * 2^(n - (n >> 1)), of which the first is exact. */
function scale(y: number, n: number): number {
  return fround(y * POWERS_OF_2[n + 150])
}

// ----------------------------------------------------------------------------------- exponential and logarithm

/**
 * e^x. 0.91 ulp; never falls as x rises.
 *
 * With n the integer nearest to x / ln 2 and r = x - n ln 2, e^x = 2^n (1 + r + r² P(r)). P's error: 2^-28.2.
 * P is evaluated in pairs (Estrin), which is a tenth faster than term by term.
 * Underflows gradually (0 from -103.98 down), overflows where the true value does (Infinity from 88.7229 up).
 */
export function exp(x: number): number {
  const z = x > 89 ? 89 : x < -104 ? -104 : x
  const n = fround(z * LOG2_E) + ROUNDER - ROUNDER
  const high = z - n * LN2_HIGH // exact
  const low = n * LN2_LOW // exact
  const r = fround(high - low)
  const s = fround(r * r)
  const p01 = fround(fround(0.49999994) + fround(fround(0.166665167) * r))
  const p23 = fround(fround(0.0416681021) + fround(fround(0.00836919528) * r))
  const p = fround(p01 + fround(s * fround(p23 + fround(s * fround(0.00138389994)))))
  const rest = fround(fround(s * p) - low)
  return scale(fround(1 + fround(high + rest)), n | 0)
}

/**
 * e^x - 1, also for tiny x. 1.07 ulp. expm1(-0) is -0.
 *
 * Reduced as in {@link exp}: 2^n ((1 - 2^-n) + r + r² P(r)); the first sum keeps its rounding error. P's error:
 * 2^-28.2.
 */
export function expm1(x: number): number {
  if (x === 0) return x
  const z = x > 89 ? 89 : x < -18 ? -18 : x // e^-18 is negligible compared with 1
  const n = fround(z * LOG2_E) + ROUNDER - ROUNDER
  const k = n | 0
  const high = z - n * LN2_HIGH // exact
  const low = n * LN2_LOW // exact
  const r = fround(high - low)
  let p = fround(0.000150440246)
  p = fround(fround(p * r) + fround(0.00139305438))
  p = fround(fround(p * r) + fround(0.00834151171))
  p = fround(fround(p * r) + fround(0.0416665114))
  p = fround(fround(p * r) + fround(0.166666359))
  p = fround(fround(p * r) + fround(0.5))
  const rest = fround(fround(fround(r * r) * p) - low)
  const start = fround(1 - POWERS_OF_2[150 - k]) // 1 from n = 25 up, so 2^-min(n, 126) suffices for 2^-n
  const sum = fround(start + high)
  const lost = high - (sum - start) // exact (Dekker: |start| >= |high|, or start is 0)
  return scale(fround(sum + fround(lost + rest)), k)
}

/** ln x, also for subnormal x. 0.91 ulp; never falls as x rises. log(±0) is -Infinity; NaN for negative x. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  return logPlus(x, 0)
}

/** ln(1 + x), also for tiny x. 0.91 ulp. log1p(-0) is -0, log1p(-1) is -Infinity; below -1 it is NaN. */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN
  if (x === 0 || x === Infinity) return x
  const sum = fround(1 + x)
  const lost = x < 1 ? x - (sum - 1) : 1 - (sum - x) // 1 + x - sum: exact (Dekker)
  return logPlus(sum, fround(lost / sum))
}

/**
 * ln x + small, for finite x > 0 and |small| < 2^-24.
 *
 * With x = 2^n (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and s = f / (2 + f):
 * ln(1 + f) = 2s + s z P(z) = f - (f²/2 - s (f²/2 + z P(z))), z = s² (as in Sun's fdlibm). P's error: 2^-30.2.
 */
function logPlus(x: number, small: number): number {
  const subnormal = x < 1.1754943508222875e-38 // 2^-126
  float[0] = subnormal ? x * 16777216 : x // times 2^24: exact
  const n = (bits[0] - SQRT_HALF_BITS) >> 23
  bits[0] -= n << 23
  const f = float[0] - 1 // exact
  const e = subnormal ? n - 24 : n
  const s = fround(f / fround(2 + f))
  const z = fround(s * s)
  let p = fround(0.298707992)
  p = fround(fround(p * z) + fround(0.399775833))
  p = fround(fround(p * z) + fround(0.666667759))
  const half = fround(0.5 * f * f) // half of f is exact
  const bend = fround(half - fround(s * fround(half + fround(p * z))))
  const high = e * LN2_HIGH // exact
  const sum = fround(high + f)
  const lost = f - (sum - high) // exact (Dekker: |high| >= |f|, or high is 0)
  const rest = fround(fround(e * LN2_LOW + small) - bend) // e * LN2_LOW is exact
  return fround(sum + fround(lost + rest))
}

// --------------------------------------------------------------------------------------------------- activations

/**
 * The hyperbolic tangent. 1.33 ulp; never falls as x rises. Odd bit for bit, also at ±0.
 *
 * t = |x| < 5/8: t + t³ P(t²), P's error 2^-27.7. Otherwise 1 - 2 / (e^2t + 1).
 */
export function tanh(x: number): number {
  const t = abs(x)
  let y: number
  if (t < 0.625) {
    const s = fround(t * t)
    let p = fround(-0.00569234695)
    p = fround(fround(p * s) + fround(0.0206281953))
    p = fround(fround(p * s) + fround(-0.0537365191))
    p = fround(fround(p * s) + fround(0.133314058))
    p = fround(fround(p * s) + fround(-0.333332807))
    y = fround(t + fround(t * fround(s * p)))
  } else {
    y = fround(1 - fround(2 / fround(exp(fround(2 * t)) + 1)))
  }
  return x > 0 ? y : x < 0 ? -y : x // ±0 and NaN stay
}

/** 1 / (1 + e^-x), without overflow: with e = e^-|x|, 1 / (1 + e), or e / (1 + e) for x < 0. 2.41 ulp. */
export function sigmoid(x: number): number {
  const e = exp(-abs(x))
  return fround((x < 0 ? e : 1) / fround(1 + e))
}

/** ln(1 + e^x), without overflow: max(x, 0) + log1p(e^-|x|). 1.76 ulp; may fall by one ulp as x rises. */
export function softplus(x: number): number {
  return fround(max(x, 0) + log1p(exp(-abs(x))))
}

/**
 * The error function, 2/sqrt(pi) times the integral of e^(-t²) from 0 to x. 1.28 ulp. Odd bit for bit, also at ±0.
 *
 * t = |x| < 27/32: t + t P(t²), P's error 2^-27.3. Otherwise 1 - e^(-t Q(t)), Q's error 2^-29.9;
 * from 63/16 on, the result rounds to 1.
 */
export function erf(x: number): number {
  const t = min(abs(x), 3.9375)
  let y: number
  if (t < 0.84375) {
    const s = fround(t * t)
    let p = fround(-0.000637496414)
    p = fround(fround(p * s) + fround(0.00506188162))
    p = fround(fround(p * s) + fround(-0.0268095359))
    p = fround(fround(p * s) + fround(0.112829119))
    p = fround(fround(p * s) + fround(-0.376125932))
    p = fround(fround(p * s) + fround(0.128379166))
    y = fround(t + fround(t * p))
  } else {
    let q = fround(9.7522543e-6)
    q = fround(fround(q * t) + fround(-0.000308042247))
    q = fround(fround(q * t) + fround(0.00358264358))
    q = fround(fround(q * t) + fround(-0.023636058))
    q = fround(fround(q * t) + fround(0.106091268))
    q = fround(fround(q * t) + fround(0.635238886))
    q = fround(fround(q * t) + fround(1.12862706))
    y = fround(1 - exp(-fround(t * q)))
  }
  return x > 0 ? y : x < 0 ? -y : x // ±0 and NaN stay
}

// ------------------------------------------------------------------- float64: schedules, seeds, normal deviates

const LN2_HIGH_64 = 6.9314718036912381649e-1 // 32 bits, then the rest; these splits are from Sun's fdlibm
const LN2_LOW_64 = 1.90821492927058770002e-10
const HALF_PI_HIGH = 1.57079632673412561417 // 33 bits
const HALF_PI_MIDDLE = 6.0771005063039659766e-11 // 33 bits
const HALF_PI_LOW = 2.02226624879595063154e-21

/** e^x in float64. Relative error below 1e-15, except for subnormal results. Reduced as in {@link exp}, then Taylor. */
export function exp64(x: number): number {
  const z = x > 710 ? 710 : x < -746 ? -746 : x
  const n = round(z / LN2_HIGH_64)
  const r = z - n * LN2_HIGH_64 - n * LN2_LOW_64
  let sum = 1
  for (let k = 14; k > 0; k--) sum = 1 + (r * sum) / k // 1 + r/1 (1 + r/2 (1 + r/3 (...
  const half = n >> 1
  return sum * powerOf2(half) * powerOf2((n | 0) - half)
}

/**
 * ln x in float64. Relative error below 1e-15. log64(±0) is -Infinity; log64 of a negative number is NaN.
 *
 * With x = 2^n m, sqrt(1/2) <= m < sqrt(2), and s = (m - 1) / (m + 1): n ln 2 + 2s (1 + s²/3 + s⁴/5 + ...).
 */
export function log64(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN
  if (x === Infinity) return x
  const subnormal = x < 2.2250738585072014e-308 // 2^-1022
  double.setFloat64(0, subnormal ? x * 18014398509481984 : x) // times 2^54: exact
  const top = double.getInt32(0) // sign, exponent and the first 20 bits
  const shift = (top - SQRT_HALF_TOP_64) >> 20
  double.setInt32(0, top - (shift << 20))
  const m = double.getFloat64(0)
  const n = subnormal ? shift - 54 : shift
  const s = (m - 1) / (m + 1)
  const z = s * s
  let sum = 0
  for (let k = 21; k > 0; k -= 2) sum = sum * z + 1 / k
  return n * LN2_HIGH_64 + (2 * s * sum + n * LN2_LOW_64)
}

/** base^exponent in float64. Other exponents than integers: e^(exponent ln base), relative error below 1e-12; NaN for a negative base. */
export function pow64(base: number, exponent: number): number {
  return Number.isInteger(exponent) ? integerPow64(base, exponent) : exp64(exponent * log64(base))
}

/** base^exponent in float64, for integer exponents: by squaring, from the lowest bit up, and 1 / base^-exponent if negative. */
export function integerPow64(base: number, exponent: number): number {
  let result = 1
  let square = base
  for (let rest = abs(exponent); rest > 0; rest = floor(rest / 2)) {
    if (rest % 2 === 1) result *= square
    square *= square
  }
  return exponent < 0 ? 1 / result : result
}

/** cos x in float64, for |x| up to 1e4. Relative error below 1e-15. Taylor series of cos or sin in ±pi/4. */
export function cos64(x: number): number {
  const n = round(x / HALF_PI_HIGH)
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_MIDDLE - n * HALF_PI_LOW
  const odd = n & 1
  let sum = 1
  for (let k = 18 + odd; k > 1; k -= 2) sum = 1 - (r * r * sum) / (k * (k - 1)) // 1 - r²/2 (1 - r²/12 (...; of sin r: 6, 20
  const y = odd ? r * sum : sum
  return (n + 1) & 2 ? -y : y // by quadrant: cos, -sin, -cos, sin
}

/** 2^n for n from -1022 to 1023. */
function powerOf2(n: number): number {
  double.setInt32(0, (n + 1023) << 20)
  double.setInt32(4, 0)
  return double.getFloat64(0)
}
