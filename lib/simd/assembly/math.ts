// exp, log1p, tanh, erf and similar functions on four numbers at a time. They follow lib/core/math.ts step by step; its
// comments explain them. Where it branches, this code computes both branches and selects one per lane.

// @ts-ignore: decorator
@inline
function all(x: f32): v128 {
  return f32x4.splat(x)
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b)
}

// @ts-ignore: decorator
@inline
function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b)
}

// @ts-ignore: decorator
@inline
function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b)
}

/** `a` where `mask` is set, `b` elsewhere. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask)
}

const LOG2_E: f32 = 1.44269504
const LN2_HIGH: f32 = 0.693145751953125
const LN2_LOW: f32 = 1.4286197256296873e-6

/** 2^n for integers n from −126 to 127. */
// @ts-ignore: decorator
@inline
function powerOf2(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23)
}

/** y · 2^n, rounded once: the first product is exact. */
// @ts-ignore: decorator
@inline
function scale(y: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1)
  return mul(mul(y, powerOf2(half)), powerOf2(i32x4.sub(n, half)))
}

export function exp(x: v128): v128 {
  // Comparisons with NaN are false, so pmin and pmax keep NaN.
  const z = f32x4.pmax(f32x4.pmin(x, all(89)), all(-104))
  const n = f32x4.nearest(mul(z, all(LOG2_E)))
  const high = sub(z, mul(n, all(LN2_HIGH)))
  const low = mul(n, all(LN2_LOW))
  const r = sub(high, low)
  const s = mul(r, r)
  const p01 = add(all(0.49999994), mul(all(0.166665167), r))
  const p23 = add(all(0.0416681021), mul(all(0.00836919528), r))
  const p = add(p01, mul(s, add(p23, mul(s, all(0.00138389994)))))
  const rest = sub(mul(s, p), low)
  return scale(add(all(1), add(high, rest)), i32x4.trunc_sat_f32x4_s(n))
}

/** ln x + small, for finite x > 0 and |small| < 2^−24. */
function logPlus(x: v128, small: v128): v128 {
  const subnormal = f32x4.lt(x, all(1.1754943508222875e-38))
  const y = choose(subnormal, mul(x, all(16777216)), x)
  const n = i32x4.shr_s(i32x4.sub(y, i32x4.splat(0x3f3504f3)), 23)
  const f = sub(i32x4.sub(y, i32x4.shl(n, 23)), all(1))
  const e = f32x4.convert_i32x4_s(i32x4.sub(n, v128.and(subnormal, i32x4.splat(24))))
  const s = f32x4.div(f, add(all(2), f))
  const z = mul(s, s)
  let p = all(0.298707992)
  p = add(mul(p, z), all(0.399775833))
  p = add(mul(p, z), all(0.666667759))
  const half = mul(mul(all(0.5), f), f)
  const bend = sub(half, mul(s, add(half, mul(p, z))))
  const high = mul(e, all(LN2_HIGH))
  const sum = add(high, f)
  const lost = sub(f, sub(sum, high))
  const rest = sub(add(mul(e, all(LN2_LOW)), small), bend)
  return add(sum, add(lost, rest))
}

export function log(x: v128): v128 {
  const zero = f32x4.eq(x, all(0))
  const usual = choose(f32x4.eq(x, all(Infinity)), x, logPlus(x, all(0)))
  return choose(f32x4.gt(x, all(0)), usual, choose(zero, all(-Infinity), all(NaN)))
}

export function log1p(x: v128): v128 {
  const sum = add(all(1), x)
  const lost = choose(f32x4.lt(x, all(1)), sub(x, sub(sum, all(1))), sub(all(1), sub(sum, x)))
  const usual = logPlus(sum, f32x4.div(lost, sum))
  const same = v128.or(f32x4.eq(x, all(0)), f32x4.eq(x, all(Infinity)))
  const inside = choose(same, x, usual)
  return choose(f32x4.gt(x, all(-1)), inside, choose(f32x4.eq(x, all(-1)), all(-Infinity), all(NaN)))
}

/** y with the sign of x; x itself if it is ±0 or NaN. */
// @ts-ignore: decorator
@inline
function odd(x: v128, y: v128): v128 {
  return choose(f32x4.gt(x, all(0)), y, choose(f32x4.lt(x, all(0)), f32x4.neg(y), x))
}

export function tanh(x: v128): v128 {
  const t = f32x4.abs(x)
  const s = mul(t, t)
  let p = all(-0.00569234695)
  p = add(mul(p, s), all(0.0206281953))
  p = add(mul(p, s), all(-0.0537365191))
  p = add(mul(p, s), all(0.133314058))
  p = add(mul(p, s), all(-0.333332807))
  const near = add(t, mul(t, mul(s, p)))
  const far = sub(all(1), f32x4.div(all(2), add(exp(mul(all(2), t)), all(1))))
  return odd(x, choose(f32x4.lt(t, all(0.625)), near, far))
}

export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)))
  return f32x4.div(choose(f32x4.lt(x, all(0)), e, all(1)), add(all(1), e))
}

export function softplus(x: v128): v128 {
  return add(f32x4.max(x, all(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))))
}

export function erf(x: v128): v128 {
  const t = f32x4.min(f32x4.abs(x), all(3.9375))
  const s = mul(t, t)
  let p = all(-0.000637496414)
  p = add(mul(p, s), all(0.00506188162))
  p = add(mul(p, s), all(-0.0268095359))
  p = add(mul(p, s), all(0.112829119))
  p = add(mul(p, s), all(-0.376125932))
  p = add(mul(p, s), all(0.128379166))
  const near = add(t, mul(t, p))
  let q = all(9.7522543e-6)
  q = add(mul(q, t), all(-0.000308042247))
  q = add(mul(q, t), all(0.00358264358))
  q = add(mul(q, t), all(-0.023636058))
  q = add(mul(q, t), all(0.106091268))
  q = add(mul(q, t), all(0.635238886))
  q = add(mul(q, t), all(1.12862706))
  const far = sub(all(1), exp(f32x4.neg(mul(t, q))))
  return odd(x, choose(f32x4.lt(t, all(0.84375)), near, far))
}
