// Vectorized versions of the activations in lib/kernels/activations.ts, except three rare ones.

import { address, float, integer } from './scratch'
import { choose, erf, exp, sigmoid, softplus, tanh } from './math'
import { endOf, firstOf } from './elementwise'

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

// @ts-ignore: decorator
@inline
function isPositive(x: v128): v128 {
  return f32x4.gt(x, all(0))
}

/** The numbers by which callers select an activation. */
const RELU = 0
const LEAKY_RELU = 1
const SIGMOID = 2
const HARD_SIGMOID = 3
const TANH = 4
const SOFTPLUS = 5
const SOFTSIGN = 6
const ELU = 7
const EXPONENTIAL = 8
const GELU = 9
const SWISH = 10

const HARD_SLOPE: f32 = 0.2
const SQRT_HALF: f32 = 0.7071067811865476
const INV_SQRT_2PI: f32 = 0.3989422804014327

function normalDistribution(x: v128): v128 {
  return mul(add(all(1), erf(mul(x, all(SQRT_HALF)))), all(0.5))
}

/** y = f(x), where `f` is the number of the activation. */
// @ts-ignore: decorator
@inline
function valueOf(f: i32, x: v128, a: v128, b: v128, c: v128): v128 {
  switch (f) {
    case RELU:
      return v128.andnot(x, f32x4.le(x, all(0))) // NaN passes through; −0 becomes 0
    case LEAKY_RELU:
      return choose(isPositive(x), x, mul(x, a))
    case SIGMOID:
      return sigmoid(x)
    case HARD_SIGMOID: {
      const z = add(mul(x, all(HARD_SLOPE)), all(0.5))
      // Comparisons with NaN are false, so NaN passes through.
      return f32x4.pmin(f32x4.pmax(z, all(0)), all(1))
    }
    case TANH:
      return tanh(x)
    case SOFTPLUS:
      return softplus(x)
    case SOFTSIGN:
      return f32x4.div(x, add(all(1), f32x4.abs(x)))
    case ELU: {
      const below = mul(sub(exp(x), all(1)), mul(a, b))
      return choose(isPositive(x), mul(x, a), choose(f32x4.eq(x, all(0)), x, below))
    }
    case EXPONENTIAL:
      return exp(x)
    case GELU:
      return mul(x, normalDistribution(x))
    default: // SWISH
      return mul(x, sigmoid(x))
  }
}

/** dx = dy · f′(x), where y = f(x). */
// @ts-ignore: decorator
@inline
function slopeOf(f: i32, dy: v128, x: v128, y: v128, a: v128, b: v128, c: v128): v128 {
  switch (f) {
    case RELU:
      return v128.and(isPositive(x), dy)
    case LEAKY_RELU:
      return choose(isPositive(x), dy, mul(dy, a))
    case SIGMOID:
      return mul(mul(dy, y), sub(all(1), y))
    case HARD_SIGMOID: {
      const z = add(mul(x, all(HARD_SLOPE)), all(0.5))
      return v128.and(v128.and(f32x4.ge(z, all(0)), f32x4.le(z, all(1))), mul(dy, all(HARD_SLOPE)))
    }
    case TANH:
      return mul(dy, sub(all(1), mul(y, y)))
    case SOFTPLUS:
      return mul(dy, sigmoid(x))
    case SOFTSIGN: {
      const d = add(all(1), f32x4.abs(x))
      return f32x4.div(f32x4.div(dy, d), d)
    }
    case ELU: {
      const below = choose(f32x4.eq(y, all(0)), mul(dy, c), mul(dy, add(y, mul(a, b))))
      return choose(isPositive(x), mul(dy, a), below)
    }
    case EXPONENTIAL:
      return mul(dy, y)
    case GELU: {
      const density = mul(exp(mul(mul(x, x), all(-0.5))), all(INV_SQRT_2PI))
      return mul(dy, add(normalDistribution(x), mul(x, density)))
    }
    default: {
      const s = sigmoid(x) // SWISH
      return mul(dy, mul(s, add(all(1), mul(x, sub(all(1), s)))))
    }
  }
}

/** Arguments: y, x, n, a, b, c, and the number of the activation. */
export function activationForward(from: i32, to: i32, scratch: usize): void {
  const y = address(0)
  const x = address(1)
  const end = endOf(to, integer(2))
  const a = all(float(3))
  const b = all(float(4))
  const c = all(float(5))
  const f = integer(6)
  if (f === RELU)
    for (let i = firstOf(from); i < end; i += 16) v128.store(y + i, valueOf(RELU, v128.load(x + i), a, b, c))
  else for (let i = firstOf(from); i < end; i += 16) v128.store(y + i, valueOf(f, v128.load(x + i), a, b, c))
}

/** Arguments: dx, dy, x, y, n, a, b, c, and the number of the activation. */
export function activationBackward(from: i32, to: i32, scratch: usize): void {
  const dx = address(0)
  const dy = address(1)
  const x = address(2)
  const y = address(3)
  const end = endOf(to, integer(4))
  const a = all(float(5))
  const b = all(float(6))
  const c = all(float(7))
  const f = integer(8)
  if (f === RELU)
    for (let i = firstOf(from); i < end; i += 16)
      v128.store(dx + i, slopeOf(RELU, v128.load(dy + i), v128.load(x + i), all(0), a, b, c))
  else
    for (let i = firstOf(from); i < end; i += 16)
      v128.store(dx + i, slopeOf(f, v128.load(dy + i), v128.load(x + i), v128.load(y + i), a, b, c))
}
